"""The page on which an employer pastes or uploads its listings: a look at what they would do first, then all of them or none."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency

from fairs.accounts.actor import Actor
from fairs.core.errors import DomainError, Invalid
from fairs.core.i18n import N_
from fairs.events.choosing import asked_fair, current_fair
from fairs.events.rows import EventRow
from fairs.listings.employer import EMPLOYER, offering_fairs
from fairs.listings.importing import columns, services
from fairs.listings.importing.workbook import workbook
from fairs.listings.services import NOT_OPEN
from fairs.organisations.queries import organisation_of
from fairs.organisations.tables import OrganisationState
from fairs.web import downloads
from fairs.web.templating import AnyRequest, redirect, render

SHOWN = 200  # rows of the look


async def _page(
    request: AnyRequest, actor: Actor, fair: EventRow | None, *, status: int = 200, **shown: Any
) -> Response[Any]:
    blank: dict[str, Any] = {"text": "", "errors": [], "plan": None}
    organisation = await organisation_of(actor)
    return render(
        request,
        "listings/import.html",
        status=status,
        columns=columns.COLUMNS,
        fair=fair,
        fairs=await offering_fairs(actor),
        approved=organisation.state == OrganisationState.APPROVED,
        most=SHOWN,
        **{**blank, **shown},
    )


@get("/employer/listings/import", name="import_listings", opt=EMPLOYER)
async def import_listings(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Where a table is pasted or a file chosen, with the columns."""
    return await _page(request, actor, await asked_fair(request, actor))


@get("/employer/listings/import.xlsx", name="listings_workbook", opt=EMPLOYER)
async def listings_workbook(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The employer's listings at the fair as a workbook to fill in; read again unchanged, it changes nothing."""
    fair = await asked_fair(request, actor)
    rows = await services.own_listings((await organisation_of(actor)).id, fair.id) if fair else []
    name = f"listings-{fair.slug}.xlsx" if fair else "listings.xlsx"
    return downloads.file(workbook(rows), name)


@post("/employer/listings/import", name="read_listings", opt=EMPLOYER, status_code=303)
async def read_listings(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Shows what the table would do; with `confirm` stores it."""
    data = await request.form()
    fair = await current_fair(actor, str(data.get("event") or ""))
    text, upload = str(data.get("text") or ""), data.get("file")
    try:
        if isinstance(upload, UploadFile) and upload.filename:
            table = await columns.read_file(await upload.read(), upload.filename)
        else:
            table = columns.read_text(text)
    except Invalid as refused:
        errors = [(0, "", str(message)) for found in refused.fields.values() for message in found]
        return await _page(request, actor, fair, status=refused.status, text=text, errors=errors)
    except DomainError as refused:
        errors = [(0, "", str(refused.message))]
        return await _page(request, actor, fair, status=refused.status, text=text, errors=errors)
    if fair is None:
        return await _page(request, actor, None, status=409, text=table.text, errors=[(0, "", str(NOT_OPEN))])
    return await _read(request, actor, fair, table, then=str(data.get("confirm") or ""))


async def _read(request: AnyRequest, actor: Actor, fair: EventRow, table: columns.Table, *, then: str) -> Response[Any]:
    organisation = await organisation_of(actor)
    plan = await services.plan(table, organisation.id, fair)
    if table.errors:
        return await _page(request, actor, fair, status=422, text=table.text, errors=table.errors)
    if not then:
        return await _page(request, actor, fair, text=table.text, plan=plan)
    try:
        number, refused = await services.store_all(plan, organisation.id, fair, by=actor, publish=then == "publish")
    except DomainError as why:
        errors = [(0, "", str(why.message))]
        return await _page(request, actor, fair, status=why.status, text=table.text, errors=errors)
    if refused:
        row, sentence = refused[0]
        said: object = N_(
            "All is stored; %(number)s are published, %(others)s are not. Row %(row)s: %(why)s",
            number=number,
            others=len(refused),
            row=row,
            why=sentence,
        )
        return redirect(request, "employer_listings", flash=said, kind="warning")
    counts = {"new": len(plan.of("new")), "changed": len(plan.of("changed")), "published": number}
    said = N_("%(new)s listings added, %(changed)s changed, %(published)s published.", **counts)
    return redirect(request, "employer_listings", flash=said)


HANDLERS: list[Any] = [import_listings, listings_workbook, read_listings]
