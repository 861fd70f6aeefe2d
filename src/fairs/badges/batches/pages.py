"""Pages of batches: what to print, how far it is, the finished files, and the print log."""

from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.badges.batches import queries, services
from fairs.badges.batches.forms import CHOSEN, ORDERS, BatchForm
from fairs.badges.tables import BatchOrder, BatchState, Chosen, PrintWay
from fairs.core.errors import Conflict
from fairs.core.forms import Bound, bind
from fairs.core.i18n import N_, pick
from fairs.core.pagination import window
from fairs.events.queries import event_for, sessions_of
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.files.queries import files_of
from fairs.registrations.labels import category_label
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

ROOT = "/organise/editions/{slug:str}/badges/batches"
STATES: dict[str, tuple[str, object]] = {  # state → kind of badge, word
    BatchState.WAITING: ("neutral", N_("Waits for a worker")),
    BatchState.RUNNING: ("progress", N_("Being made")),
    BatchState.DONE: ("success", N_("Ready")),
    BatchState.FAILED: ("danger", N_("Failed")),
    BatchState.CANCELLED: ("neutral", N_("Stopped")),
}
STANDARD = {"chosen": Chosen.ALL.value, "ordered": BatchOrder.UNIT.value}
WAYS: dict[str, object] = {
    PrintWay.BATCH: N_("In a batch"),
    PrintWay.DESK: N_("At the desk"),
    PrintWay.PRINTER: N_("On a printer of the desk"),
}


async def _page(request: AnyRequest, event: EventRow, form: Bound[BatchForm], *, status: int = 200) -> Response[Any]:
    sessions = [
        (str(row.id), pick(row.title_zh, row.title_en), "") for row in await sessions_of(event.id) if row.sign_up
    ]
    form["session"].spec = replace(form["session"].spec, choices=lambda: sessions)
    for name in ("chosen", "ordered"):
        form[name].required = True
    count = await queries.count(await services.wanted_by(event, form.value)) if form.ok else 0
    rows = await queries.batches_of(event.id)
    return render(
        request,
        "badges/batches/batches.html",
        status=status,
        event=event,
        form=form,
        sessions=sessions,
        count=count,
        rows=rows,
        live=next((row for row in rows if row.state in (BatchState.WAITING, BatchState.RUNNING)), None),
        files=await files_of([row.file for row in rows]),
        states={state: (kind, str(word)) for state, (kind, word) in STATES.items()},
        chosen=CHOSEN,
        orders=ORDERS,
        category_label=category_label,
    )


@get(ROOT, name="badge_batches", opt=RUNNERS)
async def badge_batches(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The choice with the count of its badges, and the batches so far."""
    event = await event_for(actor, slug)
    return await _page(request, event, bind(BatchForm, STANDARD | dict(request.query_params)))


@post(ROOT, name="ask_batch", opt=RUNNERS, status_code=303)
async def ask_batch(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Begins a batch."""
    event = await event_for(actor, slug)
    form = bind(BatchForm, await request.form())
    if not form.ok:
        return await _page(request, event, form, status=422)
    try:
        await services.ask(slug, form.value, by=actor)
    except Conflict as refused:
        form.add_error("", refused.message)
        return await _page(request, event, form, status=refused.status)
    return redirect(
        request, "badge_batches", slug=slug, flash=N_("The badges are being made. This page shows how far they are.")
    )


@post(f"{ROOT}/{{batch_id:int}}/cancel", name="cancel_batch", opt=RUNNERS, status_code=303)
async def cancel_batch(
    request: Request[Any, Any, Any], slug: FromPath[str], batch_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stops a batch."""
    try:
        await services.cancel(slug, batch_id, by=actor)
    except Conflict as refused:
        return redirect(request, "badge_batches", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "badge_batches", slug=slug, flash=N_("Stopped. None of its badges counts as printed."))


@post(f"{ROOT}/{{batch_id:int}}/remove", name="remove_batch_file", opt=RUNNERS, status_code=303)
async def remove_batch_file(
    request: Request[Any, Any, Any], slug: FromPath[str], batch_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Deletes the finished file."""
    await services.remove_file(slug, batch_id, by=actor)
    return redirect(request, "badge_batches", slug=slug, flash=N_("The file is deleted. The print log stays."))


@get("/organise/editions/{slug:str}/badges/printed", name="badge_prints", opt=RUNNERS)
async def badge_prints(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The print log: who printed which badge, when, and how often."""
    event = await event_for(actor, slug)
    page = await queries.prints_of(event.id, window(page_number(request), None))
    return render(request, "badges/batches/printed.html", event=event, page=page, ways=WAYS)


HANDLERS: list[Any] = [badge_batches, ask_batch, cancel_batch, remove_batch_file, badge_prints]
