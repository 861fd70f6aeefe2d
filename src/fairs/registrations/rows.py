"""What statements about registrations return."""

from datetime import date, datetime

from fairs.core.rows import Row
from fairs.events.tables import EventState
from fairs.registrations.tables import RegistrationState


class ToldRegistration(Row, frozen=True):
    """A registration for the API. `position`: in the waiting list from 1, None with a place; `offer_until`: the deadline of an
    open offer; `phone` is sealed."""

    id: int
    number: str
    state: RegistrationState
    category: str
    email: str
    name_passport: str
    name_native: str
    nationality: str
    organisation_name: str
    phone: str
    created_at: datetime
    confirmed_at: datetime | None
    cancelled_at: datetime | None
    updated_at: datetime
    slug: str
    position: int | None
    offer_until: datetime | None


class RegistrationRow(ToldRegistration, frozen=True):
    """A registration with its event and the account of its address; `proved`: whether the address is;
    `code`: with which it was made; `host`: the account of the person whom it accompanies, with `host_number`."""

    event: int
    event_unit: int
    run_by_unit: bool
    talent: int | None
    organisation: int | None
    registrant: int | None
    entered_by: int | None
    badge_name: str
    days: list[date]
    lang: str
    sequence: int
    title_zh: str
    title_en: str
    place_zh: str
    place_en: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    event_demo: bool
    talent_account: int | None
    account: int | None
    own_zone: str | None
    proved: bool
    has_sessions: bool
    code: int | None
    to_review: bool
    companion_of: int | None
    relation: str
    host: int | None
    host_number: str | None
    cancelled_by: int | None
    cancelled_by_name: str | None
    cancelled_from: str
    cancel_reason: str


class SignedSession(Row, frozen=True):
    """A session of a registration, with its room. `talent`: the profile of the registration."""

    registration: int
    talent: int | None
    id: int
    code: str
    title_zh: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    room_name_zh: str | None
    room_name_en: str | None


class OpenSession(Row, frozen=True):
    """A session with sign-up. `taken`: places of live registrations; `stays_open`: of a demo that is over."""

    id: int
    code: str
    title_zh: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    capacity: int | None
    changes_until: datetime | None
    stays_open: bool
    room_name_zh: str | None
    room_name_en: str | None
    taken: int


class SessionChoice(OpenSession, frozen=True):
    """A session in a form; `held`: the viewer has signed up to it; `waits`: who chooses it goes to the waiting list."""

    held: bool
    full: bool
    changeable: bool
    waits: bool = False


class Hit(Row, frozen=True):
    """A registration of a list's page, with the total count of the list."""

    id: int
    total: int


class StateCount(Row, frozen=True):
    """Registrations in one state."""

    state: RegistrationState
    count: int


class LockedEvent(Row, frozen=True):
    """An event for giving places."""

    id: int
    slug: str
    state: EventState
    capacity: int | None
    starts_at: datetime
    ends_at: datetime
    timezone: str
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    waiting_list: bool
    offer_hours: int | None
    own_categories: list[str]
    companions: int
    companion_categories: list[str]
    demo: bool


class LiveRegistration(Row, frozen=True):
    """A registration that has not ended."""

    id: int
    state: RegistrationState


class Counts(Row, frozen=True):
    """`taken`: places of a limited event; `last`: the highest queue number; `emails` and their `numbers`: addresses already
    registered; `pooled`: the event has pools; `kept`: codes keep places of it."""

    taken: int
    waiting: int
    last: int
    emails: list[str]
    numbers: list[str]
    pooled: bool
    kept: bool


class NextInLine(Row, frozen=True):
    """Somebody in the waiting list, with what a pool counts."""

    id: int
    queue: int
    category: str
    sessions: list[int]
    code: int | None


class Position(Row, frozen=True):
    """The place of a registration in the waiting list, from 1."""

    id: int
    position: int


class Written(Row, frozen=True):
    """A registration just written."""

    id: int
    number: str


class FoundPerson(Row, frozen=True):
    """A person as the gate shows one. `phone` is sealed."""

    id: int
    number: str
    name: str
    name_native: str
    category: str
    organisation: str
    phone: str


class Id(Row, frozen=True):
    """A registration."""

    id: int


class Stated(Id, frozen=True):
    """A registration with its state."""

    state: RegistrationState


class Live(Row, frozen=True):
    """A registration that has a place or waits for one."""

    id: int
    state: RegistrationState
    event: int


class Entered(Row, frozen=True):
    """A registration as shown to its account's owner."""

    number: str
    name_passport: str
    title_zh: str
    title_en: str


class FoundBy(Row, frozen=True):
    """Searchable fields of a registration, except its address. `phone` is sealed."""

    id: int
    name_native: str
    name_passport: str
    organisation_name: str
    phone: str


class MailKey(Row, frozen=True):
    """The key of a written mail."""

    dedupe_key: str


class SignUps(Row, frozen=True):
    """How many signed up to a session, by the state of their registration; `taken`: all that are not cancelled."""

    session: int
    registered: int
    waiting: int
    taken: int


class Clash(Row, frozen=True):
    """Somebody signed up to a session who has something else at its new hour."""

    session: int
    registration: int


class EndedSession(Row, frozen=True):
    """A cancelled session as the mail about it says it."""

    id: int
    title_zh: str
    title_en: str
    starts_at: datetime
    ends_at: datetime
    cancel_reason: str
