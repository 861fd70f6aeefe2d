"""A field of forms that limits something to one event, and the event that it names."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.core.forms import Bound, Field
from fairs.core.i18n import N_
from fairs.events.queries import province_event


def event_field() -> Field:
    """The field `event`: an address, empty for every event."""
    return Field(
        N_("Only for the event"), help=N_("Its address, such as henan-2026. Empty: every event."), max_length=60
    )


async def limited_to(form: Bound[Any], *, by: Actor) -> int | None:
    """The id of the event that a form without errors names; None: every event. Adds the error when there is no such event."""
    if not form.ok or not form.value.event:
        return None
    try:
        return (await province_event(by, form.value.event.strip())).id
    except NotFound:
        form.add_error("event", N_("There is no event of this address."))
        return None
