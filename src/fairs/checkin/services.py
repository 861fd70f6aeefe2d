"""Write scans: a batch is decided and stored while no other is stored for its event; answered after the commit."""

import asyncio
import time
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

import asyncpg
from msgspec.structs import replace

from fairs.accounts import tokens
from fairs.accounts.actor import Actor, Device
from fairs.accounts.tables import AccessToken, TokenKind
from fairs.accounts.tokens import (
    gates_of_device,
    issue_device_link,
    issue_token,
    renew_device_link,
    revoke_token,
    touch,
)
from fairs.badges import codes
from fairs.badges.queries import typed_otherwise
from fairs.checkin import ahead, kept, photos, queries
from fairs.checkin.forms import DeviceGatesForm
from fairs.checkin.rows import ScannedEvent
from fairs.checkin.rules import BatchState, Result, Scan, ScanContext, decide
from fairs.checkin.tables import Outcome, Reason
from fairs.core import batching, clock, crypto, db, versions
from fairs.core.errors import Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.pubsub import CHANNEL
from fairs.core.rows import fetch_value
from fairs.core.scopes import Scope
from fairs.core.services import Service

ATTEMPTS = 3
SHARED = 1.0  # seconds for which an event counts as written by several processes after a concurrent write

# Waits until no other transaction stores scans of the event, and locks it until the end of the transaction.
_HOLD = """
INSERT INTO scan_turn AS t (event, version) VALUES ({event}, 0) ON CONFLICT (event) DO UPDATE SET version = t.version
"""


async def record_scans(scans: Sequence[Scan], device: Device) -> list[Result]:
    """Answers in the order sent, after the commit to disk. Scans that arrive together share a transaction."""
    if not scans:
        return []
    if device.gate_ids is not None:
        for scan in scans:
            scan.gates = device.gate_ids
    await touch(device.token_id)
    return await record_all(device.event_id, scans)


async def record_all(event_id: int, scans: Sequence[Scan]) -> list[Result]:
    """The same for scans of several scanners of an event."""
    by_hand = [scan for scan in scans if scan.number]
    if by_hand:
        badges = await queries.badges_by_number(event_id, [scan.number for scan in by_hand])
        for scan in by_hand:
            scan.uid, scan.token = badges.get(scan.number, (None, ""))
    is_early = len(scans) >= ahead.LARGE and not _is_shared(event_id)  # under a held turn it would be read again
    call = ahead.LargeCall(scans) if is_early else scans
    results = await batching.enqueue(event_id, call, record_batch)
    unheard = [_let_in(scan) for scan, result in zip(scans, results, strict=True) if _is_unheard(scan, result)]
    if unheard:
        await batching.enqueue(event_id, unheard, record_batch)
    return await kept.COPY().with_persons(scans, results)


def _is_unheard(scan: Scan, result: Result) -> bool:
    """Whether a device let somebody in whom the first answer, which never reached it, had not: else that is a conflict at once."""
    return (
        scan.uuid is not None
        and scan.told == Outcome.ADMITTED
        and result.outcome != Outcome.ADMITTED
        and not result.conflict
    )


def _let_in(scan: Scan) -> Scan:
    """What the device did, as a scan of its own beside the one that was answered: it has the same id each time."""
    own = uuid5(scan.uuid, LET_IN) if scan.uuid is not None else None
    return replace(scan, uuid=own, text_id=str(own))


LET_IN = "let in without the answer"


async def record_batch(event_id: int, scans: Sequence[Scan]) -> list[Result]:
    """Decide and store a batch; if one scan makes a statement fail, the batch is halved until it is found."""
    for attempt in range(ATTEMPTS):
        try:
            return await _record_batch(event_id, scans)
        except asyncpg.IntegrityConstraintViolationError:  # a badge or a gate was deleted, or an id repeats: read again
            if attempt == ATTEMPTS - 1 and len(scans) == 1:
                raise
        except asyncpg.DataError:
            if len(scans) == 1:
                return [Result(scans[0].text_id, Outcome.REFUSED, Reason.MALFORMED)]
            break
    middle = len(scans) // 2
    return [*await record_batch(event_id, scans[:middle]), *await record_batch(event_id, scans[middle:])]


