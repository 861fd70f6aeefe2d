"""The boxes of a design, and the rules that a design must keep. Pure."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from fairs.core.i18n import N_
from fairs.units import catalogues
from fairs.units.entries import BadgeSheet, BadgeSize

MOST = 24  # boxes of a design
SQUARES = 57  # squares of the widest code with its quiet zone: an address of 50 characters before the token


class BoxKind(StrEnum):
    """What a box shows. `other_title` and `latin` are the second script; nothing when there is none."""

    TITLE = "title"
    OTHER_TITLE = "other_title"
    WHEN = "when"
    NAME = "name"
    LATIN = "latin"
    ORGANISATION = "organisation"
    CATEGORY = "category"
    NUMBER = "number"
    ANSWERS = "answers"
    TEXT = "text"
    QR = "qr"
    PHOTO = "photo"
    LOGO = "logo"
    BAND = "band"


class Align(StrEnum):
    """Where a text stands in its box."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class Sides(StrEnum):
    """`two`: front and back of a sheet; `folded`: twice on one side, to be folded at the upper edge."""

    ONE = "one"
    TWO = "two"
    FOLDED = "folded"


WITHOUT_TEXT = frozenset({BoxKind.QR, BoxKind.PHOTO, BoxKind.LOGO, BoxKind.BAND})
NAMES = (BoxKind.NAME, BoxKind.LATIN, BoxKind.ORGANISATION)  # what may be too long


class Box(msgspec.Struct, frozen=True):
    """A rectangle in millimetres. `largest` and `smallest`: points of the text; an empty colour is that of the category."""

    kind: BoxKind
    x: float
    y: float
    width: float
    height: float
    largest: float = 0.0
    smallest: float = 0.0
    align: Align = Align.LEFT
    colour: str = ""
    strong: bool = False
    text_zh: str = ""
    text_en: str = ""

    def meets(self, other: "Box") -> bool:
        """Whether the rectangles share more than an edge."""
        return (
            self.x < other.x + other.width - 0.01
            and other.x < self.x + self.width - 0.01
            and self.y < other.y + other.height - 0.01
            and other.y < self.y + self.height - 0.01
        )

    def line(self) -> str:
        """The box in one line, for reading and comparing."""
        numbers = f"{self.x:g},{self.y:g} {self.width:g}×{self.height:g}"
        parts = [self.kind, numbers]
        if self.kind not in WITHOUT_TEXT:
            parts += [f"{self.largest:g}–{self.smallest:g}pt", self.align, *(["strong"] if self.strong else [])]
        parts += [part for part in (self.colour, self.text_zh, self.text_en) if part]
        return " ".join(parts)


class Design(msgspec.Struct, frozen=True):
    """A badge as it is drawn: its size in millimetres, paper, sides, boxes and the logo's picture."""

    width: float
    height: float
    sheet: str
    sides: Sides
    boxes: tuple[Box, ...]
    logo: bytes = b""


def size_called(key: str) -> BadgeSize:
    """A size by its key. Raises KeyError."""
    return {item.key: item for item in catalogues.badge_sizes()}[key]


def sheet_called(key: str) -> BadgeSheet:
    """A sheet by its key. Raises KeyError."""
    return {item.key: item for item in catalogues.badge_sheets()}[key]


def standard_boxes(size: str) -> tuple[Box, ...]:
    """The boxes of a new design of a size."""
    return tuple(
        Box(BoxKind(kind), x, y, width, height, largest, smallest, Align(align), colour, strong)
        for kind, x, y, width, height, largest, smallest, align, colour, strong in size_called(size).boxes
    )


def standard() -> Design:
    """The badge of events and categories that have no design."""
    size = catalogues.badge_sizes()[0]
    return Design(size.width, size.height, "own", Sides.ONE, standard_boxes(size.key))


def colour_of(category: str) -> str:
    """The colour of a category."""
    found = catalogues.raw("badge_sizes")
    colour: str = found["colours"].get(category, found["other_colour"])
    return colour


def smallest_qr() -> float:
    """Millimetres that a code needs to be read."""
    module: float = catalogues.raw("badge_sizes")["smallest_module"]
    return round(module * SQUARES, 1)


NO_QR = N_("A badge needs exactly one QR code")
TOO_MANY = N_("At most %(limit)s boxes", limit=MOST)
OUTSIDE = N_("This box is not within the badge")
NOT_SQUARE = N_("The QR code is as wide as it is high")
ON_QR = N_("This box lies on the QR code: nothing may")
NO_TEXT = N_("Enter the text in one of the languages at least")
SIZES = N_("The largest size of the text is not below the smallest")
NO_SIZE = N_("Give the largest and the smallest size of the text")


def problems(boxes: Sequence[Box], width: float, height: float) -> dict[int, list[object]]:
    """What is wrong, by the place of the box from 0; -1 is the design itself."""
    found: dict[int, list[object]] = {}
    codes = [box for box in boxes if box.kind == BoxKind.QR]
    if len(codes) != 1:
        found[-1] = [NO_QR]
    if len(boxes) > MOST:
        found.setdefault(-1, []).append(TOO_MANY)
    for at, box in enumerate(boxes):
        if wrong := _wrong(box, width, height):
            found[at] = wrong
        if box.kind != BoxKind.QR and any(box.meets(code) for code in codes):
            found.setdefault(at, []).append(ON_QR)
    return found


def _wrong(box: Box, width: float, height: float) -> list[object]:
    found: list[object] = []
    if box.x < 0 or box.y < 0 or box.x + box.width > width + 0.01 or box.y + box.height > height + 0.01:
        found.append(OUTSIDE)
    if box.kind == BoxKind.QR:
        if abs(box.width - box.height) > 0.01:
            found.append(NOT_SQUARE)
        if min(box.width, box.height) < smallest_qr():
            found.append(N_("The QR code must be at least %(limit)s mm wide to be read", limit=f"{smallest_qr():g}"))
    if box.kind not in WITHOUT_TEXT:
        if not box.smallest or not box.largest:
            found.append(NO_SIZE)
        elif box.smallest > box.largest:
            found.append(SIZES)
    if box.kind == BoxKind.TEXT and not (box.text_zh or box.text_en):
        found.append(NO_TEXT)
    return found
