"""Reminders of invitations to tours by the clock."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from fairs.core import clock, db
from fairs.core.i18n import EVENT_ZONE, N_
from fairs.core.rows import fetch_values
from fairs.core.schedule import Daily, periodic
from fairs.events.queries import event_by_id
from fairs.tours import member_queries, members

AHEAD = timedelta(days=3)


@periodic(
    "tours-remind",
    Daily(time(9, 30)),
    title=N_("Reminders of invitations to tours"),
    does=N_("Reminds people who have not answered an invitation to a tour, three days before they should have."),
    counts=N_("Mails"),
    question=N_("Remind everybody now whose answer is due within three days?"),
)
async def remind() -> int:
    """The number of mails."""
    today = clock.now().astimezone(ZoneInfo(EVENT_ZONE)).date()
    events = await fetch_values(
        int,
        "SELECT DISTINCT m.event FROM tour_member m JOIN event e ON e.id = m.event WHERE m.state = 'invited'"
        " AND m.reply_by BETWEEN :today AND :until AND e.state IN ('published', 'closed') ORDER BY m.event",
        today=today,
        until=today + AHEAD,
    )
    count = 0
    for event_id in events:
        async with db.DB.transaction():
            rows = await member_queries.members_of(event_id, {"state": "invited"})
            due = [row for row in rows if row.reply_by and today <= row.reply_by <= today + AHEAD]
            count += await members.remind_late(await event_by_id(event_id), due)
    return count
