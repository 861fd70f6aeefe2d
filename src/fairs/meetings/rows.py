"""Rows of the statements about wishes, slots and meetings."""

from datetime import datetime

from fairs.core.rows import Row
from fairs.core.wishes import Level
from fairs.events.tables import EventState
from fairs.listings.tables import ListingState
from fairs.meetings.tables import MeetingState
from fairs.organisations.tables import OrganisationState
from fairs.talents.tables import Visibility


class Span(Row, frozen=True):
    """Start and end."""

    starts_at: datetime
    ends_at: datetime


class SlotRow(Span, frozen=True):
    """A slot of an event."""

    id: int


class FreeSlot(SlotRow, frozen=True):
    """A slot in which this person and a table are free."""

    talent: int


class FreeTable(Span, frozen=True):
    """A table that is free in a slot. `uses`: the event's live meetings at it."""

    hall_table: int
    number: int
    uses: int


class AtTable(Span, frozen=True):
    """A meeting's hours and table."""

    table_number: int


class MeetingRow(AtTable, frozen=True):
    """A meeting with its people, place and hours. `talent_account` is None for a profile without an account."""

    id: int
    event: int
    listing: int
    organisation: int
    talent: int
    hall_table: int
    state: MeetingState
    outcome: str
    note: str
    sequence: int
    created_at: datetime
    updated_at: datetime
    title_zh: str
    title_en: str
    organisation_zh: str
    organisation_en: str
    talent_account: int | None
    talent_email: str
    name_passport: str
    name_native: str
    event_slug: str
    event_title_zh: str
    event_title_en: str
    timezone: str
    place_zh: str
    place_en: str
    event_demo: bool
    event_starts_at: datetime
    event_ends_at: datetime
    cancelled_by: int | None
    cancelled_at: datetime | None
    cancel_reason: str
    cancelled_by_name: str | None
    absent: str


class Wish(Row, frozen=True):
    """Both sides' wishes about a listing, and the id of their live meeting; None where there is no wish.

    `told_at`: when the other side was notified of one's own wish by mail.
    """

    talent_level: Level | None
    employer_level: Level | None
    mutual: bool
    told_at: datetime | None
    listing: int
    title_zh: str
    title_en: str
    meeting: int | None


class TalentsWish(Wish, frozen=True):
    """A person's pair, with the employer."""

    city: str
    organisation_zh: str
    organisation_en: str


class EmployersWish(Wish, frozen=True):
    """An employer's pair, with the person. `named`: the name may be shown."""

    organisation: int
    talent: int
    name_passport: str
    name_native: str
    nationality: str
    discipline: str
    headline: str
    named: bool


class Pair(Row, frozen=True):
    """A listing and a person, with both sides' wishes and the id of their live meeting."""

    listing: int
    event: int
    organisation: int
    event_state: EventState
    listing_state: ListingState
    title_zh: str
    title_en: str
    organisation_state: OrganisationState
    organisation_zh: str
    organisation_en: str
    talent: int
    talent_account: int | None
    visibility: Visibility
    talent_level: Level | None
    employer_level: Level | None
    meeting: int | None


class PairToBook(Row, frozen=True):
    """A pair as the employer's list shows it. `bookable`: both want and have no meeting."""

    listing: int
    event: int
    organisation: int
    title_zh: str
    title_en: str
    talent: int
    name_passport: str
    name_native: str
    nationality: str
    discipline: str
    headline: str
    timezone: str
    talent_level: Level | None
    employer_level: Level | None
    named: bool
    bookable: bool


class Lacking(Row, frozen=True):
    """State of a pair without a free slot. `slots`: future ones exist; `has_table`: one that the employer may use;
    `person_free`: the person has a slot without a meeting."""

    over: bool
    slots: bool
    has_table: bool
    person_free: bool


class HallCounts(Row, frozen=True):
    """Counts of an event's hall: slots, tables, pairs of mutual wishes, meetings by state."""

    slots: int
    own_tables: int
    shared_tables: int
    mutual: int
    scheduled: int
    held: int
    no_show: int


class Contact(Row, frozen=True):
    """A receiver of mail. Without an account, no `account_id` and no `timezone`."""

    account_id: int | None
    email: str
    name: str
    lang: str
    timezone: str


class PersonsContact(Contact, frozen=True):
    """The person of a profile."""

    id: int


class EmployersContact(Contact, frozen=True):
    """The employer's contact for a person."""

    listing: int
    talent: int


class Written(Row, frozen=True):
    """An inserted meeting."""

    id: int
    talent: int
    listing: int


class Held(Row, frozen=True):
    """An employer, and how many tables it has."""

    id: int
    held: int


class HallNumbers(Row, frozen=True):
    """How many slots and tables a hall has."""

    slots: int
    tables: int
