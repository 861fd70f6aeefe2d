"""Pages of targets: organisers set them in a grid or by pasting; bureaus see their own standing."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import attempt, only_fields, submitted
from fairs.events.queries import event_by_slug, province_event
from fairs.events.rows import EventRow
from fairs.reports import queries as numbers
from fairs.reports.targets import forms, pages, queries, rules, services, standing
from fairs.units import catalogues
from fairs.units.queries import all_units
from fairs.web import access, downloads
from fairs.web.templating import AnyRequest, redirect, render

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
READERS = access.roles(Role.ORGANISER, Role.ADMIN, Role.BUREAU)
NOTHING = N_("Nothing was changed.")
UNREAD = N_("Some rows cannot be read: the list names each of them")


async def _year(request: AnyRequest, event: EventRow, actor: Actor) -> tuple[numbers.Scope, int]:
    scope = await numbers.scope_for(actor, event)
    return scope, pages.year_asked(request.query_params.get("year"), scope.year)


async def _grid(
    request: AnyRequest, event: EventRow, actor: Actor, form: Bound[Any] | None = None, status: int = 200
) -> Response[Any]:
    scope, year = await _year(request, event, actor)
    units, targets = await all_units(), await queries.targets_of(year)
    if form is None:
        form = versions.opened(forms.grid_form(units), forms.stored_grid(units, targets))
    return render(
        request,
        "reports/targets/grid.html",
        status=status,
        event=event,
        form=form,
        year=year,
        years=pages.years_offered(await queries.years(), year, scope.year),
        units=units,
        facts=catalogues.targets(),
        sums=pages.sums(units, targets),
        documents=pages.documents(targets),
        field_name=forms.field_name,
    )


@get("/organise/editions/{slug:str}/targets", name="edit_targets", opt=ORGANISERS)
async def edit_targets(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The grid of all units and targets of a year."""
    return await _grid(request, await province_event(actor, slug), actor)


@post("/organise/editions/{slug:str}/targets", name="save_targets", opt=ORGANISERS, status_code=303)
async def save_targets(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the grid, all of it or nothing."""
    event = await province_event(actor, slug)
    _, year = await _year(request, event, actor)
    units = await all_units()
    kind = forms.grid_form(units)
    stored = forms.stored_grid(units, await queries.targets_of(year))
    form = submitted(kind, await request.form(), stored)

    async def act() -> int:
        return await services.set_targets(year, form.value, by=actor, seen=form.version)

    status, changed = await attempt(form, act, only_fields)
    if status:
        return await _grid(request, event, actor, form, status)
    return _saved(request, slug, year, changed or 0)


def _saved(request: AnyRequest, slug: str, year: int, changed: int) -> Response[Any]:
    flash = N_("Targets saved: %(count)s", count=changed) if changed else NOTHING
    kind = "success" if changed else "info"
    return redirect(request, "edit_targets", slug=slug, query=f"?year={year}", flash=flash, kind=kind)


async def _paste(
    request: AnyRequest, event: EventRow, actor: Actor, form: Bound[Any], status: int = 200, **more: Any
) -> Response[Any]:
    _, year = await _year(request, event, actor)
    facts = catalogues.targets()
    shown: dict[str, Any] = {"problems": [], "totals": [], "changes": [], "preview": False, "late": False} | more
    return render(
        request, "reports/targets/paste.html", status=status, event=event, form=form, year=year, facts=facts, **shown
    )


@get("/organise/editions/{slug:str}/targets/paste", name="paste_targets", opt=ORGANISERS)
async def paste_targets(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A field for cells copied from a spreadsheet."""
    return await _paste(request, await province_event(actor, slug), actor, blank(forms.PasteForm))


@post("/organise/editions/{slug:str}/targets/paste", name="pasted_targets", opt=ORGANISERS, status_code=303)
async def pasted_targets(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows what the cells would change, with every error by row; stores them when that was confirmed, all or nothing."""
    event = await province_event(actor, slug)
    _, year = await _year(request, event, actor)
    data = await request.form()
    form = bind(forms.PasteForm, data)
    if not form.ok:
        return await _paste(request, event, actor, form, 422)
    units = await all_units()
    kind = forms.grid_form(units)
    stored = forms.stored_grid(units, await queries.targets_of(year))
    read = rules.read_pasted(form.value.block, units, catalogues.targets())
    if read.problems:
        form.add_error("block", UNREAD)
        return await _paste(request, event, actor, form, 422, problems=read.problems)
    shown: dict[str, Any] = {
        "totals": read.totals,
        "changes": pages.changes(units, stored, read.cells),
        "preview": True,
    }
    grid = kind(**forms.as_grid(stored, read.cells, form.value))
    form.version = versions.version_of(kind, stored)
    if not data.get("confirm") or data.get("back"):
        return await _paste(request, event, actor, form, **shown | {"preview": not data.get("back")})
    seen = str(data.get(versions.FIELD) or "")
    try:
        if seen and seen != form.version:
            raise versions.Outdated(kind, stored, seen)
        changed = await services.set_targets(year, grid, by=actor, seen=seen)
    except versions.Outdated as late:
        return await _paste(request, event, actor, form, late.status, late=True, **shown)
    except Invalid as refused:
        form.add_errors(refused)
        return await _paste(request, event, actor, form, refused.status)
    return _saved(request, slug, year, changed)


@get("/e/{slug:str}/targets", name="targets", opt=READERS)
async def targets_page(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """How far the units have come: all for the province, for a bureau its own with its place."""
    event = await event_by_slug(slug, viewer=actor)
    scope, year = await _year(request, event, actor)
    found = standing.visible(actor, await standing.of_year(scope, year))
    facts = [fact for fact in catalogues.targets() if any(one.target.key == fact.key for one in found)]
    asked = request.query_params.get("target") or ""
    chosen = next((fact for fact in facts if fact.key == asked), facts[0] if facts else None)
    shown = [one for one in found if chosen and one.target.key == chosen.key] if actor.sees_everything else found
    if actor.sees_everything:
        shown.sort(key=lambda one: (one.rank is not None, one.rank or 0))
    return render(
        request,
        "reports/targets/standing.html",
        event=event,
        year=year,
        years=pages.years_offered(await queries.years(), year, scope.year),
        facts=facts,
        chosen=chosen,
        rows=shown,
        everything=actor.sees_everything,
        event_year=scope.year,
    )


@get("/e/{slug:str}/targets/targets.xlsx", name="targets_export", opt=READERS)
async def targets_export(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The visible standings of a year as a spreadsheet."""
    event = await event_by_slug(slug, viewer=actor)
    scope, year = await _year(request, event, actor)
    found = standing.visible(actor, await standing.of_year(scope, year))
    rows = [pages.sheet_row(one, year) for one in found]
    return await downloads.table(f"{event.slug}-targets-{year}", pages.SHEET, rows, sheet=f"targets-{year}")


HANDLERS: list[Any] = [edit_targets, save_targets, paste_targets, pasted_targets, targets_page, targets_export]
