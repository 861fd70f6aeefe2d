"""A PDF document in the fonts of `core.pdf`. Its libraries take half a second to load, so modules import it inside functions.

A document costs about 0.15 s: make it in a thread (`asyncio.to_thread`) or in a job.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any

from fpdf import FPDF

from fairs.core import clock
from fairs.core.i18n import HTML_LANG
from fairs.core.pdf import COMMON, FONTS, LATIN, Font, fonts_for


class Document(FPDF):
    """A PDF in millimetres. Text of another script switches to that script's font automatically, with shaping and direction."""

    def __init__(self, size: str | tuple[float, float] = "A4", *, title: str, lang: str, margin: float = 18) -> None:
        super().__init__(unit="mm", format=size)
        self._opened: set[str] = set()
        self._open(COMMON)
        self.set_font(LATIN, size=10)
        self.set_margin(margin)
        self.set_title(title)
        self.set_lang(HTML_LANG[lang])
        self.set_creation_date(clock.now())
        self.set_creator("fairs")
        self.set_text_color(31, 27, 22)

    def _open(self, fonts: Iterable[Font]) -> None:
        """Load the fonts; each is read once."""
        for font in fonts:
            if font.name not in self._opened:
                self.add_font(font.name, fname=font.path)
                self._opened.add(font.name)
        self.set_fallback_fonts([font.name for font in FONTS if font.name in self._opened and font.name != LATIN])

    def _prepare(self, text: str) -> None:
        """Open the fonts a text needs, and turn on shaping only for scripts that need it: shaping costs time."""
        needed = fonts_for(text)
        if any(font.name not in self._opened for font in needed):
            self._open(needed)
        if any(font.shaped for font in needed) != bool(self.text_shaping):
            self.set_text_shaping(not self.text_shaping)

    def get_string_width(self, s: str, *args: Any, **kwargs: Any) -> float:
        """The width of a text in millimetres, in the fonts that it needs."""
        self._prepare(s)
        return float(super().get_string_width(s, *args, **kwargs))

    def cell(self, w: float | None = None, h: float | None = None, text: str = "", *args: Any, **kwargs: Any) -> Any:
        """A line of text, in the fonts that it needs.

        fpdf2 wrongly remembers a font that it set inside coloured text, so the font is set again each time.
        """
        self._prepare(text)
        self.current_font_is_set_on_page = False
        return super().cell(w, h, text, *args, **kwargs)

    def multi_cell(self, w: float, h: float | None = None, text: str = "", *args: Any, **kwargs: Any) -> Any:
        """Lines of text, in the fonts that they need."""
        self._prepare(text)
        return super().multi_cell(w, h, text, *args, **kwargs)

    def fit(self, text: str, *, width: float, size: float, smallest: float = 7) -> float:
        """Choose the largest size up to `size` points at which `text` is at most `width` millimetres; returns the size."""
        while True:
            self.set_font_size(size)
            if self.get_string_width(text) <= width or size <= smallest:
                return size
            size -= 0.5

    def wrap(self, text: str, *, width: float, lines: int) -> list[str]:
        """`text` on at most `lines` lines of `width` millimetres in the current size, cut with an ellipsis at the end.

        Lines break at a space if possible, never before a mark that belongs to the letter before it.
        """
        wrapped: list[str] = []
        rest = text
        while rest and len(wrapped) < lines:
            end = "…" if len(wrapped) == lines - 1 else ""
            if self.get_string_width(rest) <= width:
                return [*wrapped, rest]
            cut = self._longest(rest, width, end)
            wrapped.append(rest[:cut].rstrip() + end)
            rest = rest[cut:].lstrip()
        return wrapped

    def _longest(self, text: str, width: float, end: str) -> int:
        """How many characters of a too long text fit into a line; at least one."""
        low, high = 1, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            if self.get_string_width(text[:middle].rstrip() + end) <= width:
                low = middle
            else:
                high = middle - 1
        space = text.rfind(" ", 0, low + 1)
        if space > 0 and not end:
            return space
        while low > 1 and unicodedata.category(text[low]).startswith("M"):
            low -= 1
        return low

    def strong(self, on: bool) -> None:
        """Thicker strokes: bold headings and names without a second font."""
        self.text_mode = "FILL_STROKE" if on else "FILL"
        self.set_line_width(self.font_size * 0.028 if on else 0.2)
        self.set_draw_color(31, 27, 22)
        if not on and self.page:
            self._out("0 Tr")  # fpdf2 keeps the rendering mode of the previous text

    def squares(self, matrix: list[list[bool]], *, x: float, y: float, size: float) -> None:
        """A QR matrix as black rectangles: `size` mm wide with its quiet zone, adjacent squares of a row as one rectangle."""
        cell = size / len(matrix)
        self.set_fill_color(0)
        for row, modules in enumerate(matrix):
            column = 0
            while column < len(modules):
                start = column
                while column < len(modules) and modules[column]:
                    column += 1
                if column > start:  # slightly taller than a row, so that no white line shows between rows
                    self.rect(x + start * cell, y + row * cell, (column - start) * cell, cell * 1.02, style="F")
                column += 1

    def content(self) -> bytes:
        """The finished file as bytes."""
        return bytes(self.output())
