"""Pages of exhibits for who runs the event: the call, the list with its export, one exhibit, points, release and sending back."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n, versions
from fairs.core.errors import Conflict
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, pick
from fairs.core.saving import attempt, submitted
from fairs.core.sheets import Column
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.exhibits import deciding, labels, queries, rules, services
from fairs.exhibits.forms import BackForm, CallForm, ScoreForm
from fairs.exhibits.gallery_pages import asked_of, filters
from fairs.exhibits.rows import ExhibitRow
from fairs.exhibits.tables import ExhibitState
from fairs.files.queries import files_of
from fairs.units import catalogues
from fairs.web import downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

PATH = "/organise/editions/{slug:str}/exhibits"
ONE = PATH + "/{exhibit_id:int}"
SIZE = 50
STATES = (ExhibitState.SUBMITTED, ExhibitState.RELEASED, ExhibitState.RETURNED)
COLUMNS = (
    Column(N_("Title in Chinese"), 36),
    Column(N_("Title in English"), 36),
    Column(N_("Kind"), 14),
    Column(N_("Shown by"), 30),
    Column(N_("Reporting unit"), 16),
    Column(N_("How far it is"), 16),
    Column(N_("Looks for"), 24),
    Column(N_("State"), 14),
    Column(N_("Points"), 8),
    Column(N_("Booth"), 8),
    Column(N_("Visits"), 8),
    Column(N_("Requests"), 8),
    Column(N_("Sent in"), 17),
)


def _asked(request: AnyRequest) -> dict[str, str]:
    return asked_of(request, filters(state=tuple(STATES), sort=tuple(queries.ORDERS)))


@get(PATH, name="event_exhibits", opt=RUNNERS)
async def event_exhibits(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """All exhibits that were sent in: searched, filtered, sorted, by pages."""
    event = await event_for(actor, slug)
    asked = _asked(request)
    return render(
        request,
        "exhibits/list.html",
        event=event,
        page=await queries.exhibits_page(event.id, asked, number=page_number(request), size=SIZE),
        query=asked,
        counts=await queries.state_counts(event.id),
        call=await queries.exhibition_of(event.id),
        states=STATES,
        words=labels,
    )


@get(f"{PATH}.xlsx", name="event_exhibits_xlsx", opt=RUNNERS)
async def event_exhibits_xlsx(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The list, as filtered, as a workbook."""
    event = await event_for(actor, slug)
    rows = await queries.all_exhibits(event.id, _asked(request))
    return await downloads.table("exhibits", COLUMNS, [_cells(row) for row in rows])


def _cells(row: ExhibitRow) -> Sequence[Any]:
    return [
        row.title_zh,
        row.title_en,
        str(labels.KINDS[row.kind]),
        pick(row.owner_zh, row.owner_en),
        pick(row.unit_zh, row.unit_en),
        str(labels.STAGES.get(row.stage, "")),
        i18n.gettext(", ").join(str(labels.LOOKS_FOR[one]) for one in row.looks_for),
        str(labels.STATES[row.state][1]),
        row.points,
        row.booth_code,
        row.visits,
        row.requests,
        row.submitted_at,
    ]


async def _call(request: AnyRequest, event: EventRow, form: Bound[CallForm], status: int = 200) -> Response[Any]:
    return render(
        request,
        "exhibits/call.html",
        status=status,
        event=event,
        form=form,
        taking=await queries.exhibition_of(event.id) is not None,
    )


