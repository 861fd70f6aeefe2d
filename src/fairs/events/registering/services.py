"""The settings of registration are stored: with the version that was read, and confirmed where people are concerned."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, jobs, versions
from fairs.events import moving, page_cache, rules, services
from fairs.events.registering.forms import RegistrationSettingsForm, stored_settings
from fairs.events.tables import Event


async def set_registration(
    slug: str, form: RegistrationSettingsForm, *, by: Actor, seen: str = "", confirmed: str = ""
) -> None:
    """Store the settings of an event that this actor organises.

    Fewer places than are taken are stored only when `confirmed`. Raises NotFound, Outdated, Unconfirmed, and Conflict in a
    state that allows no change.
    """
    async with db.transaction_or_join():
        event = await services.locked_event(slug, by)
        stored = stored_settings(event)
        versions.require_current(form, stored, seen)
        values: dict[str, Any] = {name: getattr(form, name) for name in stored if name not in form.APART}
        before = {name: stored[name] for name in values if stored[name] != values[name]}
        if not before:
            return
        services.require(event, rules.Act.PREPARE)
        hours = {name: getattr(event, name) for name in ("starts_at", "ends_at", "timezone")}
        services.check_confirmed(await moving.of_event(event, values | hours, frozenset()), confirmed)
        await Event.update(**values, updated_at=clock.now()).where(Event.id == event.id)
        after = {name: values[name] for name in before}
        await record("event.registration", "event", event.id, by=by, before=before, after=after)
        if "capacity" in before:
            await jobs.enqueue(services.FILL, {"event": event.id})
    page_cache.forget()
