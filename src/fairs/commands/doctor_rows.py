"""Checks of `fairs doctor` on database rows: addresses to correct by hand, jobs, counts."""

from datetime import UTC, datetime, timedelta

from fairs.checkin import tallies
from fairs.checkin.relay import keeping, outgoing
from fairs.commands.doctor import Finding
from fairs.core import db, mailboxes
from fairs.core.job_watch import backlog
from fairs.core.rows import fetch_value
from fairs.upkeep import moving, queries

WITH_ADDRESSES = ("account", "talent", "registration")
ORDINARY = r"^[a-z0-9_%+-]+(\.[a-z0-9_%+-]+)*@([a-z0-9]+(-+[a-z0-9]+)*\.)+[a-z]{2,}$"  # no further check for these
SHOWN = 10  # ids shown in a sentence
RELAY_MINUTES = 5  # without a contact, while it runs
WAITS = 600.0  # seconds after which an untaken due job is reported


async def findings() -> list[Finding]:
    """All findings, in display order."""
    if (relay := await _relay()) is not None:
        return [relay]
    return [*await _mailboxes(), *await _jobs(), *await _periodic(), *await _counts()]


async def _relay() -> Finding | None:
    """Of a venue relay's database: how old its copy is, and what waits; a server has none."""
    if not await fetch_value(bool, "SELECT EXISTS (SELECT 1 FROM relay_state)"):
        return None
    state, queue = await keeping.state(), await outgoing.queue()
    if state.synced_at is None:
        return Finding("note", "relay", "nothing is copied: start it with fairs serve --relay")
    age = (datetime.now(UTC) + timedelta(milliseconds=state.ahead_ms) - state.synced_at).total_seconds() / 60
    says = f"of {state.url}, event {state.slug}: the copy is {age:,.0f} minutes old, {queue.queued:,} scans wait to be sent"
    return Finding("note" if queue.queued or age > RELAY_MINUTES else "ok", "relay", says)


async def _mailboxes() -> list[Finding]:
    """Addresses that an earlier upgrade could not normalise."""
    found = []
    for table in WITH_ADDRESSES:
        odd = await db.fetch(f"SELECT id, email FROM {table} WHERE email !~ $1 ORDER BY id", ORDINARY)  # noqa: S608 - table names from a constant
        taken, lost = [], []
        for row in odd:
            try:
                if mailboxes.read(row["email"]) != row["email"]:
                    taken.append(row["id"])
            except mailboxes.NoAddress:
                lost.append(row["id"])
        if taken:
            says = f"{table} {_ids(taken)}: another row has the same mailbox; keep one of the two"
            found.append(Finding("note", "mailboxes", says))
        if lost:
            says = f"{table} {_ids(lost)}: no mail can be delivered to the address; ask for another one"
            found.append(Finding("note", "mailboxes", says))
    return found or [Finding("ok", "mailboxes", "every address is written in the one form by which it is found")]


def _ids(numbers: list[int]) -> str:
    more = f" and {len(numbers) - SHOWN:,} more" if len(numbers) > SHOWN else ""
    return ", ".join(map(str, numbers[:SHOWN])) + more


async def _jobs() -> list[Finding]:
    """The queue: failed or hanging jobs are wrong; long waiting is a note, perhaps no worker runs."""
    seen = await backlog()
    if seen.stuck or seen.failed:
        says = f"{seen.failed:,} have failed for good and {seen.stuck:,} do not end: the log of the worker says why"
        return [Finding("wrong", "jobs", says)]
    if seen.oldest > WAITS:
        says = f"{seen.waiting:,} wait, the oldest for {seen.oldest / 60:,.0f} minutes: is a worker running?"
        return [Finding("note", "jobs", says)]
    return [Finding("ok", "jobs", f"{seen.waiting:,} wait, none has failed")]


async def _periodic() -> list[Finding]:
    """Periodic jobs: a failed one is wrong; an overdue one is a note, perhaps no worker runs."""
    await moving.load()
    seen = await queries.standings()
    failed = [one for one in seen if one.failed]
    overdue = [one.job.name for one in seen if one.overdue]
    found = [
        Finding("wrong", "schedule", f"{one.job.name} failed: {one.last.error if one.last else ''}") for one in failed
    ]
    if overdue:
        found.append(Finding("note", "schedule", f"{', '.join(overdue)} overdue: is a worker running?"))
    return found or [Finding("ok", "schedule", f"{len(seen)} jobs run by the clock, none is overdue")]


async def _counts() -> list[Finding]:
    """Compare the gates' stored counters with the scans themselves."""
    wrong = sorted({int(row["gate"]) for row in await tallies.differences()})
    if wrong:
        return [
            Finding("wrong", "counters", f"of gates {_ids(wrong)} differ from the scans: a table was tampered with")
        ]
    return [Finding("ok", "counters", "of the gates agree with the scans")]
