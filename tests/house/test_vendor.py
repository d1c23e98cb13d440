"""The browser's parts are in place, and complete."""

import re
import subprocess

from tests.house.tree import ROOT, text_of

PANEL = ROOT / "osmose_addon/interfaces/http/panel"
VENDOR = PANEL / "static/vendor"


def test_they_are_up_to_date() -> None:
    subprocess.run([ROOT / "script/vendor", "--is-ready"], check=True, timeout=10)


def test_every_listed_icon_is_in_the_sprite() -> None:
    listed = (PANEL / "icons.txt").read_text().split()
    drawn = re.findall(
        r'<symbol id="([a-z0-9-]+)" viewBox="0 0 24 24"><path d="[^"]+"/></symbol>', (VENDOR / "icons.svg").read_text()
    )
    assert sorted(drawn) == sorted(set(listed))


def test_the_icon_list_is_in_order_and_names_each_once() -> None:
    listed = (PANEL / "icons.txt").read_text().split()
    assert listed == sorted(set(listed))


def test_every_cut_of_the_font_is_there() -> None:
    files = re.findall(r'url\("([^"]+)"\)', (VENDOR / "roboto.css").read_text())
    assert len(files) == 6
    assert all((VENDOR / name).read_bytes()[:4] == b"wOF2" for name in files)


def test_no_script_asks_for_a_source_map_that_is_not_shipped() -> None:
    assert not [path.name for path in VENDOR.glob("*.js") if "sourceMappingURL" in path.read_text()]


def test_every_part_that_the_browser_gets_is_in_the_notice() -> None:
    notice = text_of("NOTICE")
    assert all(name in notice for name in ("hls.js", "Roboto", "Material Design Icons"))
