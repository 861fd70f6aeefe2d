"""What the public pages of an event show, read in a few statements."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.events import queries, rules
from fairs.events.pages import Day, Family, by_day, by_family
from fairs.events.rows import EventRow
from fairs.events.tables import EventKind, EventState
from fairs.home.queries import event_counts, listings_by_discipline
from fairs.home.rows import DisciplineCount, EventCounts
from fairs.units import catalogues

HIDDEN = (EventState.ARCHIVED, EventState.CANCELLED)  # they keep their address, but no list offers them
SESSIONS_SHOWN = 6  # a day on the event's page; the programme has all


@dataclass(frozen=True)
class FieldOfListings:
    """Published listings of one category of disciplines. `heads`: 人 wanted; projects count no heads."""

    category: str
    listings: int
    heads: int


@dataclass(frozen=True)
class EventPage:
    """An event as the public sees it. `counts` as of `home.queries.event_counts`."""

    event: EventRow
    days: Sequence[Day]
    counts: EventCounts
    fields: Sequence[FieldOfListings]
    families: Sequence[Family]

    @property
    def is_open(self) -> bool:
        """Whether people can register: published, not over, and within the dates of registration."""
        return self.event.state == EventState.PUBLISHED and not self.is_over and self.window == rules.Window.OPEN

    @property
    def window(self) -> rules.Window:
        """Where now is to the dates of registration."""
        return rules.window(self.event.registration_opens_at, self.event.registration_closes_at, clock.now())

    @property
    def is_over(self) -> bool:
        return rules.is_over(self.event.ends_at, clock.now(), demo=self.event.demo)

    @property
    def places_left(self) -> int | None:
        """None: no limit."""
        capacity = self.event.capacity
        return None if capacity is None else max(0, capacity - self.counts.taken)


@dataclass(frozen=True)
class HomePage:
    """The fair that matters now, those to come, and those that are over (latest first)."""

    featured: EventPage | None
    coming: Sequence[EventRow]
    past: Sequence[EventRow]


def by_category(rows: Sequence[DisciplineCount]) -> list[FieldOfListings]:
    """Disciplines summed up into their categories, most listings first."""
    known = {item.code: item.category for item in catalogues.disciplines(hidden=True)}
    listings: Counter[str] = Counter()
    heads: Counter[str] = Counter()
    for row in rows:
        category = known.get(row.discipline, row.discipline[:2])
        listings[category] += row.listings
        heads[category] += row.heads
    return [FieldOfListings(category, count, heads[category]) for category, count in listings.most_common()]


async def event_page(slug: str, *, viewer: Actor | None) -> EventPage:
    """Everything on an event's page. Raises NotFound as `event_by_slug` does."""
    return await _page_of(await queries.event_by_slug(slug, viewer=viewer))


async def _page_of(event: EventRow) -> EventPage:
    sessions = await queries.sessions_of(event.id)
    fields = await listings_by_discipline(event.id)
    parts = [part for part in await queries.parts_of(event.id) if part.state != EventState.DRAFT]
    counts = await event_counts(event.id)
    return EventPage(event, by_day(sessions, event.timezone), counts, by_category(fields), by_family(parts))


async def home_page() -> HomePage:
    """Published fairs; the featured one is that which runs or comes next, a conference before its parts."""
    now = clock.now()
    events = [event for event in await queries.known_events(drafts=False) if event.state not in HIDDEN]
    tops = [event for event in events if event.parent is None or event.parent_state == EventState.DRAFT]

    def ended(event: EventRow) -> bool:
        return event.state not in rules.RUNNING or rules.is_over(event.ends_at, now, demo=event.demo)

    alive = [event for event in tops if not ended(event)]
    main = [event for event in alive if event.kind == EventKind.CONFERENCE] or alive
    featured = next(iter(rules.in_order(main, now)), None)
    coming = [event for event in events if not ended(event) and event is not featured]
    past = [event for event in reversed(tops) if ended(event)]
    return HomePage(await _page_of(featured) if featured else None, coming, past)
