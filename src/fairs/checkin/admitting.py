"""People let in by hand: by a supervisor, or by the staff at a gate whose organiser allows it. Each is a scan of no device and its correction."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid5

from fairs.accounts.actor import Actor, Device
from fairs.audit.services import record
from fairs.checkin import policy, tallies
from fairs.checkin.corrections import correct, gate_to_correct, turn, unsaid
from fairs.checkin.rows import ChosenPerson, GateToCorrect, RefusedScan, ScannedEvent
from fairs.checkin.tables import FORCIBLE, CorrectionKind, Direction
from fairs.core import clock
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_one_as, fetch_value_or_none
from fairs.events.tables import GateRule

NO_PLACE = N_("This person has no confirmed registration for the event.")
INSIDE = N_("This person is inside already.")
NOT_HERE = N_("Nobody is let in by hand at this gate. Ask the organiser.")
NOT_FORCIBLE = N_("For this reason the staff of the gate let nobody in. Ask the organiser.")
TOO_LATE = N_("It is too late for this scan. Scan the badge again.")
FORCED = UUID("4a1f0f0e-52f5-5c7c-9f0d-6b5a2c9b7d10")  # makes a person's admission out of the scan that was refused
_PERSON = """
SELECT r.id, r.number, r.state = 'confirmed' AS confirmed, r.name_passport, r.name_native, (SELECT b.id FROM badge b
    WHERE b.registration = r.id AND b.revoked_at IS NULL ORDER BY b.id DESC LIMIT 1) AS badge
FROM registration r WHERE r.event = :event
"""
_REFUSED = """
SELECT s.device_id AS device, s.outcome, s.reason, s.received_at, s.registration, g.code AS gate
FROM scan s JOIN gate g ON g.id = s.gate WHERE g.event = :event AND s.uuid = :uuid
"""
_LATEST = f"""
SELECT s.direction FROM scan s WHERE s.registration = :registration AND s.gate = ANY(:gates::bigint[])
    AND s.outcome = 'admitted' AND (s.scanned_at AT TIME ZONE :zone)::date = :day AND {tallies.STANDING}
