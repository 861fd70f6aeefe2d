"""What statements about exhibits return."""

from datetime import datetime
from uuid import UUID

from fairs.core.rows import Row
from fairs.events.tables import EventState
from fairs.exhibits.tables import Asked, ExhibitKind, ExhibitState


class ExhibitRow(Row, frozen=True):
    """An exhibit with its owner, its booth, and what it got. `unit`: where it counts; None: a person without one."""

    id: int
    event: int
    event_slug: str
    event_zh: str
    event_en: str
    event_state: EventState
    timezone: str
    talent: int | None
    organisation: int | None
    bureau: int | None
    owner_zh: str
    owner_en: str
    unit_zh: str
    unit_en: str
    kind: ExhibitKind
    state: ExhibitState
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    stage: str
    looks_for: list[str]
    discipline: str
    poster: UUID | None
    cover: UUID | None
    reason: str
    submitted_at: datetime | None
    decided_at: datetime | None
    updated_at: datetime
    booth: int | None
    booth_code: str
    scores: int
    points: float | None
    visits: int
    requests: int
    waiting: int


class PictureRow(Row, frozen=True):
    """A file of an exhibit."""

    picture: UUID


class ScoreRow(Row, frozen=True):
    """What somebody of the jury gave."""

    juror: int
    name: str
    points: int
    note: str
    at: datetime


class RequestRow(Row, frozen=True):
    """What somebody wants. `email` is empty without consent."""

    id: int
    exhibit: int
    account: int
    name: str
    email: str
    asks: Asked
    message: str
    contact: bool
    at: datetime
    done_at: datetime | None


class ExhibitionRow(Row, frozen=True):
    """The call of an event, and the cells of its plan."""

    event: int
    closes_at: datetime | None
    call_zh: str
    call_en: str
    plan: str


class OpenCall(Row, frozen=True):
    """An event that takes exhibits now."""

    slug: str
    title_zh: str
    title_en: str
    closes_at: datetime | None
    timezone: str


class BoothRow(Row, frozen=True):
    """A booth with what stands there."""

    id: int
    code: str
    place_row: int
    place_column: int
    gate: int | None
    exhibit: int | None
    state: str
    kind: str
    title_zh: str
    title_en: str
    owner_zh: str
    owner_en: str


class KindCount(Row, frozen=True):
    """How many there are of a value."""

    value: str
    number: int