_shared: Service[dict[int, float]] = Service(dict)  # until when an event is locked before it is read


def _is_shared(event_id: int) -> bool:
    return _shared().get(event_id, 0.0) >= time.monotonic()


async def _record_batch(event_id: int, scans: Sequence[Scan]) -> list[Result]:
    """Two statements if no other process stores scans of the event; else its turn is locked first, to avoid retries."""
    if not _is_shared(event_id):
        taken = await _take_turn(event_id, scans)
        if taken is not None:
            return taken
        _shared()[event_id] = time.monotonic() + SHARED
    async with db.DB.transaction_with(_HOLD.format(event=int(event_id))):
        taken = await _take_turn(event_id, scans)
    assert taken is not None, "nobody stores while the turn is held"
    return taken


async def _take_turn(event_id: int, scans: Sequence[Scan]) -> list[Result] | None:
    """Read, decide, store. None: others have stored since the read, so this batch was not stored; read again.

    Data read after the turn may be newer than it: then storing is refused.
    """
    turn, found = await ahead.state_of(event_id, scans)
    answered = await queries.stored_answers(event_id, scans) if any(item.known for item in found) else {}
    await _verify(scans, found)
    await _read_again(event_id, scans, found)
    state = BatchState(inside=await _inside(event_id, found))
    results = _decide_all(scans, found, state, answered)
    new = {scan.uuid for scan in scans} - answered.keys()
    if not await _store(event_id, turn, scans, found, results, state, new):
        return None
    return await photos.with_photos(
        event_id, [(item.gate.id if item.gate else 0, item.registration) for item in found], results
    )


def _decide_all(
    scans: Sequence[Scan], found: Sequence[ScanContext], state: BatchState, answered: dict[UUID, Result]
) -> list[Result]:
    """Decide one after the other; a repeated id in the batch gets the first one's answer."""
    first = dict(answered)
    results = []
    for scan, known in zip(scans, found, strict=True):
        earlier = first.get(scan.uuid) if scan.uuid is not None else None
        result = replace(earlier, id=scan.text_id) if earlier is not None else decide(scan, known, state)
        if scan.uuid is not None:
            first.setdefault(scan.uuid, result)
        results.append(result)
    return results


async def _verify(scans: Sequence[Scan], found: Sequence[ScanContext]) -> None:
    """Verify the signature only when the code differs from the issued one."""
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
        if not verdict:  # contains the uid of an existing badge without a valid signature: not that person
            known.badge = known.registration = known.person = None


async def _read_again(event_id: int, scans: Sequence[Scan], found: list[ScanContext]) -> None:
    """Codes of hand scanners under another keyboard layout: the reading with a valid signature is the scanned one."""
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
    _, again = await queries.state_of(event_id, [scans[at] for at, _ in mended]) if mended else (0, [])
    for (at, _), known in zip(mended, again, strict=True):
        found[at] = known
        known.genuine = True
    wrong = [at for at, reading in zip(doubtful, right, strict=True) if reading is None]
    for at, otherwise in zip(wrong, await typed_otherwise([scans[at].code for at in wrong]), strict=True):
        scans[at].mistyped = otherwise


async def _inside(event_id: int, found: Iterable[ScanContext]) -> dict[tuple[int, date], int]:
    """People inside, read only for gates with a capacity."""
    counted = {
        (item.gate.area, item.day): item.gate.zone
        for item in found
        if item.gate is not None and item.gate.capacity is not None
    }
    if not counted:
        return {}
    return await queries.people_inside(event_id, sorted(counted), {area: zone for (area, _), zone in counted.items()})


async def _store(
    event_id: int,
    turn: int,
    scans: Sequence[Scan],
    found: Sequence[ScanContext],
    results: Sequence[Result],
    state: BatchState,
    new: set[UUID | None],
) -> bool:
    rows: list[tuple[Any, ...]] = []
    for scan, known, result in zip(scans, found, results, strict=True):
        if scan.uuid is not None and scan.uuid in new:
            new.discard(scan.uuid)
            rows.append(_row(scan, known, result))
    if not rows:
        return True
    columns = [list(column) for column in zip(*rows, strict=True)]
    stored = await queries.store(
        event_id,
        turn,
        *columns,
        [entered.gate for entered in state.admissions.values()],
        [registration for _, registration, _ in state.admissions],
        [day for _, _, day in state.admissions],
        [entered.at for entered in state.admissions.values()],
        clock.now(),
        CHANNEL,
        f'{{"topic": "event:{event_id}", "data": {{"what": "scan"}}}}',
    )
    if stored and not db.in_transaction():
        ahead.remember(event_id, turn + 1, scans, found)
    return stored


