"""Scans that the server does not have yet: in the order in which they were stored, and as files at last."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from fairs.checkin.forms import ReadBy
from fairs.checkin.relay.wire import DeviceReport, RelayedScan
from fairs.checkin.tables import Direction, Outcome
from fairs.core import clock
from fairs.core.rows import Row, execute, fetch_as, fetch_one_as

PART = 500  # scans of a call
_FROM = (
    "FROM relay_state t JOIN scan s ON s.id > t.sent_through LEFT JOIN gate g ON g.id = s.gate"
    " LEFT JOIN registration r ON r.id = s.registration"
    " WHERE NOT EXISTS (SELECT 1 FROM relay_pulled p WHERE p.scan = s.id)"
)
_NEXT = (
    "SELECT s.id, s.uuid, coalesce(g.code, '') AS gate, s.code_seen AS code, s.direction, s.scanned_at, s.device_id AS device,"
    f" s.outcome, s.reason, s.conflict, coalesce(upper(btrim(s.code_seen)) = r.number, false) AS by_hand {_FROM}"
    " ORDER BY s.id LIMIT :limit"
)
_QUEUE = f"SELECT count(*) AS queued, min(s.received_at) AS oldest {_FROM}"
_REPORTS = (
    "SELECT d.device, coalesce(g.code, '') AS gate, d.battery, d.charging, d.queued, d.oldest_queued_at, d.version,"
    " d.data_at, d.skew_seconds, d.camera, d.at FROM scan_device_status d LEFT JOIN gate g ON g.id = d.gate"
    " WHERE d.at > :since ORDER BY d.at LIMIT 500"
)


class Waiting(Row, frozen=True):
    """A stored scan that has to be sent."""

    id: int
    uuid: UUID
    gate: str
    code: str
    direction: Direction
    scanned_at: datetime
    device: int | None
    outcome: Outcome
    reason: str | None
    conflict: bool
    by_hand: bool

    def sent(self) -> RelayedScan:
        """As the server gets it: what the scanner said to the person is what happened.

        A conflict here: the scanner had let the person in, without a network, against the relay's decision.
        """
        told = Outcome.ADMITTED if self.conflict else self.outcome
        return RelayedScan(
            id=str(self.uuid),
            gate=self.gate,
            code=self.code,
            scanned_at=self.scanned_at,
            direction=self.direction,
            offline=True,
            by=ReadBy.HAND if self.by_hand else ReadBy.CODE,
            told=told,
            reason=self.reason or "" if told == Outcome.REFUSED else "",
            device=self.device or 0,
        )


class Queue(Row, frozen=True):
    """How much waits, and since when."""

    queued: int
    oldest: datetime | None


async def next_part(limit: int = PART) -> list[Waiting]:
    """The first scans that wait."""
    return await fetch_as(Waiting, _NEXT, limit=limit)


async def queue() -> Queue:
    """How much waits."""
    found = await fetch_one_as(Queue, _QUEUE)
    return found or Queue(queued=0, oldest=None)


async def acknowledged(part: Sequence[Waiting]) -> None:
    """The server has these."""
    await execute("UPDATE relay_state SET sent_through = greatest(sent_through, :last)", last=part[-1].id)


class _Reported(Row, frozen=True):
    """A scanner's last report to this relay."""

    device: int
    gate: str
    battery: int | None
    charging: bool | None
    queued: int
    oldest_queued_at: datetime | None
    version: str
    data_at: datetime | None
    skew_seconds: int | None
    camera: bool | None
    at: datetime


async def reports(since: datetime) -> list[DeviceReport]:
    """Reports of scanners after a moment. Their clocks are told as they differ from this one's."""
    found = await fetch_as(_Reported, _REPORTS, since=since)
    return [
        DeviceReport(
            gate=row.gate,
            battery=row.battery,
            charging=row.charging,
            queued=row.queued,
            oldest_queued_at=row.oldest_queued_at,
            version=row.version,
            data_at=row.data_at,
            clock=None,
            camera=row.camera,
            device=row.device,
        )
        for row in found
    ]


class _Named(Row, frozen=True):
    """A scanner's name."""

    id: int
    name: str


async def save(folder: Path, slug: str) -> list[Path]:
    """Write all that waits into files, one for each scanner, as the page of scanners reads them in."""
    waiting = await next_part(10_000_000)
    names = {row.id: row.name for row in await fetch_as(_Named, "SELECT id, name FROM access_token")}
    by_device: dict[int, list[dict[str, Any]]] = {}
    for item in waiting:
        sent = item.sent()
        told = {name: getattr(sent, name) for name in sent.__struct_fields__ if name != "device"}
        told["scanned_at"] = item.scanned_at.astimezone(UTC).isoformat()
        by_device.setdefault(sent.device, []).append(told)
    saved = []
    for device, scans in sorted(by_device.items()):
        moment = clock.now()
        path = folder / f"unsent-scans-{device}-{moment:%Y%m%dT%H%M%S}.json"
        body = {"event": slug, "device": names.get(device, ""), "saved_at": moment.isoformat(), "scans": scans}
        _write(path, json.dumps(body, ensure_ascii=False, indent=1))
        saved.append(path)
    return saved


def _write(path: Path, text: str) -> None:
    """On the disk before the copy is deleted, for the owner's eyes only."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
