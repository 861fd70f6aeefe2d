"""The telephone of an employer's contact: sealed at rest."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from fairs.core import crypto, sealing

PURPOSE = "organisation.contact_phone"


def seal(phone: str) -> str:
    """As it is stored."""
    return crypto.seal_text(phone, PURPOSE)


def opened(row: Mapping[str, Any] | asyncpg.Record) -> dict[str, Any]:
    """A row with the `contact_phone` of an organisation as it was typed."""
    return {**dict(row), "contact_phone": crypto.open_text(row["contact_phone"], PURPOSE)}


sealing.register(sealing.Sealed("organisation", "contact_phone", PURPOSE))