@get(f"{PATH}/call", name="exhibit_call", opt=RUNNERS)
async def exhibit_call(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Until when exhibits are taken, and what exhibitors read."""
    event = await event_for(actor, slug)
    stored = deciding.stored_call(await queries.exhibition_of(event.id))
    form = blank(CallForm, in_zone=event.timezone, timezone=event.timezone, **stored)
    form.version = versions.version_of(CallForm, stored)
    return await _call(request, event, form)


@post(f"{PATH}/call", name="save_exhibit_call", opt=RUNNERS, status_code=303)
async def save_exhibit_call(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes exhibits from now on."""
    event = await event_for(actor, slug)
    stored = deciding.stored_call(await queries.exhibition_of(event.id))
    form = submitted(CallForm, await request.form(), stored, zone=event.timezone)
    status, _ = await attempt(form, lambda: deciding.save_call(slug, form.value, seen=form.version, by=actor))
    if status:
        return await _call(request, event, form, status)
    return redirect(request, "event_exhibits", slug=slug, flash=N_("Saved."))


async def _page(
    request: AnyRequest,
    actor: Actor,
    event: EventRow,
    row: ExhibitRow,
    *,
    score: Bound[ScoreForm] | None = None,
    back: Bound[BackForm] | None = None,
    status: int = 200,
) -> Response[Any]:
    scores = await queries.scores_of(row.id)
    own = next((one for one in scores if one.juror == actor.account_id), None)
    filled = blank(ScoreForm, points=own.points, note=own.note) if own else blank(ScoreForm)
    lang = i18n.current_lang()
    return render(
        request,
        "exhibits/decide.html",
        status=status,
        event=event,
        row=row,
        scores=scores,
        score=score or filled,
        back=back or blank(BackForm),
        pictures=await queries.pictures_of(row.id),
        poster=(await files_of([row.poster])).get(row.poster) if row.poster else None,
        words=labels,
        discipline=catalogues.label("disciplines", row.discipline, lang) if row.discipline else "",
    )


@get(ONE, name="event_exhibit", opt=RUNNERS)
async def event_exhibit(
    request: Request[Any, Any, Any], slug: FromPath[str], exhibit_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """One exhibit as it was sent in, with the points of the jury."""
    event = await event_for(actor, slug)
    return await _page(request, actor, event, await queries.exhibit_of(event.id, exhibit_id))


@post(f"{ONE}/score", name="score_exhibit", opt=RUNNERS, status_code=303)
async def score_exhibit(
    request: Request[Any, Any, Any], slug: FromPath[str], exhibit_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gives points."""
    event = await event_for(actor, slug)
    row = await queries.exhibit_of(event.id, exhibit_id)
    form = bind(ScoreForm, await request.form())
    if row.state != ExhibitState.SUBMITTED:  # the page has no form for it any more
        said = deciding.NO_POINTS
        return redirect(request, "event_exhibit", slug=slug, exhibit_id=exhibit_id, flash=said, kind="warning")
    if not form.ok:
        return await _page(request, actor, event, row, score=form, status=422)
    try:
        await deciding.score(slug, exhibit_id, form.value, by=actor)
    except Conflict as refused:
        return redirect(
            request, "event_exhibit", slug=slug, exhibit_id=exhibit_id, flash=refused.message, kind="warning"
        )
    return redirect(request, "event_exhibit", slug=slug, exhibit_id=exhibit_id, flash=N_("Your points are counted."))


@post(f"{ONE}/release", name="release_exhibit", opt=RUNNERS, status_code=303)
async def release_exhibit(
    request: Request[Any, Any, Any], slug: FromPath[str], exhibit_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows it in the gallery."""
    try:
        await deciding.release(slug, exhibit_id, by=actor)
    except Conflict as refused:
        return redirect(
            request, "event_exhibit", slug=slug, exhibit_id=exhibit_id, flash=refused.message, kind="warning"
        )
    said = N_("It is in the gallery now.")
    return redirect(request, "event_exhibits", slug=slug, query="?state=submitted", flash=said)


@post(f"{ONE}/return", name="return_exhibit", opt=RUNNERS, status_code=303)
async def return_exhibit(
    request: Request[Any, Any, Any], slug: FromPath[str], exhibit_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Sends it back with a reason."""
    event = await event_for(actor, slug)
    row = await queries.exhibit_of(event.id, exhibit_id)
    form = bind(BackForm, await request.form())
    if row.state not in rules.STEPS["return"][0]:  # the page has no form for it any more
        said = services.DONE_ALREADY
        return redirect(request, "event_exhibit", slug=slug, exhibit_id=exhibit_id, flash=said, kind="warning")
    if not form.ok:
        return await _page(request, actor, event, row, back=form, status=422)
    try:
        await deciding.send_back(slug, exhibit_id, form.value, by=actor)
    except Conflict as refused:
        return redirect(
            request, "event_exhibit", slug=slug, exhibit_id=exhibit_id, flash=refused.message, kind="warning"
        )
    said = N_("Sent back. The exhibitor reads your reason.")
    return redirect(request, "event_exhibits", slug=slug, query="?state=submitted", flash=said)


HANDLERS: list[Any] = [
    event_exhibits,
    event_exhibits_xlsx,
    exhibit_call,
    save_exhibit_call,
    event_exhibit,
    score_exhibit,
    release_exhibit,
    return_exhibit,
]
