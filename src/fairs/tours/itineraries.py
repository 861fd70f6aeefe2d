"""What a member sees of a tour."""

from collections.abc import Sequence

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.events.queries import event_by_id
from fairs.events.rows import EventRow
from fairs.events.tables import EventState
from fairs.notifications import calendars
from fairs.notifications.services import base_url
from fairs.tours import member_queries, queries, rules
from fairs.tours.emails import title_of
from fairs.tours.printing import place_of, told_lines
from fairs.tours.rows import MemberRow, StopRow
from fairs.tours.tables import MemberState, StopState


async def own_itinerary(actor: Actor, member_id: int) -> tuple[EventRow, MemberRow, list[StopRow]]:
    """The tour, the member, and the member's stops: none before there is a place and a release. Raises NotFound."""
    row = await member_queries.own_member(actor, member_id)
    event = await event_by_id(row.event)
    if row.state == MemberState.SUBSTITUTE or event.state == EventState.DRAFT:
        raise NotFound
    released = (await queries.plan_of(event.id)).released_at is not None
    if not released or row.state not in rules.COMING:
        return event, row, []
    return event, row, [stop for stop in await queries.stops_of(event.id) if not stop.groups or row.grp in stop.groups]


async def calendar_entries(event: EventRow, row: MemberRow, stops: Sequence[StopRow]) -> list[calendars.Entry]:
    """The stops of a member, in the current language."""
    return [
        calendars.Entry(
            uid=await calendars.uid("tour-stop", f"{stop.id}-{row.id}"),
            sequence=stop.revision,
            starts_at=stop.starts_at,
            ends_at=stop.ends_at,
            summary=title_of(stop),
            description="\n".join(told_lines(stop)),
            location=place_of(stop),
            url=f"{base_url()}/me/tours/{row.id}",
            status=calendars.Status.CANCELLED if stop.state == StopState.CANCELLED else calendars.Status.CONFIRMED,
            timezone=event.timezone,
            stamp=stop.updated_at,
        )
        for stop in stops
    ]
