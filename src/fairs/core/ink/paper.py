"""Pages as PDF, written as they are drawn: memory stays flat, however many pages.

Glyphs are outlines of Type 3 fonts that are made as they are needed, so no font is opened, cut or embedded; the text can
still be searched and copied. Pictures are JPEG as they come.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import IO

from fairs.core.i18n import HTML_LANG
from fairs.core.ink.canvas import BOLD, POINT, Picture, rgb, runs
from fairs.core.ink.text import EM, Line, outline

PER_FONT = 256  # glyphs that a Type 3 font can number
K = 1 / POINT  # points of a millimetre
Key = tuple[int, int, bool]


@lru_cache(maxsize=8192)
def _procedure(font: int, glyph: int, strong: bool) -> bytes:
    """The content stream of a glyph, without its width."""
    words = "\n".join(" ".join([*(f"{value:.0f}" for value in at), kind]) for kind, at in outline(font, glyph))
    if not words:
        return b""
    return zlib.compress(
        f"0 0 -500 -1000 3000 2000 d1\n{f'{BOLD} w 1 j ' if strong else ''}{words} {'B' if strong else 'f'}".encode(), 6
    )


class _Slot:
    """A glyph's place in a Type 3 font."""

    __slots__ = ("advance", "code", "font", "key", "text")

    def __init__(self, number: int, key: Key, advance: float, text: str) -> None:
        self.font, self.code = divmod(number, PER_FONT)
        self.key, self.advance, self.text = key, advance, text


