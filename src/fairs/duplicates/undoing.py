"""Takes a merge back: every row as it was, for as long as what was changed is kept."""

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, locks
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.locks import Lock
from fairs.core.rows import Row, execute, fetch_as
from fairs.duplicates import images, queries
from fairs.duplicates.images import Change
from fairs.duplicates.rows import MergeRow
from fairs.events.rules import is_over
from fairs.registrations import counting, filling, placing, rules
from fairs.registrations import queries as registrations
from fairs.registrations.placing import ALREADY
from fairs.registrations.tables import RegistrationState
from fairs.talents.services import encode

ALREADY_UNDONE = N_("This merge has been undone already.")
TOO_LATE = N_("This merge cannot be undone any more: what was changed is kept for 14 days only.")
LATER = N_("One of the two was merged again since. Undo that one first.")
ADDRESS_TAKEN = N_("The address is used by another profile or account by now.")
STAY = frozenset({("registration", "sequence")})
"""Calendars have been told of the cancellation under this number: the next one must be higher."""


class _Event(Row, frozen=True):
    """The event of a registration that ended in the merge."""

    registration: int
    event: int


def may_undo(merge: MergeRow) -> bool:
    """Whether it is not too late."""
    return merge.undone_at is None and merge.images != "" and clock.now() <= merge.undo_until


async def undo(merge_id: int, *, by: Actor) -> None:
    """Both records are as they were, and known as two people. Raises NotFound, Conflict (too late, merged again, changed since,
    a place or an address taken meanwhile)."""
    async with db.transaction_or_join():
        await locks.hold(Lock.MERGING)
        merge = await queries.merge_by_id(merge_id, lock=True)
        if merge.undone_at is not None:
            raise Conflict(ALREADY_UNDONE, code="undone")
        if not may_undo(merge):
            raise Conflict(TOO_LATE, code="too_late")
        if await queries.later_merge(merge.kept, merge.gone, merge.id):
            raise Conflict(LATER, code="merged_again")
        changes = images.opened(merge.images)
        placed = await _places_again(_ended(changes))
        with db.constraint_errors(
            {
                "uq_registration_of_address": Conflict(ALREADY, code="already_registered"),
                "talent_email_key": Conflict(ADDRESS_TAKEN, code="taken"),
                "talent_account_key": Conflict(ADDRESS_TAKEN, code="taken"),
            }
        ):
            await images.put_back(changes, skip=STAY)
        await _come_back(placed)
        await _note(merge, by)


def _ended(changes: list[Change]) -> dict[int, str]:
    """Registrations that ended in the merge, with their state before."""
    return {
        int(change.key): str(change.before["state"])
        for change in changes
        if change.table == "registration" and change.after and change.after.get("state") in rules.ENDED
    }


async def _places_again(ended: dict[int, str]) -> list[tuple[int, str, int]]:
    """Check under the events' locks that each has its place again: (registration, state, event) of those to come."""
    rows = await fetch_as(
        _Event,
        "SELECT id AS registration, event FROM registration WHERE id = ANY(:ids::bigint[]) ORDER BY event, id",
        ids=list(ended),
    )
    placed = []
    for row in rows:
        event = await counting.lock_event(row.event)
        if is_over(event.ends_at, clock.now(), demo=event.demo):
            continue
        state = ended[row.registration]
        await placing.require_place(event, await registrations.registration_by_id(row.registration), state)
        placed.append((row.registration, state, row.event))
    return placed


async def _come_back(placed: list[tuple[int, str, int]]) -> None:
    """Calendars and people are told that these registrations stand again."""
    await execute(
        "UPDATE registration SET sequence = sequence + 1 WHERE id = ANY(:ids::bigint[])", ids=[row[0] for row in placed]
    )
    for registration, state, event in placed:
        if state != RegistrationState.PENDING:
            await filling.notify_placed([(registration, state)], event)


async def _note(merge: MergeRow, by: Actor) -> None:
    now = clock.now()
    await execute(
        "UPDATE person_merge SET undone_at = :now, undone_by = :by, images = '', photo = NULL WHERE id = :id",
        id=merge.id,
        by=by.account_id,
        now=now,
    )
    await execute(
        "INSERT INTO duplicate_pair (one, other, score, reasons, state, found_at, decided_by, decided_at) VALUES"
        " (least(:kept::bigint, :gone::bigint), greatest(:kept::bigint, :gone::bigint), :score, :reasons, 'apart', :now, :by, :now)"
        " ON CONFLICT (one, other) DO UPDATE SET state = 'apart', decided_by = excluded.decided_by, decided_at = excluded.decided_at",
        kept=merge.kept,
        gone=merge.gone,
        score=merge.score,
        reasons=merge.reasons,
        now=now,
        by=by.account_id,
    )
    after = {"kept": merge.kept, "gone": merge.gone}
    kind = "talent" if merge.kept > 0 else "registration"
    await record("person.unmerge", kind, abs(merge.kept), by=by, after=after)
    for talent in (merge.kept, merge.gone):
        if talent > 0:
            await encode(talent)
