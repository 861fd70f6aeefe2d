"""Notes a meeting that was held at a stop of a tour: a meeting like any other, with its outcome, and counted as one."""

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_value, fetch_value_or_none
from fairs.events.queries import event_by_id
from fairs.events.rules import Act
from fairs.events.services import require
from fairs.meetings import booking
from fairs.meetings import services as meetings
from fairs.meetings.forms import OutcomeForm
from fairs.meetings.tables import MeetingState, MeetingTable
from fairs.tours import member_queries
from fairs.tours.results import queries
from fairs.tours.results.forms import TalkForm
from fairs.tours.rows import HostedStop
from fairs.tours.services import NOT_LISTED
from fairs.tours.tables import StopState

EARLY = N_("The stop has not begun yet")
CANCELLED = N_("This stop is cancelled")
ELSEWHERE = N_("These two have an arranged meeting about this listing. Enter its result on the page of your meetings.")
OTHER_STOP = N_("This meeting is noted at another stop already")
BUSY = N_("This person has another meeting in these hours already")


async def note_talk(stop_id: int, form: TalkForm, *, by: Actor) -> int:
    """The meeting's id. Two who have met about the listing already keep that one meeting, with this outcome.

    Raises NotFound, Conflict, Invalid.
    """
    async with db.transaction_or_join():
        stop = await queries.stop_of_employer(by, stop_id)
        event = await event_by_id(stop.event)
        require(event, Act.AGREE)
        if stop.state == StopState.CANCELLED:
            raise Conflict(CANCELLED, code="cancelled")
        if clock.now() < stop.starts_at:
            raise Conflict(EARLY, code="early")
        people = {str(row.id): row for row in await member_queries.people_at(stop.event, stop.id)}
        member = people.get(form.member)
        if member is None or member.talent is None:
            raise Invalid(fields={"member": [NOT_LISTED]})
        listing = next((one.id for one in await queries.listings_at(stop) if str(one.id) == form.listing), None)
        if listing is None:
            raise Invalid(fields={"listing": [NOT_LISTED]})
        meeting = await _meeting(stop, member.talent, listing)
        result = OutcomeForm(state=MeetingState.HELD.value, outcome=form.outcome, note=form.note)
        await meetings.record_outcome(meeting, result, by=by)
        await execute(
            "INSERT INTO tour_talk (stop, meeting, by, at) VALUES (:stop, :meeting, :by::bigint, :now)"
            " ON CONFLICT (meeting) DO NOTHING",
            stop=stop.id,
            meeting=meeting,
            by=by.account_id,
            now=clock.now(),
        )
        await record("tour_stop.talk", "tour_stop", stop.id, by=by, after={"meeting": meeting, "outcome": form.outcome})
    return meeting


async def _meeting(stop: HostedStop, talent: int, listing: int) -> int:
    """The meeting that the two have had, or a new one in the hours of the stop."""
    await booking.lock_event(stop.event)
    known = await queries.pair_of(talent, listing)
    if known is not None:
        if known.stop is not None and known.stop != stop.id:
            raise Conflict(OTHER_STOP, code="other_stop")
        if known.state != MeetingState.HELD:
            raise Conflict(ELSEWHERE, code="arranged")
        return known.id
    table, number = await _free_place(stop)
    assert stop.organisation is not None, "the stop of an employer"
    hours = (stop.starts_at, stop.ends_at)
    new = booking.NewMeeting(stop.event, stop.organisation, listing, talent, table, number, *hours)
    try:
        [meeting] = await booking.insert([new])
    except Conflict as refused:
        raise Conflict(BUSY, code="busy") from refused
    return meeting


async def _free_place(stop: HostedStop) -> tuple[int, int]:
    """A place of the tour at which nobody else meets in these hours; a new one where all are taken."""
    found = await fetch_value_or_none(
        int,
        "SELECT t.id FROM meeting_table t WHERE t.event = :event AND t.organisation IS NULL AND NOT EXISTS (SELECT 1 FROM meeting m"
        " WHERE m.hall_table = t.id AND m.state IN ('scheduled', 'held') AND m.starts_at < :until AND m.ends_at > :since)"
        " ORDER BY t.number LIMIT 1",
        event=stop.event,
        since=stop.starts_at,
        until=stop.ends_at,
    )
    if found is not None:
        return found, await fetch_value(int, "SELECT number FROM meeting_table WHERE id = :id", id=found)
    sql = "SELECT coalesce(max(number), 0) + 1 FROM meeting_table WHERE event = :event"
    number = await fetch_value(int, sql, event=stop.event)
    made = await MeetingTable.insert(MeetingTable(event=stop.event, number=number))
    return int(made[0]["id"]), number
