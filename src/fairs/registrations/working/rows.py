"""What statements of the working list return."""

from datetime import datetime

from fairs.core.rows import Row
from fairs.registrations.tables import BulkKind, BulkOutcome, BulkState


class SessionName(Row, frozen=True):
    """A session by its code."""

    code: str
    title_zh: str
    title_en: str


class ValueCount(Row, frozen=True):
    """How many registrations of the list have a value."""

    facet: str
    value: str
    count: int


class ViewRow(Row, frozen=True):
    """A saved view. `own`: the reader's; `standard`: what the reader sees first."""

    id: int
    name: str
    shared: bool
    query: str
    mailed: str
    mail_hour: int
    mail_day: int
    mail_format: str
    own: bool
    standard: bool
    owner_name: str


class DueView(Row, frozen=True):
    """A view that is sent by mail, with its event and its owner."""

    id: int
    account: int
    name: str
    query: str
    mailed: str
    mail_hour: int
    mail_day: int
    mail_format: str
    mailed_at: datetime
    event: int
    slug: str
    title_zh: str
    title_en: str
    email: str
    owner_name: str
    lang: str


class SettingRow(Row, frozen=True):
    """How an account looks at a list."""

    columns: list[str]
    view: int | None


class BulkRow(Row, frozen=True):
    """An act on many. `done`, `same`, `refused`: how many rows have this outcome; `undone_by`: the act that took it back."""

    id: int
    event: int
    kind: BulkKind
    state: BulkState
    argument: str
    reason: str
    lang: str
    undoes: int | None
    undone_by: int | None
    asked_by: int | None
    asked_name: str | None
    asked_at: datetime
    ended_at: datetime | None
    back: str
    total: int
    done: int
    same: int
    refused: int


class BulkLine(Row, frozen=True):
    """One registration of an act, with what became of it."""

    number: str
    name: str
    outcome: BulkOutcome
    why: str


class Waiting(Row, frozen=True):
    """A registration of an act that waits for its turn."""

    id: int
    registration: int
    before: str


class OutcomeCount(Row, frozen=True):
    """How many of the chosen registrations are in a state."""

    state: str
    count: int


class NoteRow(Row, frozen=True):
    """A note of the staff. `own`: the reader wrote it."""

    id: int
    text: str
    at: datetime
    author: str | None
    own: bool


class TagRow(Row, frozen=True):
    """A tag of a registration."""

    tag: str


class OtherRegistration(Row, frozen=True):
    """Another registration of the same person."""

    number: str
    slug: str
    title_zh: str
    title_en: str
    starts_at: datetime
    state: str
    category: str
    id: int


class SentMail(Row, frozen=True):
    """A mail to the person of a registration."""

    subject: str
    state: str
    created_at: datetime
    sent_at: datetime | None
