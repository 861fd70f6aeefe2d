"""The page on which a scanner is limited to some gates of its event."""

from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.accounts.tokens import gates_of_device
from fairs.checkin import inside, queries, services
from fairs.checkin.controllers import managed_event
from fairs.checkin.forms import DeviceGatesForm
from fairs.checkin.rows import ScannedEvent
from fairs.core import versions
from fairs.core.errors import NotFound
from fairs.core.forms import Bound
from fairs.core.i18n import N_, pick
from fairs.core.saving import attempt, only_fields, submitted
from fairs.events.running import RUNNERS
from fairs.web.templating import AnyRequest, redirect, render

PATH = "/organise/editions/{slug:str}/devices/{token_id:int}/gates"


async def _page(
    request: AnyRequest, event: ScannedEvent, token_id: int, form: Bound[Any], *, status: int = 200
) -> Response[Any]:
    device = next((row for row in await queries.devices_of(event.id) if row.id == token_id), None)
    if device is None:
        raise NotFound
    return render(request, "checkin/device_gates.html", status=status, event=event, device=device, form=form)


async def _choices(event: ScannedEvent, form: Bound[Any]) -> list[int]:
    """Offer the gates of the event; returns their ids."""
    gates = await inside.gates_of(event.id)
    choices = [(str(gate.id), pick(gate.name_zh, gate.name_en), gate.code) for gate in gates]
    field = form.fields["gates"]
    field.spec = replace(field.spec, choices=lambda: choices)
    return [gate.id for gate in gates]


@get(PATH, name="device_gates", opt=RUNNERS)
async def device_gates(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], token_id: FromPath[int]
) -> Response[Any]:
    """The gates where a scanner may be used."""
    event = await managed_event(actor, slug)
    chosen = [str(gate) for gate in await gates_of_device(token_id)]
    form = versions.opened(DeviceGatesForm, {"gates": chosen})
    await _choices(event, form)
    return await _page(request, event, token_id, form)


@post(PATH, name="limit_device", opt=RUNNERS, status_code=303)
async def limit_device(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], token_id: FromPath[int]
) -> Response[Any]:
    """Limit a scanner at once: its next scan elsewhere is refused as the wrong gate."""
    event = await managed_event(actor, slug)
    stored = {"gates": [str(gate) for gate in await gates_of_device(token_id)]}
    form = submitted(DeviceGatesForm, await request.form(), stored)
    known = await _choices(event, form)

    async def act() -> None:
        if not all(text.isascii() and text.isdigit() and len(text) < 19 for text in form.value.gates):
            raise NotFound
        await services.limit_device(event, token_id, form.value, known, by=actor, seen=form.version)

    status, _ = await attempt(form, act, only_fields)
    if status:
        return await _page(request, event, token_id, form, status=status)
    return redirect(request, "devices", slug=slug, flash=N_("The gates of the scanner are saved."))


HANDLERS: list[Any] = [device_gates, limit_device]
