"""Fonts of PDF documents for names in all scripts, and a check whether a text can be printed.

Latin, Greek and Cyrillic use Noto Sans, Chinese, kana and hangul Noto Sans CJK (frequent characters in one
file, rare ones in another), Arabic, Hebrew, the scripts of India and others one file each. A document opens the first
two, others when a text needs them, and embeds only the characters that it uses. `unprintable` lists characters in no font.
The document itself is in `core.pdf_document`, whose libraries are heavy; this module loads none.
"""

import logging
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fairs import paths

FOLDER = paths.STATIC / "fonts"
LATIN, HAN = "noto", "noto-cjk"
logging.getLogger("fontTools").setLevel(logging.WARNING)  # it logs each subset


@dataclass(frozen=True)
class Font:
    """A font's name in documents, its file, and whether its script joins, reorders or runs from right to left."""

    name: str
    file: str
    shaped: bool = False

    @property
    def path(self) -> Path:
        return FOLDER / self.file


_SHAPED = (
    *("Arabic", "Hebrew", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Tamil", "Telugu", "Kannada", "Malayalam"),
    *("Sinhala", "Thai", "Lao", "Khmer", "Myanmar", "Georgian", "Armenian", "Ethiopic"),
)
FONTS = (
    Font(LATIN, "NotoSans-names.ttf"),
    Font(HAN, "NotoSansCJKsc-names.otf"),
    *(Font(f"noto-{script.lower()}", f"NotoSans{script}.ttf", shaped=True) for script in _SHAPED),
    Font("noto-tibetan", "NotoSerifTibetan.ttf", shaped=True),
    Font("noto-cjk-rare", "NotoSansCJKsc-rare.otf"),
)
COMMON = FONTS[:2]  # opened by every document


@lru_cache(maxsize=len(FONTS))
def points(font: Font) -> Collection[int]:
    """Code points that a font can print: HarfBuzz's own set, in 0.1 ms where fontTools takes 90 to read the names of all glyphs."""
    import uharfbuzz as hb  # type: ignore[import-untyped]

    found: Collection[int] = hb.Face(hb.Blob.from_file_path(str(font.path))).unicodes
    return found


@lru_cache(maxsize=4096)
def font_of(character: str) -> Font | None:
    """The first font that can print a character; None when no font can."""
    return next((font for font in FONTS if ord(character) in points(font)), None)


def fonts_for(text: str) -> list[Font]:
    """The fonts that a text needs, in the order of their use."""
    fonts = {font_of(character) for character in set(text)}
    return [font for font in FONTS if font in fonts]


def _is_silent(character: str) -> bool:
    """Line breaks, and invisible joiners and marks."""
    return character == "\n" or (unicodedata.category(character) in ("Cf", "Mn") and 0x200B <= ord(character) <= 0xFE0F)


def unprintable(text: str) -> str:
    """The characters of a text that no font can print, each once, in order."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(dict.fromkeys(c for c in composed if font_of(c) is None and not _is_silent(c)))


def printable(text: str) -> bool:
    """Whether the fonts contain every character of `text`."""
    return not unprintable(text)


def plain(text: str) -> str:
    """`text` with a blank box for each unprintable character, so that the gap is visible and nothing fails."""
    return "".join(
        character if character == "\n" or font_of(character) else "" if _is_silent(character) else "□"
        for character in unicodedata.normalize("NFC", text)
    )
