"""One request: the decision, experts who fit, their days with reports, and what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock, i18n
from fairs.core.errors import Conflict
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, pick
from fairs.core.saving import attempt, only_fields
from fairs.files import uploads
from fairs.files.queries import files_of
from fairs.files.rules import body_limit
from fairs.files.tables import Purpose
from fairs.outreach import fitting, labels, queries, rules, services
from fairs.outreach.forms import BackForm, DayForm, DoneForm, FollowUpForm
from fairs.outreach.list_pages import BUREAU, OFFICE, ONE
from fairs.outreach.rows import DayRow, ExpertRow, RequestRow
from fairs.outreach.tables import ExpertState, ServiceState
from fairs.units import catalogues
from fairs.web.templating import AnyRequest, redirect, render


def name_of(row: ExpertRow | DayRow) -> str:
    """An expert's name in the current language; words where it is not shown."""
    first, second = (
        (row.name_native, row.name_passport) if i18n.current_lang() == "zh" else (row.name_passport, row.name_native)
    )
    return first or second or i18n.gettext("Name not shown yet")


async def _page(
    request: AnyRequest,
    actor: Actor,
    row: RequestRow,
    *,
    back: Bound[BackForm] | None = None,
    day: Bound[DayForm] | None = None,
    follow: Bound[FollowUpForm] | None = None,
    status: int = 200,
) -> Response[Any]:
    experts = await queries.experts_of(row.id)
    form = day or blank(DayForm, day=row.from_day, place=pick(row.place_zh, row.place_en))
    going = [(str(one.id), name_of(one), "") for one in experts if one.state == ExpertState.AGREED]
    form["expert"].spec = replace(form["expert"].spec, choices=lambda: going)
    days = await queries.days_of(row.id)
    lang = i18n.current_lang()
    return render(
        request,
        "outreach/request.html",
        status=status,
        row=row,
        decides=queries.decides(actor, row),
        county=row.unit in actor.unit_ids,
        changeable=row.state in rules.CHANGEABLE,
        experts=experts,
        going=going,
        days=days,
        files=await files_of([one.evidence for one in days]),
        follow_ups=await queries.follow_ups_of(row.id),
        back=back or blank(BackForm),
        day=form,
        follow=follow or blank(FollowUpForm),
        words=labels,
        name_of=name_of,
        field=catalogues.label("disciplines", row.discipline, lang) if row.discipline else "",
        today=clock.now().date(),
    )


