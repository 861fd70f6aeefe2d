"""Rows of the statements about what came of a tour."""

from datetime import date, datetime
from uuid import UUID

from fairs.core.rows import Row
from fairs.tours.results.tables import ExpenseKind


class ExpenseRow(Row, frozen=True):
    """A sum that was spent, what it was for, and who entered it."""

    id: int
    event: int
    day: date
    kind: ExpenseKind
    amount: int
    currency: str
    unit: str
    unit_zh: str
    unit_en: str
    host_zh: str
    host_en: str
    stop: int | None
    vehicle: int | None
    hotel: int | None
    about_zh: str
    about_en: str
    note: str
    receipt: UUID | None
    name: str


class Spent(Row, frozen=True):
    """What was spent in a currency."""

    currency: str
    amount: int


class TalkRow(Row, frozen=True):
    """A meeting at a stop."""

    meeting: int
    talent: int
    name_passport: str
    name_native: str
    listing_zh: str
    listing_en: str
    outcome: str
    note: str
    at: datetime


class ListingChoice(Row, frozen=True):
    """A listing of a host about which people may talk at its stop."""

    id: int
    title_zh: str
    title_en: str


class Pair(Row, frozen=True):
    """The meeting that two already have about a listing."""

    id: int
    state: str
    stop: int | None
