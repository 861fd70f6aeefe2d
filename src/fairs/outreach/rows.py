"""What statements about visits to counties return."""

from datetime import date, datetime
from uuid import UUID

from fairs.core.rows import Row
from fairs.events.tables import EventState
from fairs.outreach.tables import Came, ExpertState, ServiceState


class RequestRow(Row, frozen=True):
    """A request with its event, its county, and what was done."""

    id: int
    event: int
    event_slug: str
    event_zh: str
    event_en: str
    event_state: EventState
    event_unit: int
    run_by_unit: bool
    timezone: str
    unit: int
    unit_zh: str
    unit_en: str
    state: ServiceState
    place_zh: str
    place_en: str
    topic_zh: str
    topic_en: str
    problem_zh: str
    problem_en: str
    discipline: str
    people: int
    experts: int
    from_day: date
    to_day: date
    receiver: str
    reason: str
    asked_at: datetime
    agreed: int
    planned: int
    done: int
    helped: int


class ExpertRow(Row, frozen=True):
    """Somebody who was asked."""

    id: int
    request: int
    talent: int
    account: int | None
    name_passport: str
    name_native: str
    discipline: str
    state: ExpertState
    why: str
    answered_at: datetime | None


class OwnVisit(Row, frozen=True):
    """A visit that the reader was asked for."""

    id: int
    request: int
    state: ExpertState
    why: str
    topic_zh: str
    topic_en: str
    problem_zh: str
    problem_en: str
    place_zh: str
    place_en: str
    unit_zh: str
    unit_en: str
    from_day: date
    to_day: date
    receiver: str
    request_state: ServiceState


class DayRow(Row, frozen=True):
    """A day with its expert."""

    id: int
    expert: int
    name_passport: str
    name_native: str
    day: date
    place: str
    task: str
    people: int
    note: str
    evidence: UUID | None
    done_at: datetime | None


class FollowUpRow(Row, frozen=True):
    """What the county said later."""

    came: Came
    text: str
    name: str
    at: datetime


class StateCount(Row, frozen=True):
    """How many requests are in a state."""

    state: ServiceState
    number: int


class OutreachEvent(Row, frozen=True):
    """An event for which counties may ask."""

    slug: str
    title_zh: str
    title_en: str