def _row(scan: Scan, known: ScanContext, result: Result) -> tuple[Any, ...]:
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


# The scanner of scans that are taken back goes with them; nobody knows its token.
_PASSING_DEVICE = """
INSERT INTO access_token (kind, name, token_hash, event_id, scopes, created_at, expires_at)
VALUES ('device', 'rehearsal', :hash, :event, '{}', :now, :now) RETURNING id
"""


class _TakenBack(Exception):
    """Ends the transaction of a rehearsal."""


async def rehearse_scans(event_id: int, scans: Sequence[Scan]) -> list[Result]:
    """The answers to scans that are decided and stored as others are, and taken back before the commit."""
    return await batching.enqueue(event_id, scans, _rehearse_batch)


async def _rehearse_batch(event_id: int, scans: Sequence[Scan]) -> list[Result]:
    results: list[Result] = []
    try:
        async with db.DB.transaction_with(_HOLD.format(event=int(event_id))):
            unknown = crypto.hash_token(crypto.new_token())
            device = await fetch_value(int, _PASSING_DEVICE, hash=unknown, event=event_id, now=clock.now())
            for scan in scans:
                scan.device_id = device
            taken = await _take_turn(event_id, scans)
            assert taken is not None, "nobody stores while the turn is held"
            results = taken
            raise _TakenBack
    except _TakenBack:
        return results
    raise AssertionError("the transaction ends by the exception")


async def issue_device(event: ScannedEvent, name: str, *, by: Actor, hours: int) -> str:
    """The token of a browser that is a scanner for some hours, returned only once."""
    until = clock.now() + timedelta(hours=hours)
    return await issue_token(TokenKind.DEVICE, name, by=by, event_id=event.id, expires_at=until)


async def add_device(event: ScannedEvent, name: str, *, by: Actor) -> str:
    """A new scanner, valid until it is switched off; the code of the link that makes a phone it, once."""
    return await issue_device_link(name, by=by, event_id=event.id)


async def renew_link(event: ScannedEvent, token_id: int, *, by: Actor) -> str:
    """Another link for a scanner's next phone. Raises NotFound when it is not of this event, or off."""
    async with db.transaction_or_join():
        await _require_own(event, token_id)
        return await renew_device_link(token_id, by=by)


async def revoke_device(event: ScannedEvent, token_id: int, *, by: Actor) -> None:
    """Switch a scanner off. Raises NotFound when it is not of this event, or off already."""
    async with db.transaction_or_join():
        await _require_own(event, token_id)
        await revoke_token(token_id, by=by)


async def limit_device(
    event: ScannedEvent, token_id: int, form: DeviceGatesForm, known: Collection[int], *, by: Actor, seen: str
) -> None:
    """Limit a scanner to some gates of its event. Raises NotFound, Invalid, and Outdated when they were changed since `seen`."""
    async with db.transaction_or_join():
        await _require_own(event, token_id)
        stored = {"gates": [str(gate) for gate in await gates_of_device(token_id)]}
        versions.require_current(form, stored, seen)
        gates = sorted({int(gate) for gate in form.gates})
        if not set(gates) <= set(known):
            raise Invalid(fields={"gates": [N_("Choose gates of this event")]})
        await tokens.limit_device(token_id, gates, by=by)


async def _require_own(event: ScannedEvent, token_id: int) -> None:
    own = (AccessToken.id == token_id) & (AccessToken.kind == TokenKind.DEVICE.value)
    scans = AccessToken.scopes.not_any(Scope.PRINT.value)
    if not await AccessToken.exists().where(own & scans & (AccessToken.event_id == event.id)):
        raise NotFound
