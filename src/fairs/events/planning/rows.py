"""What statements about a programme's draft, releases and speakers return."""

from datetime import datetime
from uuid import UUID

from fairs.core.rows import Row
from fairs.events.tables import ChangeKind, SpeakerRole


class Plan(Row, frozen=True):
    """A session as released or as drafted, one shape for both. `session` is None until it is released."""

    session: int | None
    unit: int | None
    room: int | None
    code: str
    kind: str
    title_zh: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    capacity: int | None
    sign_up: bool
    changes_until: datetime | None
    speakers: str
    removed: bool
    reason: str
    room_code: str | None
    unit_code: str | None


class SpeakerRow(Row, frozen=True):
    """Somebody who speaks or hosts at an event."""

    id: int
    event: int
    code: str
    name_zh: str
    name_en: str
    affiliation_zh: str
    affiliation_en: str
    bio_zh: str
    bio_en: str
    picture: UUID | None


class SpeakerLine(SpeakerRow, frozen=True):
    """A speaker of the list with the sessions of the last release."""

    sessions: int


class Appearance(Row, frozen=True):
    """Somebody in a released session."""

    session: int
    role: SpeakerRole
    code: str
    name_zh: str
    name_en: str
    affiliation_zh: str
    affiliation_en: str
    bio_zh: str
    bio_en: str
    picture: UUID | None


class ReleaseRow(Row, frozen=True):
    """A released version with the number of its changes."""

    id: int
    number: int
    released_at: datetime
    by_name: str | None
    told: int
    changes: int


class ChangeRow(Row, frozen=True):
    """What a release did with one session. `before` and `after` are JSON."""

    release: int
    kind: ChangeKind
    before: str | None
    after: str | None
    people: int


class Made(Row, frozen=True):
    """A session that a release has just made."""

    id: int
    code: str


class CancelledRow(Row, frozen=True):
    """A cancelled session, as the public programme says it."""

    code: str
    title_zh: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    cancel_reason: str
