"""A registered person changes sessions, with an exact count of places; the calendar entry is updated."""

from collections.abc import Sequence

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_, pick
from fairs.core.pubsub import publish
from fairs.core.rows import execute
from fairs.events.rules import is_over
from fairs.notifications.calendars import Method
from fairs.registrations import counting, emails, filling, placing, queries, rules
from fairs.registrations.applying import OVER
from fairs.registrations.rows import LockedEvent, OpenSession, RegistrationRow
from fairs.registrations.tables import RegistrationState

NOT_LIVE = N_("This registration has already been cancelled")


async def change_sessions(registration_id: int, codes: Sequence[str], *, by: Actor) -> bool:
    """Sign up to these sessions and leave the others; False when nothing changed.

    Sessions whose sign-up is over stay unchanged. Raises NotFound for strangers, Conflict (event over, registration
    cancelled, session full or closed) and Invalid for an unknown session.
    """
    async with db.transaction_or_join():
        seen = await queries.registration_for(by, registration_id)
        event = await counting.lock_event(seen.event)
        row = await queries.registration_by_id(registration_id)
        if row.state in rules.ENDED:
            raise Conflict(NOT_LIVE, code="already_cancelled")
        if is_over(event.ends_at, clock.now(), demo=event.demo):
            raise Conflict(OVER, code="over")
        sessions = {session.code: session for session in await queries.open_sessions(event.id)}
        held = {session.id: session.code for session in await queries.sessions_signed_up(registration_id)}
        added, dropped = _difference(sessions, set(held), list(dict.fromkeys(codes)))
        if not added and not dropped:
            return False
        after_change = (set(held) - set(dropped)) | set(added)
        if row.state in rules.HOLDING:
            await _require_free(event, row, set(held), after_change)
        await _write(registration_id, added, dropped)
        after = sorted({*(held[number] for number in held if number not in dropped), *_codes(sessions, added)})
        values = {"before": {"sessions": sorted(held.values())}, "after": {"sessions": after}}
        await record("registration.sessions", "registration", registration_id, by=by, **values)
        calendar = Method.REQUEST if row.state == RegistrationState.CONFIRMED else ""
        await filling.fill_places(event)
        await emails.send("registration_moved", registration_id, calendar=calendar, what="sessions")
        await publish(f"event:{event.id}", {"what": "registration"})
    return True


async def _require_free(event: LockedEvent, row: RegistrationRow, held: set[int], wanted: set[int]) -> None:
    """Check that every pool in which the person does not count yet has a place. Raises Conflict."""
    ledger = await counting.ledger_of(event)
    new = set(ledger.wanted(row.category, wanted)) - set(ledger.wanted(row.category, held))
    if full := ledger.full(sorted(new)):
        raise counting.no_place(ledger, full)


def _codes(sessions: dict[str, OpenSession], ids: Sequence[int]) -> list[str]:
    return [code for code, session in sessions.items() if session.id in ids]


def _difference(sessions: dict[str, OpenSession], held: set[int], wanted: Sequence[str]) -> tuple[list[int], list[int]]:
    """(ids to add, ids to drop). Raises Invalid and Conflict."""
    unknown = [code for code in wanted if code not in sessions]
    if unknown:
        raise Invalid(fields={"sessions": [N_("There is no session %(code)s to sign up for", code=unknown[0])]})
    added = [sessions[code] for code in wanted if sessions[code].id not in held]
    for session in added:
        placing.check_session(session, session.taken)
    now = clock.now()
    dropped = [
        session.id
        for code, session in sessions.items()
        if session.id in held and code not in wanted and rules.may_change(session, now)
    ]
    return [session.id for session in added], dropped


async def _write(registration_id: int, added: Sequence[int], dropped: Sequence[int]) -> None:
    await execute(
        "DELETE FROM registration_session WHERE registration = :id AND session = ANY(:sessions::bigint[])",
        id=registration_id,
        sessions=list(dropped),
    )
    await execute(
        "INSERT INTO registration_session (registration, session) SELECT :id, unnest(:sessions::bigint[])",
        id=registration_id,
        sessions=list(added),
    )
    await execute(
        "UPDATE registration SET sequence = sequence + 1, updated_at = :now WHERE id = :id",
        id=registration_id,
        now=clock.now(),
    )


async def warnings(sessions: Sequence[OpenSession], talent_id: int | None) -> list[object]:
    """Warnings about time conflicts: between two of these sessions, or one of them and a meeting."""
    found: list[object] = [
        N_("“%(one)s” and “%(other)s” are at the same time.", one=_title(one), other=_title(other))
        for one, other in rules.overlapping(sessions)
    ]
    if talent_id is not None:
        busy = await queries.are_in_meetings([(talent_id, session.id) for session in sessions])
        found += [
            N_("You have a meeting at the time of “%(title)s”.", title=_title(session))
            for session, meets in zip(sessions, busy, strict=True)
            if meets
        ]
    return found


def _title(session: OpenSession) -> str:
    return pick(session.title_zh, session.title_en)
