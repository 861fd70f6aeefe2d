"""A person is forgotten: first what goes and what stays is said, then a job does it kind by kind, and a receipt is left."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from fairs.accounts import changes, credentials
from fairs.accounts.actor import SYSTEM, Actor
from fairs.accounts.queries import actor_by_id
from fairs.audit.services import record
from fairs.core import clock, crypto, db, jobs, sealing
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.personal import Kind, Outcome, Person, Stay
from fairs.core.rows import execute, fetch_one_as, fetch_value_or_none
from fairs.privacy import held
from fairs.privacy.rows import ForgettingRow
from fairs.privacy.tables import AskedFor, Forgetting, ForgettingState

JOB = "privacy.forget"
PURPOSE = "forgetting.subject"
SEALED = sealing.Sealed("forgetting", "subject", PURPOSE)
MAILS_AGAIN = timedelta(minutes=10)
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
ALREADY = N_("This person is being deleted already.")
_COLUMNS = "id, number, asked_for, state, asked_at, ended_at, subject, counts::text AS counts, kept::text AS kept"


@dataclass(frozen=True)
class Plan:
    """What forgetting will do: each kind with the number of its entries, and what a law keeps."""

    kinds: tuple[tuple[Kind, int], ...]
    stays: tuple[Stay, ...]


async def plan_of(person: Person) -> Plan:
    """Reads only."""
    kinds = tuple((kind, len(entries)) for kind, entries in await held.held_by(person))
    stays = [stay for kind in held.KINDS() if kind.stays for stay in await kind.stays(person)]
    return Plan(kinds, tuple(stays))


async def forget_me(present: str, *, by: Actor) -> str:
    """Close the account now and have everything forgotten; returns the number of the receipt.

    Raises Invalid for a wrong password, Conflict for the last administrator.
    """
    await credentials.require_owner(present, by=by)
    return await begin(await held.person_of(by), AskedFor.PAGE)


async def begin(person: Person, asked_for: AskedFor) -> str:
    """Places are released and the account is closed at once; a job does the rest. Raises Conflict."""
    number = "F-" + "".join(secrets.choice(LETTERS) for _ in range(16))
    subject = crypto.seal_text(msgspec.json.encode(person).decode(), PURPOSE)
    async with db.transaction_or_join():
        actor = await actor_by_id(person.account) if person.account else None
        with db.constraint_errors({"forgetting_account_key": Conflict(ALREADY, code="already")}):
            row = Forgetting(
                number=number, asked_for=asked_for.value, asked_at=clock.now(), subject=subject, account=person.account
            )
            await row.save()
        if actor is not None:
            await changes.end_account(actor)
        await jobs.enqueue(JOB, {"forgetting": row.id}, key=f"forget:{row.id}")
    return number


async def by_number(number: str) -> ForgettingRow:
    """The receipt. Raises NotFound."""
    row = await fetch_one_as(
        ForgettingRow,
        f"SELECT {_COLUMNS} FROM forgetting WHERE number = :number",  # noqa: S608 - constants
        number=number,
    )
    if row is None:
        raise NotFound
    return row


@jobs.job(JOB)
async def forget_later(payload: dict[str, Any]) -> None:
    """Job: one person; a run that was cut off goes on with the kind where it stopped."""
    await carry_out(int(payload["forgetting"]))


async def carry_out(forgetting_id: int) -> bool:
    """Forget kind by kind, each in a transaction of its own. Returns whether nothing is left to do."""
    for kind in held.KINDS():
        await _forget_kind(forgetting_id, kind)
    return await _finish(forgetting_id)


async def _locked(forgetting_id: int) -> ForgettingRow | None:
    return await fetch_one_as(
        ForgettingRow,
        f"SELECT {_COLUMNS} FROM forgetting WHERE id = :id AND state <> 'done' FOR UPDATE",  # noqa: S608 - constants
        id=forgetting_id,
    )


async def _forget_kind(forgetting_id: int, kind: Kind) -> None:
    async with db.DB.transaction():
        row = await _locked(forgetting_id)
        if row is None:
            return
        counts = msgspec.json.decode(row.counts, type=dict[str, Outcome])
        before = counts.get(kind.key)
        if before is not None and not before.waiting:
            return
        person = _subject(row)
        if kind.stays and before is None:
            await _note_stays(row, await kind.stays(person))
        done = await kind.forget(person)
        before = before or Outcome()
        counts[kind.key] = Outcome(
            before.deleted + done.deleted, before.emptied + done.emptied, max(before.kept, done.kept), done.waiting
        )
        await _store(forgetting_id, counts)


def _subject(row: ForgettingRow) -> Person:
    return msgspec.json.decode(crypto.open_text(row.subject, PURPOSE), type=Person)


async def _note_stays(row: ForgettingRow, stays: list[Stay]) -> None:
    """Only the number of an agreement, the law's key and the day are kept."""
    lines = [{"name": stay.name, "key": stay.key, "until": stay.until.date().isoformat()} for stay in stays]
    await execute(
        "UPDATE forgetting SET kept = kept || :lines::jsonb WHERE id = :id",
        id=row.id,
        lines=msgspec.json.encode(lines).decode(),
    )


async def _store(forgetting_id: int, counts: dict[str, Outcome]) -> None:
    await execute(
        "UPDATE forgetting SET counts = :counts::jsonb, state = 'running' WHERE id = :id",
        id=forgetting_id,
        counts=msgspec.json.encode(counts).decode(),
    )


async def _finish(forgetting_id: int) -> bool:
    """The receipt is complete, or mails that are on their way are looked at again later."""
    async with db.DB.transaction():
        row = await _locked(forgetting_id)
        if row is None:
            return True
        counts = msgspec.json.decode(row.counts, type=dict[str, Outcome])
        if any(outcome.waiting for outcome in counts.values()):
            await execute("UPDATE forgetting SET state = :state WHERE id = :id", id=row.id, state=ForgettingState.MAILS)
            await jobs.enqueue(JOB, {"forgetting": row.id}, after=MAILS_AGAIN)
            return False
        await execute(
            "UPDATE forgetting SET state = 'done', subject = '', account = NULL, ended_at = :now WHERE id = :id",
            id=row.id,
            now=clock.now(),
        )
        after = {"number": row.number, "asked_for": row.asked_for}
        await record("person.forget", "forgetting", row.id, by=SYSTEM, after=after)
    return True


async def id_of(number: str) -> int:
    """The row of a number. Raises NotFound."""
    found = await fetch_value_or_none(int, "SELECT id FROM forgetting WHERE number = :number", number=number)
    if found is None:
        raise NotFound
    return found
