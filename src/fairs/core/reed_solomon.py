"""The correction of a QR code (ISO/IEC 18004), with whole remainders as one number: a table turns a byte of data into one step. Pure."""

from collections.abc import Sequence
from functools import lru_cache

_POLYNOMIAL = 0x11D


def _times(one: int, other: int) -> int:
    """Product in the field of 256 elements."""
    found = 0
    while other:
        if other & 1:
            found ^= one
        one = one << 1 ^ (_POLYNOMIAL if one & 0x80 else 0)
        other >>= 1
    return found


@lru_cache(maxsize=32)
def _steps(count: int) -> tuple[int, ...]:
    """For each byte the generator of so many words, multiplied by it; its coefficients are the bytes of a number."""
    generator, root = [1], 1
    for _ in range(count):
        shifted, scaled = [*generator, 0], [0, *(_times(value, root) for value in generator)]
        generator = [one ^ other for one, other in zip(shifted, scaled, strict=True)]
        root = _times(root, 2)
    powers = [int.from_bytes(bytes(_times(value, 1 << bit) for value in generator[1:]), "big") for bit in range(8)]
    found = [0] * 256
    for byte in range(1, 256):
        rest = byte & (byte - 1)
        found[byte] = found[rest] ^ powers[(byte ^ rest).bit_length() - 1]
    return tuple(found)


def correction(data: bytes, count: int) -> bytes:
    """The words that follow a block of data."""
    steps, top, mask = _steps(count), 8 * (count - 1), (1 << 8 * count) - 1
    rest = 0
    for byte in data:
        rest = (rest << 8 & mask) ^ steps[byte ^ rest >> top]
    return rest.to_bytes(count, "big")


def woven(data: bytes, blocks: Sequence[tuple[int, int]]) -> bytes:
    """Data and correction of all blocks, (bytes of data, bytes of correction) each, taken in turns."""
    parts, at = [], 0
    for size, _ in blocks:
        parts.append(data[at : at + size])
        at += size
    corrections = [correction(part, count) for part, (_, count) in zip(parts, blocks, strict=True)]
    return _in_turns(parts) + _in_turns(corrections)


def _in_turns(parts: Sequence[bytes]) -> bytes:
    longest = max(map(len, parts))
    return bytes(part[at] for at in range(longest) for part in parts if at < len(part))
