"""The plan of a hall as shapes of an SVG, and its lintels on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fairs.core import i18n, qr
from fairs.core.i18n import pick
from fairs.events.rows import EventRow
from fairs.exhibits.rows import BoothRow
from fairs.exhibits.rules import Cell, shortened

if TYPE_CHECKING:  # its libraries take half a second to load
    from fairs.core.pdf_document import Document

WIDE, HIGH, GAP = 132, 84, 6  # of a cell, in units of the drawing
LETTERS = 16  # of a line in a cell; a Chinese character counts twice
LINTEL = (297.0, 105.0)  # mm: half an A4 sheet, lying


@dataclass(frozen=True)
class Shape:
    """A cell: a booth with what stands there, or words (`booth` is None)."""

    x: int
    y: int
    text: str
    booth: BoothRow | None = None
    title: str = ""
    owner: str = ""

    @property
    def middle(self) -> int:
        return self.x + (WIDE - GAP) // 2


@dataclass(frozen=True)
class Plan:
    """All shapes, and the size of the drawing."""

    shapes: Sequence[Shape]
    width: int
    height: int
    cell: tuple[int, int] = (WIDE - GAP, HIGH - GAP)


def plan(cells: Sequence[Cell], booths: Sequence[BoothRow]) -> Plan:
    """The drawing, in the current language."""
    known = {row.code: row for row in booths}
    shapes = []
    for cell in cells:
        row = known.get(cell.text) if cell.booth else None
        title = pick(row.title_zh, row.title_en) if row else ""
        owner = pick(row.owner_zh, row.owner_en) if row else ""
        x, y = cell.column * WIDE + GAP, cell.row * HIGH + GAP
        shapes.append(Shape(x, y, cell.text, row, shortened(title, LETTERS), shortened(owner, LETTERS)))
    width = max((cell.column + 1 for cell in cells), default=1) * WIDE + GAP
    height = max((cell.row + 1 for cell in cells), default=1) * HIGH + GAP
    return Plan(shapes, width, height)


def lintels(event: EventRow, rows: Sequence[BoothRow], addresses: Sequence[str]) -> bytes:
    """A strip for each booth: its code, what is shown and by whom in both languages, and a code that opens the gallery.

    Slow: call it in a thread.
    """
    from fairs.core.pdf_document import Document

    page = Document(LINTEL, title=pick(event.title_zh, event.title_en), lang=i18n.current_lang(), margin=12)
    page.set_auto_page_break(False)
    for row, address in zip(rows, addresses, strict=True):
        page.add_page()
        _lintel(page, event, row, address)
    return page.content()


def _lintel(page: "Document", event: EventRow, row: BoothRow, address: str) -> None:
    wide = 205.0
    page.set_fill_color(178, 34, 34)
    page.rect(0, 0, 6, LINTEL[1], style="F")
    page.strong(True)
    page.set_xy(14, 10)
    page.set_font_size(44)
    page.cell(60, 18, row.code)
    page.strong(False)
    page.set_font_size(10)
    page.set_xy(80, 13)
    page.cell(139, 5, shortened(event.title_zh or event.title_en, 84), align="R")
    page.set_xy(80, 19)
    page.cell(139, 5, shortened(event.title_en, 84), align="R")
    texts = [(row.title_zh or row.title_en, 30), (row.title_en if row.title_zh else "", 18)]
    y = 36.0
    for text, size in texts:
        if text:
            page.strong(size == 30)
            page.fit(text, width=wide, size=size, smallest=11)
            page.set_xy(14, y)
            page.cell(wide, 14, page.wrap(text, width=wide, lines=1)[0])
            y += 15
    page.strong(False)
    owner = " · ".join(dict.fromkeys(name for name in (row.owner_zh, row.owner_en) if name))
    page.fit(owner, width=wide, size=14, smallest=8)
    page.set_xy(14, 84)
    page.cell(wide, 8, page.wrap(owner, width=wide, lines=1)[0] if owner else "")
    page.squares(qr.matrix(address), x=232, y=26, size=52)
