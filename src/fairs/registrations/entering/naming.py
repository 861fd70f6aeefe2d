"""A name is corrected at the desk, whoever registered the person: as in the passport, as on the badge, in the own script."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.events.rules import is_over
from fairs.registrations import counting, phones, queries, rules
from fairs.registrations.applying import OVER
from fairs.registrations.entering.forms import NameForm
from fairs.registrations.entering.queries import person_at
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.tables import Registration

CANCELLED = N_("This registration has already been cancelled")


def stored_names(row: RegistrationRow) -> dict[str, str]:
    """The form's values of a registration."""
    return {name: getattr(row, name) for name in ("name_native", "name_passport", "badge_name")}


async def correct_name(slug: str, number: str, form: NameForm, *, by: Actor, seen: str = "") -> None:
    """Store the names of the registration; a profile keeps its own. Raises NotFound, Outdated, Conflict (cancelled, over)."""
    async with db.transaction_or_join():
        _, row = await person_at(by, slug, number)
        event = await counting.lock_event(row.event)
        row = await queries.registration_by_id(row.id)
        versions.require_current(form, stored_names(row), seen)
        if row.state in rules.ENDED:
            raise Conflict(CANCELLED, code="already_cancelled")
        if is_over(event.ends_at, clock.now(), demo=event.demo):
            raise Conflict(OVER, code="over")
        values: dict[str, Any] = {
            "name_native": form.name_native,
            "name_passport": form.name_passport or form.name_native,
            "badge_name": form.badge_name,
        }
        before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
        if not before:
            return
        phone = phones.opened(row.phone)
        key = phones.search_text(form.name_native, values["name_passport"], row.organisation_name, row.email, phone)
        stored = values | {"search_key": key, "updated_at": clock.now()}
        await Registration.update(**stored).where(Registration.id == row.id)
        after = {name: values[name] for name in before}
        await record("registration.change", "registration", row.id, by=by, before=before, after=after)
