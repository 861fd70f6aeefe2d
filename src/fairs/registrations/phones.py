"""Phone numbers of registrations: sealed at rest, found by their endings.

A number's search key holds a keyed mark of every ending of four digits or more. Marks are capital letters, which no typed
query contains once it is folded: names are never found in them.
"""

from typing import Any

from fairs.core import crypto, sealing
from fairs.core.search_keys import search_key
from fairs.registrations import rules
from fairs.talents.phones import REGISTRATION

PURPOSE = REGISTRATION
TAIL = "registration.phone.tail"
SHORTEST, LONGEST = 4, 15  # digits of an ending; E.164 has at most 15
_STOP = "Z"  # ends a mark: its own letters are A to P


def seal(phone: str) -> str:
    """As it is stored."""
    return crypto.seal_text(phone, PURPOSE)


def opened(stored: str) -> str:
    """As it was typed."""
    return crypto.open_text(stored, PURPOSE)


def search_text(native: str, passport: str, organisation: str, email: str, phone: str) -> str:
    """All by which a person is found; the phone by marks only."""
    digits = rules.digits(phone)[-LONGEST:]
    endings = [crypto.mark(digits[-size:], TAIL) + _STOP for size in range(SHORTEST, len(digits) + 1)]
    return " | ".join((search_key(native, passport, organisation, email), *([" ".join(endings)] if endings else [])))


def patterns(typed: str) -> list[str]:
    """LIKE patterns for the phones that end with what was typed, one for each key; none for what is no phone number."""
    digits = rules.digits(typed) if rules.PHONE.fullmatch("".join(typed.split())) else ""
    if len(digits) < SHORTEST:
        return []
    return [f"%{mark}{_STOP}%" for mark in crypto.marks(digits[-LONGEST:], TAIL)]


def _beside(row: dict[str, Any], phone: str) -> dict[str, Any]:
    names = ("name_native", "name_passport", "organisation_name", "email")
    native, passport, organisation, email = (row[name] for name in names)
    return {"search_key": search_text(native, passport, organisation, email, phone)}


sealing.register(
    sealing.Sealed(
        "registration",
        "phone",
        PURPOSE,
        reads=("name_native", "name_passport", "organisation_name", "email"),
        beside=_beside,
    )
)
