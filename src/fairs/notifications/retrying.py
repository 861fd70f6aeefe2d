"""Failed mail: retried automatically for a day, and by hand, one or many."""

from datetime import timedelta

from fairs.core import db, jobs
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as
from fairs.notifications import masking
from fairs.notifications.rows import TEXT_COLUMNS, LockedTexts
from fairs.notifications.tables import MailState

MAX_ATTEMPTS = 28  # with the waits below: a little more than a day
LONGEST = timedelta(hours=1)
WITHOUT_SERVER = timedelta(minutes=5)  # until the next check for a process with a mail server
RETRIABLE = (MailState.FAILED, MailState.RETRY, MailState.KEPT)
NO_SERVER = N_("No mail server is set, so nothing can be sent. An administrator must set FAIRS_SMTP_URL.")


def wait_after(attempts: int) -> timedelta:
    """Delay after so many tries: a minute and a half, longer each time, at most an hour."""
    return min(LONGEST, timedelta(seconds=30 * 3 ** min(attempts, 8)))


async def retry_many(job: str, state: str, kind: str = "") -> int:
    """Queue again every mail in a state (of `RETRIABLE`), of one kind or all; returns how many. `job` delivers one.

    Skips those whose link or code was deleted: they are no longer valid. Raises Conflict for another state.
    """
    if state not in RETRIABLE:
        raise Conflict(N_("Mails in this state cannot be sent again."))
    async with db.DB.transaction():
        rows = await fetch_as(
            LockedTexts,
            f"SELECT {TEXT_COLUMNS}, id, state FROM outgoing_mail WHERE state = :state"  # noqa: S608 - constants of the code; values are named arguments
            " AND (:kind = '' OR kind = :kind) ORDER BY id FOR UPDATE",
            state=state,
            kind=kind,
        )
        good = [row.id for row in rows if not masking.is_spent(row)]
        await execute(
            "UPDATE outgoing_mail SET state = 'queued', attempts = 0, last_error = '' WHERE id = ANY(:ids::bigint[])",
            ids=good,
        )
        await jobs.enqueue_all(job, [{"mail": mail_id} for mail_id in good])
    return len(good)
