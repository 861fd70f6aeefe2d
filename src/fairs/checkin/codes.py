"""What the text of a code claims, and whether the claim is signed by us. Pure.

The expiry inside a token is for devices that work offline: here the gate's hours decide.

A hand scanner types on a keyboard that it takes for an American one. Where the system takes it for another, letters and
digits come out as others. `readings` undoes that; which reading is right, the signature tells.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from fairs.badges import tokens


def claim(text: str) -> tuple[bytes, str] | None:
    """The badge's uid and the bare token in a code's text, unverified; None when it is no code of ours."""
    try:
        token = tokens.bare(text)
        return tokens.uid_of(token), token
    except tokens.Malformed:
        return None


def is_genuine(token: str, keys: Mapping[int, bytes]) -> bool:
    """Is the token signed with one of our keys?"""
    try:
        tokens.verify(token, keys)
    except tokens.BadToken:
        return False
    return True


def _layout(keys: str, pressed: str) -> dict[int, int]:
    """`keys` as they came out → what the scanner pressed; the other case of a letter likewise."""
    table = dict(zip(keys, pressed, strict=True))
    for came, meant in zip(keys, pressed, strict=True):
        if len(came.upper()) == 1:
            table.setdefault(came.upper(), meant)
    return {ord(came): ord(meant) for came, meant in table.items()}


LAYOUTS: dict[str, dict[int, int]] = {
    "QWERTZ": _layout("yz", "zy"),
    "AZERTY": _layout("qawz,?é\"'(-§è", "aqzwmm2345667"),
    "AZERTY scanner": _layout("qawz;:@#$%^&", "aqzwmm234567"),
    "ЙЦУКЕН": _layout("йцукенгшщзфывапролдячсмить", "qwertyuiopasdfghjklzxcvbnm"),
}
LONG = 100  # characters: what is shorter is another code, not one of ours read wrongly
_TOKEN = re.compile(rf"([A-Z2-7]{{{tokens.LENGTH}}})/?$")
_PREFIX = re.compile(r"^\][A-Za-z][0-9a-zA-Z]")  # the symbology, which some scanners put before the text


def readings(text: str) -> Iterator[tuple[bytes, str]]:
    """uid and token of every way in which a text may be one of our codes, unverified, the likeliest first."""
    plain = unicodedata.normalize("NFKC", text[: tokens.MAX_URL])
    plain = _PREFIX.sub("", "".join(letter for letter in plain if letter.isprintable() and letter != " "))
    seen = set()
    for table in ({}, *LAYOUTS.values()):
        found = _TOKEN.search(plain.translate(table).upper())
        claimed = claim(found[1]) if found and found[1] not in seen else None
        if claimed is not None:
            seen.add(claimed[1])
            yield claimed


def genuine_reading(text: str, keys: Mapping[int, bytes]) -> tuple[bytes, str] | None:
    """The reading that we signed; None when there is none."""
    return next((reading for reading in readings(text) if is_genuine(reading[1], keys)), None)


def looks_mistyped(text: str) -> bool:
    """Whether a text that is no code of ours is one under another keyboard, or one that a scanner has garbled."""
    return len(text) >= LONG and any(True for _ in readings(text))