class Paper:
    """A document of many pages in `out`; `close` finishes it. Pages may have different sizes."""

    def __init__(self, out: IO[bytes], *, title: str, lang: str, made_at: datetime) -> None:
        self._out, self._at = out, 0
        self._offsets: list[int] = [0, 0, 0, 0, 0]  # 1 catalog, 2 pages, 3 fonts, 4 information
        self._pages: list[int] = []
        self._slots: dict[Key, _Slot] = {}
        self._pictures: dict[bytes, int] = {}
        self._used: dict[int, None] = {}
        self._parts: list[str] = []
        self._size = (0.0, 0.0)
        self._about = (title, HTML_LANG[lang], made_at)
        self._write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")

    # -- drawing ---------------------------------------------------------------------------------------------------

    @contextmanager
    def page(self, width: float, height: float) -> Iterator["Paper"]:
        """A new page; it is written when the block ends."""
        self._size, self._parts, self._used = (width, height), [], {}
        yield self
        content = self._stream("", zlib.compress("\n".join(self._parts).encode(), 6))
        pictures = " ".join(f"/P{number} {number} 0 R" for number in self._used)
        self._pages.append(
            self._object(
                f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width * K:.2f} {height * K:.2f}]/Contents {content} 0 R"
                f"/Resources<</Font 3 0 R/XObject<<{pictures}>>>>>>"
            )
        )

    def text(self, line: Line, x: float, y: float, size: float, colour: str, *, strong: bool = False) -> None:
        left, base = x * K, (self._size[1] - y) * K
        red, green, blue = rgb(colour)
        paint = f"{red:.3f} {green:.3f} {blue:.3f}"
        parts = [f"BT {paint} rg {paint} RG" if strong else f"BT {paint} rg"]
        font = -1
        for glyph in line.glyphs:
            slot = self._slot((glyph.font, glyph.number, strong), glyph.advance, glyph.text)
            if slot.font != font:
                font = slot.font
                parts.append(f"/F{font} {size:g} Tf")
            parts.append(
                f"1 0 0 1 {left + glyph.x * size / EM:.2f} {base + glyph.y * size / EM:.2f} Tm <{slot.code:02X}> Tj"
            )
        self._parts.append(" ".join(parts) + " ET")

    def _slot(self, key: Key, advance: float, text: str) -> _Slot:
        found = self._slots.get(key)
        if found is None:
            found = self._slots[key] = _Slot(len(self._slots), key, advance, text)
        elif not found.text:
            found.text = text
        return found

    def rect(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        red, green, blue = rgb(colour)
        self._parts.append(
            f"{red:.3f} {green:.3f} {blue:.3f} rg {x * K:.2f} {(self._size[1] - y - height) * K:.2f}"
            f" {width * K:.2f} {height * K:.2f} re f"
        )

    def stroke(self, points: Sequence[tuple[float, float]], colour: str, width: float = 0.1) -> None:
        red, green, blue = rgb(colour)
        way = " ".join(
            f"{x * K:.2f} {(self._size[1] - y) * K:.2f} {'l' if at else 'm'}" for at, (x, y) in enumerate(points)
        )
        self._parts.append(f"{red:.3f} {green:.3f} {blue:.3f} RG {width * K:.2f} w {way} S")

    def squares(self, matrix: Sequence[Sequence[bool]], x: float, y: float, size: float) -> None:
        """Whole numbers in a scaled system; a row is slightly taller, so that no white line shows between rows."""
        cell = size * K / len(matrix)
        rows = len(matrix)
        boxes = " ".join(f"{column} {rows - row - 1} {length} 1.02 re" for column, row, length in runs(matrix))
        self._parts.append(
            f"q 0 g {cell:.5f} 0 0 {cell:.5f} {x * K:.3f} {(self._size[1] - y - size) * K:.3f} cm {boxes} f Q"
        )

    def picture(self, picture: Picture, x: float, y: float, width: float, height: float) -> None:
        number = self._picture(picture)
        self._used[number] = None
        self._parts.append(
            f"q {width * K:.2f} 0 0 {height * K:.2f} {x * K:.2f} {(self._size[1] - y - height) * K:.2f} cm /P{number} Do Q"
        )

    def _picture(self, picture: Picture) -> int:
        digest = blake2b(picture.content, digest_size=16).digest()
        if digest not in self._pictures:
            self._pictures[digest] = self._stream(
                f"/Type/XObject/Subtype/Image/Width {picture.width}/Height {picture.height}/ColorSpace/DeviceRGB"
                "/BitsPerComponent 8/Filter/DCTDecode",
                picture.content,
                packed=False,
            )
        return self._pictures[digest]

    @contextmanager
    def moved(self, x: float, y: float, *, turned: tuple[float, float] | None = None) -> Iterator[None]:
        height = self._size[1]
        if turned:
            right, base = (x + turned[0]) * K, (2 * height - y - turned[1]) * K
            self._parts.append(f"q -1 0 0 -1 {right:.3f} {base:.3f} cm")
        else:
            self._parts.append(f"q 1 0 0 1 {x * K:.3f} {-y * K:.3f} cm")
        yield
        self._parts.append("Q")

    # -- the file --------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Write the fonts, the list of pages and the index."""
        fonts = " ".join(f"/F{number} {self._font(slots)} 0 R" for number, slots in self._fonts().items())
        title, lang, made_at = self._about
        self._object("<</Type/Catalog/Pages 2 0 R/Lang" + f"({lang})/ViewerPreferences<</PrintScaling/None>>>>", 1)
        kids = " ".join(f"{number} 0 R" for number in self._pages)
        self._object(f"<</Type/Pages/Count {len(self._pages)}/Kids[{kids}]>>", 2)
        self._object(f"<<{fonts}>>", 3)
        named = (b"\xfe\xff" + title.encode("utf-16-be")).hex()
        self._object(f"<</Title<{named}>/Creator(fairs)/CreationDate(D:{made_at:%Y%m%d%H%M%S}Z)>>", 4)
        start = self._at
        count = len(self._offsets)
        table = b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets[1:])
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % count + table)
        self._write(b"trailer\n<</Size %d/Root 1 0 R/Info 4 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, start))

    def _fonts(self) -> Mapping[int, list[_Slot]]:
        fonts: dict[int, list[_Slot]] = {}
        for slot in self._slots.values():
            fonts.setdefault(slot.font, []).append(slot)
        return fonts

    def _font(self, slots: Sequence[_Slot]) -> int:
        drawn = []
        for slot in slots:
            content = _procedure(*slot.key)
            number = self._stream("", content) if content else self._stream("", b"0 0 0 0 0 0 d1", packed=False)
            drawn.append(f"/g{slot.code} {number} 0 R")
        names = " ".join(f"/g{slot.code}" for slot in slots)
        widths = " ".join(f"{slot.advance:.0f}" for slot in slots)
        unicode = self._stream("", zlib.compress(_to_unicode(slots), 6))
        return self._object(
            "<</Type/Font/Subtype/Type3/FontBBox[0 0 0 0]/FontMatrix[0.001 0 0 0.001 0 0]/Resources<<>>"
            f"/FirstChar 0/LastChar {len(slots) - 1}/Widths[{widths}]/Encoding<</Type/Encoding/Differences[0 {names}]>>"
            f"/CharProcs<<{' '.join(drawn)}>>/ToUnicode {unicode} 0 R>>"
        )

    def _write(self, content: bytes) -> None:
        self._out.write(content)
        self._at += len(content)

    def _begin(self, number: int = 0) -> int:
        if number:
            self._offsets[number] = self._at
        else:
            number = len(self._offsets)
            self._offsets.append(self._at)
        self._write(b"%d 0 obj\n" % number)
        return number

    def _object(self, content: str, number: int = 0) -> int:
        number = self._begin(number)
        self._write(content.encode("latin-1") + b"\nendobj\n")
        return number

    def _stream(self, words: str, content: bytes, *, packed: bool = True) -> int:
        number = self._begin()
        filtered = "/Filter/FlateDecode" if packed else ""
        self._write(
            f"<<{words}{filtered}/Length {len(content)}>>\nstream\n".encode() + content + b"\nendstream\nendobj\n"
        )
        return number


def _to_unicode(slots: Sequence[_Slot]) -> bytes:
    """The map from codes to text, so that names can be searched and copied."""
    said = [f"<{slot.code:02X}> <{slot.text.encode('utf-16-be').hex()}>" for slot in slots if slot.text]
    blocks = [
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar"
        for block in (said[at : at + 100] for at in range(0, len(said), 100))
    ]
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /fairs def /CMapType 2 def\n"
        "1 begincodespacerange <00> <FF> endcodespacerange\n" + "\n".join(blocks) + "\nendcmap end end"
    ).encode()
