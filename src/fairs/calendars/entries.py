"""What an account has at fairs: its registrations, the sessions that it signed up to, its meetings, the stops of its tours.

Each entry says no more of others than the account's own pages.
"""

from dataclasses import replace

from msgspec import structs

from fairs.accounts.actor import Actor
from fairs.calendars.rules import PAST_FOR
from fairs.core import clock, i18n
from fairs.core.i18n import pick
from fairs.core.rows import fetch_values
from fairs.core.wishes import Side
from fairs.meetings import emails as meeting_emails
from fairs.meetings import queries as meetings
from fairs.meetings.tables import MeetingState
from fairs.notifications import calendars
from fairs.notifications.calendars import Entry, Status
from fairs.registrations import emails, queries, rules
from fairs.registrations.rows import RegistrationRow, SignedSession
from fairs.registrations.tables import RegistrationState
from fairs.tours import itineraries
from fairs.tours.member_queries import own_tours
from fairs.tours.tables import StopState


async def entries_of(actor: Actor, lang: str) -> list[Entry]:
    """All that stands; what is cancelled is left out."""
    with i18n.language(lang):
        found = [*await _registrations(actor, lang), *await _meetings(actor), *await _tours(actor)]
    return list({entry.uid: entry for entry in found}.values())


async def _registrations(actor: Actor, lang: str) -> list[Entry]:
    since = clock.now() - PAST_FOR
    rows = [
        structs.replace(row, lang=lang)
        for row in await queries.registrations_of(actor)
        if row.state not in rules.ENDED and row.ends_at > since
    ]
    signed_up = await queries.sessions_of_all([row.id for row in rows])
    found = []
    for row in rows:
        sessions = signed_up.get(row.id, [])
        entry = await emails.entry(row, row.sequence, sessions)
        has_place = row.state == RegistrationState.CONFIRMED
        status = Status.CONFIRMED if has_place else Status.TENTATIVE
        found.append(replace(entry, status=status))
        found += [await _session(row, session, status) for session in sessions]
    return found


async def _session(row: RegistrationRow, session: SignedSession, status: Status) -> Entry:
    room = pick(session.room_name_zh or "", session.room_name_en or "")
    place = pick(row.place_zh, row.place_en)
    return Entry(
        uid=await calendars.uid("signed-session", f"{row.id}-{session.id}"),
        sequence=0,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        summary=pick(session.title_zh, session.title_en),
        description=f"{pick(row.title_zh, row.title_en)}\n{row.number}",
        location=", ".join(part for part in (room, place) if part),
        url=emails.variables(row, "", [])["event_link"],
        status=status,
        timezone=row.timezone,
        busy=status == Status.CONFIRMED,
    )


async def _meetings(actor: Actor) -> list[Entry]:
    """Of the person's own profile, and of the employers for whom the account acts."""
    talent = await meetings.find_talent_id(actor)
    own = await meetings.meetings_of_talent(talent) if talent is not None else []
    found = [(Side.TALENT, meeting) for meeting in own]
    for event in await _events(actor.organisation_ids):
        theirs = await meetings.meetings_of_organisations(actor.organisation_ids, event)
        found += [(Side.EMPLOYER, meeting) for meeting in theirs]
    return [
        await meeting_emails.entry(meeting, side) for side, meeting in found if meeting.state != MeetingState.CANCELLED
    ]


async def _tours(actor: Actor) -> list[Entry]:
    """The stops of the tours on which the person comes, once their itinerary is released."""
    since = clock.now() - PAST_FOR
    found: list[Entry] = []
    for tour in await own_tours(actor):
        if tour.released and tour.ends_at > since:
            event, row, stops = await itineraries.own_itinerary(actor, tour.id)
            standing = [stop for stop in stops if stop.state != StopState.CANCELLED]
            found += await itineraries.calendar_entries(event, row, standing)
    return found


async def _events(organisations: list[int]) -> list[int]:
    return await fetch_values(
        int,
        "SELECT DISTINCT event FROM meeting WHERE organisation = ANY(:organisations::bigint[]) AND ends_at > :since ORDER BY event",
        organisations=organisations,
        since=clock.now() - PAST_FOR,
    )
