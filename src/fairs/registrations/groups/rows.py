"""What statements about groups return."""

from datetime import date, datetime
from uuid import UUID

from fairs.core.rows import Row
from fairs.registrations.groups.tables import RunState
from fairs.registrations.tables import RegistrationState


class GroupRow(Row, frozen=True):
    """A group with its counts. `live`: people whose registration has not ended; `running`: rows that still wait."""

    id: int
    event: int
    event_unit: int
    slug: str
    title_zh: str
    title_en: str
    name: str
    organisation: int | None
    organisation_zh: str | None
    organisation_en: str | None
    unit: int | None
    unit_zh: str | None
    unit_en: str | None
    contact_email: str
    made_by: str | None
    made_at: datetime
    people: int
    live: int
    running: bool


class MemberRow(Row, frozen=True):
    """Somebody of a group."""

    id: int
    number: str
    state: RegistrationState
    category: str
    email: str
    name_passport: str
    name_native: str
    badge_name: str
    organisation_name: str
    created_at: datetime


class RunRow(Row, frozen=True):
    """A table that was given in. `rows` is sealed, `problems` is JSON."""

    id: int
    of_group: int
    key: UUID
    state: RunState
    rows: str
    total: int
    done: int
    added: int
    changed: int
    problems: str
    told: bool
    lang: str
    asked_by: int | None
    asked_name: str | None
    asked_at: datetime
    ended_at: datetime | None


class Known(Row, frozen=True):
    """Somebody who is registered already, by number, address or name. `phone` is sealed."""

    id: int
    number: str
    state: str
    category: str
    email: str
    name_passport: str
    name_native: str
    nationality: str
    organisation: int | None
    organisation_name: str
    phone: str
    badge_name: str
    days: list[date]
    lang: str
    registrant: int | None
    of_group: int | None
    group_organisation: int | None
    group_unit: int | None
    sessions: list[str]
