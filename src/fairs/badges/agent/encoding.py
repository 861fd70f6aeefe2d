"""Messages of the Internet Printing Protocol (RFC 8010): requests written, answers read. Pure."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

OPERATION, JOB, END, PRINTER = 0x01, 0x02, 0x03, 0x04  # tags of groups
INTEGER, BOOLEAN, ENUM = 0x21, 0x22, 0x23
COLLECTION, END_COLLECTION, MEMBER = 0x34, 0x37, 0x4A
TEXT, NAME, KEYWORD, URI, CHARSET, LANGUAGE, MIME = 0x41, 0x42, 0x44, 0x45, 0x47, 0x48, 0x49
VERSION = b"\x02\x00"
Value = int | bool | str | bytes | dict[str, "Tagged"]
Tagged = tuple[int, Value | list[str]]


class Malformed(ValueError):
    """The bytes are no message of this protocol."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and the attributes of each group, as (tag of the group, its attributes by name)."""

    status: int
    groups: list[tuple[int, dict[str, list[object]]]] = field(default_factory=list)

    def of(self, group: int) -> list[dict[str, list[object]]]:
        """The groups with this tag."""
        return [attributes for tag, attributes in self.groups if tag == group]


def request(operation: int, number: int, groups: Sequence[tuple[int, Mapping[str, Tagged]]]) -> bytes:
    """A request without its document."""
    out = bytearray(VERSION + struct.pack(">HI", operation, number))
    for tag, attributes in groups:
        out.append(tag)
        for name, (kind, value) in attributes.items():
            out += _attribute(name, kind, value)
    out.append(END)
    return bytes(out)


def _attribute(name: str, kind: int, value: Value | list[str]) -> bytes:
    values = value if isinstance(value, list) else [value]
    return b"".join(_one(name if at == 0 else "", kind, one) for at, one in enumerate(values))


def _one(name: str, kind: int, value: Value) -> bytes:
    if isinstance(value, dict):
        members = b"".join(_one("", MEMBER, inner) + _one("", tag, held) for inner, (tag, held) in value.items())
        return _field(kind, name, b"") + members + _field(END_COLLECTION, "", b"")
    return _field(kind, name, _content(kind, value))


def _field(kind: int, name: str, content: bytes) -> bytes:
    named = name.encode()
    return bytes([kind]) + struct.pack(">H", len(named)) + named + struct.pack(">H", len(content)) + content


def _content(kind: int, value: Value) -> bytes:
    if kind in (INTEGER, ENUM):
        assert isinstance(value, int)
        return struct.pack(">i", value)
    if kind == BOOLEAN:
        return b"\x01" if value else b"\x00"
    return value if isinstance(value, bytes) else str(value).encode()


def answer(content: bytes) -> Answer:
    """A printer's answer; what follows the attributes is left out. Raises Malformed."""
    try:
        return _answer(content)
    except (struct.error, IndexError, UnicodeDecodeError) as cut:
        raise Malformed(str(cut)) from cut


def _answer(content: bytes) -> Answer:
    found = Answer(struct.unpack(">H", content[2:4])[0])
    at, depth, name = 8, 0, ""
    attributes: dict[str, list[object]] = {}
    while content[at] != END:
        tag = content[at]
        at += 1
        if tag < 0x10:
            attributes = {}
            found.groups.append((tag, attributes))
            continue
        inner, at = _text(content, at)
        held, at = _text(content, at)
        if depth == 0 and inner:
            name = inner.decode()
            attributes[name] = []
        depth += {COLLECTION: 1, END_COLLECTION: -1}.get(tag, 0)
        if depth == 0 and tag != END_COLLECTION:
            attributes.setdefault(name, []).append(_value(tag, held))
    return found


def _text(content: bytes, at: int) -> tuple[bytes, int]:
    length = struct.unpack(">H", content[at : at + 2])[0]
    if at + 2 + length > len(content):
        raise IndexError("the message is cut")
    return content[at + 2 : at + 2 + length], at + 2 + length


def _value(tag: int, held: bytes) -> object:
    if tag in (INTEGER, ENUM) and len(held) == 4:
        return struct.unpack(">i", held)[0]
    if tag == BOOLEAN:
        return held == b"\x01"
    return held.decode("utf-8", "replace")
