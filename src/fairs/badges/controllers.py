"""Pages and files of a badge: for its owner and organisers, and the public page behind its code."""

import asyncio
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairs.accounts.actor import Actor
from fairs.badges import pass_pages, printing, queries, services
from fairs.badges.batches import pages as batch_pages
from fairs.badges.designing import pages as design_pages
from fairs.badges.desk import pages as desk_pages
from fairs.badges.printers import api as printer_api
from fairs.badges.printers import pages as printer_pages
from fairs.badges.rows import LiveBadge, Names
from fairs.core import qr
from fairs.core.errors import NotFound
from fairs.core.i18n import N_, current_lang
from fairs.events.running import RUNNERS
from fairs.notifications.services import told
from fairs.registrations.asking import on_badges
from fairs.registrations.labels import category_label, fair_hours
from fairs.registrations.queries import is_own, runs_event, sessions_signed_up
from fairs.registrations.returning import list_of
from fairs.web import access
from fairs.web.templating import redirect, render

PRIVATE = {"cache-control": "private, no-store"}


@get("/me/fairs/{number:str}/badge", name="my_badge", opt=access.signed_in())
async def my_badge(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The badge for the phone's screen and for printing."""
    row, badge = await queries.badge_for(actor, number)
    names = Names(row.number, row.name_passport, row.name_native, row.organisation_name, row.badge_name)
    return render(
        request,
        "badges/my_badge.html",
        row=row,
        badge=badge,
        own=is_own(actor, row),
        back=list_of(actor, row),
        sessions=await sessions_signed_up(row.id),
        category=category_label(row.category),
        fair_hours=fair_hours,
        organiser=runs_event(actor, row),
        not_printed=printing.not_printed(names),
        answers=await on_badges.texts_of({row.id: current_lang()}),
        large=printing.names_to_print(names)[0],
        may_see=actor.proved and not actor.reviews,
    )


async def _badge(actor: Actor, number: str) -> LiveBadge:
    """The valid badge. Raises NotFound for strangers, or when there is none."""
    _, badge = await queries.badge_for(actor, number)
    if badge is None:
        raise NotFound
    return badge


def _file(content: bytes | str, kind: str, name: str, *, download: bool) -> Response[Any]:
    place = "attachment" if download else "inline"
    return Response(content, media_type=kind, headers={**PRIVATE, "content-disposition": f'{place}; filename="{name}"'})


@get("/me/fairs/{number:str}/badge.pdf", name="badge_pdf", opt=access.signed_in())
async def badge_pdf(
    number: FromPath[str], actor: NamedDependency[Actor], download: FromQuery[bool] = True
) -> Response[Any]:
    """The page for the printer, by the design of the event."""
    badge = await _badge(actor, number)
    content = await printing.make_pdf(str(badge.id))
    return _file(content, "application/pdf", f"badge-{number.upper()}.pdf", download=download)


@get("/me/fairs/{number:str}/badge.png", name="badge_png", opt=access.signed_in())
async def badge_png(number: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """The code as an image file."""
    content = await asyncio.to_thread(qr.png, (await _badge(actor, number)).code)
    return _file(content, "image/png", f"badge-{number.upper()}.png", download=False)


@get("/me/fairs/{number:str}/badge.svg", name="badge_svg", opt=access.signed_in())
async def badge_svg(number: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """The code for the page."""
    content = await asyncio.to_thread(qr.svg, (await _badge(actor, number)).code)
    return _file(content, "image/svg+xml", f"badge-{number.upper()}.svg", download=False)


@post(
    "/organise/registrations/{number:str}/reissue",
    name="reissue_badge",
    opt=RUNNERS,
    status_code=303,
)
async def reissue_badge(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Issues a new badge for a lost one."""
    row, _ = await queries.badge_for(actor, number)
    if not runs_event(actor, row):
        raise NotFound
    await services.reissue_badge(row.id, by=actor)
    flash = told(
        N_("A new badge has been issued and is mailed. The old one is refused at every gate."),
        N_("A new badge has been issued. The old one is refused at every gate."),
    )
    return redirect(request, "my_badge", flash=flash, number=row.number)


@get(["/b/{code:str}", "/B/{code:str}"], name="badge_link", opt=access.public())
async def badge_link(request: Request[Any, Any, Any], code: FromPath[str]) -> Response[Any]:
    """Page for a phone that scanned a badge: shows the fair, no name. A code that is not ours: 404."""
    event = await queries.fair_of_code(code)
    if event is None:
        raise NotFound
    hours = fair_hours(event.starts_at, event.ends_at, event.timezone)
    return render(request, "badges/link.html", event=event, hours=hours, headers={"x-robots-tag": "noindex"})


HANDLERS: list[Any] = [
    my_badge,
    badge_pdf,
    badge_png,
    badge_svg,
    reissue_badge,
    badge_link,
    *pass_pages.HANDLERS,
    *batch_pages.HANDLERS,
    *desk_pages.HANDLERS,
    *design_pages.HANDLERS,
    *printer_pages.HANDLERS,
    *printer_api.HANDLERS,
]
