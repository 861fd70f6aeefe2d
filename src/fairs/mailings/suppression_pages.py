"""Addresses without mailings: the list, entering, removing, export; the call by which a delivery service reports."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.core.errors import Conflict
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.pagination import MAX_PAGE_SIZE, window
from fairs.core.roles import Role
from fairs.core.scopes import Scope
from fairs.core.sheets import Column
from fairs.mailings import suppression
from fairs.mailings.suppression import KINDS, LiftForm, SuppressForm
from fairs.notifications import suppressing
from fairs.web import access, downloads
from fairs.web.openapi import operation
from fairs.web.problems import problems
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
REPORTERS = access.api_token(Role.ORGANISER, Role.ADMIN, scope=Scope.MANAGE)
ROWS = 25  # per page
COLUMNS = (Column(N_("E-mail address"), 30), Column(N_("Why"), 20), Column(N_("Note"), 40), Column(N_("Since"), 17))


def _query(request: AnyRequest) -> dict[str, str]:
    given = request.query_params
    found = {"q": str(given.get("q", ""))[:100].strip(), "kind": str(given.get("kind", ""))}
    return {name: value for name, value in found.items() if value and (name == "q" or value in KINDS)}


async def _list(request: AnyRequest, form: Bound[Any], *, status: int = 200) -> Response[Any]:
    query = _query(request)
    return render(
        request,
        "mailings/suppressions.html",
        status=status,
        query=query,
        form=form,
        page=await suppressing.search(**query, window=window(page_number(request), ROWS)),
        kinds=[(str(kind), str(word)) for kind, word in KINDS.items()],
        words=KINDS,
    )


@get("/organise/suppressed", name="suppressions", opt=ORGANISERS)
async def suppressions(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every address that gets no mailings."""
    return await _list(request, blank(SuppressForm))


@post("/organise/suppressed", name="add_suppression", opt=ORGANISERS, status_code=303)
async def add_suppression(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Enter an address by hand."""
    form = bind(SuppressForm, await request.form())
    if form.ok:
        try:
            await suppression.add(form.value, by=actor)
        except Conflict as refused:
            form.add_error("address", refused.message)
        else:
            return redirect(request, "suppressions", flash=N_("This address gets no mailings any more."))
    return await _list(request, form, status=422)


@get("/organise/suppressed/{suppression_id:int}", name="suppression", opt=ORGANISERS)
async def suppression_page(request: Request[Any, Any, Any], suppression_id: FromPath[int]) -> Response[Any]:
    """One address: why it gets no mailings, and the form to take it off the list."""
    return await _one(request, suppression_id, blank(LiftForm))


async def _one(request: AnyRequest, suppression_id: int, form: Bound[Any], *, status: int = 200) -> Response[Any]:
    row = await suppressing.suppression_by_id(suppression_id)
    return render(request, "mailings/suppression.html", status=status, row=row, form=form, words=KINDS)


@post("/organise/suppressed/{suppression_id:int}/remove", name="remove_suppression", opt=ORGANISERS, status_code=303)
async def remove_suppression(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], suppression_id: FromPath[int]
) -> Response[Any]:
    """Take the address off the list, with a reason."""
    form = bind(LiftForm, await request.form())
    if not form.ok:
        return await _one(request, suppression_id, form, status=422)
    await suppression.remove(suppression_id, form.value, by=actor)
    return redirect(request, "suppressions", flash=N_("This address gets mailings again."))


@get("/organise/suppressed.csv", name="suppressions_export", opt=access.confirmed(ORGANISERS))
async def suppressions_export(request: Request[Any, Any, Any]) -> Stream:
    """The filtered list as a file."""
    return downloads.long_table("addresses-without-mailings", COLUMNS, _rows(_query(request)))


async def _rows(query: dict[str, str]) -> AsyncIterator[Sequence[Sequence[Any]]]:
    number, last = 1, 1
    while number <= last:
        page = await suppressing.search(**query, window=window(number, MAX_PAGE_SIZE))
        yield [(row.address, str(KINDS[row.kind]), row.note, row.created_at) for row in page.rows]
        number, last = number + 1, page.pages


@post(
    "/api/v1/mail-reports",
    opt=REPORTERS,
    status_code=200,
    tags=["mail"],
    summary="Report mail that came back",
    description='`{"events": [{"message_id", "address", "kind": "bounce" or "complaint", "permanent", "text"}]}`, at most 500. '
    "An event counts when its `message_id` is that of one of our mails and its `address`, if given, that of its receiver: "
    "the mail is then shown as come back, and the address gets no mailings any more. The same events again change nothing. "
    "The answer says how many counted.",
    operation_class=operation(
        lambda: Schema(
            type=OpenAPIType.OBJECT,
            required=["events"],
            properties={"events": Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.OBJECT))},
        )
    ),
    responses=problems(400, 401, 403, 422),
)
async def report_bounces(data: JSONBody[dict[str, Any]]) -> dict[str, int]:
    """Take in what a delivery service reports."""
    return {"taken": await suppression.take_all(suppression.read_events(data))}


HANDLERS: list[Any] = [
    suppressions,
    add_suppression,
    suppression_page,
    remove_suppression,
    suppressions_export,
    report_bounces,
]
