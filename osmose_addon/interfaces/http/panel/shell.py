"""What every page is drawn with: where it lies, who looks, what the navigation shows."""

from dataclasses import dataclass

from aiohttp import web

from osmose_addon.interfaces.http.auth import IDENTITY
from osmose_addon.interfaces.http.keys import SHELVES
from osmose_addon.model.config import Right


@dataclass(frozen=True, slots=True)
class Door:
    """One entry of the navigation: page name, address from the root, icons when elsewhere and when here."""

    page: str
    link: str
    icon: str
    icon_here: str


_DOORS = (
    Door("home", "", "home-outline", "home"),
    Door("library", "library", "movie-open-outline", "movie-open"),
    Door("cameras", "cameras", "cctv", "cctv"),
)
_ACTIVITY = Door("activity", "activity", "progress-clock", "progress-clock")
HEALTH = Door("health", "health/details", "heart-pulse", "heart-pulse")


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of a page. `root` leads from the page to the panel's root, below whatever prefix that lies."""

    page: str
    root: str
    static: str
    who: str
    may_manage: bool
    needs_you: int
    doors: tuple[Door, ...]
    health: Door | None


def root_of(path: str) -> str:
    """Return the relative way from a page to the root: `../` for each folder it lies in."""
    return "../" * (path.count("/") - 1) or "./"


def shell_of(request: web.Request, page: str, stamp: str) -> Shell:
    """Return the frame for a page of this request."""
    identity = request[IDENTITY]
    may_manage = identity.right is Right.MANAGE
    needs_you = request.app[SHELVES].states.get("osmose", "", "needs_you")
    root = root_of(request.path)
    return Shell(
        page=page,
        root=root,
        static=f"{root}static/{stamp}/",
        who=identity.name,
        may_manage=may_manage,
        needs_you=int(needs_you) if isinstance(needs_you, int) and may_manage else 0,
        doors=(*_DOORS, _ACTIVITY) if may_manage else _DOORS,
        health=HEALTH if may_manage else None,
    )