@get(ONE, name="service_request", opt=OFFICE)
async def service_request(
    request: Request[Any, Any, Any], service_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """All of one request."""
    return await _page(request, actor, await queries.request_for(actor, service_id))


async def _act(
    request: AnyRequest, service_id: int, act: Callable[[], Awaitable[None]], said: object, place: str = ""
) -> Response[Any]:
    """Do something to a request and return to its page."""
    try:
        await act()
    except Conflict as refused:
        return redirect(request, "service_request", service_id=service_id, flash=refused.message, kind="warning")
    return redirect(request, "service_request", service_id=service_id, query=place, flash=said)


@post(f"{ONE}/accept", name="accept_service", opt=OFFICE, status_code=303)
async def accept_service(
    request: Request[Any, Any, Any], service_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes the request on."""
    return await _act(
        request, service_id, lambda: services.accept(service_id, by=actor), N_("Accepted. Ask experts now.")
    )


@post(f"{ONE}/return", name="return_service", opt=OFFICE, status_code=303)
async def return_service(
    request: Request[Any, Any, Any], service_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Sends it back with a reason."""
    row = await queries.request_for(actor, service_id)
    form = bind(BackForm, await request.form())
    if row.state != ServiceState.ASKED:  # the page has no form for it any more
        return redirect(request, "service_request", service_id=service_id, flash=services.DONE, kind="warning")
    if not form.ok:
        return await _page(request, actor, row, back=form, status=422)
    return await _act(
        request,
        service_id,
        lambda: services.send_back(service_id, form.value, by=actor),
        N_("Sent back. The county reads your reason."),
    )


@post(f"{ONE}/close", name="close_service", opt=OFFICE, status_code=303)
async def close_service(
    request: Request[Any, Any, Any], service_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Closes the visit."""
    return await _act(request, service_id, lambda: services.close(service_id, by=actor), N_("The visit is closed."))


@post(f"{ONE}/cancel", name="cancel_service", opt=OFFICE, status_code=303)
async def cancel_service(
    request: Request[Any, Any, Any], service_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Cancels the request."""
    return await _act(
        request, service_id, lambda: services.cancel(service_id, by=actor), N_("The request is cancelled.")
    )


@get(f"{ONE}/experts", name="service_experts", opt=OFFICE)
async def service_experts(
    request: Request[Any, Any, Any], service_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """People who fit, with the reasons."""
    row = await queries.request_for(actor, service_id)
    if row.state != ServiceState.ACCEPTED:
        return redirect(request, "service_request", service_id=service_id, flash=services.NOT_ACCEPTED, kind="warning")
    lang = i18n.current_lang()
    return render(
        request,
        "outreach/experts.html",
        row=row,
        fits=await fitting.fitting(row),
        field_label=lambda code: catalogues.label("disciplines", code, lang) if code else "",
    )


@post(f"{ONE}/experts", name="ask_service_expert", opt=OFFICE, status_code=303)
async def ask_service_expert(
    request: Request[Any, Any, Any], service_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Asks somebody of the present proposals."""
    row = await queries.request_for(actor, service_id)
    typed = str((await request.form()).get("talent") or "")
    fit = next((one for one in await fitting.fitting(row) if str(one.talent) == typed), None)
    if fit is None:
        said = N_("Choose one from the list")
        return redirect(request, "service_experts", service_id=service_id, flash=said, kind="warning")
    talent, reason = fit.talent, fit.reason
    return await _act(
        request,
        service_id,
        lambda: services.ask_expert(service_id, talent, reason, by=actor),
        N_("Asked. The answer appears here."),
        "#experts",
    )


@post(f"{ONE}/experts/{{expert_id:int}}/withdraw", name="withdraw_service_expert", opt=OFFICE, status_code=303)
async def withdraw_service_expert(
    request: Request[Any, Any, Any], service_id: FromPath[int], expert_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Somebody goes no longer."""
    return await _act(
        request,
        service_id,
        lambda: services.withdraw_expert(service_id, expert_id, by=actor),
        N_("Noted: this expert goes no longer."),
        "#experts",
    )


@post(f"{ONE}/days", name="plan_service_day", opt=OFFICE, status_code=303)
async def plan_service_day(
    request: Request[Any, Any, Any], service_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Plans a day."""
    row = await queries.request_for(actor, service_id)
    form = bind(DayForm, await request.form())
    if row.state != ServiceState.ACCEPTED:
        return redirect(request, "service_request", service_id=service_id, flash=services.NOT_ACCEPTED, kind="warning")
    try:
        status, _ = await attempt(form, lambda: services.plan_day(service_id, form.value, by=actor), only_fields)
    except Conflict as refused:
        return redirect(request, "service_request", service_id=service_id, flash=refused.message, kind="warning")
    if status:
        return await _page(request, actor, row, day=form, status=status)
    return redirect(request, "service_request", service_id=service_id, query="#days", flash=N_("The day is planned."))


@post(f"{ONE}/days/{{day_id:int}}/remove", name="remove_service_day", opt=OFFICE, status_code=303)
async def remove_service_day(
    request: Request[Any, Any, Any], service_id: FromPath[int], day_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes a planned day out."""
    return await _act(
        request,
        service_id,
        lambda: services.remove_day(service_id, day_id, by=actor),
        N_("The day is taken out."),
        "#days",
    )


async def _report(
    request: AnyRequest,
    row: RequestRow,
    day: DayRow,
    form: Bound[DoneForm],
    files: dict[str, uploads.Upload],
    status: int = 200,
) -> Response[Any]:
    return render(
        request, "outreach/report.html", status=status, row=row, day=day, form=form, uploads=files, name_of=name_of
    )


async def _day(actor: Actor, service_id: int, day_id: int) -> tuple[RequestRow, DayRow]:
    row = await queries.request_for(actor, service_id)
    return row, await queries.day_of(row.id, day_id)


@get(f"{ONE}/days/{{day_id:int}}", name="service_day", opt=OFFICE)
async def service_day(
    request: Request[Any, Any, Any], service_id: FromPath[int], day_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The report of a day."""
    row, day = await _day(actor, service_id, day_id)
    form = blank(DoneForm, people=day.people, note=day.note) if day.done_at else blank(DoneForm)
    return await _report(request, row, day, form, uploads.empty(evidence=Purpose.SERVICE))


@post(
    f"{ONE}/days/{{day_id:int}}",
    name="report_service_day",
    opt=OFFICE,
    status_code=303,
    request_max_body_size=body_limit(Purpose.SERVICE),
)
async def report_service_day(
    request: Request[Any, Any, Any], service_id: FromPath[int], day_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the report."""
    row, day = await _day(actor, service_id, day_id)
    sent = await uploads.receive(request, by=actor, evidence=Purpose.SERVICE)
    form = bind(DoneForm, sent.data)
    sent.tell(form)
    try:
        status, _ = await attempt(
            form, lambda: services.report_day(service_id, day_id, form.value, by=actor), only_fields
        )
    except Conflict as refused:
        return redirect(request, "service_request", service_id=service_id, flash=refused.message, kind="warning")
    if status:
        return await _report(request, row, day, form, sent.uploads, status)
    said = N_("Reported: the day counts.")
    return redirect(request, "service_request", service_id=service_id, query="#days", flash=said)


@post(f"{ONE}/follow-up", name="follow_service_up", opt=BUREAU, status_code=303)
async def follow_service_up(
    request: Request[Any, Any, Any], service_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The county says what came of it."""
    row = await queries.request_for(actor, service_id)
    form = bind(FollowUpForm, await request.form())
    if not row.done:
        return redirect(request, "service_request", service_id=service_id, flash=services.EARLY, kind="warning")
    if not form.ok:
        return await _page(request, actor, row, follow=form, status=422)
    return await _act(
        request,
        service_id,
        lambda: services.follow_up(service_id, form.value, by=actor),
        N_("Saved."),
        "#follow-up",
    )


HANDLERS: list[Any] = [
    service_request,
    accept_service,
    return_service,
    close_service,
    cancel_service,
    service_experts,
    ask_service_expert,
    withdraw_service_expert,
    plan_service_day,
    remove_service_day,
    service_day,
    report_service_day,
    follow_service_up,
]
