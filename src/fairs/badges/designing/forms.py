"""The form of a design: its facts, and a row of fields for each box."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import msgspec

from fairs.badges.designing import boxes as rules
from fairs.badges.designing.boxes import Align, Box, BoxKind, Sides
from fairs.core.fields import Choice
from fairs.core.forms import Bound, Field, Form, bind, blank
from fairs.core.i18n import N_, pick
from fairs.units import catalogues

SPARE = 2  # empty rows at the end
KINDS: dict[str, object] = {
    BoxKind.TITLE: N_("Title of the event"),
    BoxKind.OTHER_TITLE: N_("Title in the other language"),
    BoxKind.WHEN: N_("Days and place"),
    BoxKind.NAME: N_("Name, large"),
    BoxKind.LATIN: N_("Name in Latin letters"),
    BoxKind.ORGANISATION: N_("Organisation"),
    BoxKind.CATEGORY: N_("Category"),
    BoxKind.NUMBER: N_("Registration number"),
    BoxKind.ANSWERS: N_("Answers of the form"),
    BoxKind.TEXT: N_("Own text"),
    BoxKind.QR: N_("QR code"),
    BoxKind.PHOTO: N_("Photo"),
    BoxKind.LOGO: N_("Logo"),
    BoxKind.BAND: N_("Band of colour"),
}
ALIGNS: dict[str, object] = {
    Align.LEFT: N_("At the left"),
    Align.CENTER: N_("In the middle"),
    Align.RIGHT: N_("At the right"),
}
SIDES: dict[str, object] = {
    Sides.ONE: N_("One side"),
    Sides.TWO: N_("Both sides, turned at the long edge"),
    Sides.FOLDED: N_("Folded: twice on one side"),
}
MILLIMETRES: dict[str, Any] = {"widget": "number", "ge": 0, "le": 300}
POINTS: dict[str, Any] = {"widget": "number", "ge": 0, "le": 120}


def _named(words: Mapping[str, object]) -> list[Choice]:
    return [(key, str(word), "") for key, word in words.items()]


def _catalogue(items: Any) -> list[Choice]:
    return [(item.key, pick(item.zh, item.en), "") for item in items]


def category_choices() -> list[Choice]:
    """Categories of registrations as choices."""
    return [(item.key, pick(item.zh, item.en), "") for item in catalogues.registration_categories()]


class DesignForm(Form):
    """A design; `boxes` is the text of all boxes, by which two versions are compared."""

    APART: ClassVar[frozenset[str]] = frozenset({"logo", "no_logo"})
    name: Annotated[str, Field(N_("Name of the design"), max_length=80)]
    categories: Annotated[
        list[str],
        Field(
            N_("For these categories"),
            help=N_("Nothing chosen: for everybody who has no design of their own."),
            widget="multiselect",
            choices=category_choices,
            max_length=12,
        ),
    ] = msgspec.field(default_factory=list)
    size: Annotated[str, Field(N_("Size"), widget="select", choices=lambda: _catalogue(catalogues.badge_sizes()))] = (
        "a6"
    )
    height: Annotated[
        float | None,
        Field(
            N_("Height in mm"), help=N_("On a roll only; other sizes have their own."), widget="number", ge=20, le=300
        ),
    ] = None
    sheet: Annotated[
        str, Field(N_("Paper"), widget="select", choices=lambda: _catalogue(catalogues.badge_sheets()))
    ] = "own"
    sides: Annotated[str, Field(N_("Sides"), widget="select", choices=lambda: _named(SIDES))] = Sides.ONE.value
    logo: Annotated[str, Field(N_("Logo"), help=N_("Shown where the design has a box for it."), max_length=400)] = ""
    no_logo: Annotated[bool, Field(N_("Remove the logo"), widget="checkbox")] = False
    boxes: Annotated[str, Field(N_("Boxes"), widget="textarea", max_length=8000)] = ""

    @property
    def measured(self) -> tuple[float, float]:
        """Width and height in millimetres."""
        size = rules.size_called(self.size)
        rolled = size.longest > size.height and self.height
        return size.width, min(self.height, size.longest) if rolled and self.height else size.height


class BoxForm(Form):
    """One row: a box."""

    kind: Annotated[str, Field(N_("Kind of box"), widget="select", choices=lambda: _named(KINDS))]
    x: Annotated[float, Field(N_("From the left"), **MILLIMETRES)] = 0.0
    y: Annotated[float, Field(N_("From the top"), **MILLIMETRES)] = 0.0
    width: Annotated[float, Field(N_("Width"), widget="number", ge=1, le=300)] = 10.0
    height: Annotated[float, Field(N_("Height"), widget="number", ge=1, le=300)] = 10.0
    largest: Annotated[float, Field(N_("Largest text"), **POINTS)] = 0.0
    smallest: Annotated[float, Field(N_("Smallest text"), **POINTS)] = 0.0
    align: Annotated[str, Field(N_("Place of the text"), widget="select", choices=lambda: _named(ALIGNS))] = "left"
    colour: Annotated[
        str,
        Field(
            N_("Colour"),
            max_length=7,
            pattern=r"#[0-9a-fA-F]{6}",
            pattern_message=N_("As #a3301d, or empty for the colour of the category"),
        ),
    ] = ""
    strong: Annotated[bool, Field(N_("Strong"), widget="checkbox")] = False
    text_zh: Annotated[str, Field(N_("Own text in Chinese"), max_length=120)] = ""
    text_en: Annotated[str, Field(N_("Own text in English"), max_length=120)] = ""

    @property
    def box(self) -> Box:
        """The box that was described."""
        return Box(
            BoxKind(self.kind),
            self.x,
            self.y,
            self.width,
            self.height,
            self.largest,
            self.smallest,
            Align(self.align),
            self.colour.lower(),
            self.strong,
            self.text_zh,
            self.text_en,
        )


_ROW = re.compile(r"box-(\d{1,3})-([a-z_]+)")


@dataclass
class BoxRows:
    """The rows of the page; `boxes` only when every row could be read."""

    rows: list[Bound[BoxForm]]
    boxes: tuple[Box, ...]
    ok: bool

    @property
    def text(self) -> str:
        """All boxes as text, a line each."""
        return as_text(self.boxes)


def as_text(boxes: tuple[Box, ...]) -> str:
    """All boxes as text, a line each."""
    return "\n".join(box.line() for box in boxes)


def filled(boxes: tuple[Box, ...]) -> list[Bound[BoxForm]]:
    """A row for each box."""
    return [blank(BoxForm, **msgspec.structs.asdict(box)) for box in boxes]


def spare() -> list[Bound[BoxForm]]:
    """Empty rows."""
    return [blank(BoxForm, x="", y="", width="", height="", largest="", smallest="") for _ in range(SPARE)]


def read_boxes(data: Any) -> BoxRows:
    """The rows that were sent, in order; a row without a kind is left out."""
    found: dict[int, dict[str, Any]] = {}
    for name in data:
        if (match := _ROW.fullmatch(name)) and isinstance(data[name], str):
            found.setdefault(int(match[1]), {})[match[2]] = data[name]
    rows = [bind(BoxForm, row) for _, row in sorted(found.items()) if row.get("kind")][: rules.MOST + 1]
    ok = all(row.ok for row in rows)
    return BoxRows(rows, tuple(row.value.box for row in rows) if ok else (), ok)


def check(form: Bound[DesignForm], rows: BoxRows) -> None:
    """Add what is wrong with the boxes, each beside its row."""
    if not rows.ok or not form.ok:
        return
    width, height = form.value.measured
    for at, messages in rules.problems(rows.boxes, width, height).items():
        for message in messages:
            if at < 0:
                form.add_error("boxes", message)
            else:
                rows.rows[at].add_error("kind", message)
                rows.ok = False
