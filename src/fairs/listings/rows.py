"""What statements about listings return."""

from datetime import date, datetime

from fairs.core.rows import Row
from fairs.events.tables import EventState
from fairs.listings.tables import ListingKind, ListingState
from fairs.organisations.tables import OrganisationState


class ListingRow(Row, frozen=True):
    """A listing with its employer and its event."""

    id: int
    organisation: int
    event: int
    reference: str
    kind: ListingKind
    state: ListingState
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    discipline: str
    degree: str
    engagement: list[str]
    city: str
    languages: list[str]
    headcount: int
    pay_min: int | None
    pay_max: int | None
    sponsors_permit: bool | None
    start_by: date | None
    valid_to: date | None
    urgent: bool
    urgent_reason: str
    urgent_asked: bool
    urgent_note: str
    urgent_at: datetime | None
    search_key: str
    demo: bool
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    organisation_zh: str
    organisation_en: str
    organisation_kind: str
    organisation_intro_zh: str
    organisation_intro_en: str
    organisation_industry: str
    organisation_state: OrganisationState
    organisation_unit: int
    event_slug: str
    event_title_zh: str
    event_title_en: str
    event_state: EventState


class UrgentRow(Row, frozen=True):
    """A listing for which urgent and scarce is asked, with the province's answer."""

    id: int
    title_zh: str
    title_en: str
    state: ListingState
    organisation_zh: str
    organisation_en: str
    unit_zh: str
    unit_en: str
    urgent: bool
    urgent_reason: str
    urgent_note: str
    urgent_at: datetime | None
    urgent_by_name: str | None


class ListChange(Row, frozen=True):
    """Time of the last change of an event's listings, and of the last decision about an employer."""

    changed_at: datetime | None
    decided_at: datetime | None


class FilterCount(Row, frozen=True):
    """The result count of a filter's value. Without a filter: a total of the list."""

    filter: str
    value: str
    number: int


class StateCount(Row, frozen=True):
    """Number of an employer's listings in one state."""

    state: ListingState
    count: int
