"""Writing scans: a batch is decided and stored under the lock of its event, answered after the commit."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from fairs.accounts.actor import Actor, Device
from fairs.accounts.services import issue_token, revoke_token
from fairs.checkin import codes, queries
from fairs.checkin.rules import REFUSED, Found, Ledger, Result, Scan, decide
from fairs.core import clock, crypto, db, lanes
from fairs.core.errors import NotFound
from fairs.web.sse import CHANNEL

LOCK = 0x5CA7  # first half of the advisory lock's key; the second is the event
TOUCH = 60  # seconds between two notes that a device was used
ATTEMPTS = 3

# Planning costs more than running: one plan is kept, and it is told to walk indexes, because it was made when the
# tables were still empty and reading them whole looked cheap.
_BEGIN = """
SELECT pg_advisory_xact_lock({lock}, {event}), set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true), set_config('enable_bitmapscan', 'off', true)
"""
_STORE = """
WITH new_scan AS (
    INSERT INTO scan (uuid, gate, device_id, badge, registration, direction, outcome, reason, scanned_at, received_at,
        offline, conflict, first_scanned_at, code_seen)
    SELECT t.uuid, t.gate, t.device, t.badge, t.registration, t.direction, t.outcome, t.reason, t.at, $18, t.offline,
        t.conflict, t.first_at, t.code
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[],
        $9::timestamptz[], $10::boolean[], $11::boolean[], $12::timestamptz[], $13::text[])
        AS t (uuid, gate, device, badge, registration, direction, outcome, reason, at, offline, conflict, first_at, code)
), new_admission AS (
    INSERT INTO admission (gate, registration, day, first_scanned_at)
    SELECT * FROM unnest($14::bigint[], $15::bigint[], $16::date[], $17::timestamptz[])
)
SELECT pg_notify($19, $20)
"""


async def record_scans(scans: Sequence[Scan], device: Device) -> list[Result]:
    """Answers in the order sent, once they are on disk. Scans that arrive together share a transaction."""
    if not scans:
        return []
    by_hand = [scan for scan in scans if scan.number]
    if by_hand:
        badges = await queries.badges_by_number(device.event_id, [scan.number for scan in by_hand])
        for scan in by_hand:
            scan.uid, scan.token = badges.get(scan.number, (None, ""))
    return await lanes.submit(device.event_id, scans, settle)


async def settle(event_id: int, scans: Sequence[Scan]) -> list[Result]:
    """Decide and store a batch; a statement that fails for one scan's sake is halved until it is found."""
    for attempt in range(ATTEMPTS):
        try:
            return await _settle(event_id, scans)
        except asyncpg.IntegrityConstraintViolationError:  # a badge or a gate went away, an id came twice: look again
            if attempt == ATTEMPTS - 1 and len(scans) == 1:
                raise
        except asyncpg.DataError:
            if len(scans) == 1:
                return [Result(scans[0].text_id, REFUSED, "malformed")]
            break
    middle = len(scans) // 2
    return [*await settle(event_id, scans[:middle]), *await settle(event_id, scans[middle:])]


async def _settle(event_id: int, scans: Sequence[Scan]) -> list[Result]:
    async with db.DB.transaction_with(_BEGIN.format(lock=LOCK, event=int(event_id) % 2**31)):
        found = list(await queries.state_of(event_id, scans))
        answered = await queries.stored_answers(event_id, scans) if any(item.known for item in found) else {}
        await _verify(scans, found)
        await _read_again(event_id, scans, found)
        ledger = Ledger(inside=await _inside(event_id, found))
        results = _decide_all(scans, found, ledger, answered)
        await _store(event_id, scans, found, results, ledger, {scan.uuid for scan in scans} - answered.keys())
        await _touch({scan.device_id for scan in scans})
    return results


def _decide_all(
    scans: Sequence[Scan], found: Sequence[Found], ledger: Ledger, answered: dict[UUID, Result]
) -> list[Result]:
    """One after the other; the same id later in the batch gets the first one's answer."""
    first = dict(answered)
    results = []
    for scan, known in zip(scans, found, strict=True):
        earlier = first.get(scan.uuid) if scan.uuid is not None else None
        result = replace(earlier, id=scan.text_id) if earlier is not None else decide(scan, known, ledger)
        if scan.uuid is not None:
            first.setdefault(scan.uuid, result)
        results.append(result)
    return results


