"""What a device keeps to decide without a network: rules, badges with their passages, and each person's record, sealed.

The key of a record is made from the text of the badge's code: whoever finds a phone reads no name from it, and a record
that opens proves that the code is the issued one. `static/js/gate-rules.js` decides with this data.
"""

import asyncio
import base64
import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fairs.accounts.actor import Device
from fairs.badges import tokens
from fairs.checkin import kept, queries, tallies
from fairs.checkin.rows import DeviceBadge, DeviceEvent, GatePassage, GateState, RoomSession
from fairs.checkin.rules import Person
from fairs.checkin.zones import zones_of
from fairs.core.rows import fetch_as, fetch_value_or_none
from fairs.events.tables import GateRule

INFO = b"fairs/person/1"
NONCE = 12  # bytes
KEPT = timedelta(days=1)  # after the event and after the last contact: then a device forgets what it knows

_BADGES = """
SELECT b.id, b.uid, right(b.code, :length) AS token, b.revoked_at IS NOT NULL AS revoked, r.state = 'confirmed' AS confirmed,
    r.id AS registration, r.name_passport, r.name_native, r.category,
    coalesce(nullif(r.organisation_name, ''), o.name_zh, '') AS organisation,
    EXISTS (SELECT 1 FROM talent t WHERE t.id = r.talent AND t.photo IS NOT NULL)
        OR EXISTS (SELECT 1 FROM registration_photo p WHERE p.registration = r.id)
        OR EXISTS (SELECT 1 FROM registration_file x WHERE x.registration = r.id AND x.on_badge) AS has_photo,
    ARRAY(
        SELECT s.code FROM registration_session x JOIN event_session s ON s.id = x.session WHERE x.registration = r.id
        ORDER BY s.code
    ) AS sessions
FROM badge b JOIN registration r ON r.id = b.registration LEFT JOIN organisation o ON o.id = r.organisation
WHERE r.event = :event AND b.id > :after AND (:since::timestamptz IS NULL OR b.issued_at > :since OR b.revoked_at > :since
    OR r.updated_at > :since OR EXISTS (SELECT 1 FROM scan s WHERE s.registration = r.id AND s.received_at > :since)
    OR EXISTS (SELECT 1 FROM scan s JOIN scan_correction c ON c.scan = s.id WHERE s.registration = r.id AND c.at > :since))
ORDER BY b.id LIMIT :limit
"""
# Today's passages; of gates that admit once, the first one of all days.
_PASSAGES = f"""
SELECT registration, gate, at, direction, device FROM (
    SELECT q.registration, q.gate, q.first_scanned_at AS at, 'in' AS direction, 0::bigint AS device, 0::bigint AS n
    FROM admission q WHERE q.registration = ANY(:people::bigint[]) AND q.gate = ANY(:once::bigint[])
        AND q.first_scanned_at < :morning
    UNION ALL
    SELECT s.registration, s.gate, s.scanned_at, s.direction, coalesce(s.device_id, 0), s.id FROM scan s
    WHERE s.registration = ANY(:people::bigint[]) AND s.outcome = 'admitted' AND s.scanned_at >= :morning
        AND s.gate = ANY(:gates::bigint[])
        AND {tallies.STANDING}
) p ORDER BY registration, n, at
"""  # noqa: S608 - constants of the code


def key_of(token: str) -> bytes:
    """The key of a badge's record, from the text of its code."""
    return HKDF(SHA256(), 32, salt=None, info=INFO).derive(token.encode("ascii"))


def seal(token: str, uid: bytes, person: Person) -> str:
    """A person's record that only the code of this badge opens, as base64 of nonce and box."""
    key = key_of(token)
    nonce = os.urandom(NONCE)
    record = {name: getattr(person, name) for name in ("name", "name_native", "category", "organisation")}
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, msgspec.json.encode(record), uid)).decode("ascii")


def told_key(number: int, public_key: bytes) -> dict[str, Any]:
    """A public key as devices get it."""
    return {"number": number, "public_key": base64.b64encode(public_key).decode("ascii")}


