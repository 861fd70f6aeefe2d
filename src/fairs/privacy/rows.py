"""What statements about privacy return."""

from datetime import date, datetime
from uuid import UUID

from fairs.core.rows import Row
from fairs.privacy.tables import ConsentKind, ConsentPlace, ExportState, ForgettingState


class Answer(Row, frozen=True):
    """The last answer of a kind."""

    kind: ConsentKind
    given: bool
    version: str
    lang: str
    place: ConsentPlace
    at: datetime


class Look(Row, frozen=True):
    """Somebody was shown the person's contact data."""

    place: str
    at: datetime
    day: date
    viewer: str
    organisation_id: int | None


class ExportRow(Row, frozen=True):
    """An export of one's own data."""

    id: int
    account: int
    state: ExportState
    lang: str
    asked_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None
    done: int
    total: int
    file: UUID | None


class ForgettingRow(Row, frozen=True):
    """A person who is being forgotten; `counts` and `kept` are JSON."""

    id: int
    number: str
    asked_for: str
    state: ForgettingState
    asked_at: datetime
    ended_at: datetime | None
    subject: str
    counts: str
    kept: str
