"""JSON API for scanners beside the scans: corrections of their own scans, and how they stand."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairs.accounts.actor import Device
from fairs.checkin import admitting, corrections, direct, names, queries, status
from fairs.checkin.admitting import LetInForm
from fairs.checkin.api import OVERLAP, answer, since_of
from fairs.checkin.corrections import UndoScanForm
from fairs.core import clock
from fairs.core.errors import NotFound
from fairs.core.forms import parse
from fairs.web import access
from fairs.web.openapi import operation, schema_of
from fairs.web.problems import problems

TAGS = ["checkin"]


@post(
    f"{direct.PATH}/{{scan:str}}/undo",
    name="api_undo_scan",
    opt=access.device_token(),
    status_code=200,
    summary="Undo a scan of this scanner",
    description="The last scan of a person at a gate, for some minutes after it arrived (`gate_corrections` of the catalogue): "
    "it stays stored and counts for nothing any more. `reason` is a key of the catalogue, `other` needs a `note`. Repeated, it "
    "changes nothing. 409 `not_last`, `not_admitted`, `too_late`.",
    tags=TAGS,
    operation_class=operation(lambda: schema_of(UndoScanForm)),
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def undo_scan(
    request: Request[Any, Any, Any],
    scan: FromPath[str],
    data: JSONBody[dict[str, Any]],
    device: NamedDependency[Device],
) -> Response[bytes]:
    """The scan as it is corrected."""
    form = parse(UndoScanForm, data)
    event = await queries.event_by_id(device.event_id)
    undone = await corrections.undo_by_device(event, _uuid(scan), form, device=device)
    return answer({"id": scan, "undone": True, "direction": undone.direction, "scanned_at": undone.scanned_at})


@post(
    f"{direct.PATH}/{{scan:str}}/let-in",
    name="api_let_in",
    opt=access.device_token(),
    status_code=200,
    summary="Let in the person whom a scan of this scanner has refused",
    description="Where the gate allows it (`may_force`), for some minutes after the scan, and only for `too_early`, `too_late`, "
    "`not_signed_up`, `wrong_category`, `wrong_room` and `full`. `reason` is a key of the catalogue `gate_corrections`, `other` needs a "
    "`note`. Stored as an admission of its own with who did it and why. Repeated, it changes nothing. 409 `not_here`, "
    "`not_forcible`, `too_late`, `inside`.",
    tags=TAGS,
    operation_class=operation(lambda: schema_of(LetInForm)),
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def let_in(
    request: Request[Any, Any, Any],
    scan: FromPath[str],
    data: JSONBody[dict[str, Any]],
    device: NamedDependency[Device],
) -> Response[bytes]:
    """The person, as let in."""
    form = parse(LetInForm, data)
    event = await queries.event_by_id(device.event_id)
    person = await admitting.let_in_by_device(event, _uuid(scan), form, device=device)
    return answer({"id": scan, "let_in": True, "name": person.name_passport, "name_native": person.name_native})


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


@post(
    "/api/v1/checkin/status",
    name="api_device_status",
    opt=access.device_token(),
    status_code=200,
    summary="Report how this scanner stands",
    description="Once a minute, for the organiser's page of the gates: one row for each scanner, the last report. `clock` is the "
    "scanner's own time, from which its deviation is reckoned. Reports within five seconds of the last one are not stored.",
    tags=TAGS,
    operation_class=operation(status.schema),
    responses=problems(400, 401, 403, 422),
)
async def post_status(data: JSONBody[dict[str, Any]], device: NamedDependency[Device]) -> Response[bytes]:
    """When to report again, and by how much the scanner's clock is behind."""
    report = status.read(data)
    skew = await status.store(report, device)
    return answer({"again_in": status.AGAIN, "skew_seconds": skew})


@get(
    "/api/v1/checkin/gates/{code:str}/names",
    name="api_names",
    opt=access.device_token(),
    summary="People of a gate, for looking them up without a network",
    description="Where the gate's form allows it (`offline_names`), else 404. Pages of 1,000 people as of `snapshot`: `after`, `since`, "
    "`next_after`, `next_since`. `sealed` is AES-256-GCM, nonce of 12 bytes first, the gate's code as additional data, the key "
    "HKDF-SHA256 of the token's letters with the info `fairs/names/1`. `people`: how many the gate may admit in all; when that differs, or `of` has changed, fetch everything again.",
    tags=TAGS,
    responses=problems(401, 403, 404, 422),
)
async def get_names(
    request: Request[Any, Any, Any],
    code: FromPath[str],
    device: NamedDependency[Device],
    since: FromQuery[str] = "",
    after: FromQuery[int] = 0,
) -> Response[bytes]:
    """A page of sealed names; with `since` only of people who have changed."""
    now = clock.now()
    _, _, token = request.headers.get("authorization", "").partition(" ")
    last, told = await names.page_of(device, token, code, after=min(max(after, 0), 2**62), since=since_of(since))
    return answer({"generated_at": now, "next_since": now - OVERLAP, "next_after": last, **told})


HANDLERS: list[Any] = [undo_scan, let_in, post_status, get_names]
