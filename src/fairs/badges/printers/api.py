"""JSON API for the agent beside a desk's printer (`fairs print-agent`): what to print, the page, and how it went."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from fairs.accounts.actor import Device
from fairs.badges import printing
from fairs.badges.designing import layout
from fairs.badges.designing.boxes import Sides
from fairs.badges.printers import services
from fairs.badges.printers.forms import Call, Outcome
from fairs.core.forms import parse
from fairs.core.scopes import Scope
from fairs.web import access
from fairs.web.openapi import operation, schema_of
from fairs.web.problems import problems

TAGS = ["printing"]
AGAIN = 1  # seconds after which an idle agent asks again
PRINTER = access.device_token(Scope.PRINT)
PDF = "application/pdf"
NO_STORE = {"cache-control": "no-store"}


@post(
    "/api/v1/printing/next",
    name="api_next_print",
    opt=PRINTER,
    status_code=200,
    summary="Take the next badge to print",
    description="For the agent of one printer, about once a second. `job` is null when nothing waits. `begun`: it was given out before, "
    "to the agent `agent`; nobody else gets it, and whoever cannot tell whether it was printed reports it as failed with the reason "
    "`perhaps-printed`. Sizes are millimetres, `sides` is `one` or `two`. 409 `taken`: another agent called within the last seconds.",
    tags=TAGS,
    operation_class=operation(lambda: schema_of(Call)),
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def next_print(data: JSONBody[dict[str, Any]], device: NamedDependency[Device]) -> Response[dict[str, Any]]:
    """The oldest job of this printer."""
    call = parse(Call, data)
    job, begun = await services.next_job(call, device)
    if job is None:
        return Response({"job": None, "again_in": AGAIN}, headers=NO_STORE)
    _, design, _ = await printing.parts_of(job.badge)
    width, height = layout.piece(design)
    told = {
        "id": job.id,
        "begun": begun,
        "agent": job.agent if begun else call.agent,
        "width": width,
        "height": height,
        "sides": "two" if design.sides == Sides.TWO else "one",
    }
    return Response({"job": told, "again_in": AGAIN}, headers=NO_STORE)


@get(
    "/api/v1/printing/jobs/{job_id:int}/document",
    name="api_print_document",
    opt=PRINTER,
    summary="The badge to print",
    description="One page of the badge's own size, two for both sides. Only while the job is being printed.",
    tags=TAGS,
    responses={
        200: ResponseSpec(bytes, media_type=PDF, description="The badge", generate_examples=False),
        **problems(401, 403, 404),
    },
)
async def print_document(job_id: FromPath[int], device: NamedDependency[Device]) -> Response[bytes]:
    """The badge on a page of its own."""
    badge, design, photo = await printing.parts_of(await services.badge_of(job_id, device))
    content = await asyncio.to_thread(printing.piece_pdf, badge, design, photo)
    return Response(content, media_type=PDF, headers=NO_STORE)


@post(
    "/api/v1/printing/jobs/{job_id:int}",
    name="api_report_print",
    opt=PRINTER,
    status_code=200,
    summary="Report how a print stands",
    description="`printing` with a `reason` while the printer waits for something, then `printed` or `failed`. The answer has the state "
    "that is stored: `cancelled` when the desk gave the print up. Repeated, it changes nothing.",
    tags=TAGS,
    operation_class=operation(lambda: schema_of(Outcome)),
    responses=problems(400, 401, 403, 404, 422),
)
async def report_print(
    job_id: FromPath[int], data: JSONBody[dict[str, Any]], device: NamedDependency[Device]
) -> Response[dict[str, Any]]:
    """Stores it and answers with what is stored."""
    state = await services.report(job_id, parse(Outcome, data), device)
    return Response({"state": state.value}, headers=NO_STORE)


HANDLERS: list[Any] = [next_print, print_document, report_print]
