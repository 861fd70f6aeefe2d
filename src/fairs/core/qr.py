"""QR codes as matrix, SVG and PNG, without an imaging library."""

import re
import struct
import zlib
from functools import lru_cache
from typing import Any

QUIET = 4  # modules of white around the code, as the standard requires
MASK = 3  # fixed: choosing the best of eight takes five times as long and readers accept any
Matrix = list[list[bool]]
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_CAPITAL = re.compile(r"[0-9A-Z $%*+\-./:]+")


@lru_cache(maxsize=256)
def _modules(text: str) -> tuple[tuple[bool, ...], ...]:
    from qrcode import QRCode  # loads an imaging library: only where a code is drawn
    from qrcode.constants import ERROR_CORRECT_M

    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET, mask_pattern=MASK)
    if not _prepare(code, text):
        code.add_data(text, optimize=0)
        code.make(fit=True)
    return tuple(tuple(map(bool, row)) for row in code.get_matrix())


class _Buffer:
    """The data of a code as bytes, as the library's own buffer has them."""

    def __init__(self, content: bytes) -> None:
        self.buffer = list(content)


def _prepare(code: Any, text: str) -> bool:
    """Encode capital letters and digits at once; the library does it bit by bit, in half of the time of a code.

    False when the text has other signs, or is longer than ours ever are.
    """
    from qrcode.base import rs_blocks
    from qrcode.util import create_bytes

    if not _CAPITAL.fullmatch(text):
        return False
    bits = 13 + len(text) // 2 * 11 + len(text) % 2 * 6  # mode, length (of versions up to 9), pairs, a last sign
    for size in range(1, 10):
        blocks = rs_blocks(size, code.error_correction)
        room = sum(block.data_count for block in blocks) * 8
        if bits <= room:
            code.version, code.modules_count = size, size * 4 + 17
            code.data_cache = create_bytes(_Buffer(_bytes(text, bits, room)), blocks)
            code.makeImpl(False, MASK)
            return True
    return False


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
