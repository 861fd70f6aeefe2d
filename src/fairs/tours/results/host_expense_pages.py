"""What a bureau spent on a stop that it hosts: the list with its form, and the form of one sum."""

from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import attempt, submitted
from fairs.files import uploads
from fairs.files.queries import files_of
from fairs.files.tables import Purpose
from fairs.tours.emails import title_of
from fairs.tours.results import expenses, money, queries
from fairs.tours.results.expense_pages import LIMIT
from fairs.tours.results.forms import HostExpenseForm
from fairs.tours.results.labels import KINDS
from fairs.tours.results.rows import ExpenseRow
from fairs.tours.rows import HostedStop
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

BUREAU = access.roles(Role.BUREAU)
HOSTED = "/hosting/{stop_id:int}/expenses"
ONE = HOSTED + "/{expense_id:int}"


async def _page(
    request: AnyRequest,
    actor: Actor,
    stop: HostedStop,
    form: Bound[HostExpenseForm],
    files: dict[str, uploads.Upload],
    *,
    row: ExpenseRow | None = None,
    status: int = 200,
) -> Response[Any]:
    rows = await queries.hosted_expenses(actor, stop.id)
    amounts: dict[str, int] = {}
    for one in rows:
        amounts[one.currency] = amounts.get(one.currency, 0) + one.amount
    return render(
        request,
        "tours/hosted_expenses.html",
        status=status,
        stop=stop,
        title=title_of(stop),
        form=form,
        uploads=files,
        row=row,
        rows=rows,
        sums=money.sums(amounts),
        files=await files_of([one.receipt for one in rows]),
        kinds=KINDS,
        shown=money.shown,
    )


@get(HOSTED, name="hosted_expenses", opt=BUREAU)
async def hosted_expenses(
    request: Request[Any, Any, Any], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """What the bureau spent on the stop, and the form of a new sum."""
    stop = await queries.stop_of_bureau(actor, stop_id)
    form = blank(HostExpenseForm, day=stop.starts_at.astimezone(ZoneInfo(stop.timezone)).date())
    return await _page(request, actor, stop, form, uploads.empty(receipt=Purpose.RECEIPT))


@post(HOSTED, name="add_hosted_expense", opt=BUREAU, status_code=303, request_max_body_size=LIMIT)
async def add_hosted_expense(
    request: Request[Any, Any, Any], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a sum."""
    stop = await queries.stop_of_bureau(actor, stop_id)
    sent = await uploads.receive(request, by=actor, receipt=Purpose.RECEIPT)
    form = bind(HostExpenseForm, sent.data)
    sent.tell(form)
    status, _ = await attempt(form, lambda: expenses.save_hosted(stop_id, None, form.value, by=actor))
    if status:
        return await _page(request, actor, stop, form, sent.uploads, status=status)
    return redirect(request, "hosted_expenses", stop_id=stop_id, flash=N_("Saved."))


@get(ONE, name="hosted_expense", opt=BUREAU)
async def hosted_expense(
    request: Request[Any, Any, Any], stop_id: FromPath[int], expense_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of a sum of the bureau."""
    stop = await queries.stop_of_bureau(actor, stop_id)
    row = await queries.hosted_expense(actor, stop_id, expense_id)
    form = versions.opened(HostExpenseForm, expenses.stored_hosted(row))
    return await _page(request, actor, stop, form, uploads.empty(receipt=Purpose.RECEIPT), row=row)


@post(ONE, name="save_hosted_expense", opt=BUREAU, status_code=303, request_max_body_size=LIMIT)
async def save_hosted_expense(
    request: Request[Any, Any, Any], stop_id: FromPath[int], expense_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores a sum of the bureau."""
    stop = await queries.stop_of_bureau(actor, stop_id)
    row = await queries.hosted_expense(actor, stop_id, expense_id)
    sent = await uploads.receive(request, by=actor, receipt=Purpose.RECEIPT)
    form = submitted(HostExpenseForm, sent.data, expenses.stored_hosted(row))
    sent.tell(form)
    status, _ = await attempt(
        form, lambda: expenses.save_hosted(stop_id, expense_id, form.value, seen=form.version, by=actor)
    )
    if status:
        return await _page(request, actor, stop, form, sent.uploads, row=row, status=status)
    return redirect(request, "hosted_expenses", stop_id=stop_id, flash=N_("Saved."))


@post(f"{ONE}/remove", name="remove_hosted_expense", opt=BUREAU, status_code=303)
async def remove_hosted_expense(
    request: Request[Any, Any, Any], stop_id: FromPath[int], expense_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes a sum of the bureau."""
    try:
        await expenses.remove_hosted(stop_id, expense_id, by=actor)
    except Conflict as refused:
        return redirect(request, "hosted_expenses", stop_id=stop_id, flash=refused.message, kind="warning")
    return redirect(request, "hosted_expenses", stop_id=stop_id, flash=N_("The expense is gone."))


HANDLERS: list[Any] = [
    hosted_expenses,
    add_hosted_expense,
    hosted_expense,
    save_hosted_expense,
    remove_hosted_expense,
]
