"""Content of an event's public pages, read in a few statements."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.events import queries, rules
from fairs.events.rows import DisciplineCount, EventCounts, EventRow, ProgrammeSession
from fairs.units import catalogues

SESSIONS_SHOWN = 6  # per day on the event's page; the programme shows all


@dataclass(frozen=True)
class Day:
    """A day of the programme in the event's zone."""

    date: date
    sessions: Sequence[ProgrammeSession]


@dataclass(frozen=True)
class FieldOfListings:
    """Published listings of one category of disciplines. `heads`: 人 wanted; projects have no heads."""

    category: str
    listings: int
    heads: int


@dataclass(frozen=True)
class EventPage:
    """The public view of an event. `counts` as of `queries.counts_of`."""

    event: EventRow
    days: Sequence[Day]
    counts: EventCounts
    fields: Sequence[FieldOfListings]
    parts: Sequence[EventRow]

    @property
    def is_open(self) -> bool:
        """Whether people can register: published, and not over."""
        return self.event.state == "published" and not self.is_over

    @property
    def is_over(self) -> bool:
        return rules.is_over(self.event.ends_at, clock.now(), demo=self.event.demo)

    @property
    def places_left(self) -> int | None:
        """None: no limit."""
        capacity = self.event.capacity
        return None if capacity is None else max(0, capacity - self.counts.registrations)


@dataclass(frozen=True)
class HomePage:
    """The featured fair, those to come, and past ones (latest first)."""

    featured: EventPage | None
    coming: Sequence[EventRow]
    past: Sequence[EventRow]


def by_day(sessions: Sequence[ProgrammeSession], zone: str) -> list[Day]:
    """The programme by the day on which each session starts."""

    def day(session: ProgrammeSession) -> date:
        return session.starts_at.astimezone(ZoneInfo(zone)).date()

    return [Day(found, list(group)) for found, group in groupby(sessions, key=day)]


def by_category(rows: Sequence[DisciplineCount]) -> list[FieldOfListings]:
    """Disciplines summed by category, most listings first."""
    known = {item.code: item.category for item in catalogues.disciplines(hidden=True)}
    listings: Counter[str] = Counter()
    heads: Counter[str] = Counter()
    for row in rows:
        category = known.get(row.discipline, row.discipline[:2])
        listings[category] += row.listings
        heads[category] += row.heads
    return [FieldOfListings(category, count, heads[category]) for category, count in listings.most_common()]


async def event_page(slug: str, *, viewer: Actor | None) -> EventPage:
    """All content of an event's page. Raises NotFound as `event_by_slug` does."""
    return await _page_of(await queries.event_by_slug(slug, viewer=viewer))


async def _page_of(event: EventRow) -> EventPage:
    sessions = await queries.sessions_of(event.id)
    fields = await queries.listings_by_discipline(event.id)
    parts = [part for part in await queries.parts_of(event.id) if part.state != "draft"]
    counts = await queries.counts_of(event.id)
    return EventPage(event, by_day(sessions, event.timezone), counts, by_category(fields), parts)


async def home_page() -> HomePage:
    """Published fairs; the featured one is running or next, a conference before its parts."""
    now = clock.now()
    events = await queries.published_events()
    tops = [event for event in events if event.parent is None or event.parent_state == "draft"]
    alive = [event for event in tops if not rules.is_over(event.ends_at, now, demo=event.demo)]
    main = [event for event in alive if event.kind == "conference"] or alive
    position = rules.nearest([(event.starts_at, event.ends_at) for event in main], now)
    featured = None if position is None else main[position]
    coming = [
        event for event in events if not rules.is_over(event.ends_at, now, demo=event.demo) and event is not featured
    ]
    past = [event for event in reversed(tops) if rules.is_over(event.ends_at, now, demo=event.demo)]
    return HomePage(await _page_of(featured) if featured else None, coming, past)
