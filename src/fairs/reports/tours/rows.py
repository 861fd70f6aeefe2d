"""Rows of the statements about what a tour has brought."""

from datetime import date, datetime

from fairs.core.rows import Row


class Place(Row, frozen=True):
    """Where something was: the city and the employer of a stop."""

    unit: str
    unit_zh: str
    unit_en: str
    organisation: int | None
    organisation_zh: str
    organisation_en: str


class VisitRow(Place, frozen=True):
    """A stop that took place, and how many people were to be at it."""

    stop: int
    title_zh: str
    title_en: str


class CameRow(Place, frozen=True):
    """Somebody of the tour whose badge was scanned for a stop."""

    stop: int
    title_zh: str
    title_en: str
    member: int
    name_passport: str
    name_native: str
    at: datetime


class MetRow(Place, frozen=True):
    """A meeting that was held at a stop."""

    stop: int
    meeting: int
    talent: int
    name_passport: str
    name_native: str
    listing_zh: str
    listing_en: str
    outcome: str
    at: datetime


class AgreedRow(Place, frozen=True):
    """An agreement that came of a meeting at a stop, or was drawn up for the tour. `intent`, `signed`: whether it got so far."""

    agreement: int
    number: str
    state: str
    talent: int
    name_passport: str
    name_native: str
    title_zh: str
    title_en: str
    intent: bool
    signed: bool
    amount_cny: int | None
    next_step_by: date | None


class CostRow(Place, frozen=True):
    """A sum that was spent."""

    id: int
    currency: str
    amount: int
