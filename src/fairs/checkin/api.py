"""JSON API of check-in, for scanners."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.params import FromPath, FromQuery

from fairs.accounts.actor import Device
from fairs.checkin import direct, photos, queries, snapshot, tallies
from fairs.checkin.forms import MAX_CODE, MAX_SCANS, ReadBy
from fairs.checkin.rows import DeviceEvent, GateState, SnapshotBadge
from fairs.checkin.tables import Direction, Outcome, Reason
from fairs.checkin.zones import zones_of
from fairs.core import clock
from fairs.core.errors import Invalid
from fairs.core.i18n import N_
from fairs.files.queries import short_link
from fairs.registrations import finding
from fairs.web import access
from fairs.web.openapi import operation
from fairs.web.problems import problems

JSON = "application/json"
OVERLAP = timedelta(seconds=10)  # a change may carry a time shortly before it becomes visible to others
SNAPSHOT_PAGE = 2000  # badges
AnyRequest = Request[Any, Any, Any]


def scans_schema() -> Schema:
    """Scans of the body are decoded one by one, so the schema is written here instead of derived from a type."""
    text = Schema(type=OpenAPIType.STRING)
    scan = Schema(
        type=OpenAPIType.OBJECT,
        required=["id", "gate", "code", "scanned_at"],
        properties={
            "id": Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.UUID, description="made by the device"),
            "gate": text,
            "code": Schema(type=OpenAPIType.STRING, max_length=MAX_CODE, description="the text inside the QR"),
            "scanned_at": Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.DATE_TIME),
            "direction": Schema(type=OpenAPIType.STRING, enum=list(Direction), default=Direction.IN),
            "offline": Schema(type=OpenAPIType.BOOLEAN, default=False),
            "by": Schema(
                type=OpenAPIType.STRING,
                enum=list(ReadBy),
                default=ReadBy.CODE,
                description="hand: `code` is a registration's number that staff chose or typed",
            ),
            "told": Schema(
                type=OpenAPIType.STRING,
                enum=list(Outcome),
                description="with `offline`: what the device has said. Whom it turned away is not admitted; whom it let in "
                "against the server's decision is a conflict",
            ),
            "reason": Schema(type=OpenAPIType.STRING, enum=list(Reason), description="of `told: refused`"),
        },
    )
    scans = Schema(type=OpenAPIType.ARRAY, items=scan, max_items=MAX_SCANS)
    return Schema(type=OpenAPIType.OBJECT, required=["scans"], properties={"scans": scans})


def answer(value: Any, headers: dict[str, str] | None = None) -> Response[bytes]:
    """JSON encoded in one step, with the server's time."""
    told = {"cache-control": "no-store", "x-server-time": direct.server_time()}
    return Response(msgspec.json.encode(value), media_type=JSON, headers={**told, **(headers or {})})


@post(
    direct.PATH,
    name="api_scans",
    opt=access.device_token(),
    status_code=200,
    summary="Record scans",
    description="Up to 1,000 scans, answered in order after they are on disk. Sending an id again returns its first "
    "answer. An invalid scan is refused alone. 422 when the body as a whole is malformed.",
    tags=["checkin"],
    operation_class=operation(scans_schema),
    responses=problems(401, 403, 422),
)
async def post_scans(request: AnyRequest, device: NamedDependency[Device]) -> Response[bytes]:
    """Calls that `direct.py` passes on to the router, and errors of those it handles itself."""
    failure: Exception | None = request.scope.get(direct.FAILED)  # type: ignore[assignment]
    if failure is not None:
        raise failure
    return answer(await direct.results_of(await request.body(), device))


def _gate(gate: GateState) -> dict[str, Any]:
    return {
        "code": gate.code,
        "kind": gate.kind,
        "name_zh": gate.name_zh,
        "name_en": gate.name_en,
        "opens_at": gate.opens_at,
        "closes_at": gate.closes_at,
        "session": gate.session,
        "capacity": gate.capacity,
        "sign_up": gate.sign_up,
        "room": gate.room,
        "categories": gate.categories,
        "rule": gate.rule,
        "ways": gate.ways,
        "may_force": gate.may_force,
        "offline_names": gate.offline_names,
        "show_photo": gate.show_photo,
    }


def _event(event: DeviceEvent) -> dict[str, Any]:
    return {key: getattr(event, key) for key in ("id", "slug", "title_zh", "title_en", "timezone", "ended_at")}


def _today(event: DeviceEvent) -> date:
    return clock.now().astimezone(ZoneInfo(event.timezone)).date()


@get(
    "/api/v1/checkin/gates",
    name="api_gates",
    opt=access.device_token(),
    summary="Gates of the scanner's event",
    tags=["checkin"],
    responses=problems(401, 403),
)
async def get_gates(device: NamedDependency[Device]) -> Response[bytes]:
    """The gates that the scanner may use."""
    event = await queries.device_event(device)
    gates = [_gate(gate) for gate in await queries.gates_of(device)]
    return answer({"device": device.name, "event": _event(event), "gates": gates})


