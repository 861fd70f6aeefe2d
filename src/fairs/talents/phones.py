"""A person's phone number: sealed at rest."""

from typing import TypeVar

import msgspec

from fairs.core import crypto, sealing
from fairs.talents.rows import TalentRow

T = TypeVar("T", bound=TalentRow)

PURPOSE = "talent.phone"


def seal(phone: str) -> str:
    """The stored form."""
    return crypto.seal_text(phone, PURPOSE)


def opened(row: T) -> T:
    """A profile row with its phone as typed."""
    return msgspec.structs.replace(row, phone=crypto.open_text(row.phone, PURPOSE))


SEALED = sealing.Sealed("talent", "phone", PURPOSE)
