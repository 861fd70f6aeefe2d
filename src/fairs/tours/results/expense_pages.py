"""What a tour cost, for who runs it: the list with its export, and the form of a sum."""

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock, i18n, versions
from fairs.core.errors import Conflict
from fairs.core.fields import Choice
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, pick
from fairs.core.saving import attempt, submitted
from fairs.core.sheets import Column
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.files import uploads
from fairs.files.queries import files_of
from fairs.files.rules import body_limit
from fairs.files.tables import Purpose
from fairs.tours import queries as tours
from fairs.tours.emails import title_of
from fairs.tours.logistics import queries as logistics
from fairs.tours.pages import PATH
from fairs.tours.results import expenses, money, queries
from fairs.tours.results.forms import ExpenseForm
from fairs.tours.results.labels import KINDS
from fairs.tours.results.rows import ExpenseRow
from fairs.units import catalogues
from fairs.web import downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

EXPENSES = f"{PATH}/expenses"
EXPENSE = PATH + "/expenses/{expense_id:int}"
LIMIT = body_limit(Purpose.RECEIPT)
SIZE = 50
COLUMNS = (
    Column(N_("Day of the expense"), 12),
    Column(N_("Spent on"), 22),
    Column(N_("City"), 14),
    Column(N_("For which stop, vehicle or hotel"), 30),
    Column(N_("Amount"), 14),
    Column(N_("Currency"), 10),
    Column(N_("Paid by"), 18),
    Column(N_("Note"), 30),
    Column(N_("Receipt"), 10),
)


async def _cities(event_id: int) -> list[tuple[str, str]]:
    lang = i18n.current_lang()
    codes = dict.fromkeys(row.unit for row in await queries.expenses_of(event_id))
    none = [("none", i18n.gettext("Of the whole tour"))] if "" in codes else []
    return [(code, catalogues.label("units", code, lang)) for code in codes if code] + none


def asked(request: AnyRequest) -> dict[str, str]:
    """The filters and the order of the list, as far as they can be."""
    given = request.query_params
    allowed = {"kind": tuple(KINDS), "sort": tuple(queries.ORDERS), "receipt": ("yes", "no")}
    found = {name: str(given[name]) for name, values in allowed.items() if given.get(name, "") in values}
    unit = str(given.get("unit", ""))
    if unit == "none" or unit in {code for code, *_ in catalogues.choices("units", "en")}:
        found["unit"] = unit
    if str(given.get("employer", "")).isdecimal():
        found["employer"] = str(given["employer"])[:19]
    if text := str(given.get("q", "")).replace("\0", "")[:100].strip():
        found["q"] = text
    return found


