"""Mail that waits for the proof of its address: released once the address is proved, or deleted."""

from datetime import timedelta
from typing import Any

from fairs.core import db, jobs
from fairs.core.rows import execute, fetch_as
from fairs.notifications import proof
from fairs.notifications.rows import Address, Id
from fairs.notifications.services import DELIVER, ready, sends

LOOK_AGAIN = "mail.held"
LATE = timedelta(minutes=1)  # longer than the transactions that write mails


async def release(address: str) -> int:
    """Release the mail that waits for the proof of this address; returns how many.

    A concurrent transaction may write a mail that it judged before the proof: a later job looks for it.
    """
    async with db.transaction_or_join():
        await jobs.enqueue(LOOK_AGAIN, {}, after=LATE, key=LOOK_AGAIN)
        return await _let_go(address.strip().lower())


async def _let_go(address: str) -> int:
    async with db.transaction_or_join():
        rows = await fetch_as(
            Id,
            "UPDATE outgoing_mail SET state = :state WHERE to_email = :address AND state = 'held' RETURNING id",
            state=ready(),
            address=address,
        )
        if sends():
            await jobs.enqueue_all(DELIVER, [{"mail": mail_id} for mail_id in sorted(row.id for row in rows)])
    return len(rows)


async def discard(address: str) -> int:
    """Delete the mail that waits for the proof of this address; returns how many."""
    return await execute(
        "DELETE FROM outgoing_mail WHERE to_email = :address AND state = 'held'", address=address.strip().lower()
    )


@jobs.job(LOOK_AGAIN)
async def release_proved(_: dict[str, Any]) -> None:
    """Release mail that is still held although its address is proved."""
    rows = await fetch_as(Address, "SELECT DISTINCT to_email FROM outgoing_mail WHERE state = 'held'")
    addresses = {row.to_email for row in rows}
    for address in sorted(addresses - await proof.unproved(addresses)):
        await _let_go(address)
