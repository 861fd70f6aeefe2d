"""A name list on paper: a table on A4 across, its head on every page, cells broken into lines. Load it inside functions."""

from collections.abc import Sequence

from fairs.core import pdf
from fairs.core.i18n import current_lang
from fairs.core.pdf_document import Document

MARGIN, LEAD, PAD = 12.0, 4.6, 1.5  # mm
WIDTH, BOTTOM = 297 - 2 * MARGIN, 210 - 14.0
NARROWEST, LONGEST = 12.0, 70.0
INK, SOFT, LINE = (31, 27, 22), (107, 99, 87), (200, 192, 180)
MOST_LINES = 6


class NameList(Document):
    """The table with its title; the pages are numbered."""

    def __init__(self, title: str, note: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        super().__init__("A4", title=title, lang=current_lang(), margin=MARGIN)
        self.title_, self.note_ = pdf.plain(title), pdf.plain(note)
        self.heads_ = [pdf.plain(head) for head in heads]
        self.set_auto_page_break(False)
        self.c_margin = 0
        self.alias_nb_pages()
        self.set_font_size(9)
        self.widths_ = self._widths(rows)
        self.add_page(orientation="landscape")
        self._top()
        for row in rows:
            self._row([pdf.plain(cell) or "—" for cell in row])

    def footer(self) -> None:
        self.set_y(-10)
        self._ink(SOFT, 7)
        self.cell(WIDTH / 2, 4, self.title_)
        self.cell(WIDTH / 2, 4, f"{self.page_no()} / {{nb}}", align="R")

    def _ink(self, colour: tuple[int, int, int], size: float) -> None:
        self.set_text_color(*colour)
        self.set_font(pdf.LATIN, size=size)

    def _widths(self, rows: Sequence[Sequence[str]]) -> list[float]:
        """As wide as the longest cell, within limits; then stretched or shrunk to the page."""
        found = []
        for at, head in enumerate(self.heads_):
            longest = max((self.get_string_width(pdf.plain(row[at])) for row in rows), default=0.0)
            found.append(min(max(longest, self.get_string_width(head), NARROWEST), LONGEST) + 2 * PAD)
        share = WIDTH / sum(found)
        return [width * share for width in found]

    def _top(self) -> None:
        self._ink(INK, 15)
        self.cell(WIDTH, 8, self.title_, new_x="LMARGIN", new_y="NEXT")
        self._ink(SOFT, 9)
        self.cell(WIDTH, 6, self.note_, new_x="LMARGIN", new_y="NEXT")
        self.ln(2)
        self._row(self.heads_, SOFT)

    def _row(self, cells: Sequence[str], colour: tuple[int, int, int] = INK) -> None:
        self._ink(colour, 9)
        broken = [
            self.wrap(cell, width=width - 2 * PAD, lines=MOST_LINES)
            for cell, width in zip(cells, self.widths_, strict=True)
        ]
        height = max(len(lines) for lines in broken) * LEAD + 2 * PAD
        if self.get_y() + height > BOTTOM:
            self.add_page(orientation="landscape")
            self._row(self.heads_, SOFT)
            self._ink(colour, 9)
        top, left = self.get_y(), MARGIN
        for lines, width in zip(broken, self.widths_, strict=True):
            for at, line in enumerate(lines):
                self.set_xy(left + PAD, top + PAD + at * LEAD)
                self.cell(width - 2 * PAD, LEAD, line)
            left += width
        self.set_draw_color(*LINE)
        self.set_line_width(0.2)
        self.line(MARGIN, top + height, MARGIN + WIDTH, top + height)
        self.set_xy(MARGIN, top + height)


def print_names(title: str, note: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """The PDF; its first column numbers the rows. Call it in a thread."""
    numbered = [[str(at), *row] for at, row in enumerate(rows, start=1)]
    return NameList(title, note, ["#", *heads], numbered).content()
