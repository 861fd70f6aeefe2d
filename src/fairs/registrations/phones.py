"""Phone numbers of registrations: sealed at rest, found by their endings.

A number's search key contains a keyed mark of every ending of four digits or more. Marks are capital letters, which a
folded query never contains: a name search never finds them.
"""

from collections.abc import Mapping
from typing import Any

from fairs.core import crypto, keying, sealing
from fairs.core.search_keys import fold, person_key, stamped
from fairs.registrations import rules

PURPOSE = "registration.phone"
TAIL = "registration.phone.tail"
SHORTEST, LONGEST = 4, 15  # digits of an ending; E.164 has at most 15
_STOP = "Z"  # ends a mark: its own letters are A to P


def seal(phone: str) -> str:
    """The stored form."""
    return crypto.seal_text(phone, PURPOSE)


def opened(stored: str) -> str:
    """The phone as typed."""
    return crypto.open_text(stored, PURPOSE)


def search_text(native: str, passport: str, organisation: str, email: str, phone: str) -> str:
    """All searchable text of a person, as stored; the last line but the stamp contains the marks of the phone."""
    digits = rules.digits(phone)[-LONGEST:]
    endings = [crypto.mark(digits[-size:], TAIL) + _STOP for size in range(SHORTEST, len(digits) + 1)]
    return stamped("\n".join((person_key(native, passport, organisation, email), " ".join(endings))))


def marks_of(typed: str) -> list[str]:
    """Marks of the phones that end with the typed digits, one for each key; none when it is no phone number."""
    plain = "".join(fold(typed).split())
    digits = rules.digits(plain) if rules.PHONE.fullmatch(plain) else ""
    if len(digits) < SHORTEST:
        return []
    return [mark + _STOP for mark in crypto.marks(digits[-LONGEST:], TAIL)]


def _beside(row: dict[str, Any], phone: str) -> dict[str, Any]:
    names = ("name_native", "name_passport", "organisation_name", "email")
    native, passport, organisation, email = (row[name] for name in names)
    return {"search_key": search_text(native, passport, organisation, email, phone)}


def _key(row: Mapping[str, Any]) -> str:
    """The key of a stored row; a phone that cannot be opened is reported by `sealing` and has no marks."""
    try:
        phone = opened(row["phone"])
    except ValueError:
        phone = ""
    return search_text(row["name_native"], row["name_passport"], row["organisation_name"], row["email"], phone)


KEYED = keying.Keyed("registration", ("name_native", "name_passport", "organisation_name", "email", "phone"), _key)
SEALED = sealing.Sealed(
    "registration",
    "phone",
    PURPOSE,
    reads=("name_native", "name_passport", "organisation_name", "email"),
    beside=_beside,
)
