"""The publish checklist of an event, asked from all who need something of it."""

from fairs.core import clock, events_bus
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.events import checklist, queries
from fairs.events.domain_events import EventChecking
from fairs.events.rows import EventRow
from fairs.notifications import services as mail


class NotReady(Conflict):
    """The event cannot be published yet: `items` say why."""

    code = "not_ready"

    def __init__(self, items: list[checklist.Item]) -> None:
        why = " ".join(str(item.why) for item in items)
        super().__init__(N_("The event cannot be published yet: %(why)s", why=why))
        self.items = items


async def checklist_of(event: EventRow) -> list[checklist.Item]:
    """Every point with its state; higher modules add theirs."""
    ready = await queries.readiness_of(event)
    asked = EventChecking(event.id, event.slug, event.kind)
    await events_bus.publish(asked)
    return [
        *checklist.items(event, ready, base_url=mail.base_url(), sends_mail=mail.sends(), now=clock.now()),
        *asked.found,
    ]


async def require_ready(event: EventRow) -> None:
    """Raises NotReady when a point blocks."""
    found = checklist.blocking(await checklist_of(event))
    if found:
        raise NotReady(found)