@get(
    "/api/v1/checkin/gates/{code:str}/counters",
    name="api_counters",
    opt=access.device_token(),
    summary="Numbers of a gate",
    description="People present (in the whole zone of the gate) and admitted (persons), repeated and refused scans (scans), admissions per minute. For "
    "today; when today is no day of the event, for the last day with an admission.",
    tags=["checkin"],
    responses=problems(401, 403, 404, 422),
)
async def get_counters(code: FromPath[str], device: NamedDependency[Device]) -> Response[bytes]:
    """Live counters for the scanner's header."""
    event = await queries.device_event(device)
    gate = await queries.gate_of(device, code)
    zone = ZoneInfo(event.timezone)
    await tallies.bring_up(gate.id, event.timezone)
    day = _today(event)
    if not event.starts_at.astimezone(zone).date() <= day <= event.ends_at.astimezone(zone).date():
        day = await tallies.last_day(gate.id) or day
    found = await tallies.counters(gate.id, day, event.timezone)
    zone_gates = (await zones_of(event.id)).get(gate.id, ())
    if len(zone_gates) > 1:  # people come in by one gate and leave by another
        inside = await queries.people_inside(event.id, [(gate.id, day)], {gate.id: zone_gates})
        found["present"] = inside.get((gate.id, day), 0)
    found["per_minute"] = [
        {"minute": datetime.fromisoformat(minute).astimezone(UTC), "admitted": count}
        for minute, count in found["per_minute"]
    ]
    return answer({"gate": code, "day": day, "generated_at": clock.now(), **found})


def since_of(text: str) -> datetime | None:
    """The moment of a query. Raises Invalid."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise Invalid(fields={"since": [N_("Give a time such as 2026-11-22T09:00:00Z.")]}) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _badge(row: SnapshotBadge) -> dict[str, Any]:
    state = "revoked" if row.revoked else "valid" if row.confirmed else "not_confirmed"
    person = {"name": row.name_passport, "name_native": row.name_native}
    return {
        "uid": row.uid.hex(),
        "state": state,
        "signed_up": row.signed_up,
        "first_scanned_at": row.first_scanned_at,
        "person": person | {"category": row.category, "organisation": row.organisation, "photo_url": None},
    }


async def _open_badges(
    event: DeviceEvent, gate: GateState | None, *, after: int, since: datetime | None
) -> tuple[int | None, dict[str, Any]]:
    """The last badge of a full page, and the badges of the page with what one gate needs of them."""
    badges = await queries.snapshot_badges(
        event.id,
        after=after,
        gate=gate.id if gate else None,
        session=gate.session_id if gate and gate.sign_up else None,
        day=_today(event),
        since=since,
        limit=SNAPSHOT_PAGE,
    )
    last = badges[-1].id if len(badges) == SNAPSHOT_PAGE else None
    return last, {"badges": [_badge(row) for row in badges]}


@get(
    "/api/v1/checkin/snapshot",
    name="api_snapshot",
    opt=access.device_token(),
    summary="What a scanner needs to work offline",
    description="Public keys, the gate's rules, badges with their state and a minimum about each person, 2,000 per page: "
    "repeat with `after` until `next_after` is null. Later call with `since` set to `next_since` of the first page to "
    "get the changes. With `sealed=true`: of all gates of the scanner, with everything that their rules need (passages of "
    "the day, sign-ups, people inside), and each person's record encrypted: AES-256-GCM, nonce of 12 bytes first, the uid "
    "as additional data, the key HKDF-SHA256 of the code's 128 letters with the info `fairs/person/1`.",
    tags=["checkin"],
    responses=problems(401, 403, 404, 422),
)
async def get_snapshot(
    device: NamedDependency[Device],
    gate: FromQuery[str] = "",
    since: FromQuery[str] = "",
    after: FromQuery[int] = 0,
    sealed: FromQuery[bool] = False,
) -> Response[bytes]:
    """A page of the snapshot; without a gate: the keys, all gates and the badges without their sessions."""
    now = clock.now()
    event = await queries.device_event(device)
    one = await queries.gate_of(device, gate) if gate and not sealed else None
    gates = [one] if one else await queries.gates_of(device)
    start, moment = min(max(after, 0), 2**62), since_of(since)
    more: dict[str, Any]
    if sealed:
        last, more = await snapshot.sealed(
            event, device, gates, after=start, since=moment, now=now, limit=SNAPSHOT_PAGE
        )
    else:
        last, more = await _open_badges(event, one, after=start, since=moment)
    keys = await queries.public_keys()
    body = {
        "generated_at": now,
        "next_since": now - OVERLAP,
        "next_after": last,
        "event": _event(event),
        "keys": [snapshot.told_key(number, keys[number]) for number in sorted(keys)],
        "gates": [_gate(item) for item in gates],
        **more,
    }
    return answer(body, {"x-page-generated": now.isoformat()})


@get(
    "/api/v1/checkin/people",
    name="api_people",
    opt=access.device_token(),
    summary="Find a person at the gate",
    description="People with a place at the scanner's event by the beginning of a name in any script, pinyin, initials, both "
    "orders, by registration number or the ending of the phone number, and last by organisation or address. At least two "
    "characters, or one Chinese. Ten at a time: `more` means that there are others, `page=2` returns twenty, at most 200. "
    "`marks`: start and end of the typed text in a field.",
    tags=["checkin"],
    responses=problems(401, 403),
)
async def get_people(
    device: NamedDependency[Device], q: FromQuery[str] = "", page: FromQuery[int] = 1
) -> Response[bytes]:
    """People search, for badges that do not scan."""
    typed = q.strip().replace("\0", "")[:100]
    limit = 10 * min(max(page, 1), 20)
    enough = len(typed) >= 2 or bool(typed and not typed.isascii())
    found, more = await finding.people(device.event_id, typed, limit=limit) if enough else ([], False)
    keys = [person.pop("id") for person in found]
    of, now = await photos.photos_of(device.event_id, keys), clock.now().timestamp()
    told = [
        {**person, "photo_url": short_link(of[key], now) if key in of else None}
        for person, key in zip(found, keys, strict=True)
    ]
    return answer({"people": told, "more": more and limit < 200})


HANDLERS: list[Any] = [post_scans, get_people, get_gates, get_counters, get_snapshot]
