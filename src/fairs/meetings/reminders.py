"""Both sides are reminded of their meetings: all of a day in one mail."""

from collections import defaultdict
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from fairs.core import clock, i18n
from fairs.core.i18n import N_
from fairs.core.rows import fetch_values
from fairs.core.schedule import Daily, periodic
from fairs.core.wishes import Side
from fairs.meetings import addressees, emails, queries
from fairs.meetings.rows import Contact, MeetingRow
from fairs.notifications.services import Message, base_url, queue_mails
from fairs.units import catalogues

_DUE = """
SELECT m.id FROM meeting m JOIN event e ON e.id = m.event
WHERE m.state = 'scheduled' AND m.starts_at > :now AND m.created_at < m.starts_at - make_interval(days => :days)
AND (m.starts_at AT TIME ZONE e.timezone)::date - (:now::timestamptz AT TIME ZONE e.timezone)::date BETWEEN 1 AND :days
ORDER BY m.starts_at, m.id
"""
Day = tuple[int, date, Side, str]  # event, day, side, receiver


@periodic(
    "meetings-remind",
    Daily(time(9, 10)),
    title=N_("Reminders of meetings"),
    does=N_("Reminds both sides on the day before of all their meetings of the day."),
    counts=N_("Mails"),
    question=N_("Send the reminders of meetings now to everybody who has none yet?"),
)
async def remind() -> int:
    """The number of mails."""
    days = max(catalogues.reminder_days("meetings"))
    ids = await fetch_values(int, _DUE, now=clock.now(), days=days)
    meetings = await queries.meetings_by_ids(ids)
    contacts = await addressees.of_pairs([(meeting.listing, meeting.talent) for meeting in meetings])
    mine: dict[Day, list[MeetingRow]] = defaultdict(list)
    receivers: dict[str, Contact] = {}
    for meeting in sorted(meetings, key=lambda one: (one.starts_at, one.id)):
        day = meeting.starts_at.astimezone(ZoneInfo(meeting.timezone)).date()
        for side, contact in contacts[meeting.listing, meeting.talent]:
            who = f"t{meeting.talent}" if side == Side.TALENT else f"a{contact.account_id}"
            receivers[who] = contact
            mine[meeting.event, day, side, who].append(meeting)
    messages = [_message(key, receivers[key[3]], found) for key, found in mine.items()]
    return len(await queue_mails(messages))


def _message(key: Day, contact: Contact, meetings: list[MeetingRow]) -> Message:
    event, day, side, who = key
    with i18n.language(contact.lang):
        shown: list[dict[str, Any]] = [
            {
                "when": emails.clocks(meeting, contact.timezone),
                "table": meeting.table_number,
                **emails.names(meeting, side),
            }
            for meeting in meetings
        ]
        variables = {
            "name": contact.name,
            "event": i18n.pick(meetings[0].event_title_zh, meetings[0].event_title_en),
            "place": i18n.pick(meetings[0].place_zh, meetings[0].place_en),
            "day": i18n.format_day(day),
            "meetings": shown,
            "link": base_url() + emails.PAGES[side],
        }
    return Message(
        kind="meetings_reminder",
        lang=contact.lang,
        to_email=contact.email,
        to_name=contact.name,
        account_id=contact.account_id,
        variables=variables,
        event=event,
        dedupe_key=f"meetings_reminder:{event}:{day.isoformat()}:{who}",
    )
