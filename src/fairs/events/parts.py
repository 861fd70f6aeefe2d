"""专场 of bureaus: a bureau draws up an event of its own inside an edition, the province releases it or returns it."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import fetch_as
from fairs.events import queries, services
from fairs.events.forms import PartForm, stored_part
from fairs.events.rows import EventRow
from fairs.events.tables import Event, EventKind, EventState, Release

OPEN = frozenset({Release.DRAWN_UP, Release.RETURNED})  # the bureau may change it
WITH_PROVINCE = N_("The province has it now: take it back first, or wait for the answer")
_FIELDS = tuple(name for name in PartForm.__struct_fields__ if name != "edition")


async def parts_for(actor: Actor) -> list[EventRow]:
    """The events that the actor's bureaus drew up, the newest first."""
    return await fetch_as(
        EventRow,
        f"{queries.EVENT} WHERE e.unit = ANY(:units::bigint[]) AND e.release <> '' ORDER BY e.id DESC",
        units=actor.unit_ids,
    )


async def editions_for(actor: Actor) -> list[EventRow]:
    """Editions that take proposals: not over, drafts too."""
    return await fetch_as(
        EventRow,
        f"{queries.EVENT} WHERE e.parent IS NULL AND e.kind = 'conference' AND (e.demo OR e.ends_at > :now)"
        " ORDER BY e.starts_at, e.id",
        now=clock.now(),
    )


async def part_for(actor: Actor, slug: str) -> EventRow:
    """An event that a bureau of this actor drew up. Raises NotFound for all others."""
    rows = await fetch_as(EventRow, f"{queries.EVENT} WHERE e.slug = :slug", slug=slug.replace("\0", ""))
    if not rows or not rows[0].release or rows[0].unit not in actor.unit_ids:
        raise NotFound
    return rows[0]


async def propose(form: PartForm, *, by: Actor) -> str:
    """The slug of a new draft of the bureau. Raises Invalid and Conflict."""
    units = by.unit_ids
    if not units:
        raise NotFound
    async with db.transaction_or_join():
        edition = next((item for item in await editions_for(by) if item.slug == form.edition), None)
        if edition is None:
            raise Invalid(fields={"edition": [N_("Choose one from the list")]})
        values: dict[str, Any] = {name: getattr(form, name) for name in _FIELDS}
        values |= {
            "kind": EventKind.SESSION.value,
            "unit": units[0],
            "parent": edition.id,
            "timezone": edition.timezone,
            "demo": edition.demo,
        }
        values |= {"state": EventState.DRAFT.value, "release": Release.DRAWN_UP.value}
        values |= {"created_at": clock.now(), "updated_at": clock.now()}
        with db.constraint_errors({"event_slug_key": Conflict(services.SLUG_TAKEN, code="slug_taken")}):
            event = Event(**values)
            await event.save()
        await record("event.propose", "event", event.id, by=by, after={"slug": form.slug, "edition": edition.slug})
    return form.slug


async def update_part(slug: str, form: PartForm, *, by: Actor, seen: str = "") -> None:
    """Store the bureau's changes. Raises NotFound, Outdated, and Conflict while the province has it."""
    async with db.transaction_or_join():
        event = await _locked(by, slug)
        versions.require_current(form, stored_part(event), seen)
        if event.release not in OPEN:
            raise Conflict(WITH_PROVINCE)
        values = {name: getattr(form, name) for name in _FIELDS}
        before = {name: getattr(event, name) for name in values if getattr(event, name) != values[name]}
        if not before:
            return
        with db.constraint_errors({"event_slug_key": Conflict(services.SLUG_TAKEN, code="slug_taken")}):
            await Event.update(**values, updated_at=clock.now()).where(Event.id == event.id)
        await record(
            "event.update", "event", event.id, by=by, before=before, after={name: values[name] for name in before}
        )


async def ask_release(slug: str, *, by: Actor) -> None:
    """Hand the draft to the province. Raises NotFound and Conflict."""
    async with db.transaction_or_join():
        event = await _locked(by, slug)
        await _set(event, Release.ASKED, by, allowed=OPEN)


async def take_back(slug: str, *, by: Actor) -> None:
    """Take a draft back that the province has not decided on. Raises NotFound and Conflict."""
    async with db.transaction_or_join():
        event = await _locked(by, slug)
        await _set(event, Release.DRAWN_UP, by, allowed=frozenset({Release.ASKED}))


async def release_part(slug: str, *, by: Actor) -> None:
    """Publish a bureau's event. Raises NotFound, and Conflict when it was not asked for or its edition is a draft."""
    async with db.transaction_or_join():
        event = await services.locked_province_event(slug, by)
        if event.parent_state == EventState.DRAFT:
            raise Conflict(N_("Publish the edition first: its parts are shown below it"))
        await _set(event, Release.RELEASED, by, allowed=frozenset({Release.ASKED}))
        await services.publish_event(slug, by=by)


async def return_part(slug: str, reason: str, *, by: Actor) -> None:
    """Give a bureau's draft back with a reason. Raises NotFound, Conflict, and Invalid without a reason."""
    if not reason:
        raise Invalid(fields={"reason": [N_("Say what the bureau should change")]})
    async with db.transaction_or_join():
        event = await services.locked_province_event(slug, by)
        await _set(event, Release.RETURNED, by, allowed=frozenset({Release.ASKED}), note=reason)


async def _locked(by: Actor, slug: str) -> EventRow:
    found = await part_for(by, slug)
    await Event.select(Event.id).where(Event.id == found.id).lock_rows("UPDATE")
    return await part_for(by, slug)


async def _set(event: EventRow, target: Release, by: Actor, *, allowed: frozenset[Release], note: str = "") -> None:
    if event.release not in allowed or event.state != EventState.DRAFT:
        raise Conflict(N_("This was decided meanwhile: look at it again"))
    values: dict[str, Any] = {"release": target.value, "release_note": note, "updated_at": clock.now()}
    await Event.update(**values).where(Event.id == event.id)
    after = {"release": target} | ({"reason": note} if note else {})
    await record(f"event.{target}", "event", event.id, by=by, before={"release": event.release}, after=after)