async def sealed(
    event: DeviceEvent,
    device: Device,
    gates: Sequence[GateState],
    *,
    after: int,
    since: datetime | None,
    now: datetime,
    limit: int,
) -> tuple[int | None, dict[str, Any]]:
    """The last badge of a full page, and what a device gets with it beside keys and gates."""
    zones = await zones_of(event.id)
    areas = {gate.id: zones.get(gate.id, (gate.id,)) for gate in gates}
    morning = now.astimezone(ZoneInfo(event.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    badges = await fetch_as(
        DeviceBadge, _BADGES, event=event.id, after=after, since=since, length=tokens.LENGTH, limit=limit
    )
    passages = await _passages(badges, gates, areas, morning)
    records = await kept.COPY().records([row.id for row in badges])
    if records is None:
        records = await asyncio.to_thread(lambda: [seal(row.token, row.uid, _person(row)) for row in badges])
    told = {
        "device": {"id": device.token_id, "name": device.name, "keep_until": await _keep_until(event, device, now)},
        "areas": {gate.code: areas[gate.id][0] for gate in gates},
        "sessions": await _sessions(event.id),
        "inside": await _inside(event, gates, areas, morning),
        "badges": [
            _badge(row, record, passages.get(row.registration, [])) for row, record in zip(badges, records, strict=True)
        ],
    }
    return badges[-1].id if len(badges) == limit else None, told


def _person(row: DeviceBadge) -> Person:
    return Person(row.name_passport, row.name_native, row.category, row.organisation)


def _badge(row: DeviceBadge, record: str, passages: list[tuple[int, datetime, str, int]]) -> dict[str, Any]:
    return {
        "uid": row.uid.hex(),
        "state": "revoked" if row.revoked else "valid" if row.confirmed else "not_confirmed",
        "registration": row.registration,
        "category": row.category,
        "sessions": row.sessions,
        "passages": passages,
        "photo": row.has_photo,
        "sealed": record,
    }


async def _passages(
    badges: Sequence[DeviceBadge],
    gates: Sequence[GateState],
    areas: Mapping[int, tuple[int, ...]],
    morning: datetime,
) -> dict[int, list[tuple[int, datetime, str, int]]]:
    """(area, time, direction, device) of the people of a page, by registration."""
    area_of = {other: zone[0] for zone in areas.values() for other in zone}
    once = sorted({other for gate in gates if gate.rule == GateRule.ONCE for other in areas[gate.id]})
    rows = await fetch_as(
        GatePassage,
        _PASSAGES,
        people=[row.registration for row in badges],
        gates=sorted(area_of),
        once=once,
        morning=morning,
    )
    found: dict[int, list[tuple[int, datetime, str, int]]] = {}
    for row in rows:
        found.setdefault(row.registration, []).append((area_of[row.gate], row.at, row.direction, row.device))
    return found


async def _inside(
    event: DeviceEvent, gates: Sequence[GateState], areas: Mapping[int, tuple[int, ...]], morning: datetime
) -> list[dict[str, Any]]:
    """People inside now, of the places that have a limit."""
    day = morning.date()
    limited = {areas[gate.id][0]: areas[gate.id] for gate in gates if gate.capacity is not None}
    counted = await queries.people_inside(event.id, [(area, day) for area in sorted(limited)], limited)
    return [{"area": area, "day": day, "count": counted.get((area, day), 0)} for area in sorted(limited)]


async def _sessions(event_id: int) -> list[RoomSession]:
    return await fetch_as(
        RoomSession,
        "SELECT s.code, r.code AS room, s.starts_at, s.ends_at, s.sign_up FROM event_session s"
        " LEFT JOIN room r ON r.id = s.room WHERE s.event = :event ORDER BY s.starts_at, s.code",
        event=event_id,
    )


async def _keep_until(event: DeviceEvent, device: Device, now: datetime) -> datetime:
    """When a device forgets its data without any contact: with its token, else a day after the event."""
    sql = "SELECT expires_at FROM access_token WHERE id = :id"
    expires = await fetch_value_or_none(datetime, sql, id=device.token_id)
    until = max(event.ends_at, now) + KEPT
    return until if expires is None else min(until, expires)
