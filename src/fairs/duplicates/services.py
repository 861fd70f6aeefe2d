"""Makes two records one, and remembers that two are different people.

A merge is one transaction: doubles of an event end first, then all that leads to the record that goes is moved, and what was
changed is kept for a while, so that it can be put back exactly.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, i18n, locks
from fairs.core.errors import Conflict
from fairs.core.i18n import N_, gettext
from fairs.core.locks import Lock
from fairs.core.rows import execute, fetch_value
from fairs.duplicates import images, moves, queries, sides
from fairs.duplicates.moves import Move
from fairs.duplicates.rows import PairRow
from fairs.duplicates.sides import Double, Side
from fairs.duplicates.tables import PairState
from fairs.registrations import counting, services
from fairs.talents import keys, phones
from fairs.talents.rows import TalentRow
from fairs.talents.services import encode
from fairs.talents.tables import Talent, Visibility

UNDO = timedelta(days=14)
CHANGED = N_("One of the two records was changed meanwhile. Look again before you merge them.")
SAME_HOUR = N_("Both have a meeting at the same time, or a meeting about the same listing. Call one of them off first.")
_OPEN = (Visibility.PRIVATE, Visibility.MATCHED, Visibility.EMPLOYERS)  # from closed to open


@dataclass(frozen=True)
class Choice:
    """What the staff decided: which record stays, which registration of each event, and whose value of each field."""

    kept: int
    seen: str
    stays: dict[int, int] = field(default_factory=dict)
    picked: dict[str, int] = field(default_factory=dict)


async def tell_apart(pair_id: int, *, by: Actor) -> None:
    """These are two people: the pair is not shown again. Raises NotFound."""
    await _decide(pair_id, PairState.APART, "person.apart", by)


async def ask_again(pair_id: int, *, by: Actor) -> None:
    """The pair is open again. Raises NotFound."""
    await _decide(pair_id, PairState.OPEN, "person.ask_again", by)


async def _decide(pair_id: int, state: PairState, action: str, by: Actor) -> None:
    async with db.transaction_or_join():
        pair = await queries.pair_by_id(pair_id)
        if pair.state == state:
            return
        await execute(
            "UPDATE duplicate_pair SET state = :state, decided_by = :by, decided_at = :now WHERE id = :id",
            id=pair_id,
            state=state,
            by=by.account_id,
            now=clock.now(),
        )
        await record(action, "duplicate_pair", pair_id, by=by, after={"one": pair.one, "other": pair.other})


async def merge(pair_id: int, choice: Choice, *, by: Actor) -> int:
    """Make one record of two; returns the merge. Raises NotFound, Conflict (changed, accounts, meetings at one time)."""
    async with db.transaction_or_join():
        await locks.hold(Lock.MERGING)
        pair = await queries.pair_by_id(pair_id)
        for double in sides.doubles(*await sides.both(pair)):
            await counting.lock_event(double.event)  # before the profiles, as those who register do
        one, other = await sides.both(pair, lock=True)
        if sides.digest(one, other) != choice.seen:
            raise Conflict(CHANGED, code="changed")
        kept, gone = _chosen(one, other, choice.kept)
        sides.require_mergeable(kept, gone)
        made = await _merge(pair, kept, gone, choice, by)
        await execute(
            "DELETE FROM duplicate_pair WHERE id = :pair OR one = :gone OR other = :gone",
            pair=pair.id,
            gone=gone.record,
        )
    return made


def _chosen(one: Side, other: Side, kept: int) -> tuple[Side, Side]:
    """The side that stays and the one that goes; a profile never goes for a registration."""
    if (one.profile is None) != (other.profile is None):
        return (one, other) if one.profile is not None else (other, one)
    return (other, one) if kept == other.record else (one, other)


async def _merge(pair: PairRow, kept: Side, gone: Side, choice: Choice, by: Actor) -> int:
    people = (
        [side.record for side in (kept, gone) if side.record > 0],
        [side.account.id for side in (kept, gone) if side.account],
        [entry.id for side in (kept, gone) for entry in side.entries],
    )
    before = await images.taken(*people)
    await images.allow_moving()
    for double in sides.doubles(kept, gone):
        await _end_double(double, choice, by)
    await _move_accounts(kept, gone)
    photo = await _move_profile(kept, gone, choice)
    changes = images.differences(before, await images.taken(*people))
    moved: dict[str, int] = {}
    for change in changes:
        moved[change.table] = moved.get(change.table, 0) + 1
    merge_id = await _keep(pair, kept, gone, images.sealed(changes), moved, photo, by)
    after = {"kept": kept.record, "gone": gone.record, "reasons": list(pair.reasons), "moved": moved}
    kind = "talent" if kept.record > 0 else "registration"
    await record("person.merge", kind, abs(kept.record), by=by, after=after)
    if kept.record > 0:
        await encode(kept.record)
    return merge_id


async def _keep(
    pair: PairRow, kept: Side, gone: Side, sealed: str, moved: dict[str, int], photo: UUID | None, by: Actor
) -> int:
    closed = gone.account if kept.account and gone.account and gone.account.id != kept.account.id else None
    address = gone.profile.email if gone.profile else gone.entries[0].email
    return await fetch_value(
        int,
        "INSERT INTO person_merge (kept, gone, score, reasons, moved, images, photo, gone_email, gone_account, merged_by,"
        " merged_at, undo_until) VALUES (:kept, :gone, :score, :reasons, :moved::text::jsonb, :images, :photo, :email, :account,"
        " :by, :now, :until) RETURNING id",
        kept=kept.record,
        gone=gone.record,
        score=pair.score,
        reasons=pair.reasons,
        moved=msgspec.json.encode(moved).decode(),
        images=sealed,
        photo=photo,
        email=address,
        account=closed.id if closed else None,
        by=by.account_id,
        now=clock.now(),
        until=clock.now() + UNDO,
    )


async def _end_double(double: Double, choice: Choice, by: Actor) -> None:
    """One registration of the event stays; the others end with their badges, and what hangs on them goes to it."""
    known = {entry.id: entry for entry in double.entries}
    stays = choice.stays.get(double.event, double.best)
    stays = stays if stays in known else double.best
    for entry in double.entries:
        if entry.id == stays:
            continue
        with i18n.language(entry.lang):
            reason = gettext("You were registered twice. %(number)s stays.", number=known[stays].number)
        await services.cancel(entry.id, by=by, reason=reason)
        answered = await fetch_value(
            bool, "SELECT EXISTS (SELECT 1 FROM registration_answers WHERE registration = :id)", id=stays
        )
        for move in moves.REGISTRATION:
            if not (answered and move.column in moves.ANSWERS):
                await _move(move, entry.id, stays)


async def _move(move: Move, gone: int, kept: int) -> None:
    table, column = images.safe(move.table), images.safe(move.name)
    same = " AND ".join(f"k.{images.safe(name)} = x.{images.safe(name)}" for name in move.unique)
    there = f"EXISTS (SELECT 1 FROM {table} k WHERE k.{column} = :kept{' AND ' + same if same else ''})"  # noqa: S608 - constants of `moves`
    free = f" AND NOT {there}" if move.unique or move.once else ""
    sql = f"UPDATE {table} x SET {column} = :kept WHERE x.{column} = :gone{free}"  # noqa: S608 - constants of `moves`
    with db.constraint_errors(
        dict.fromkeys(("ex_meeting_talent", "uq_meeting_pair"), Conflict(SAME_HOUR, code="same_hour"))
    ):
        await execute(sql, kept=kept, gone=gone)
    if move.drop:
        await execute(f"DELETE FROM {table} WHERE {column} = :gone", gone=gone)  # noqa: S608 - constants of `moves`


async def _move_accounts(kept: Side, gone: Side) -> None:
    """What the account that goes has done for the person goes to the other; then nobody can sign in to it."""
    if kept.account is None or gone.account is None or kept.account.id == gone.account.id:
        return
    for move in moves.ACCOUNT:
        await _move(move, gone.account.id, kept.account.id)
    await execute("DELETE FROM sign_in_session WHERE account = :id", id=gone.account.id)
    await execute(
        "UPDATE account SET active = false, closed_at = :now WHERE id = :id", id=gone.account.id, now=clock.now()
    )


async def _move_profile(kept: Side, gone: Side, choice: Choice) -> UUID | None:
    """Everything of the profile that goes; returns the picture that nobody chose."""
    if kept.profile is None:
        return None  # two registrations: the one that ended has given all it had
    if gone.profile is None:
        await execute("UPDATE registration SET talent = :talent WHERE id = :id", talent=kept.record, id=-gone.record)
        if kept.profile.account is None and gone.account is not None:
            await _take_account(kept.profile, gone.account.id, gone.account.email)
        return None
    for move in moves.PROFILE:
        await _move(move, gone.record, kept.record)
    await execute(
        "UPDATE talent k SET matching = k.matching AND g.matching, keep_after = k.keep_after AND g.keep_after FROM talent g"
        " WHERE k.id = :kept AND g.id = :gone",
        kept=kept.record,
        gone=gone.record,
    )
    await execute("DELETE FROM text_vector WHERE owner_kind = 'talent' AND owner_id = :gone", gone=gone.record)
    await execute("DELETE FROM talent WHERE id = :gone", gone=gone.record)
    values = _values(kept.profile, gone.profile, choice)
    await Talent.update(**values).where(Talent.id == kept.record)
    return kept.profile.photo if values["photo"] != kept.profile.photo else gone.profile.photo


async def _take_account(profile: TalentRow, account: int, email: str) -> None:
    """A profile without an account gets that of the registration. Raises Conflict when it has a profile already."""
    taken = Conflict(N_("The account of the registration has another profile: merge the two profiles."), code="taken")
    with db.constraint_errors({"talent_account_key": taken, "talent_email_key": taken}):
        await execute(
            "UPDATE talent SET account = :account, email = :email, updated_at = :now WHERE id = :id",
            account=account,
            email=email,
            id=profile.id,
            now=clock.now(),
        )


def _values(kept: TalentRow, gone: TalentRow, choice: Choice) -> dict[str, Any]:
    """Each field from the record that was chosen for it; otherwise what is there. Nobody is shown to more than both allowed."""
    by_record = {kept.id: kept, gone.id: gone}
    values: dict[str, Any] = {}
    for name in sides.FIELDS:
        usual = kept if getattr(kept, name) not in ("", None, []) else gone
        values[name] = getattr(by_record.get(choice.picked.get(name, 0), usual), name)
    values["summary_lang"] = (gone if values["summary"] == gone.summary else kept).summary_lang
    values["search_key"] = keys.key(values)
    values["phone"] = phones.seal(values["phone"])
    account = kept.account if kept.account is not None else gone.account
    holder = kept if kept.account is not None else gone if gone.account is not None else None
    chosen = holder or by_record.get(choice.picked.get("email", 0), kept)
    shown = min(kept.visibility, gone.visibility, key=_OPEN.index)
    agreed = kept if shown == kept.visibility else gone
    return values | {
        "account": account,
        "email": chosen.email,
        "unit": kept.unit if kept.unit is not None else gone.unit,
        "visibility": shown.value,
        "consent_version": agreed.consent_version,
        "consent_at": agreed.consent_at,
        "demo": kept.demo and gone.demo,
        "updated_at": clock.now(),
    }
