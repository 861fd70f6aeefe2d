"""What the pages of a programme's draft show, read in a few statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from fairs.core import versions
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.forms import Bound, Form
from fairs.core.i18n import format_moment
from fairs.events import queries as events
from fairs.events import rules as event_rules
from fairs.events.forms import SessionForm
from fairs.events.planning import queries, rules
from fairs.events.planning.labels import Namer
from fairs.events.planning.rows import Plan
from fairs.events.programme import stored_session
from fairs.events.rows import EventRow, RoomRow

F = TypeVar("F", bound=Form)
EARLIEST, LATEST = 8 * 60, 18 * 60  # minutes of the day that the grid shows at least


@dataclass(frozen=True)
class Card:
    """A session on its day: minutes after midnight, its length, the version of its values, what is doubtful."""

    item: rules.Item
    start: int
    length: int
    version: str
    time: str
    room: str
    speakers: str
    doubts: Sequence[str]

    @property
    def plan(self) -> Plan:
        return self.item.plan


@dataclass(frozen=True)
class Board:
    """The draft of an event: all its sessions and doubts, and the cards of one day."""

    event: EventRow
    items: Sequence[rules.Item]
    rooms: Sequence[RoomRow]
    warned: Sequence[tuple[rules.Warned, str]]
    names: Namer
    days: Sequence[tuple[date, int]]
    day: date
    cards: Sequence[Card]

    @property
    def changes(self) -> int:
        """How many sessions differ from the release."""
        return sum(item.change is not None for item in self.items)

    @property
    def begin(self) -> int:
        """First minute of the grid, a whole hour."""
        return min([EARLIEST, *(card.start for card in self.cards)]) // 60 * 60

    @property
    def end(self) -> int:
        """Last minute of the grid, a whole hour, midnight at most."""
        latest = max([LATEST, *(card.start + card.length for card in self.cards)])
        return min(24 * 60, -(-latest // 60) * 60)


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def hours(plan: Plan, zone: str) -> str:
    """`09:00–10:30` in the event's zone."""
    return f"{format_moment(plan.starts_at, zone, 'time')}–{format_moment(plan.ends_at, zone, 'time')}"


def card_of(item: rules.Item, zone: str, names: Namer, doubts: Sequence[str]) -> Card:
    """A session as its day's grid shows it."""
    begins, plan = _local(item.plan.starts_at, zone), item.plan
    return Card(
        item=item,
        start=begins.hour * 60 + begins.minute,
        length=int((plan.ends_at - plan.starts_at).total_seconds()) // 60,
        version=versions.version_of(SessionForm, stored_session(plan, zone)),
        time=hours(plan, zone),
        room=names.room(plan),
        speakers=names.speakers(plan.speakers),
        doubts=doubts,
    )


def warnings_of(
    event: EventRow, items: Sequence[rules.Item], rooms: Sequence[RoomRow], names: Namer
) -> list[tuple[rules.Warned, str]]:
    """All doubts of a draft, each with its sentence."""
    days = (event.starts_at, event.ends_at, event.timezone)
    found = rules.warnings(items, days, {room.code: room.capacity for room in rooms})
    return [(warned, names.doubt(warned)) for warned in found]


def matches(item: rules.Item, names: Namer, q: str, room: str, show: str, doubtful: set[str]) -> bool:
    """Whether a session passes the filters of the page."""
    plan = item.plan
    text = " ".join((plan.code, plan.title_zh, plan.title_en, names.speakers(plan.speakers))).casefold()
    return (
        q.strip().casefold() in text
        and (not room or room == (plan.room_code or "-"))
        and (show != "changed" or item.change is not None)
        and (show != "doubtful" or plan.code in doubtful)
    )


def beside_field(form: Bound[F], refused: DomainError) -> Bound[F]:
    """The form with a service's error beside its field; raises what belongs to no field."""
    if isinstance(refused, Conflict) and refused.code == "code_taken":
        form.add_error("code", refused.message)
    elif isinstance(refused, Invalid):
        if not form.has_errors:
            form.add_errors(refused)
    else:
        raise refused
    return form


async def board(event: EventRow, day: str = "", *, q: str = "", room: str = "", show: str = "") -> Board:
    """The draft with one day's cards; without a day that exists the first one that has sessions."""
    items = await queries.draft(event.id)
    rooms = await events.rooms_of(event.id)
    names = Namer(items, rooms, await queries.speakers_of(event.id))
    warned = warnings_of(event, items, rooms, names)
    sentences: dict[str, list[str]] = {}
    for found, sentence in warned:
        sentences.setdefault(found.code, []).append(sentence)
    shown = [item for item in items if matches(item, names, q, room, show, set(sentences))]
    counts = dict.fromkeys(event_rules.days_of(event.starts_at, event.ends_at, event.timezone), 0)
    for item in shown:
        begins = _local(item.plan.starts_at, event.timezone).date()
        counts[begins] = counts.get(begins, 0) + 1
    days = sorted(counts.items())
    chosen = next((one for one, _ in days if one.isoformat() == day), None)
    chosen = chosen or next((one for one, count in days if count), days[0][0])
    cards = [
        card_of(item, event.timezone, names, sentences.get(item.plan.code, ()))
        for item in shown
        if _local(item.plan.starts_at, event.timezone).date() == chosen
    ]
    return Board(event, items, rooms, warned, names, days, chosen, cards)
