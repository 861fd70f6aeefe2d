"""Mail that waits for the proof of its address: let go once the address is proved, or thrown away."""

from fairs.core import db, jobs
from fairs.notifications.services import DELIVER, ready, sends


async def release(address: str) -> int:
    """Let the mail go that waits for the proof of this address; how many."""
    async with db.transaction_or_join():
        rows = await db.fetch(
            "UPDATE outgoing_mail SET state = $2 WHERE to_email = $1 AND state = 'held' RETURNING id",
            address.strip().lower(),
            ready(),
        )
        if sends():
            await jobs.enqueue_all(DELIVER, [{"mail": mail_id} for mail_id in sorted(row["id"] for row in rows)])
    return len(rows)


async def discard(address: str) -> int:
    """Throw away the mail that waits for the proof of this address; how many."""
    return await db.execute("DELETE FROM outgoing_mail WHERE to_email = $1 AND state = 'held'", address.strip().lower())
