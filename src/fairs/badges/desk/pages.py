"""The page of the desk, its acts, and the page that the printer gets."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from fairs.accounts.actor import Actor
from fairs.badges import printing
from fairs.badges.designing import layout
from fairs.badges.designing.boxes import Sides
from fairs.badges.desk import handing_pages, naming_pages, photo_pages, queries, services
from fairs.badges.printers import pages as printer_pages
from fairs.badges.printers import queries as printers
from fairs.badges.printers import services as printing_jobs
from fairs.badges.states import PrintState
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.registrations import finding, photos
from fairs.registrations import queries as registrations
from fairs.registrations.entering.kept import number_of_slip, slip_of
from fairs.registrations.entering.pages import DESK
from fairs.registrations.entering.queries import event_to_enter, person_at
from fairs.registrations.labels import STATE_KINDS, category_label, state_label
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.tables import RegistrationState
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

ROOT = "/organise/editions/{slug:str}/desk"
PERSON = f"{ROOT}/{{number:str}}"
FOUND = 12  # people of a search


@get("/badge-desk", name="current_desk", opt=access.roles(Role.STAFF))
async def current_desk(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The desk of the event at which this account works now."""
    slug = await queries.desk_of(actor)
    if slug is None:
        return redirect(request, "home", flash=N_("No event of yours has a desk now."), kind="warning")
    return redirect(request, "badge_desk", slug=slug)


