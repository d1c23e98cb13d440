"""Who is let in, and as whom."""

import pytest

from osmose_addon.interfaces.http.auth import Identity, identify, refuse_foreign_writes
from osmose_addon.model.config import HttpConfig, Right
from osmose_addon.model.errors import DeniedError

SUPERVISOR = "172.30.32.2"
BOB = {"X-Remote-User-Id": "b0b", "X-Remote-User-Name": "bob", "X-Remote-User-Display-Name": "B%C3%B6b"}
HERE = {"Host": "127.0.0.1:8099"}


def ask(
    peer: str,
    headers: dict[str, str],
    *,
    path: str = "/",
    is_addon: bool = True,
    people: tuple[tuple[str, Right], ...] = (),
) -> Identity:
    """Ask as a peer with these headers."""
    return identify(peer, path, headers, HttpConfig(people=people), is_addon=is_addon)


def test_the_supervisor_is_believed():
    """It names the person; a household that lists nobody lets everybody manage."""
    assert ask(SUPERVISOR, BOB) == Identity("Böb", Right.MANAGE, is_ingress=True, person="b0b")


@pytest.mark.parametrize("name", ["bob", "b0b"])
def test_people_have_the_right_the_household_wrote(name):
    """By login name or by id; those who are not listed may watch."""
    assert ask(SUPERVISOR, BOB, people=((name, Right.MANAGE),)).right is Right.MANAGE
    assert ask(SUPERVISOR, BOB, people=((name, Right.WATCH),)).right is Right.WATCH
    assert ask(SUPERVISOR, BOB, people=(("alice", Right.MANAGE),)).right is Right.WATCH
    assert ask(SUPERVISOR, {}, people=(("alice", Right.MANAGE),)).right is Right.WATCH


@pytest.mark.parametrize("peer", ["172.30.32.1", "172.30.33.7", "192.168.1.20", "::1", "127.0.0.1", "fe80::1"])
def test_as_an_app_no_other_peer_is_let_in_whatever_it_claims(peer):
    """Another app on the same bridge may forge any header."""
    with pytest.raises(DeniedError):
        ask(peer, BOB | HERE)


def test_health_is_answered_to_this_machine_alone():
    """The container's own check."""
    assert ask("127.0.0.1", {}, path="/health").right is Right.WATCH
    with pytest.raises(DeniedError):
        ask("172.30.33.7", {}, path="/health")


def test_standalone_who_sits_at_this_machine_manages_and_headers_do_not_count():
    """There is nobody in front who could have checked them."""
    assert ask("127.0.0.1", BOB | HERE, is_addon=False) == Identity("", Right.MANAGE)
    with pytest.raises(DeniedError):
        ask("192.168.1.20", BOB | HERE, is_addon=False)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8099", "", "[", "192.168.1.20"])
def test_a_page_that_reaches_us_by_a_name_it_owns_is_refused(host):
    """DNS rebinding."""
    with pytest.raises(DeniedError):
        ask("127.0.0.1", {"Host": host}, is_addon=False)


@pytest.mark.parametrize("host", ["localhost:8099", "127.0.0.1", "[::1]:8099"])
def test_every_name_of_this_machine_is_fine(host):
    """With or without a port."""
    assert ask("::1", {"Host": host}, is_addon=False).right is Right.MANAGE


def test_only_our_own_pages_and_programs_change_things():
    """A form of another site cannot send JSON, and its script says where it comes from."""
    refuse_foreign_writes("POST", {}, "application/json")
    refuse_foreign_writes("POST", {"Sec-Fetch-Site": "same-origin"}, "application/json")
    refuse_foreign_writes("GET", {"Sec-Fetch-Site": "cross-site"}, "")
    for headers, content_type in (
        ({"Sec-Fetch-Site": "cross-site"}, "application/json"),
        ({"Sec-Fetch-Site": "same-site"}, "application/json"),
        ({}, "text/plain"),
        ({}, "application/x-www-form-urlencoded"),
    ):
        with pytest.raises(DeniedError):
            refuse_foreign_writes("POST", headers, content_type)
