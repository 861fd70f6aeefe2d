"""Mail that waits for the proof of its address: let go once the address is proved, or thrown away."""

from datetime import timedelta
from typing import Any

from fairs.core import db, jobs
from fairs.notifications import proof
from fairs.notifications.services import DELIVER, ready, sends

LOOK_AGAIN = "mail.held"
LATE = timedelta(minutes=1)  # longer than the transactions that write mails


async def release(address: str) -> int:
    """Let the mail go that waits for the proof of this address; how many.

    A mail that is being written in another transaction was judged before the proof: it is looked for a moment later.
    """
    async with db.transaction_or_join():
        await jobs.enqueue(LOOK_AGAIN, {}, after=LATE, key=LOOK_AGAIN)
        return await _let_go(address.strip().lower())


async def _let_go(address: str) -> int:
    async with db.transaction_or_join():
        rows = await db.fetch(
            "UPDATE outgoing_mail SET state = $2 WHERE to_email = $1 AND state = 'held' RETURNING id", address, ready()
        )
        if sends():
            await jobs.enqueue_all(DELIVER, [{"mail": mail_id} for mail_id in sorted(row["id"] for row in rows)])
    return len(rows)


async def discard(address: str) -> int:
    """Throw away the mail that waits for the proof of this address; how many."""
    return await db.execute("DELETE FROM outgoing_mail WHERE to_email = $1 AND state = 'held'", address.strip().lower())


@jobs.job(LOOK_AGAIN)
async def release_proved(_: dict[str, Any]) -> None:
    """Let the mail go that is held although its address is proved."""
    addresses = {
        row["to_email"] for row in await db.fetch("SELECT DISTINCT to_email FROM outgoing_mail WHERE state = 'held'")
    }
    for address in sorted(addresses - await proof.unproved(addresses)):
        await _let_go(address)
