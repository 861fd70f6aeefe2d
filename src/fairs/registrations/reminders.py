"""People with a place are reminded before the fair, with the sessions that they signed up to."""

from datetime import time

from fairs.core import clock, db
from fairs.core.i18n import N_
from fairs.core.rows import Row, fetch_as
from fairs.core.schedule import Daily, periodic
from fairs.registrations import emails
from fairs.units import catalogues

BATCH = 500
# `left_days`: local days until the fair begins; `before`: the last of the days of reminding that has been reached. Who got the
# place after that day is reminded on the next one only.
_DUE = """
SELECT r.id, m.before FROM registration r JOIN event e ON e.id = r.event
CROSS JOIN LATERAL (SELECT (e.starts_at AT TIME ZONE e.timezone)::date - (:now::timestamptz AT TIME ZONE e.timezone)::date
    AS left_days) d
CROSS JOIN LATERAL (SELECT min(n) AS before FROM unnest(:days::int[]) n WHERE n >= d.left_days) m
WHERE r.state = 'confirmed' AND e.state <> 'draft' AND d.left_days >= 1 AND m.before IS NOT NULL
AND coalesce(r.confirmed_at, r.created_at) < e.starts_at - make_interval(days => m.before)
AND NOT EXISTS (SELECT 1 FROM outgoing_mail o WHERE o.dedupe_key = 'reminder:' || r.id || ':' || m.before)
ORDER BY r.id LIMIT :batch
"""


class _Due(Row, frozen=True):
    """A registration to be reminded now."""

    id: int
    before: int


@periodic(
    "registrations-remind",
    Daily(time(9, 0)),
    title=N_("Reminders before the fair"),
    does=N_("Reminds everybody with a place a week and a day before, with the badge and the sessions signed up to."),
    counts=N_("Mails"),
    question=N_("Send the reminders now to everybody who has none yet?"),
)
async def remind() -> int:
    """The number of mails."""
    count = 0
    while True:
        async with db.DB.transaction():
            due = await fetch_as(_Due, _DUE, now=clock.now(), days=list(catalogues.reminder_days("event")), batch=BATCH)
            mails = [
                emails.Mail(
                    "registration_reminder", one.id, what=str(one.before), key=f"reminder:{one.id}:{one.before}"
                )
                for one in due
            ]
            await emails.send_all(mails)
        count += len(due)
        if len(due) < BATCH:
            return count
