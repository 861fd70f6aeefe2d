"""Whether a typed signature matches the signer's name. Pure."""

import re
import unicodedata
from collections.abc import Iterable

# Letters that Unicode normalisation does not decompose, as machine-readable passports write them.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_ACCENTS = re.compile("[\u0300-\u036f]")


def fold(name: str) -> str:
    """A name without common variations: width, case, accents, spaces, hyphens, dots."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold()))
    whole = unicodedata.normalize("NFC", plain).translate(_LETTERS)
    return "".join(character for character in whole if unicodedata.category(character)[0] in "LMN")


def orders(name: str) -> set[str]:
    """A name folded in both orders: as written, and with the family name at the other end."""
    parts = [part for part in re.split(r"[\s,，、/]+", unicodedata.normalize("NFKC", name)) if fold(part)]
    return {fold("".join(parts[at:] + parts[:at])) for at in range(len(parts))} - {""}


def is_name_of(typed: str, names: Iterable[str]) -> bool:
    """Whether the typed name is one of the names, in either order."""
    folded = fold(typed)
    return bool(folded) and any(folded in orders(name) for name in names)
