"""A release: what it changes and whom it concerns is shown first, then all of it is stored in one transaction."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, events_bus, jobs
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as, fetch_value
from fairs.events import moving
from fairs.events import rules as event_rules
from fairs.events.domain_events import ProgrammeReleasing, SessionsCancelled
from fairs.events.planning import queries, rules, speaking
from fairs.events.planning.rows import Made, Plan
from fairs.events.rows import EventRow
from fairs.events.tables import ChangeKind

_RELEASED = "unit, room, kind, title_zh, title_en, starts_at, ends_at, capacity, sign_up, changes_until"  # not what a draft adds
_ADD = (
    f"INSERT INTO event_session (event, code, {_RELEASED}) SELECT event, code, {_RELEASED} FROM session_draft"  # noqa: S608 - constants of the code; values are named arguments
    " WHERE event = :event AND session IS NULL RETURNING id, code"
)
_CHANGE = (
    "UPDATE event_session s SET "  # noqa: S608 - constants of the code; values are named arguments
    + ", ".join(f"{name} = d.{name}" for name in _RELEASED.split(", "))
    + " FROM session_draft d WHERE d.event = :event AND d.session = s.id AND NOT d.removed"
)
_END = (
    "UPDATE event_session s SET cancelled_at = :now, cancel_reason = d.reason FROM session_draft d"
    " WHERE d.event = :event AND d.session = s.id AND d.removed"
)


@dataclass(frozen=True)
class Concerned:
    """People of one changed session: with a place, waiting, with something else at the new hour; `taken` places in all."""

    registered: int = 0
    waiting: int = 0
    taken: int = 0
    clashes: int = 0

    def short_of(self, plan: Plan) -> bool:
        """Whether more places are taken than the session will have."""
        return plan.capacity is not None and not plan.removed and self.taken > plan.capacity


@dataclass(frozen=True)
class Prepared:
    """What a release does. `told`: people who get a mail, each counted once; `people`: by the code of a session."""

    items: Sequence[rules.Item]
    people: dict[str, Concerned]
    told: int

    @property
    def digest(self) -> str:
        """Identifies what was shown, so that a confirmation is only valid for that."""
        shown = [(item.plan, item.change, self.people.get(item.plan.code, Concerned())) for item in self.items]
        return hashlib.sha256(repr((shown, self.told)).encode()).hexdigest()[:16]

    @property
    def counts(self) -> Counter[str]:
        return Counter(str(item.change) for item in self.items)


class Unconfirmed(Conflict):
    """Nothing is released yet: what `found` shows must be confirmed first."""

    code = "unconfirmed"

    def __init__(self, found: Prepared) -> None:
        super().__init__(
            N_("The draft or the people concerned have changed since you looked. Look again, then release."),
            confirm=found.digest,
            concerned={**found.counts, "told": found.told},
        )
        self.found = found


async def prepare(event: EventRow) -> Prepared:
    """What the release of the draft would do, asked of everybody who keeps something of the sessions."""
    items = [item for item in await queries.draft(event.id) if item.change is not None]
    by_kind = {kind: [item.plan for item in items if item.change == kind] for kind in ChangeKind}
    asked = ProgrammeReleasing(
        event.id,
        [event_rules.NewHours(plan.session or 0, plan.starts_at, plan.ends_at) for plan in by_kind[ChangeKind.MOVED]],
        [plan.session or 0 for plan in by_kind[ChangeKind.CANCELLED]],
        [plan.session or 0 for plan in by_kind[ChangeKind.CHANGED]],
    )
    if asked.moved or asked.ended or asked.others:
        await events_bus.publish(asked)
    clashes = Counter(session for session, _ in asked.clashing)
    people = {
        item.plan.code: Concerned(clashes=clashes[item.plan.session], **asked.found[item.plan.session])
        for item in items
        if item.plan.session in asked.found
    }
    over = event_rules.is_over(event.ends_at, clock.now(), demo=event.demo)
    return Prepared(items, people, 0 if over else asked.totals["told"])


def require_confirmed(prepared: Prepared, confirmed: str) -> None:
    """Raises Unconfirmed unless this very preparation was shown."""
    if confirmed not in (moving.CONFIRMED, prepared.digest):
        raise Unconfirmed(prepared)


async def apply(event: EventRow, prepared: Prepared, *, by: Actor) -> int:
    """Store what was prepared, in the caller's transaction with the event's row locked; returns the version's number."""
    if not prepared.items:
        return 0
    now = clock.now()
    made = {row.code: row.id for row in await fetch_as(Made, _ADD, event=event.id)}
    await execute(_CHANGE, event=event.id)
    await execute(_END, event=event.id, now=now)
    ids = {item.plan.code: item.plan.session or made.get(item.plan.code, 0) for item in prepared.items}
    await _speak(event.id, [item.plan for item in prepared.items if not item.plan.removed], ids)
    number = await _write(event.id, prepared, ids, by)
    await execute("DELETE FROM session_draft WHERE event = :event", event=event.id)
    await execute("UPDATE event SET updated_at = :now WHERE id = :event", event=event.id, now=now)
    await record(
        "programme.release",
        "event",
        event.id,
        by=by,
        after={"version": number, "told": prepared.told, **prepared.counts},
    )
    await _tell(event, prepared, f"{number}:{now.isoformat()}")
    return number


