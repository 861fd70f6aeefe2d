"""PDF documents in both languages: fonts that print any common name, and a check whether a text can be printed.

Latin, Greek and Cyrillic come from Noto Sans, Chinese, kana and hangul from Noto Sans CJK; a document embeds only the
characters that it uses. Scripts that need shaping (Arabic, Devanagari …) are not printed: `printable` says so.
A document costs about 0.15 s: make it in a thread (`asyncio.to_thread`) or in a job.
"""

import logging
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairs import paths

if TYPE_CHECKING:
    from fairs.core.pdf_document import Document as Document

FOLDER = paths.STATIC / "fonts"
LATIN, HAN = "noto", "noto-cjk"
FILES: dict[str, Path] = {LATIN: FOLDER / "NotoSans-names.ttf", HAN: FOLDER / "NotoSansCJKsc-names.otf"}
logging.getLogger("fontTools").setLevel(logging.WARNING)  # it narrates each subset


@lru_cache(maxsize=1)
def covered() -> frozenset[int]:
    """Code points that the fonts can print."""
    from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

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


def __getattr__(name: str) -> Any:
    """`Document` when first asked for: its libraries take half a second to import, and a server's start waits for none."""
    if name == "Document":
        from fairs.core.pdf_document import Document

        return Document
    raise AttributeError(name)
