"""What statements across several slices return."""

from datetime import datetime

from fairs.core.rows import Row
from fairs.core.wishes import Level
from fairs.events.rows import StoredEvent
from fairs.listings.rows import ListingRow
from fairs.talents.rows import TalentRow
from fairs.talents.rules import View


class JourneyProgress(Row, frozen=True):
    """What a candidate has done towards a fair."""

    registered: bool
    wished: bool
    met: bool
    agreed: bool


class EmployerProgress(Row, frozen=True):
    """What an employer has done for an event so far; `drafts` of listings, `to_sign` agreements and `to_report` outcomes wait for it."""

    represented: int
    published: bool
    tables: int
    wished: bool
    met: bool
    agreed: bool
    drafts: int
    to_sign: int
    to_report: int


class RelatedTalent(TalentRow, frozen=True):
    """A profile with what binds an employer to the person."""

    approved_employer: bool
    mutual: bool
    meeting: bool


class Seen(TalentRow, frozen=True):
    """A profile as its viewer may see it: without `CONTACT`, e-mail and phone are empty."""

    view: View
    is_self: bool


class ListingWish(Row, frozen=True):
    """A listing with what both sides said of meeting a person; nothing where a side has not said anything."""

    id: int
    title_zh: str
    title_en: str
    employer_level: Level | None
    talent_level: Level | None


class OwnListing(ListingRow, frozen=True):
    """A listing in its employer's list. `wanted`: how many candidates want to meet."""

    wanted: int


class CandidateView(Row, frozen=True):
    """A candidate's profile with what was said of a listing: nothing when `level` is None."""

    id: int
    visibility: str
    level: Level | None


class Edition(StoredEvent, frozen=True):
    """An event in the organisers' list: confirmed registrations and open listings. `top`: the event that it belongs to."""

    unit_name_zh: str
    unit_name_en: str
    top_at: datetime
    top_id: int
    registrations: int
    listings: int


class OwnRegistration(Row, frozen=True):
    """The viewer's live registration."""

    number: str
    state: str


class EventCounts(Row, frozen=True):
    """Persons registered and waiting, countries, employers with listings, listings, heads wanted, sessions, exhibits.

    `taken`: places that nobody else can get.
    """

    registrations: int
    taken: int
    waiting: int
    countries: int
    employers: int
    listings: int
    heads: int
    sessions: int
    exhibits: int


class DisciplineCount(Row, frozen=True):
    """Open listings of one discipline and the heads they want."""

    discipline: str
    listings: int
    heads: int


class Delegation(Row, frozen=True):
    """A reporting unit with what it brings to an event."""

    id: int
    code: str
    kind: str
    name_zh: str
    name_en: str
    sessions: int
    employers: int
    listings: int
    heads: int


class ListedTalent(Row, frozen=True):
    """A profile in a list of people. `comes`: with a confirmed place at the event in question."""

    id: int
    name_passport: str
    name_native: str
    degree: str
    discipline: str
    nationality: str
    headline: str
    cities: list[str]
    updated_at: datetime
    comes: bool


class DeskCounts(Row, frozen=True):
    """What an event lacks."""

    silent_devices: int
    units_without_listings: int


class Arrival(Row, frozen=True):
    """When a person first came in at an entrance of the event."""

    registration: int
    at: datetime
