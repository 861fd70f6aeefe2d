"""Rows of the statements about leads."""

from datetime import date, datetime

from fairs.core.rows import Row
from fairs.talents.tables import Visibility


class LeadRow(Row, frozen=True):
    """A lead with its visitor. What the visitor has not allowed is empty: see `queries.shown`.

    `answer` is empty before the visitor was asked; `mutual` and `meeting`: what binds the two already.
    """

    id: int
    event: int
    event_slug: str
    title_zh: str
    title_en: str
    timezone: str
    organisation: int
    organisation_zh: str
    organisation_en: str
    approved: bool
    registration: int
    listing: int | None
    listing_zh: str
    listing_en: str
    stars: int
    tags: list[str]
    note: str
    follow_up: str
    follow_up_on: date | None
    seen_by: str
    seen_at: datetime
    last_seen_at: datetime
    recorder: str
    deleted_at: datetime | None
    deleted_by: int | None
    updated_at: datetime
    answer: str
    contact: bool
    name_passport: str
    name_native: str
    affiliation: str
    category: str
    email: str
    phone: str
    talent: int | None
    visibility: Visibility | None
    discipline: str
    headline: str
    mutual: bool
    meeting: bool


class Visitor(Row, frozen=True):
    """The registration behind a badge."""

    registration: int
    event: int
    confirmed: bool
    revoked: bool
    colleague: bool


class LeadCounts(Row, frozen=True):
    """Of an employer at an event: badges seen, visitors who agreed, follow-ups to do and overdue."""

    seen: int
    agreed: int
    open: int
    overdue: int


class TagCount(Row, frozen=True):
    """A tag and how often it is used."""

    tag: str
    count: int


class OwnListing(Row, frozen=True):
    """A listing of the employer at the event."""

    id: int
    title_zh: str
    title_en: str


class Recorder(Row, frozen=True):
    """An employer as a visitor sees it: whether it has seen the badge, and what the visitor has answered."""

    organisation: int
    name_zh: str
    name_en: str
    seen_at: datetime | None
    seen_by: str
    answer: str
    contact: bool
    answered_at: datetime | None
    on_phone: bool


class Exhibitor(Row, frozen=True):
    """An employer that is at an event."""

    id: int
    name_zh: str
    name_en: str


class GateOfBooth(Row, frozen=True):
    """A gate of kind booth with its employer, if it has one."""

    id: int
    code: str
    name_zh: str
    name_en: str
    organisation: int | None
    organisation_zh: str
    organisation_en: str


class GateThrough(Row, frozen=True):
    """A gate of a booth whose scans become leads."""

    id: int
    gate: int
    organisation: int
    through: int
