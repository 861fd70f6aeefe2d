"""Page data for templates: navigation and flash messages."""

import json
import re
from dataclasses import dataclass

from litestar import Request

from fairs.core import crypto
from fairs.core.roles import Role

FLASH_COOKIE = "flash"


@dataclass(frozen=True)
class NavItem:
    """An entry of the main navigation, shown to accounts with one of `roles` (none: to everyone).

    `place`: regular expression of paths where it is the current entry; by default its own address and the paths below.
    """

    label: object
    route: str
    roles: frozenset[Role] = frozenset()
    place: str = ""

    def fits(self, path: str, href: str) -> int:
        """Length of the path that matches this entry; 0: it is not the current one."""
        if path == href:
            return len(path)
        match = re.match(self.place or f"{re.escape(href)}/", path)
        return match.end() if match else 0


@dataclass(frozen=True)
class NavLink:
    """An entry as rendered for this page."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True)
class Flash:
    """A message about the last action, shown once."""

    kind: str
    text: str


def pack_flash(kind: str, text: str) -> str:
    """The cookie's value; signed, so that no one else can place text on our page."""
    return crypto.sign(json.dumps([kind, text[:400]], ensure_ascii=False), "flash")


def read_flash(request: Request) -> list[Flash]:  # type: ignore[type-arg]
    """The messages waiting in the browser's cookie."""
    cookie = request.cookies.get(FLASH_COOKIE)
    packed = crypto.unsign(cookie, "flash") if cookie else None
    if not packed:
        return []
    kind, text = json.loads(packed)
    return [Flash(kind, text)]
