"""Corrections at gates: the last scan undone. Nothing is overwritten; `admitting` has the people let in by hand.

A correction takes the event's turn like a batch of scans: whatever was decided on the state before it is decided anew.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fairs.accounts.actor import Actor, Device
from fairs.audit.services import record
from fairs.checkin import policy, tallies
from fairs.checkin.rows import GateToCorrect, Passage, ScannedEvent
from fairs.checkin.tables import CorrectionKind, Direction, Outcome
from fairs.checkin.zones import ZONE_OF
from fairs.core import clock, db
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_
from fairs.core.pubsub import publish
from fairs.core.rows import execute, fetch_one_as, fetch_value_or_none

NOT_ADMITTED = N_("Only a scan that let somebody through can be undone.")
NOT_LAST = N_("The person has passed again since. Undo the later scan first.")
TOO_LATE = N_("It is too late to undo this scan here. Ask the organiser.")
SAY_WHY = N_("Say what happened")
_PASSAGE = """
SELECT s.id, s.gate, s.device_id AS device, s.registration, s.direction, s.outcome, s.scanned_at, s.received_at,
    (s.scanned_at AT TIME ZONE e.timezone)::date AS day,
    EXISTS (SELECT 1 FROM scan_correction c WHERE c.scan = s.id AND c.kind = 'undone') AS undone
FROM scan s JOIN gate g ON g.id = s.gate JOIN event e ON e.id = g.event WHERE e.id = :event
"""
_LATER = f"""
SELECT true FROM scan s JOIN gate g ON g.id = :gate
WHERE s.registration = :registration AND s.gate = ANY({ZONE_OF}) AND s.outcome = 'admitted'
    AND (s.scanned_at AT TIME ZONE :zone)::date = :day AND (s.scanned_at, s.id) > (:at, :id) AND {tallies.STANDING} LIMIT 1
"""  # noqa: S608 - constants of the code
# What is left of the admission once a coming in counts for nothing: the first one that still stands, or none.
_FIRST_LEFT = f"""
SELECT min(s.scanned_at) FROM scan s WHERE s.registration = :registration AND s.gate = :gate AND s.outcome = 'admitted'
    AND s.direction = 'in' AND (s.scanned_at AT TIME ZONE :zone)::date = :day AND {tallies.STANDING}
"""  # noqa: S608 - constants of the code


def _undo_reasons() -> Any:
    return policy.undo_reasons()


def unsaid(reason: str, note: str) -> dict[str, object]:
    """The error of a reason that says nothing by itself, without a note."""
    return {"note": SAY_WHY} if reason == policy.OTHER and not note.strip() else {}


class UndoScanForm(Form):
    """Why a scan is undone: a reason of the catalogue."""

    reason: Annotated[str, Field(N_("Why is it undone?"), widget="select", choices=_undo_reasons)]
    note: Annotated[str, Field(N_("Note"), max_length=200)] = ""

    def check(self) -> dict[str, object]:
        return unsaid(self.reason, self.note)


async def gate_to_correct(event_id: int, code: str) -> GateToCorrect:
    """A gate of an event by its code, also one that is switched off. Raises NotFound."""
    row = await fetch_one_as(
        GateToCorrect,
        f"SELECT g.id, g.code, g.name_zh, g.name_en, g.rule, g.may_force, g.inactive_since IS NULL AS in_use, {ZONE_OF} AS zone"  # noqa: S608 - constants of this file
        " FROM gate g WHERE g.event = :event AND g.code = :code",
        event=event_id,
        code=code,
    )
    if row is None:
        raise NotFound
    return row


@asynccontextmanager
async def turn(event_id: int) -> AsyncIterator[None]:
    """The event's turn: nobody else stores scans of the event until the commit, and batches decided before are decided anew."""
    async with db.transaction_or_join():
        await execute(
            "INSERT INTO scan_turn AS t (event, version) VALUES (:event, 1)"
            " ON CONFLICT (event) DO UPDATE SET version = t.version + 1",
            event=event_id,
        )
        yield
        await publish(f"event:{event_id}", {"what": "scan"})


async def undo_by_device(event: ScannedEvent, scan: UUID, form: UndoScanForm, *, device: Device) -> Passage:
    """A scanner undoes a scan of its own, for some minutes. Repeated, it changes nothing. Raises NotFound, Conflict."""
    async with turn(event.id):
        found = await fetch_one_as(Passage, f"{_PASSAGE} AND s.uuid = :uuid", event=event.id, uuid=scan)
        if found is None or found.device != device.token_id:
            raise NotFound
        if not found.undone:
            if clock.now() - found.received_at > policy.undo_life():
                raise Conflict(TOO_LATE, code="too_late")
            by = Actor(account_id=device.account_id, email="", name=device.label)
            await _undo(event, found, form, by=by, device=device.token_id)
    return found


async def undo_by_organiser(event: ScannedEvent, gate_id: int, scan_id: int, form: UndoScanForm, *, by: Actor) -> None:
    """Who runs the event undoes a scan of a gate. Raises NotFound, Conflict."""
    async with turn(event.id):
        found = await fetch_one_as(
            Passage, f"{_PASSAGE} AND s.id = :id AND s.gate = :gate", event=event.id, id=scan_id, gate=gate_id
        )
        if found is None:
            raise NotFound
        if not found.undone:
            await _undo(event, found, form, by=by, device=None)


async def _undo(event: ScannedEvent, scan: Passage, form: UndoScanForm, *, by: Actor, device: int | None) -> None:
    """Inside the turn: the correction, then counters and admission as if the scan had not been."""
    if scan.outcome != Outcome.ADMITTED or scan.registration is None:
        raise Conflict(NOT_ADMITTED, code="not_admitted")
    place = {"registration": scan.registration, "gate": scan.gate, "day": scan.day, "zone": event.timezone}
    if await fetch_value_or_none(bool, _LATER, **place, at=scan.scanned_at, id=scan.id):
        raise Conflict(NOT_LAST, code="not_last")
    async with tallies.taking_back(scan.gate, event.timezone, scan):
        await correct(scan.id, scan.scanned_at, CorrectionKind.UNDONE, form.reason, form.note, by=by, device=device)
    if scan.direction == Direction.IN:
        await _take_admission_back(place)
    after = {"gate": scan.gate, "reason": form.reason, "note": form.note, "direction": scan.direction}
    await record("scan.undo", "scan", scan.id, by=by, after=after)


async def _take_admission_back(place: dict[str, Any]) -> None:
    first = await fetch_value_or_none(datetime, _FIRST_LEFT, **place)
    where = "gate = :gate AND registration = :registration AND day = :day"
    known = {name: place[name] for name in ("gate", "registration", "day")}
    if first is None:
        await execute(f"DELETE FROM admission WHERE {where}", **known)  # noqa: S608 - a constant above
    else:
        await execute(f"UPDATE admission SET first_scanned_at = :first WHERE {where}", first=first, **known)  # noqa: S608 - a constant above


async def correct(
    scan_id: int, scanned_at: datetime, kind: CorrectionKind, reason: str, note: str, *, by: Actor, device: int | None
) -> None:
    """Store a correction. `device`: the scanner where it was said."""
    await execute(
        "INSERT INTO scan_correction (scan, kind, reason, note, account, device_id, at, scanned_at)"
        " VALUES (:scan, :kind, :reason, :note, :account, :device, :at, :scanned_at)",
        scan=scan_id,
        kind=kind,
        reason=reason,
        note=note.strip(),
        account=by.account_id,
        device=device,
        at=clock.now(),
        scanned_at=scanned_at,
    )