@get(EXPENSES, name="tour_expenses", opt=RUNNERS)
async def tour_expenses(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """All sums, searched, filtered, sorted, with what they make in each currency."""
    event = await event_for(actor, slug)
    query = asked(request)
    page = await queries.expenses_page(
        event.id, query, sort=query.get("sort", ""), number=page_number(request), size=SIZE
    )
    return render(
        request,
        "tours/expenses.html",
        event=event,
        query=query,
        page=page,
        sums=money.sums(await queries.spent(event.id, query)),
        cities=await _cities(event.id),
        files=await files_of([row.receipt for row in page.rows]),
        kinds=KINDS,
        shown=money.shown,
    )


def _cells(row: ExpenseRow) -> list[Any]:
    return [
        row.day,
        str(KINDS[row.kind]),
        pick(row.unit_zh, row.unit_en),
        pick(row.about_zh, row.about_en),
        row.amount / 10 ** money.places_of(row.currency),
        row.currency,
        pick(row.host_zh, row.host_en) or i18n.gettext("Organiser of the tour"),
        row.note,
        i18n.gettext("yes") if row.receipt else i18n.gettext("no"),
    ]


async def _export(request: AnyRequest, slug: str, actor: Actor, form: str) -> Response[bytes]:
    event = await event_for(actor, slug)
    rows = await queries.expenses_of(event.id, asked(request))
    return await downloads.table(f"{event.slug}-expenses", COLUMNS, [_cells(row) for row in rows], form=form)


@get(f"{EXPENSES}.xlsx", name="tour_expenses_workbook", opt=RUNNERS)
async def tour_expenses_workbook(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The list, as filtered, as a workbook."""
    return await _export(request, slug, actor, "xlsx")


@get(f"{EXPENSES}.csv", name="tour_expenses_csv", opt=RUNNERS)
async def tour_expenses_csv(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The list, as filtered, as CSV."""
    return await _export(request, slug, actor, "csv")


async def _abouts(event: EventRow) -> list[Choice]:
    found: list[Choice] = [
        (f"stop:{row.id}", f"{i18n.format_moment(row.starts_at, event.timezone, 'short')} {title_of(row)}", "")
        for row in await tours.stops_of(event.id)
    ]
    found += [
        (f"vehicle:{row.id}", f"{row.name} {row.plate}".strip(), "") for row in await logistics.vehicles_of(event.id)
    ]
    found += [(f"hotel:{row.id}", pick(row.name_zh, row.name_en), "") for row in await logistics.hotels_of(event.id)]
    return found


def _today(event: EventRow) -> date:
    zone = ZoneInfo(event.timezone)
    day = clock.now().astimezone(zone).date()
    return min(max(day, event.starts_at.astimezone(zone).date()), event.ends_at.astimezone(zone).date())


async def _form(
    request: AnyRequest,
    event: EventRow,
    form: Bound[ExpenseForm],
    files: dict[str, uploads.Upload],
    row: ExpenseRow | None,
    status: int = 200,
) -> Response[Any]:
    choices = await _abouts(event)
    form["about"].spec = replace(form["about"].spec, choices=lambda: choices)
    return render(
        request,
        "tours/expense.html",
        status=status,
        event=event,
        form=form,
        uploads=files,
        row=row,
        **await _receipt(row),
    )


async def _receipt(row: ExpenseRow | None) -> dict[str, Any]:
    found = await files_of([row.receipt]) if row and row.receipt else {}
    return {"receipt": found.get(row.receipt) if row and row.receipt else None}


@get(f"{EXPENSES}/new", name="new_tour_expense", opt=RUNNERS)
async def new_tour_expense(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of a new sum."""
    event = await event_for(actor, slug)
    form = blank(ExpenseForm, day=_today(event))
    return await _form(request, event, form, uploads.empty(receipt=Purpose.RECEIPT), None)


@post(f"{EXPENSES}/new", name="add_tour_expense", opt=RUNNERS, status_code=303, request_max_body_size=LIMIT)
async def add_tour_expense(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a sum."""
    event = await event_for(actor, slug)
    sent = await uploads.receive(request, by=actor, receipt=Purpose.RECEIPT)
    form = bind(ExpenseForm, sent.data)
    sent.tell(form)
    status, _ = await attempt(form, lambda: expenses.save_expense(slug, None, form.value, by=actor))
    if status:
        return await _form(request, event, form, sent.uploads, None, status)
    return redirect(request, "tour_expenses", slug=slug, flash=N_("Saved."))


@get(EXPENSE, name="tour_expense", opt=RUNNERS)
async def tour_expense(
    request: Request[Any, Any, Any], slug: FromPath[str], expense_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of a sum."""
    event = await event_for(actor, slug)
    row = await queries.expense_of(event.id, expense_id)
    form = versions.opened(ExpenseForm, expenses.stored(row))
    return await _form(request, event, form, uploads.empty(receipt=Purpose.RECEIPT), row)


@post(EXPENSE, name="save_tour_expense", opt=RUNNERS, status_code=303, request_max_body_size=LIMIT)
async def save_tour_expense(
    request: Request[Any, Any, Any], slug: FromPath[str], expense_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores a sum."""
    event = await event_for(actor, slug)
    row = await queries.expense_of(event.id, expense_id)
    sent = await uploads.receive(request, by=actor, receipt=Purpose.RECEIPT)
    form = submitted(ExpenseForm, sent.data, expenses.stored(row))
    sent.tell(form)
    status, _ = await attempt(
        form, lambda: expenses.save_expense(slug, expense_id, form.value, seen=form.version, by=actor)
    )
    if status:
        return await _form(request, event, form, sent.uploads, row, status)
    return redirect(request, "tour_expenses", slug=slug, flash=N_("Saved."))


@post(f"{EXPENSE}/remove", name="remove_tour_expense", opt=RUNNERS, status_code=303)
async def remove_tour_expense(
    request: Request[Any, Any, Any], slug: FromPath[str], expense_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes a sum."""
    try:
        await expenses.remove_expense(slug, expense_id, by=actor)
    except Conflict as refused:
        return redirect(request, "tour_expenses", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "tour_expenses", slug=slug, flash=N_("The expense is gone."))


HANDLERS: list[Any] = [
    tour_expenses,
    tour_expenses_workbook,
    tour_expenses_csv,
    new_tour_expense,
    add_tour_expense,
    tour_expense,
    save_tour_expense,
    remove_tour_expense,
]
