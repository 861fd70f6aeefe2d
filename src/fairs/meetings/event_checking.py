"""What the publish checklist of an event says about its meetings."""

from fairs.core.i18n import N_
from fairs.core.rows import fetch_one_as
from fairs.events.checklist import Item, Standing
from fairs.events.domain_events import EventChecking
from fairs.events.tables import EventKind
from fairs.meetings.rows import HallNumbers

WITH_MEETINGS = frozenset({EventKind.CONFERENCE, EventKind.NEGOTIATION})


async def on_event_checking(event: EventChecking) -> None:
    """Slots and tables, of the kinds of events at which people meet at tables."""
    if event.kind not in WITH_MEETINGS:
        return
    hall = await fetch_one_as(
        HallNumbers,
        "SELECT (SELECT count(*) FROM meeting_slot WHERE event = :event) AS slots,"
        " (SELECT count(*) FROM meeting_table WHERE event = :event) AS tables",
        event=event.event_id,
    )
    assert hall is not None
    title, values = N_("Slots and tables"), {"slug": event.slug}
    if hall.slots and hall.tables:
        why = N_("Slots for meetings: %(slots)s. Tables: %(tables)s.", slots=hall.slots, tables=hall.tables)
        event.found.append(Item(title, Standing.DONE, why, "hall", values))
    else:
        why = N_("Slots or tables for meetings are missing: nobody can be booked into one.")
        event.found.append(Item(title, Standing.WARNING, why, "hall", values))
