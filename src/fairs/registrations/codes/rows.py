"""What statements about access codes return."""

from datetime import datetime

import msgspec

from fairs.core.rows import Row
from fairs.registrations.tables import RegistrationState


class CodeFacts(msgspec.Struct):
    """A code as a registration uses it; `used` is counted up within a batch."""

    id: int
    pool: int | None
    category: str
    uses: int
    used: int
    email: str
    expires_at: datetime | None
    revoked_at: datetime | None


class CodeTyped(Row, frozen=True):
    """A code as it was found by its mark."""

    id: int
    mark: str
    pool: int | None
    category: str
    uses: int
    used: int
    email: str
    expires_at: datetime | None
    revoked_at: datetime | None


class CodeHold(Row, frozen=True):
    """A code that keeps places; `left` of them."""

    id: int
    pool: int | None
    category: str
    left: int


class CodeRow(Row, frozen=True):
    """A code in the list of an event."""

    id: int
    event: int
    name: str
    code: str
    pool: int | None
    pool_zh: str | None
    pool_en: str | None
    category: str
    reserves: bool
    uses: int
    used: int
    held: int
    email: str
    expires_at: datetime | None
    revoked_at: datetime | None
    made_by: str | None
    made_at: datetime


class CodeUser(Row, frozen=True):
    """Who registered with a code."""

    number: str
    name_passport: str
    name_native: str
    category: str
    state: RegistrationState
    created_at: datetime
    took: bool
