"""A person's phone number: sealed at rest."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from fairs.core import crypto, sealing

PURPOSE = "talent.phone"
REGISTRATION = "registration.phone"  # the same person's number in a higher slice's table


def seal(phone: str) -> str:
    """As it is stored."""
    return crypto.seal_text(phone, PURPOSE)


def opened(row: Mapping[str, Any] | asyncpg.Record) -> dict[str, Any]:
    """A row of `talent` with its phone as it was typed."""
    return {**dict(row), "phone": crypto.open_text(row["phone"], PURPOSE)}


SEALED = sealing.Sealed("talent", "phone", PURPOSE)
