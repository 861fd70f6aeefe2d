"""Parses the text of a code into its claim, and checks our signature. Pure.

The expiry inside a token is for offline devices: online, the gate's hours decide.

A hand scanner types as a US keyboard. Under another keyboard layout, letters and digits come out different.
`readings` reverses that; the signature shows which reading is right.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from fairs.badges import tokens


def claim(text: str) -> tuple[bytes, str] | None:
    """The badge's uid and the bare token in a code's text, unverified; None if it is no code of ours."""
    try:
        token = tokens.bare(text)
        return tokens.uid_of(token), token
    except tokens.Malformed:
        return None


def is_genuine(token: str, keys: Mapping[int, bytes]) -> bool:
    """Whether the token is signed with one of our keys."""
    try:
        tokens.verify(token, keys)
    except tokens.BadToken:
        return False
    return True


def _layout(keys: str, pressed: str) -> dict[int, int]:
    """Characters received → keys pressed by the scanner; for both letter cases."""
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
LONG = 100  # characters: a shorter text is another code, not a misread one of ours
GARBLED = (
    24  # letters in which a garbled code may differ from the issued one: any other differs in 100 of its signature
)
_TOKEN = re.compile(rf"([A-Z2-7]{{{tokens.LENGTH}}})/?$")
_PREFIX = re.compile(r"^\][A-Za-z][0-9a-zA-Z]")  # the symbology identifier, which some scanners put before the text


def readings(text: str) -> Iterator[tuple[bytes, str]]:
    """uid and token of every possible reading of a text as our code, unverified, the likeliest first."""
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
    """The reading with our signature; None when there is none."""
    return next((reading for reading in readings(text) if is_genuine(reading[1], keys)), None)


def differs(token: str, issued: str) -> int:
    """In how many letters."""
    return sum(one != other for one, other in zip(token, issued, strict=True))


def is_nearest_undone(text: str, issued: Mapping[bytes, str]) -> bool:
    """Whether a text whose letters all fit a code, but that we did not sign, is nearest to an issued code when another keyboard
    layout is undone: QWERTZ swaps two letters that every code may have. `issued`: uid → token of our badges.
    """
    here = claim(text)
    off = {token: differs(token, issued[uid]) for uid, token in readings(text) if uid in issued}
    if here is None or not off:
        return False
    nearest = min(off, key=lambda token: off[token])
    return nearest != here[1] and off[nearest] <= GARBLED


def looks_mistyped(text: str) -> bool:
    """Whether a text that is no code of ours looks like one under another keyboard layout, or garbled by a scanner."""
    return len(text) >= LONG and any(True for _ in readings(text))