ORDER BY s.scanned_at DESC, s.id DESC LIMIT 1
"""  # noqa: S608 - constants of the code


def _reasons() -> Any:
    return policy.admission_reasons()


class LetInForm(Form):
    """Why a person is let in whom the gate refuses: a reason of the catalogue."""

    reason: Annotated[str, Field(N_("Why is the person let in?"), widget="select", choices=_reasons)]
    note: Annotated[str, Field(N_("Note"), max_length=200)] = ""

    def check(self) -> dict[str, object]:
        return unsaid(self.reason, self.note)


class AdmitForm(Form):
    """A person whom a supervisor admits, by the number of the registration, and why."""

    number: Annotated[str, Field(N_("Registration number"), max_length=40)]
    reason: Annotated[str, Field(N_("Why is the person let in?"), widget="select", choices=_reasons)]
    note: Annotated[str, Field(N_("Note"), max_length=200)] = ""

    def check(self) -> dict[str, object]:
        return unsaid(self.reason, self.note)


async def chosen_person(event_id: int, number: str) -> ChosenPerson | None:
    """A registration of the event by its number."""
    return await fetch_one_as(ChosenPerson, f"{_PERSON} AND r.number = :number", event=event_id, number=number)


async def admit(event: ScannedEvent, gate: GateToCorrect, form: AdmitForm, key: UUID, *, by: Actor) -> None:
    """A supervisor lets a person in whom the gate refuses; the form's `key` makes a second click change nothing.

    Raises Invalid for somebody without a confirmed registration or who is inside, NotFound for a gate that is switched off.
    """
    if not gate.in_use:
        raise NotFound
    async with turn(event.id):
        person = await chosen_person(event.id, form.number.strip().upper())
        if person is None or not person.confirmed:
            raise Invalid(fields={"number": [NO_PLACE]})
        if not await _let_in(event, gate, person, key, form, by=by, device=None):
            raise Invalid(fields={"number": [INSIDE]})


async def let_in_by_device(event: ScannedEvent, scan: UUID, form: LetInForm, *, device: Device) -> ChosenPerson:
    """The staff of a gate let in the person whom their scan has just refused. Repeated, it changes nothing.

    Raises NotFound for a scan of another device, Conflict (`not_here`, `not_forcible`, `too_late`, `inside`).
    """
    async with turn(event.id):
        refused = await fetch_one_as(RefusedScan, _REFUSED, event=event.id, uuid=scan)
        if refused is None or refused.device != device.token_id:
            raise NotFound
        gate = await gate_to_correct(event.id, refused.gate)
        if not (gate.may_force and gate.in_use):
            raise Conflict(NOT_HERE, code="not_here")
        person = await fetch_one_as(ChosenPerson, f"{_PERSON} AND r.id = :id", event=event.id, id=refused.registration)
        if refused.reason not in FORCIBLE or person is None or not person.confirmed:
            raise Conflict(NOT_FORCIBLE, code="not_forcible")
        if clock.now() - refused.received_at > policy.undo_life():
            raise Conflict(TOO_LATE, code="too_late")
        by = Actor(account_id=device.account_id, email="", name=device.label)
        key = uuid5(FORCED, str(scan))
        if not await _let_in(event, gate, person, key, form, by=by, device=device.token_id):
            raise Conflict(INSIDE, code="inside")
    return person


async def _let_in(
    event: ScannedEvent,
    gate: GateToCorrect,
    person: ChosenPerson,
    key: UUID,
    form: AdmitForm | LetInForm,
    *,
    by: Actor,
    device: int | None,
) -> bool:
    """Inside the turn: the scan and its correction, once for each key. False: the person is inside."""
    if await fetch_value_or_none(int, "SELECT id FROM scan WHERE uuid = :key", key=key) is not None:
        return True
    now = clock.now()
    day: date | None = await fetch_value_or_none(
        date, "SELECT (:now::timestamptz AT TIME ZONE :zone)::date", now=now, zone=event.timezone
    )
    place = {"registration": person.id, "gates": gate.zone, "zone": event.timezone, "day": day}
    if gate.rule == GateRule.DAY and await fetch_value_or_none(str, _LATEST, **place) == Direction.IN:
        return False
    scan_id = await _store_admission(gate, person, key, now, day)
    await correct(scan_id, now, CorrectionKind.BY_HAND, form.reason, form.note, by=by, device=device)
    after = {"gate": gate.id, "number": person.number, "reason": form.reason, "note": form.note}
    await record("scan.admit", "scan", scan_id, by=by, after=after)
    return True


async def _store_admission(
    gate: GateToCorrect, person: ChosenPerson, key: UUID, now: datetime, day: date | None
) -> int:
    """The scan, of no device, and the admission, if it is the first one."""
    scan_id = await fetch_value_or_none(
        int,
        "INSERT INTO scan (uuid, gate, badge, registration, direction, outcome, scanned_at, received_at, code_seen)"
        " VALUES (:key, :gate, :badge, :person, 'in', 'admitted', :now, :now, '') RETURNING id",
        key=key,
        gate=gate.id,
        badge=person.badge,
        person=person.id,
        now=now,
    )
    assert scan_id is not None
    await execute(
        "INSERT INTO admission (gate, registration, day, first_scanned_at) SELECT :gate, :person, :day, :now"
        " WHERE NOT EXISTS (SELECT 1 FROM admission WHERE registration = :person AND gate = ANY(:zone::bigint[])"
        " AND (day = :day OR :once))",
        gate=gate.id,
        person=person.id,
        day=day,
        now=now,
        zone=gate.zone,
        once=gate.rule == GateRule.ONCE,
    )
    return scan_id
