"""What templates know of the page around them: navigation and flash messages."""

import json
import re
from dataclasses import dataclass

from litestar import Request

from fairs.core import crypto
from fairs.core.roles import Role

FLASH_COOKIE = "flash"


@dataclass(frozen=True)
class NavItem:
    """An entry of the main navigation, shown to holders of one of `roles` (none: to everybody).

    `place`: where it is the current one, as a regular expression; its own address and what is below it otherwise.
    """

    label: object
    route: str
    roles: frozenset[Role] = frozenset()
    place: str = ""

    def fits(self, path: str, href: str) -> int:
        """How much of the path speaks for this entry; 0: it is not the current one."""
        if path == href:
            return len(path)
        found = re.match(self.place or f"{re.escape(href)}/", path)
        return found.end() if found else 0


@dataclass(frozen=True)
class NavLink:
    """An entry as rendered for this page."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True)
class Flash:
    """A message about what just happened, shown once."""

    kind: str
    text: str


def pack_flash(kind: str, text: str) -> str:
    """The cookie's value; signed, so that nobody else can put words on our page."""
    return crypto.sign(json.dumps([kind, text[:400]], ensure_ascii=False), "flash")


def read_flash(request: Request) -> list[Flash]:  # type: ignore[type-arg]
    """The messages that wait in the browser's cookie."""
    cookie = request.cookies.get(FLASH_COOKIE)
    packed = crypto.unsign(cookie, "flash") if cookie else None
    if not packed:
        return []
    kind, text = json.loads(packed)
    return [Flash(kind, text)]
