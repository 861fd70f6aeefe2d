"""QR codes as matrix, SVG and PNG, without an imaging library."""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fairs.core import reed_solomon

QUIET = 4  # modules of white around the code, as the standard requires
MASK = 3  # fixed: choosing the best of eight takes five times as long and readers accept any
Matrix = list[list[bool]]
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_CAPITAL = re.compile(r"[0-9A-Z $%*+\-./:]+")


@lru_cache(maxsize=256)
def _modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """The rows with their quiet zone. Capital letters and digits are drawn on a kept form; the library does the rest, forty times slower."""
    if _CAPITAL.fullmatch(text):
        bits = 13 + len(text) // 2 * 11 + len(text) % 2 * 6  # mode, length (of versions up to 9), pairs, a last sign
        for size in range(1, 10):
            form = _form(size)
            if bits <= form.room * 8:
                return form.filled(_bytes(text, bits, form.room * 8))
    from qrcode import QRCode  # loads an imaging library: only where a code is drawn
    from qrcode.constants import ERROR_CORRECT_M

    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET, mask_pattern=MASK)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return tuple(tuple(map(bool, row)) for row in code.get_matrix())


@dataclass(frozen=True, slots=True)
class _Form:
    """A code of one size without data: a set bit of the data turns the module at its place. `room`: bytes of data.

    `rows` are the modules that an empty code has, mask and patterns included; `places` says where each bit of the data belongs.
    """

    rows: tuple[bytes, ...]
    places: tuple[tuple[int, int], ...]
    blocks: tuple[tuple[int, int], ...]
    room: int

    def filled(self, data: bytes) -> tuple[tuple[bool, ...], ...]:
        """The code with its data and their correction."""
        words = reed_solomon.woven(data, self.blocks)
        rows = [bytearray(row) for row in self.rows]
        bits = bin(int.from_bytes(b"\1" + words, "big"))[3:]
        for bit, (row, column) in zip(bits, self.places, strict=False):
            if bit == "1":
                rows[row][column] ^= 1
        side = (False,) * QUIET
        edge = ((False,) * (len(rows) + 2 * QUIET),) * QUIET
        return (*edge, *((*side, *map(bool, row), *side) for row in rows), *edge)


@lru_cache(maxsize=9)
def _form(size: int) -> _Form:
    """Drawn by the library, which tells by its own order which modules are left for the data."""
    from qrcode import QRCode
    from qrcode.base import rs_blocks
    from qrcode.constants import ERROR_CORRECT_M

    places: list[tuple[int, int]] = []

    class Ordered(QRCode):  # type: ignore[misc]  # the library has no types
        def map_data(self, data: Any, mask_pattern: int) -> None:
            places.extend(_order(self.modules))
            super().map_data(data, mask_pattern)

    blocks = tuple(
        (block.data_count, block.total_count - block.data_count) for block in rs_blocks(size, ERROR_CORRECT_M)
    )
    code = Ordered(version=size, error_correction=ERROR_CORRECT_M, border=0, mask_pattern=MASK)
    code.data_cache = [0] * sum(data + more for data, more in blocks)
    code.makeImpl(False, MASK)
    rows = tuple(bytes(map(bool, row)) for row in code.modules)
    return _Form(rows, tuple(places), blocks, sum(data for data, _ in blocks))


def _order(modules: list[list[bool | None]]) -> Iterator[tuple[int, int]]:
    """The free modules as data fills them: pairs of columns from the right, upwards and downwards in turn, past the timing column."""
    rows = range(len(modules))
    for turn, right in enumerate(column - (column <= 6) for column in range(len(modules) - 1, 0, -2)):
        for row in rows if turn % 2 else reversed(rows):
            for column in (right, right - 1):
                if modules[row][column] is None:
                    yield row, column


def _bytes(text: str, bits: int, room: int) -> bytes:
    """The text with mode, length, end and padding."""
    value = 0b0010 << 9 | len(text)
    for at in range(0, len(text) - 1, 2):
        value = value << 11 | _ALPHABET.index(text[at]) * 45 + _ALPHABET.index(text[at + 1])
    if len(text) % 2:
        value = value << 6 | _ALPHABET.index(text[-1])
    end = min(4, room - bits)
    end += -(bits + end) % 8
    found = (value << end).to_bytes((bits + end) // 8, "big")
    return found + (b"\xec\x11" * room)[: room // 8 - len(found)]


def matrix(text: str) -> Matrix:
    """The modules with their quiet zone; True is black."""
    return [list(row) for row in _modules(text)]


def version(text: str) -> int:
    """The size of the code: 6 for a bare token."""
    return (len(_modules(text)) - 2 * QUIET - 17) // 4


def svg(text: str, title: str = "") -> str:
    """One path on white; scales to any size. `title` is for screen readers and must be plain text."""
    rows = _modules(text)
    path = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                path.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            x += 1
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges" role="img">'
        f"<title>{title or 'QR'}</title>"
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{"".join(path)}"/></svg>'
    )


def png(text: str, scale: int = 12) -> bytes:
    """One bit per pixel, `scale` pixels per module."""
    rows = _modules(text)
    side = len(rows) * scale
    lines = bytearray()
    for row in rows:
        bits = "".join(("0" if cell else "1") * scale for cell in row)
        bits += "1" * (-side % 8)
        line = b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
        lines += line * scale
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(lines), 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
