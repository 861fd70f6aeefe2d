"""Pools are made, changed and removed under the lock of the event, as places are given."""

from collections.abc import Sequence
from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_value
from fairs.events.domain_events import EventCloned
from fairs.events.moving import Consequences
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.rules import Act
from fairs.events.services import check_confirmed, require
from fairs.registrations import counting, filling, queries
from fairs.registrations.pools.forms import PoolForm, stored_pool
from fairs.registrations.pools.queries import pool_of, pools_of
from fairs.registrations.rows import LockedEvent

MOST = 40  # pools of an event: each of them is counted when places are given
TOO_MANY = N_("An event has at most %(most)s pools", most=MOST)
IN_USE = N_("%(people)s people are in this pool: move them to another category first, or make it larger instead")


HAS_CODES = N_("Codes were made for this pool: it is kept, so that it stays known what they were for")


async def _locked(slug: str, by: Actor) -> tuple[EventRow, LockedEvent]:
    """An event that this actor runs and that can still be prepared. Raises NotFound, Conflict."""
    event = await event_for(by, slug)
    locked = await counting.lock_event(event.id)
    require(await event_for(by, slug), Act.PREPARE)
    return event, locked


async def add_pool(slug: str, form: PoolForm, *, by: Actor, confirmed: str = "") -> int:
    """A new pool. Raises NotFound, Invalid, Conflict; Unconfirmed when more people are in it than it has places."""
    async with db.transaction_or_join():
        event, locked = await _locked(slug, by)
        if len(await pools_of(event.id)) >= MOST:
            raise Conflict(TOO_MANY, code="too_many")
        made = await fetch_value(
            int,
            "INSERT INTO place_pool (event, name_zh, name_en, capacity, categories, waits, updated_at)"
            " VALUES (:event, :name_zh, :name_en, :capacity, :categories, :waits, :now) RETURNING id",
            event=event.id,
            **_values(form),
        )
        await _share(event.id, made, form.sessions)
        await _check(event.id, made, confirmed)
        await record("place_pool.create", "place_pool", made, by=by, after=stored_pool(await pool_of(event.id, made)))
        await filling.fill_places(locked)
    return made


async def change_pool(
    slug: str, pool_id: int, form: PoolForm, *, by: Actor, seen: str = "", confirmed: str = ""
) -> None:
    """Store a pool; places that become free go to the waiting list.

    Raises NotFound, Outdated, Invalid, Conflict; Unconfirmed when more people are in it than it has places.
    """
    async with db.transaction_or_join():
        event, locked = await _locked(slug, by)
        stored = stored_pool(await pool_of(event.id, pool_id))
        versions.require_current(form, stored, seen)
        await execute(
            "UPDATE place_pool SET name_zh = :name_zh, name_en = :name_en, capacity = :capacity, categories = :categories,"
            " waits = :waits, updated_at = :now WHERE id = :id",
            id=pool_id,
            **_values(form),
        )
        await execute("DELETE FROM place_pool_session WHERE pool = :pool", pool=pool_id)
        await _share(event.id, pool_id, form.sessions)
        after = stored_pool(await pool_of(event.id, pool_id))
        before = {name: value for name, value in stored.items() if value != after[name]}
        if not before:
            return
        if before.keys() & {"capacity", "categories", "sessions"}:
            await _check(event.id, pool_id, confirmed)
        changed = {name: after[name] for name in before}
        await record("place_pool.change", "place_pool", pool_id, by=by, before=before, after=changed)
        await filling.fill_places(locked)


async def remove_pool(slug: str, pool_id: int, *, by: Actor) -> None:
    """Remove a pool in which nobody is. Raises NotFound, Conflict."""
    async with db.transaction_or_join():
        event, _ = await _locked(slug, by)
        row = await pool_of(event.id, pool_id)
        if row.taken or row.waiting:
            raise Conflict(IN_USE(people=row.taken + row.waiting), code="in_use")
        with db.constraint_errors({"access_code_pool_fkey": Conflict(HAS_CODES, code="has_codes")}):
            await execute("DELETE FROM place_pool WHERE id = :id", id=pool_id)
        await record("place_pool.remove", "place_pool", pool_id, by=by, before=stored_pool(row))


def _values(form: PoolForm) -> dict[str, Any]:
    values = {name: getattr(form, name) for name in ("name_zh", "name_en", "capacity", "waits")}
    return values | {"categories": sorted(set(form.categories)), "now": clock.now()}


async def _share(event_id: int, pool_id: int, codes: Sequence[str]) -> None:
    """The sessions whose people count in a pool. Raises Invalid for one without sign-up."""
    known = {row.code: row.id for row in await queries.open_sessions(event_id)}
    for code in dict.fromkeys(codes):
        if code not in known:
            raise Invalid(fields={"sessions": [N_("There is no session %(code)s to sign up for", code=code)]})
        await execute(
            "INSERT INTO place_pool_session (pool, session) VALUES (:pool, :session)", pool=pool_id, session=known[code]
        )


async def _check(event_id: int, pool_id: int, confirmed: str) -> None:
    """Check that nobody is in it without a place. Raises Unconfirmed, until that is confirmed as it is for an event."""
    row = await pool_of(event_id, pool_id)
    if row.taken + row.held > row.capacity:
        check_confirmed(Consequences(capacity=row.capacity, taken=row.taken + row.held), confirmed)


async def on_event_cloned(event: EventCloned) -> None:
    """A copied event has the pools, with those of their sessions that were copied too; who would count nobody is left out."""
    for old, new in event.pairs.items():
        for row in await pools_of(old):
            made = await fetch_value(
                int,
                "INSERT INTO place_pool (event, name_zh, name_en, capacity, categories, waits, updated_at)"
                " SELECT :new, name_zh, name_en, capacity, categories, waits, :now FROM place_pool WHERE id = :id RETURNING id",
                new=new,
                id=row.id,
                now=clock.now(),
            )
            shared = await execute(
                "INSERT INTO place_pool_session (pool, session) SELECT :made, id FROM event_session"
                " WHERE event = :new AND code = ANY(:codes::text[])",
                made=made,
                new=new,
                codes=row.sessions,
            )
            if not row.categories and not shared:
                await execute("DELETE FROM place_pool WHERE id = :made", made=made)