async def _speak(event_id: int, plans: Sequence[Plan], ids: dict[str, int]) -> None:
    """The people of these sessions, in order."""
    lines = [
        (ids[plan.code], at, person.name, person.role.value)
        for plan in plans
        for at, person in enumerate(speaking.parse(plan.speakers))
    ]
    await execute(
        "DELETE FROM session_speaker WHERE session = ANY(:sessions::bigint[])",
        sessions=[ids[plan.code] for plan in plans],
    )
    await execute(
        "INSERT INTO session_speaker (session, speaker, position, role) SELECT n.session, p.id, n.position, n.role"
        " FROM unnest(:sessions::bigint[], :positions::smallint[], :codes::text[], :roles::text[])"
        " AS n (session, position, code, role) JOIN speaker p ON p.event = :event AND p.code = n.code",
        event=event_id,
        sessions=[session for session, _, _, _ in lines],
        positions=[at for _, at, _, _ in lines],
        codes=[code for _, _, code, _ in lines],
        roles=[role for _, _, _, role in lines],
    )


async def _write(event_id: int, prepared: Prepared, ids: dict[str, int], by: Actor) -> int:
    """The version and its changes; returns its number."""
    number = await fetch_value(
        int, "SELECT coalesce(max(number), 0) + 1 FROM programme_release WHERE event = :event", event=event_id
    )
    release = await fetch_value(
        int,
        "INSERT INTO programme_release (event, number, released_at, released_by, told)"
        " VALUES (:event, :number, :now, :by, :told) RETURNING id",
        event=event_id,
        number=number,
        now=clock.now(),
        by=by.account_id,
        told=prepared.told,
    )
    people = [prepared.people.get(item.plan.code, Concerned()) for item in prepared.items]
    await execute(
        "INSERT INTO release_change (release, session, kind, before, after, people) SELECT :release, * FROM"
        " unnest(:sessions::bigint[], :kinds::text[], :before::jsonb[], :after::jsonb[], :people::int[])",
        release=release,
        sessions=[ids[item.plan.code] for item in prepared.items],
        kinds=[str(item.change) for item in prepared.items],
        before=[_values(item.was) for item in prepared.items],
        after=[_values(item.plan) for item in prepared.items],
        people=[found.taken for found in people],
    )
    return number


def _values(plan: Plan | None) -> str | None:
    if plan is None:
        return None
    values: dict[str, Any] = msgspec.structs.asdict(plan)
    return msgspec.json.encode(values).decode()


async def _tell(event: EventRow, prepared: Prepared, mark: str) -> None:
    """Calendars are updated by the jobs of higher slices; sign-ups to cancelled sessions end with the transaction.

    After the event nobody is told and the sign-ups stay: they are its history.
    """
    if event_rules.is_over(event.ends_at, clock.now(), demo=event.demo):
        return
    ended = [item.plan.session or 0 for item in prepared.items if item.change == ChangeKind.CANCELLED]
    if ended:
        await events_bus.publish(SessionsCancelled(event.id, ended, mark))
    moved = [
        item.plan.session
        for item in prepared.items
        if item.change == ChangeKind.MOVED and prepared.people.get(item.plan.code, Concerned()).registered
    ]
    await jobs.enqueue_all(
        moving.REGISTRATIONS_MOVED, [{"event": event.id, "session": session, "mark": mark} for session in moved]
    )
