"""Pages of check-in: the scanner, its gate choice, and the scanners of an event."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

import fairs
from fairs.accounts.actor import Actor
from fairs.checkin import conflicts, importing, live, policy, queries, services, worker
from fairs.checkin.forms import DeviceForm
from fairs.checkin.relay import links as relay_links
from fairs.checkin.rows import ScannedEvent
from fairs.checkin.tables import FORCIBLE
from fairs.core import clock, qr
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.events.running import RUNNERS
from fairs.registrations.labels import short_categories
from fairs.web import access
from fairs.web.templating import redirect, redirect_to, render, reverse

AnyRequest = Request[Any, Any, Any]
BROWSER_HOURS = 16  # how long a browser stays a scanner after signed-in staff made it one
SCAN_ROLES = (Role.STAFF, Role.BUREAU, Role.ORGANISER, Role.ADMIN)


@get("/scan", name="scanner", opt=access.public())
async def scanner(request: AnyRequest, viewer: NamedDependency[Actor | None]) -> Response[Any]:
    """Gate choice. The page contains no data: it fetches the gates with the scanner's token."""
    may = viewer is not None and bool(viewer.roles & set(SCAN_ROLES))
    events = await queries.events_to_scan(viewer) if may and viewer is not None else []
    return render(request, "checkin/gates.html", events=events)


@get("/scan/{slug:str}/{gate:str}", name="scanner_gate", opt=access.public())
async def scanner_gate(request: AnyRequest, slug: FromPath[str], gate: FromPath[str]) -> Response[Any]:
    """The scanner page: a static frame, the same for all, so that it can be cached for offline use."""
    await queries.require_gate(slug, gate)
    shown: dict[str, Any] = {"slug": slug, "gate": gate, "categories": short_categories(), "version": fairs.__version__}
    shown |= {"undo_reasons": policy.undo_reasons(), "admission_reasons": policy.admission_reasons()}
    shown |= {"forcible": " ".join(sorted(FORCIBLE)), "reader": worker.reader_url()}
    return render(request, "checkin/scanner.html", **shown)


def _link(request: AnyRequest, code: str) -> str:
    base: str = request.app.state.settings.base_url
    return base.rstrip("/") + reverse(request, "device_link", link=code)


async def _with_link(request: AnyRequest, event: ScannedEvent, code: str, name: str) -> Response[Any]:
    """The page with a new link: at this server, or at a relay where the scanner will be used. Opened once, anywhere."""
    link = _link(request, code)
    path = reverse(request, "device_link", link=code)
    at_relays = [
        (relay.name, address + path, qr.svg(address + path))
        for relay in await live.relays_of(event.id)
        if (address := (relay.address or "").rstrip("/"))
    ]
    return await _devices(
        request, event, status=201, link=link, code=qr.svg(link), device_name=name, at_relays=at_relays
    )


@get("/scan/link/{link:str}", name="device_link", opt=access.public())
async def device_link(request: AnyRequest, link: FromPath[str]) -> Response[Any]:
    """What a scanner's link opens: one button. Opening alone changes nothing, since previews open links too."""
    return await _device_link(request, link)


async def _device_link(request: AnyRequest, code: str) -> Response[Any]:
    try:
        name, event_id = await relay_links.open_link(code)
    except (NotFound, Conflict) as refused:
        why = refused.message if isinstance(refused, Conflict) else ""
        return render(request, "checkin/link.html", status=refused.status, link=None, event=None, code="", why=why)
    return render(
        request, "checkin/link.html", link={"name": name}, event=await queries.event_by_id(event_id), code=code
    )


@post("/scan/link/{link:str}", name="use_device_link", opt=access.public(), status_code=303)
async def use_device_link(request: AnyRequest, link: FromPath[str]) -> Response[Any]:
    """Make this phone the scanner; the link is used up."""
    try:
        token = await relay_links.use_link(link)
    except (NotFound, Conflict):
        return await _device_link(request, link)
    return redirect_to(request, _with_token(request, token))


def _with_token(request: AnyRequest, token: str) -> str:
    """Puts the token behind the #, which browsers never send: no log and no proxy sees it."""
    return f"{reverse(request, 'scanner')}#token={token}"


