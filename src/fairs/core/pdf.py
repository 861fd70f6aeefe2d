"""PDF documents in both languages: fonts that print any common name, and a check whether a text can be printed.

Latin, Greek and Cyrillic come from Noto Sans, Chinese, kana and hangul from Noto Sans CJK; a document embeds only the
characters that it uses. Scripts that need shaping (Arabic, Devanagari …) are not printed: `printable` says so.
A document costs about 0.15 s: make it in a thread (`asyncio.to_thread`) or in a job.
"""

import logging
import unicodedata
from functools import lru_cache
from pathlib import Path

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fpdf import FPDF

from fairs import paths
from fairs.core import clock

FOLDER = paths.STATIC / "fonts"
LATIN, HAN = "noto", "noto-cjk"
FILES: dict[str, Path] = {LATIN: FOLDER / "NotoSans-names.ttf", HAN: FOLDER / "NotoSansCJKsc-names.otf"}
logging.getLogger("fontTools").setLevel(logging.WARNING)  # it narrates each subset


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Code points that the fonts can print."""
    found: set[int] = set()
    for path in FILES.values():
        with TTFont(path, lazy=True) as font:
            found.update(font.getBestCmap())
    return frozenset(found)


def printable(text: str) -> bool:
    """Whether every character of `text` is in the fonts."""
    return all(ord(character) in covered() for character in unicodedata.normalize("NFC", text))


def plain(text: str) -> str:
    """`text` with what cannot be printed replaced by a blank box, so that a gap is seen and nothing breaks."""
    return "".join(
        character if character == "\n" or ord(character) in covered() else "□"
        for character in unicodedata.normalize("NFC", text)
    )


class Document(FPDF):
    """A PDF in millimetres with both fonts at hand; runs of the other script fall back by themselves."""

    def __init__(self, size: str | tuple[float, float] = "A4", *, title: str, lang: str, margin: float = 18) -> None:
        super().__init__(unit="mm", format=size)
        for name, path in FILES.items():
            self.add_font(name, fname=path)
        self.set_fallback_fonts([HAN])
        self.set_font(LATIN, size=10)
        self.set_margin(margin)
        self.set_title(title)
        self.set_lang("zh-Hans" if lang == "zh" else "en")
        self.set_creation_date(clock.now())
        self.set_creator("fairs")
        self.set_text_color(31, 27, 22)

    def fit(self, text: str, *, width: float, size: float, smallest: float = 7) -> float:
        """Choose the largest size up to `size` points at which `text` is at most `width` millimetres; the size."""
        while True:
            self.set_font_size(size)
            if self.get_string_width(text) <= width or size <= smallest:
                return size
            size -= 0.5

    def strong(self, on: bool) -> None:
        """Heavier strokes: the weight of headings and names, without a second font."""
        self.text_mode = "FILL_STROKE" if on else "FILL"
        self.set_line_width(self.font_size * 0.028 if on else 0.2)
        self.set_draw_color(31, 27, 22)

    def squares(self, matrix: list[list[bool]], *, x: float, y: float, size: float) -> None:
        """A QR matrix as black rectangles: `size` mm wide with its quiet zone, runs of a row as one rectangle."""
        cell = size / len(matrix)
        self.set_fill_color(0)
        for row, modules in enumerate(matrix):
            column = 0
            while column < len(modules):
                start = column
                while column < len(modules) and modules[column]:
                    column += 1
                if column > start:  # a hair taller than a row, so that no white line shows between rows
                    self.rect(x + start * cell, y + row * cell, (column - start) * cell, cell * 1.02, style="F")
                column += 1

    def content(self) -> bytes:
        """The finished file."""
        return bytes(self.output())