@get(ROOT, name="badge_desk", opt=DESK)
async def badge_desk(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """One search field for names, numbers and scanned badges; the person with what can be done."""
    event = await event_to_enter(actor, slug)
    typed = str(request.query_params.get("q", ""))[:400].strip()
    scan = await queries.scanned(event.id, typed) if len(typed) > 100 else None
    found: list[dict[str, Any]] = []
    number = scan.number if scan else str(request.query_params.get("number", ""))
    slip = slip_of(typed)
    if slip:
        number = await number_of_slip(event.id, slip) or ""
    if typed and not slip and scan is None and len(typed) <= 100:
        found, _ = await finding.people(event.id, typed, limit=FOUND)
        found = found or await _without_place(event.id, typed)
    if len(found) == 1:
        number = str(found[0]["number"])
    row: RegistrationRow | None = None
    if number:
        try:
            _, row = await person_at(actor, slug, number)
        except NotFound:
            row = None
    badges = await queries.badges_of(row.id) if row else []
    jobs = await printers.jobs_of_person(row.id) if row else []
    valid = [badge for badge in badges if badge.revoked_at is None]
    return render(
        request,
        "badges/desk/desk.html",
        event=event,
        typed="" if scan or len(typed) > 100 else typed,
        unknown=bool(typed) and row is None and not found,
        found=found if len(found) > 1 else [],
        row=row,
        scan=scan,
        badges=badges,
        badge=next((badge for badge in valid if badge.until is None), None),
        temporary=next((badge for badge in valid if badge.until is not None), None),
        photo=await photos.photo_of(row.id) if row else None,
        confirmed=row is not None and row.state == RegistrationState.CONFIRMED,
        state_label=state_label,
        state_kinds=STATE_KINDS,
        category_label=category_label,
        printers=await printers.printers_of(event.id),
        printer=await printer_pages.chosen(request, event),
        jobs=jobs,
        job=next((job for job in jobs if job.state in (PrintState.WAITING, PrintState.PRINTING)), None),
        **printer_pages.words(),
    )


async def _without_place(event_id: int, typed: str) -> list[dict[str, Any]]:
    """People who wait for a place or have cancelled."""
    page = await registrations.search(event=event_id, q=typed, window=(1, FOUND, 0))
    return [
        {
            "number": row.number,
            "name": row.name_passport,
            "name_native": row.name_native,
            "category": row.category,
            "organisation": row.organisation_name,
        }
        for row in page.rows
    ]


async def _act(
    request: AnyRequest, slug: str, number: str, act: Callable[..., Awaitable[Any]], actor: Actor, done: object
) -> Response[Any]:
    """Do it, and show the person again with the cursor in the search field."""
    flash, kind = done, "success"
    try:
        await act(slug, number, by=actor)
    except Conflict as refused:
        flash, kind = refused.message, "warning"
    return redirect(request, "badge_desk", slug=slug, query=f"?number={number.upper()}", flash=flash, kind=kind)


@post(f"{PERSON}/print", name="desk_print", opt=DESK, status_code=303)
async def desk_print(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Sends the badge to the printer of this desk; without one, or with `here`, logs the print and opens the page for the dialog."""
    event = await event_to_enter(actor, slug)
    printer = None if (await request.form()).get("here") else await printer_pages.chosen(request, event)
    if printer is not None:

        async def send(slug: str, number: str, *, by: Actor) -> None:
            await printing_jobs.send(slug, number, printer.id, by=by)

        return await _act(request, slug, number, send, actor, N_("Sent to %(name)s.", name=printer.name))
    try:
        await services.print_badge(slug, number, by=actor)
    except Conflict as refused:
        return redirect(
            request, "badge_desk", slug=slug, query=f"?number={number.upper()}", flash=refused.message, kind="warning"
        )
    return redirect(request, "desk_paper", slug=slug, number=number)


@post(f"{PERSON}/replace", name="desk_replace", opt=DESK, status_code=303)
async def desk_replace(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A new badge for a lost one."""
    done = N_("A new badge is ready to be printed. The old one is refused at every gate.")
    return await _act(request, slug, number, services.replace_badge, actor, done)


@post(f"{PERSON}/temporary", name="desk_temporary", opt=DESK, status_code=303)
async def desk_temporary(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A badge for today."""
    done = N_("The temporary badge is ready to be printed. It is valid until midnight.")
    return await _act(request, slug, number, services.issue_temporary, actor, done)


@post(f"{PERSON}/original", name="desk_original", opt=DESK, status_code=303)
async def desk_original(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The original is back."""
    done = N_("The temporary badge is refused from now on. The original counts.")
    return await _act(request, slug, number, services.end_temporary, actor, done)


@post(f"{PERSON}/hand-out", name="desk_hand_out", opt=DESK, status_code=303)
async def desk_hand_out(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The person has received the badge."""
    return await _act(request, slug, number, services.hand_out, actor, N_("Handed out. It can be undone here."))


@post(f"{PERSON}/hand-back", name="desk_hand_back", opt=DESK, status_code=303)
async def desk_hand_back(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Undoes the hand-out."""
    return await _act(request, slug, number, services.hand_back, actor, N_("The hand-out is undone."))


@get(f"{PERSON}/paper", name="desk_paper", opt=DESK)
async def desk_paper(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The valid badge on a page of its own size; with script the printer's dialog opens, then the desk again."""
    event, row = await person_at(actor, slug, number)
    badge_id = await queries.badge_to_print(row.id)
    if badge_id is None:
        raise NotFound
    badge, design, photo = await printing.parts_of(badge_id)
    svg = await asyncio.to_thread(printing.badge_svg, badge, design, photo)
    width, height = layout.piece(design)
    return render(
        request,
        "badges/desk/paper.html",
        event=event,
        row=row,
        width=round(width),
        height=round(height),
        sides=[Markup(svg)] * (2 if design.sides == Sides.TWO else 1),  # noqa: S704 - drawn by us; the title is escaped
        headers={"cache-control": "private, no-store"},
    )


@get("/badge-paper/{width:int}/{height:int}/page.css", name="paper_style", opt=access.signed_in())
async def paper_style(width: FromPath[int], height: FromPath[int]) -> Response[str]:
    """The style of a page of so many millimetres, so that the printer's dialog has its size."""
    if not (0 < width <= 1000 and 0 < height <= 1000):
        raise NotFound
    style = f"@page {{ size: {width}mm {height}mm; margin: 0; }}\n"
    return Response(style, media_type="text/css", headers={"cache-control": "no-store"})


HANDLERS: list[Any] = [
    current_desk,
    badge_desk,
    desk_print,
    desk_replace,
    desk_temporary,
    desk_original,
    desk_hand_out,
    desk_hand_back,
    desk_paper,
    paper_style,
    *handing_pages.HANDLERS,
    *naming_pages.HANDLERS,
    *photo_pages.HANDLERS,
]
