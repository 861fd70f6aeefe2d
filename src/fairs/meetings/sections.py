"""What the meetings tell about a registration on its page in the working list."""

from datetime import datetime

from fairs.accounts.actor import Actor
from fairs.core.i18n import N_, pick
from fairs.core.rows import Row, fetch_as
from fairs.meetings.tables import MeetingState
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.working.person import Line, Section

WORDS: dict[str, tuple[str, object]] = {
    MeetingState.SCHEDULED: ("progress", N_("Booked meeting")),
    MeetingState.HELD: ("success", N_("Held meeting")),
    MeetingState.NO_SHOW: ("danger", N_("Somebody did not come")),
    MeetingState.CANCELLED: ("neutral", N_("Cancelled meeting")),
}


class TracedMeeting(Row, frozen=True):
    """A meeting of the person at the event."""

    starts_at: datetime
    state: MeetingState
    employer_zh: str
    employer_en: str
    title_zh: str
    title_en: str


async def meetings_of(row: RegistrationRow, actor: Actor) -> Section:
    """The meetings of the person at the event of the registration."""
    found = await fetch_as(
        TracedMeeting,
        "SELECT m.starts_at, m.state, o.name_zh AS employer_zh, o.name_en AS employer_en, l.title_zh, l.title_en FROM meeting m"
        " JOIN organisation o ON o.id = m.organisation JOIN listing l ON l.id = m.listing"
        " WHERE m.talent = :talent AND m.event = :event ORDER BY m.starts_at, m.id",
        talent=row.talent,
        event=row.event,
    )
    lines = [
        Line(
            pick(one.employer_zh, one.employer_en),
            one.starts_at,
            pick(one.title_zh, one.title_en),
            WORDS[one.state][0],
            str(WORDS[one.state][1]),
        )
        for one in found
    ]
    return Section(N_("Meetings"), lines, N_("No meeting at this event"))
