"""The gates of an event as they stand now: numbers of each gate, and the devices at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fairs.checkin import inside, policy, tallies
from fairs.checkin.inside import Place
from fairs.checkin.rows import LiveDevice, LiveGate, LiveRelay, ScannedEvent
from fairs.core import clock
from fairs.core.rows import fetch_as
from fairs.core.scopes import Scope

SPAN = 60  # minutes of the curve
RECENT = 5  # minutes of which the rate is the mean
CLOCK_OFF = 120  # seconds: a scanner's clock that is further off is marked


@dataclass(frozen=True)
class GateNow:
    """A gate with its numbers of today. `inside`: of its place; None where nobody is inside of anything."""

    gate: LiveGate
    place: Place | None
    inside: int | None
    admitted: int
    minutes: Sequence[int]
    refused: dict[str, int]
    devices: Sequence["DeviceNow"]

    @property
    def rate(self) -> float:
        """People a minute in the last minutes."""
        return sum(self.minutes[-RECENT:]) / RECENT

    @property
    def silent(self) -> int:
        """Number of its devices that do not report."""
        return sum(device.silent for device in self.devices)


@dataclass(frozen=True)
class DeviceNow:
    """A scanner with what is to be noticed about it."""

    row: LiveDevice
    seen_at: datetime | None
    silent: bool
    low: bool
    clock_off: bool


@dataclass(frozen=True)
class RelayNow:
    """A venue relay with what is to be noticed about it."""

    row: LiveRelay
    silent: bool


@dataclass(frozen=True)
class Live:
    """All gates, all devices and all relays of an event."""

    gates: Sequence[GateNow]
    devices: Sequence[DeviceNow]
    relays: Sequence[RelayNow]


async def live(event: ScannedEvent) -> Live:
    """Read everything once."""
    gates = await inside.gates_of(event.id)
    places = inside.places_of(gates)
    counts = await inside.counts(places, event.timezone)
    place_of = {gate.id: place for place in places for gate in place.gates}
    devices = [_device(row) for row in await _devices(event.id)]
    shown = []
    for gate in gates:
        at_it = [device for device in devices if device.row.gate == gate.id]
        shown.append(await _gate(event, gate, place_of.get(gate.id), counts, at_it))
    relays = [
        RelayNow(row, row.at is None or clock.now() - row.at > policy.silent_after())
        for row in await relays_of(event.id)
    ]
    return Live(shown, devices, relays)


async def _gate(
    event: ScannedEvent, gate: LiveGate, place: Place | None, counts: dict[int, int], devices: Sequence[DeviceNow]
) -> GateNow:
    await tallies.bring_up(gate.id, event.timezone)
    numbers = await tallies.counters(gate.id, inside.morning(event.timezone).date(), event.timezone)
    return GateNow(
        gate=gate,
        place=place,
        inside=counts.get(place.area, 0) if place else None,
        admitted=numbers["admitted"],
        minutes=_minutes(numbers["per_minute"]),
        refused=dict(sorted(numbers["refused"].items(), key=lambda item: (-item[1], item[0]))),
        devices=devices,
    )


def _minutes(counted: Sequence[Any]) -> list[int]:
    """Entries of each of the last minutes, also those without one."""
    end = clock.now().replace(second=0, microsecond=0)
    known = {datetime.fromisoformat(minute).timestamp(): int(number) for minute, number in counted}
    return [known.get((end - timedelta(minutes=back)).timestamp(), 0) for back in range(SPAN - 1, -1, -1)]


async def _devices(event_id: int) -> list[LiveDevice]:
    """Scanners that may be used now; without a report, the gate of the last scan."""
    return await fetch_as(
        LiveDevice,
        "SELECT t.id, t.name, d.gate, d.at, d.battery, d.charging, d.queued, d.oldest_queued_at, d.version, d.data_at,"
        " d.skew_seconds, d.camera, t.last_used_at FROM access_token t LEFT JOIN scan_device_status d ON d.device = t.id"
        " WHERE t.kind = 'device' AND t.event_id = :event AND t.revoked_at IS NULL AND NOT 'print' = ANY(t.scopes)"
        " AND (t.expires_at IS NULL OR t.expires_at > :now) AND (d.device IS NOT NULL OR t.last_used_at IS NOT NULL)"
        " ORDER BY t.name, t.id LIMIT 500",
        event=event_id,
        now=clock.now(),
    )


async def relays_of(event_id: int) -> list[LiveRelay]:
    """Venue relays of an event whose tokens are in force."""
    return await fetch_as(
        LiveRelay,
        "SELECT t.id, t.name, r.at, r.queued, r.oldest_queued_at, r.version, r.data_at, r.skew_seconds, r.address"
        " FROM access_token t LEFT JOIN scan_relay r ON r.token = t.id AND r.event = t.event_id"
        " WHERE t.kind = 'api' AND t.event_id = :event AND :scope = ANY(t.scopes) AND t.revoked_at IS NULL"
        " AND (t.expires_at IS NULL OR t.expires_at > :now) ORDER BY t.name, t.id LIMIT 100",
        event=event_id,
        scope=Scope.RELAY.value,
        now=clock.now(),
    )


def _device(row: LiveDevice) -> DeviceNow:
    seen = max((at for at in (row.at, row.last_used_at) if at is not None), default=None)
    return DeviceNow(
        row=row,
        seen_at=seen,
        silent=seen is None or clock.now() - seen > policy.silent_after(),
        low=row.battery is not None and row.battery <= policy.low_battery() and not row.charging,
        clock_off=row.skew_seconds is not None and abs(row.skew_seconds) > CLOCK_OFF,
    )