@post("/scan/{slug:str}", name="use_browser", opt=access.roles(*SCAN_ROLES), status_code=303)
async def use_browser(request: AnyRequest, actor: NamedDependency[Actor], slug: FromPath[str]) -> Response[Any]:
    """Make this browser a scanner of the event for a working day."""
    event = await queries.event_for(actor, slug)
    token = await services.issue_device(event, actor.name, by=actor, hours=BROWSER_HOURS)
    return redirect_to(request, _with_token(request, token))


async def managed_event(actor: Actor, slug: str) -> ScannedEvent:
    """Who runs an event manages its scanners; the event's staff only use them."""
    event = await queries.event_for(actor, slug)
    if not actor.runs(event):
        raise NotFound
    return event


async def _devices(request: AnyRequest, event: ScannedEvent, *, status: int = 200, **more: Any) -> Response[Any]:
    return render(
        request,
        "checkin/devices.html",
        status=status,
        event=event,
        now=clock.now(),
        devices=await queries.devices_of(event.id),
        open_conflicts=await conflicts.open_conflicts(event.id),
        **{"form": blank(DeviceForm), "link": "", "code": "", "refused": {}, "at_relays": [], **more},
    )


@get("/organise/editions/{slug:str}/devices", name="devices", opt=RUNNERS)
async def devices(request: AnyRequest, actor: NamedDependency[Actor], slug: FromPath[str]) -> Response[Any]:
    """Scanners of an event."""
    return await _devices(request, await managed_event(actor, slug))


@post(
    "/organise/editions/{slug:str}/devices",
    name="add_device",
    opt=RUNNERS,
    status_code=201,
)
async def add_device(request: AnyRequest, actor: NamedDependency[Actor], slug: FromPath[str]) -> Response[Any]:
    """A new scanner; its link is shown only in this answer."""
    event = await managed_event(actor, slug)
    form = bind(DeviceForm, await request.form())
    if not form.ok:
        return await _devices(request, event, status=422, form=form)
    return await _with_link(
        request, event, await services.add_device(event, form.value.name, by=actor), form.value.name
    )


@post(
    "/organise/editions/{slug:str}/devices/{token_id:int}/link",
    name="renew_device_link",
    opt=RUNNERS,
    status_code=201,
)
async def renew_device_link(
    request: AnyRequest, actor: NamedDependency[Actor], slug: FromPath[str], token_id: FromPath[int]
) -> Response[Any]:
    """Another link for a scanner: for a lost phone, or a link that has expired."""
    event = await managed_event(actor, slug)
    code = await services.renew_link(event, token_id, by=actor)
    name = next((device.name for device in await queries.devices_of(event.id) if device.id == token_id), "")
    return await _with_link(request, event, code, name)


@post(
    "/organise/editions/{slug:str}/devices/{token_id:int}/revoke",
    name="revoke_device",
    opt=RUNNERS,
    status_code=303,
)
async def revoke_device(
    request: AnyRequest, actor: NamedDependency[Actor], slug: FromPath[str], token_id: FromPath[int]
) -> Response[Any]:
    """Switch a scanner off at once."""
    event = await managed_event(actor, slug)
    await services.revoke_device(event, token_id, by=actor)
    return redirect(request, "devices", slug=slug, flash=N_("The scanner is switched off."))


@post("/organise/editions/{slug:str}/devices/scans", name="read_in_scans", opt=RUNNERS, status_code=303)
async def read_in_scans(request: AnyRequest, actor: NamedDependency[Actor], slug: FromPath[str]) -> Response[Any]:
    """The scans of a phone that saved them to a file."""
    event = await managed_event(actor, slug)
    sent = await request.form()
    file, device = sent.get("file"), sent.get("device")
    try:
        number = int(device) if isinstance(device, str) and device.isascii() and device.isdigit() else 0
        content = await file.read() if isinstance(file, UploadFile) else b""
        count, wrong = await importing.read_in(event, min(number, 2**62), content, by=actor)
    except Invalid as refused:
        return await _devices(request, event, status=422, refused=refused.fields)
    told = N_("Scans read in: %(count)s, refused or in conflict: %(wrong)s.", count=count, wrong=wrong)
    return redirect(request, "devices", slug=slug, flash=told)


HANDLERS: list[Any] = [
    *worker.HANDLERS,
    scanner,
    scanner_gate,
    device_link,
    use_device_link,
    use_browser,
    devices,
    add_device,
    renew_device_link,
    revoke_device,
    read_in_scans,
]
