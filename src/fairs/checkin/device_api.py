"""JSON API for scanners beside the scans: corrections of their own scans, and how they stand."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from fairs.accounts.actor import Device
from fairs.checkin import corrections, direct, queries, status
from fairs.checkin.api import answer
from fairs.checkin.corrections import UndoScanForm
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


HANDLERS: list[Any] = [undo_scan, post_status]
