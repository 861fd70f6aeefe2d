"""Rows of the statements about tours."""

from datetime import date, datetime

from fairs.core.rows import Row
from fairs.tours.tables import MemberState, NewsKind, Origin, RouteState, StopKind, StopState


class PlanRow(Row, frozen=True):
    """How a tour is planned; the cities by their codes."""

    event: int
    start: str
    finish: str
    begins: int
    ends: int
    per_day: int
    seats: int
    most_groups: int
    reply_by: date | None
    released_at: datetime | None


class GroupRow(Row, frozen=True):
    """A group with its people who have a place."""

    id: int
    name: str
    people: int


class StopRow(Row, frozen=True):
    """A stop with its city, host, groups and the gate where people are counted."""

    id: int
    event: int
    kind: StopKind
    state: StopState
    starts_at: datetime
    ends_at: datetime
    unit: str
    unit_id: int | None
    unit_zh: str
    unit_en: str
    organisation: int | None
    organisation_zh: str
    organisation_en: str
    title_zh: str
    title_en: str
    place_zh: str
    place_en: str
    host_name: str
    host_phone: str
    host_email: str
    interpreters: list[str]
    places: int | None
    bring_zh: str
    bring_en: str
    note_zh: str
    note_en: str
    pinned: bool
    gate: int | None
    gate_code: str
    asked_at: datetime | None
    answered_at: datetime | None
    reason: str
    revision: int
    updated_at: datetime
    groups: list[int]
    group_names: list[str]

    @property
    def hosted(self) -> bool:
        """Whether somebody is named who receives the people."""
        return self.organisation is not None or self.unit_id is not None


class HostedStop(StopRow, frozen=True):
    """A stop as its host sees it, with its tour."""

    slug: str
    event_zh: str
    event_en: str
    timezone: str
    people: int
    contact_name: str
    contact_phone: str
    contact_email: str


class MemberRow(Row, frozen=True):
    """Somebody of a tour. With a registration its names, address and telephone (sealed) count."""

    id: int
    event: int
    registration: int | None
    number: str
    place: str
    talent: int | None
    unit: str
    unit_zh: str
    unit_en: str
    grp: int | None
    group_name: str
    state: MemberState
    origin: Origin
    email: str
    name_passport: str
    name_native: str
    phone: str
    discipline: str
    affiliation: str
    nationality: str
    lang: str
    account: int | None
    own_zone: str
    instead_of: int | None
    reply_by: date | None
    why: str
    invited_at: datetime | None
    state_at: datetime
    unread: int


class OwnMember(Row, frozen=True):
    """A tour of the viewer: what is shown before the itinerary."""

    id: int
    state: MemberState
    slug: str
    title_zh: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    timezone: str
    reply_by: date | None
    released: bool
    unread: int


class StateCount(Row, frozen=True):
    """How many members are in a state."""

    state: MemberState
    number: int


class Size(Row, frozen=True):
    """People with a place in a group; None: in none."""

    grp: int | None
    people: int


class QuotaRow(Row, frozen=True):
    """A quota and how far it is used by people with a place, and by those invited."""

    id: int
    unit: str
    discipline: str
    places: int
    taken: int
    invited: int


class NewsRow(Row, frozen=True):
    """What a member was told, and of which stop. `before` and `after` are JSON."""

    id: int
    stop: int | None
    kind: NewsKind
    before: str
    after: str
    at: datetime
    title_zh: str
    title_en: str
    read_at: datetime | None


class NewsCount(Row, frozen=True):
    """What was told, to how many, and how many have read it."""

    id: int
    stop: int | None
    kind: NewsKind
    at: datetime
    title_zh: str
    title_en: str
    told: int
    read: int


class Unread(Row, frozen=True):
    """A member who has not read something yet. `since`: the oldest of it."""

    id: int
    name_passport: str
    name_native: str
    email: str
    phone: str
    group_name: str
    news: int
    since: datetime


class Employer(Row, frozen=True):
    """An employer that can be a host."""

    id: int
    name_zh: str
    name_en: str
    unit: str


class HostContact(Row, frozen=True):
    """An account that answers for a host."""

    account: int
    email: str
    name: str
    lang: str


class Seen(Row, frozen=True):
    """Somebody expected, and when the badge was scanned."""

    id: int
    name_passport: str
    name_native: str
    phone: str
    group_name: str
    email: str
    seen_at: datetime | None


class RouteRow(Row, frozen=True):
    """A proposal of a route, `asked` and `plan` as JSON; `silent`: seconds since its worker has said anything."""

    id: int
    event: int
    state: RouteState
    asked: str
    plan: str
    phase: str
    share: float
    gap: float | None
    error: str
    attempt: int
    asked_by: int | None
    asked_at: datetime
    ended_at: datetime | None
    silent: float
