"""QR codes as matrix, SVG and PNG, without an imaging library."""

import struct
import zlib
from functools import lru_cache

QUIET = 4  # modules of white around the code, as the standard requires
MASK = 3  # fixed: choosing the best of eight takes five times as long and readers accept any
Matrix = list[list[bool]]


@lru_cache(maxsize=256)
def _modules(text: str) -> tuple[tuple[bool, ...], ...]:
    from qrcode import QRCode  # loads an imaging library: only where a code is drawn
    from qrcode.constants import ERROR_CORRECT_M

    code = QRCode(error_correction=ERROR_CORRECT_M, border=QUIET, mask_pattern=MASK)
    code.add_data(text, optimize=0)
    code.make(fit=True)
    return tuple(tuple(bool(cell) for cell in row) for row in code.get_matrix())


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
