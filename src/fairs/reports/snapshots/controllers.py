"""Pages of frozen months: organisers freeze, they and the bureaus read what was counted then and why it differs today."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, pick
from fairs.core.roles import Role
from fairs.events.queries import event_by_slug, province_event
from fairs.events.rows import EventRow
from fairs.reports import queries as numbers
from fairs.reports.counting import group_name
from fairs.reports.snapshots import forms, pages, queries, rules, services
from fairs.reports.snapshots.rows import SnapshotHead
from fairs.units import catalogues
from fairs.units.queries import all_units
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
READERS = access.roles(Role.ORGANISER, Role.ADMIN, Role.BUREAU)
FROZEN = N_("The month is frozen.")


@dataclass(frozen=True)
class Asked:
    """What the address of a frozen month names, within what this actor may see."""

    event: EventRow
    head: SnapshotHead
    scope: numbers.Scope
    codes: list[str] | None
    query: dict[str, str]


async def _asked(request: AnyRequest, actor: Actor, slug: str, month: str) -> Asked:
    """Raises NotFound for what is not frozen, and for a unit outside the actor's."""
    event = await event_by_slug(slug, viewer=actor)
    day = rules.read_month(month)
    if day is None:
        raise NotFound
    query = {key: text for key in ("unit", "number") if (text := request.query_params.get(key))}
    number = query.get("number", "")
    if number and not (number.isascii() and number.isdigit() and len(number) < 5):
        raise NotFound
    head = await queries.snapshot(event.id, day, int(number) if number else None)
    scope = await numbers.scope_for(actor, event, query.get("unit", ""))
    return Asked(event, head, scope, await pages.codes_of(scope), query)


async def _months(
    request: AnyRequest, actor: Actor, event: EventRow, form: Bound[Any] | None = None, status: int = 200
) -> Response[Any]:
    heads = await queries.snapshots_of(event.id)
    offered: list[date] = []
    if actor.sees_everything:
        offered = rules.months_between(await queries.first_moment(event.id), clock.now(), event.timezone)
    frozen = {head.month for head in heads}
    choices = [(rules.written(month), month in frozen, at == 0) for at, month in enumerate(offered)]
    usual = next((text for text, done, running in choices if not done and not running), "")
    return render(
        request,
        "reports/snapshots/months.html",
        status=status,
        event=event,
        heads=heads,
        choices=choices,
        form=form or blank(forms.FreezeForm, month=usual),
        written=rules.written,
        by_clock_on=catalogues.freeze_plan().day,
    )


@get("/e/{slug:str}/months", name="frozen_months", opt=READERS)
async def frozen_months(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The frozen months of an event; organisers freeze one here."""
    return await _months(request, actor, await event_by_slug(slug, viewer=actor))


@post("/organise/editions/{slug:str}/months", name="freeze_month", opt=ORGANISERS, status_code=303)
async def freeze_month(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Freezes a month, or a correction of it."""
    event = await province_event(actor, slug)
    form = bind(forms.FreezeForm, await request.form())
    try:
        month = rules.read_month(form.value.month)
        assert month is not None
        await services.freeze_month(event.id, month, by=actor, reason=form.value.reason)
    except Invalid as refused:
        if not form.has_errors:
            form.add_errors(refused)
        return await _months(request, actor, event, form, refused.status)
    except Conflict as refused:
        form.add_error("reason" if refused.code == "frozen" else "month", refused.message)
        return await _months(request, actor, event, form, refused.status)
    return redirect(request, "frozen_month", slug=slug, month=rules.written(month), flash=FROZEN)


@get("/e/{slug:str}/months/{month:str}", name="frozen_month", opt=READERS)
async def frozen_month(
    request: Request[Any, Any, Any], slug: FromPath[str], month: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """What was counted then beside what the same month counts today."""
    asked = await _asked(request, actor, slug, month)
    frozen = pages.summed(await queries.kept_numbers(asked.head.id), asked.codes)
    today = pages.summed(await queries.numbers_today(asked.scope, asked.head.month), asked.codes)
    kept = await queries.kept_rules(asked.head.id)
    units = await numbers.units_in(await numbers.scope_for(actor, asked.event))
    return render(
        request,
        "reports/snapshots/month.html",
        event=asked.event,
        head=asked.head,
        month=month,
        groups=pages.lines(kept, frozen, today),
        query=asked.query,
        units=[(unit.code, pick(unit.name_zh, unit.name_en)) for unit in units] if len(units) > 1 else [],
    )


@get("/e/{slug:str}/months/{month:str}/month.xlsx", name="frozen_month_export", opt=READERS)
async def frozen_month_export(
    request: Request[Any, Any, Any], slug: FromPath[str], month: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Every measure × visible unit of a frozen month as a spreadsheet."""
    asked = await _asked(request, actor, slug, month)
    frozen = await queries.kept_numbers(asked.head.id)
    today = await queries.numbers_today(asked.scope, asked.head.month)
    kept = await queries.kept_rules(asked.head.id)
    rows = pages.sheet_rows(await all_units(), asked.codes, kept, frozen, today)
    return await downloads.table(f"{asked.event.slug}-{month}-{asked.head.number}", pages.SHEET, rows, sheet=month)


@get("/e/{slug:str}/months/{month:str}/{measure:str}", name="month_difference", opt=READERS)
async def month_difference(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    month: FromPath[str],
    measure: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """The rows that were added, removed or changed since the month was frozen."""
    counted = numbers.measure_named(measure)
    if counted.key in rules.DAILY:
        raise NotFound
    asked = await _asked(request, actor, slug, month)
    page = await queries.differences(
        asked.scope,
        asked.head,
        counted,
        codes=asked.codes,
        page=page_number(request),
    )
    return render(
        request,
        "reports/snapshots/difference.html",
        event=asked.event,
        head=asked.head,
        month=month,
        measure=counted,
        group=group_name(counted.group),
        page=page,
        query=asked.query,
    )


HANDLERS: list[Any] = [frozen_months, freeze_month, frozen_month, frozen_month_export, month_difference]