async def _verify(scans: Sequence[Scan], found: Sequence[Found]) -> None:
    """Ask the signature only where the code is not, letter for letter, one that we issued."""
    doubtful = [
        (scan, known)
        for scan, known in zip(scans, found, strict=True)
        if scan.uid is not None and known.gate is not None and known.genuine is None
    ]
    if not doubtful:
        return
    keys = await queries.public_keys()
    verdicts = await asyncio.to_thread(lambda: [codes.is_genuine(scan.token, keys) for scan, _ in doubtful])
    for (_, known), verdict in zip(doubtful, verdicts, strict=True):
        known.genuine = verdict
        if not verdict:  # says the number of somebody's badge without the signature: not that person
            known.badge = known.registration = known.person = None


async def _read_again(event_id: int, scans: Sequence[Scan], found: list[Found]) -> None:
    """What a hand scanner typed on another keyboard: the reading whose signature holds is what was scanned."""
    doubtful = [
        at
        for at, (scan, known) in enumerate(zip(scans, found, strict=True))
        if scan.sound and not scan.number and not known.known and len(scan.code) >= codes.LONG
        and (scan.uid is None or known.genuine is False)
    ]  # fmt: skip
    if not doubtful:
        return
    keys = await queries.public_keys()
    right = await asyncio.to_thread(lambda: [codes.genuine_reading(scans[at].code, keys) for at in doubtful])
    mended = [(at, reading) for at, reading in zip(doubtful, right, strict=True) if reading is not None]
    for at, reading in mended:
        scans[at].uid, scans[at].token = reading
    again = await queries.state_of(event_id, [scans[at] for at, _ in mended]) if mended else []
    for (at, _), known in zip(mended, again, strict=True):
        found[at] = known
        known.genuine = True
    for at in doubtful:
        scans[at].mistyped = scans[at].uid is None and codes.looks_mistyped(scans[at].code)


async def _inside(event_id: int, found: Iterable[Found]) -> dict[tuple[int, date], int]:
    """People inside, asked only where a gate has a capacity."""
    places = {(item.gate.id, item.day) for item in found if item.gate is not None and item.gate.capacity is not None}
    return await queries.people_inside(event_id, sorted(places)) if places else {}


async def _store(
    event_id: int,
    scans: Sequence[Scan],
    found: Sequence[Found],
    results: Sequence[Result],
    ledger: Ledger,
    new: set[UUID | None],
) -> None:
    rows: list[tuple[Any, ...]] = []
    for scan, known, result in zip(scans, found, results, strict=True):
        if scan.uuid is not None and scan.uuid in new:
            new.discard(scan.uuid)
            rows.append(_row(scan, known, result))
    if not rows:
        return
    columns = [list(column) for column in zip(*rows, strict=True)]
    await db.fetchrow(
        _STORE,
        *columns,
        [gate for gate, _, _ in ledger.admissions],
        [registration for _, registration, _ in ledger.admissions],
        [day for _, _, day in ledger.admissions],
        [at for at, _ in ledger.admissions.values()],
        clock.now(),
        CHANNEL,
        f'{{"topic": "event:{event_id}", "data": {{"what": "scan"}}}}',
    )


def _row(scan: Scan, known: Found, result: Result) -> tuple[Any, ...]:
    return (
        scan.uuid,
        known.gate.id if known.gate is not None else None,
        scan.device_id,
        known.badge,
        known.registration,
        scan.direction,
        result.outcome,
        result.reason,
        scan.scanned_at,
        scan.offline,
        result.conflict,
        result.first_scanned_at,
        scan.code,
    )


_touched: dict[int, float] = {}


async def _touch(devices: set[int]) -> None:
    """Note that scanners are in use, at most once a minute each."""
    now = time.monotonic()
    due = [device for device in devices if now - _touched.get(device, -TOUCH) >= TOUCH]
    if due:
        await db.execute("UPDATE access_token SET last_used_at = $2 WHERE id = ANY($1::bigint[])", due, clock.now())
        _touched.update(dict.fromkeys(due, now))


async def issue_device(event: asyncpg.Record, name: str, *, by: Actor, hours: int | None = None) -> str:
    """A scanner's token, shown this once. `hours` None: until it is switched off."""
    async with db.transaction_or_join():
        token = await issue_token("device", name, by=by, account_id=by.account_id, event_id=event["id"])
        if hours is not None:
            await db.execute(
                "UPDATE access_token SET expires_at = $2 WHERE token_hash = $1",
                crypto.hash_token(token),
                clock.now() + timedelta(hours=hours),
            )
    return token


async def revoke_device(event: asyncpg.Record, token_id: int, *, by: Actor) -> None:
    """Switch a scanner off. Raises NotFound when it is not one of this event, or off already."""
    async with db.transaction_or_join():
        own = await db.fetchval(
            "SELECT true FROM access_token WHERE id = $1 AND kind = 'device' AND event_id = $2", token_id, event["id"]
        )
        if not own:
            raise NotFound
        await revoke_token(token_id, by=by)
