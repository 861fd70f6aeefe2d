"""Rows of the statements about passports, letters and sheets."""

from datetime import date, datetime

from fairs.core.rows import Row
from fairs.tours.papers.tables import LetterState


class PassportRow(Row, frozen=True):
    """The sealed passport of a member."""

    member: int
    data: str


class LetterRow(Row, frozen=True):
    """A letter with its holder. `document` is sealed; `passport`: whether one is stored."""

    id: int
    member: int
    name_passport: str
    name_native: str
    nationality: str
    kind: str
    state: LetterState
    number: str
    digest: bytes | None
    document: str
    initials: str
    valid_until: date | None
    reason: str
    asked_at: datetime
    decided_at: datetime | None
    passport: bool


class Unlettered(Row, frozen=True):
    """A member without a letter, and the days until the journey."""

    member: int
    days: int


class CheckedLetter(Row, frozen=True):
    """What the public page says of a letter."""

    number: str
    initials: str
    valid_until: date
    state: LetterState


class TextRow(Row, frozen=True):
    """The text of a tour's letters of a kind."""

    kind: str
    body_zh: str
    body_en: str


class LinkRow(Row, frozen=True):
    """A link to a sheet."""

    id: int
    vehicle: int | None
    interpreter: int | None
    expires_at: datetime
    revoked_at: datetime | None
    made_at: datetime
    opened_at: datetime | None


class OpenLink(Row, frozen=True):
    """A link that is in force, with its tour."""

    id: int
    event: int
    vehicle: int | None
    interpreter: int | None
    expires_at: datetime
