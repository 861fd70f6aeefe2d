"""Pages of acts on many: who is chosen, what is asked before, how far it is, what became of each, undo."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.accounts.undoing import UndoForm, may_undo
from fairs.core.errors import Conflict, Forbidden, Invalid
from fairs.core.forms import bind, blank
from fairs.core.i18n import N_
from fairs.core.pagination import window
from fairs.events.queries import event_for
from fairs.events.running import RUNNERS
from fairs.registrations.forms import all_categories
from fairs.registrations.labels import STATE_KINDS, category_label, state_label
from fairs.registrations.tables import BulkKind, BulkOutcome, BulkState
from fairs.registrations.working import bulk, bulk_queries
from fairs.registrations.working.bulk_queries import bulk_for
from fairs.registrations.working.columns import offer
from fairs.registrations.working.pages import ACTS, ROOT
from fairs.registrations.working.queries import Selection
from fairs.registrations.working.wanted import read
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

MOST_PICKED = 20_000
OUTCOMES: dict[str, tuple[str, object]] = {
    BulkOutcome.WAITING: ("neutral", N_("Waiting")),
    BulkOutcome.DONE: ("success", N_("Done")),
    BulkOutcome.SAME: ("neutral", N_("Nothing to do")),
    BulkOutcome.REFUSED: ("danger", N_("Refused")),
}
NAMES: dict[str, object] = {
    BulkKind.CONFIRM: N_("Confirm registrations"),
    BulkKind.CANCEL: N_("Reject or cancel registrations"),
    BulkKind.TAG: N_("Tag registrations"),
    BulkKind.UNTAG: N_("Take a tag off"),
    BulkKind.CATEGORY: N_("Move to another category"),
    BulkKind.PRINT: N_("Print badges"),
    BulkKind.EXPORT: N_("Export"),
    BulkKind.MAIL: N_("Mailing to chosen people"),
}


def _picked(data: Any) -> tuple[int, ...]:
    """The ticked rows of this page and of others."""
    texts = [*data.getall("ids", []), *str(data.get("picked", "")).split(",")]
    found = [str(text) for text in texts[: MOST_PICKED * 2]]
    return tuple(dict.fromkeys(int(text) for text in found if text.isascii() and text.isdigit() and len(text) < 18))


@post(f"{ROOT}/chosen", name="choose_registrations", opt=RUNNERS, status_code=303)
async def choose_registrations(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Keeps who is chosen, and leads to the page that counts and asks."""
    event = await event_for(actor, slug)
    data = await request.form()
    kind = str(data.get("kind", ""))
    offered = await offer(event.id)
    wanted = read(dict(parse_qsl(str(data.get("list", ""))[:4000])), offered)
    selection = Selection(event.id, wanted, None if data.get("all") else _picked(data))
    try:
        if kind not in ACTS:
            raise Conflict(N_("Choose what to do"), code="no_act")
        made = await bulk.draft(slug, BulkKind(kind), selection, offered, by=actor)
    except Conflict as refused:
        return redirect(
            request,
            "event_registrations",
            slug=slug,
            query=_back(wanted.query()),
            flash=refused.message,
            kind="warning",
        )
    if kind == BulkKind.PRINT:
        return redirect(request, "badge_batches", slug=slug, query=f"?selection={made}")
    if kind == BulkKind.MAIL:
        return redirect(request, "new_mailing", slug=slug, query=f"?chosen={made}")
    if kind == BulkKind.EXPORT:
        columns = ",".join(wanted.columns)
        more = f"&columns={columns}" if columns else ""
        return redirect(request, "registration_export_page", slug=slug, query=f"?selection={made}{more}")
    return redirect(request, "registration_act", slug=slug, bulk_id=made)


def _back(query: dict[str, str]) -> str:
    return f"?{urlencode(query or {'view': '0'})}"


@get(f"{ROOT}/acts", name="registration_acts", opt=RUNNERS)
async def registration_acts(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The last acts on many at an event, with what became of them."""
    event = await event_for(actor, slug)
    return render(
        request,
        "registrations/working/acts.html",
        event=event,
        rows=await bulk_queries.bulks_of(event.id),
        names=NAMES,
        category_label=category_label,
    )


async def _act_page(
    request: AnyRequest, slug: str, bulk_id: int, actor: Actor, *, status: int = 200, **more: Any
) -> Response[Any]:
    event, row = await bulk_for(actor, slug, bulk_id)
    outcome = request.query_params.get("outcome", "")
    outcome = outcome if outcome in OUTCOMES else ""
    given: dict[str, Any] = {"errors": {}, "typed": {}, "undo_form": blank(UndoForm)} | more
    return render(
        request,
        "registrations/working/act.html",
        status=status,
        event=event,
        row=row,
        name=NAMES[row.kind],
        states=await bulk_queries.states_of(row.id) if row.state == BulkState.DRAFTED else [],
        lines=await bulk_queries.lines_of(row.id, outcome, window(page_number(request), None)),
        outcome=outcome,
        outcomes={key: (kind, str(word)) for key, (kind, word) in OUTCOMES.items()},
        categories=[choice[:2] for choice in all_categories()],
        tags=await bulk_queries.tags_of(event.id) if row.kind in (BulkKind.TAG, BulkKind.UNTAG) else [],
        back=f"?{row.back}" if row.back else "?view=0",
        undoable=row.kind in bulk.TAKEN_BACK
        and row.state == BulkState.DONE
        and row.undoes is None
        and row.undone_by is None
        and bool(row.done)
        and may_undo(actor, row.asked_by, row.ended_at),
        state_kinds=STATE_KINDS,
        state_label=state_label,
        category_label=category_label,
        **given,
    )


@get(f"{ROOT}/acts/{{bulk_id:int}}", name="registration_act", opt=RUNNERS)
async def registration_act(
    request: Request[Any, Any, Any], slug: FromPath[str], bulk_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """One act: before it begins the count and what is asked, then how far it is, then what became of each."""
    return await _act_page(request, slug, bulk_id, actor)


@post(f"{ROOT}/acts/{{bulk_id:int}}", name="begin_registration_act", opt=RUNNERS, status_code=303)
async def begin_registration_act(
    request: Request[Any, Any, Any], slug: FromPath[str], bulk_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Begins it."""
    data = await request.form()
    typed = {name: str(data.get(name, ""))[:200] for name in ("tag", "category", "reason")}
    try:
        argument = typed["category"] or typed["tag"]
        await bulk.begin(slug, bulk_id, argument=argument, reason=typed["reason"], by=actor)
    except Invalid as refused:
        return await _act_page(request, slug, bulk_id, actor, status=422, errors=refused.fields, typed=typed)
    except Conflict as refused:
        return redirect(request, "registration_act", slug=slug, bulk_id=bulk_id, flash=refused.message, kind="warning")
    return redirect(request, "registration_act", slug=slug, bulk_id=bulk_id)


@post(f"{ROOT}/acts/{{bulk_id:int}}/undo", name="undo_registration_act", opt=RUNNERS, status_code=303)
async def undo_registration_act(
    request: Request[Any, Any, Any], slug: FromPath[str], bulk_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes back what was done to each."""
    form = bind(UndoForm, await request.form())
    try:
        made = await bulk.undo(slug, bulk_id, reason=form.value.reason, by=actor)
    except Invalid as refused:
        form.add_errors(refused)
        return await _act_page(request, slug, bulk_id, actor, status=422, undo_form=form)
    except (Conflict, Forbidden) as refused:
        return redirect(request, "registration_act", slug=slug, bulk_id=bulk_id, flash=refused.message, kind="warning")
    return redirect(request, "registration_act", slug=slug, bulk_id=made, flash=N_("What was done is taken back."))


HANDLERS: list[Any] = [
    choose_registrations,
    registration_acts,
    registration_act,
    begin_registration_act,
    undo_registration_act,
]
