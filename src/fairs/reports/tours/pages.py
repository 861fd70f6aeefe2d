"""What a tour has brought: the report by city and employer, the rows behind its numbers, and their exports."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.core.i18n import N_, pick
from fairs.core.pagination import Page, last_page, window
from fairs.core.sheets import Column
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.meetings.pages import OUTCOMES
from fairs.reports.tours import queries, rules
from fairs.reports.tours.rows import AgreedRow, CameRow, MetRow, Place
from fairs.tours import members
from fairs.tours.pages import PATH
from fairs.tours.results import money
from fairs.units import catalogues
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, render

REPORT = f"{PATH}/report"
WHOLE = N_("Of the whole tour")
REACHED: dict[str, object] = {"intent": N_("Reached an intent"), "signed": N_("Signed by both")}
COLUMNS = (
    Column(N_("City or employer"), 30),
    Column(N_("Stops"), 8),
    Column(N_("People who came"), 10),
    Column(N_("People met"), 10),
    Column(N_("Meetings"), 10),
    *(Column(word, 14) for word in OUTCOMES.values()),
    Column(N_("Intents"), 10),
    Column(N_("Signed by both"), 10),
    Column(N_("Cost"), 30),
)
CAME = (
    Column(N_("Name in Latin letters"), 24),
    Column(N_("Name in own script"), 14),
    Column(N_("Stop"), 30),
    Column(N_("City"), 14),
    Column(N_("Employer"), 30),
    Column(N_("Scanned"), 18),
)
MET = (
    Column(N_("Name in Latin letters"), 24),
    Column(N_("Name in own script"), 14),
    Column(N_("Employer"), 30),
    Column(N_("City"), 14),
    Column(N_("About which listing"), 30),
    Column(N_("Result"), 16),
    Column(N_("When"), 18),
)
AGREED = (
    Column(N_("Number"), 20),
    Column(N_("Name in Latin letters"), 24),
    Column(N_("Name in own script"), 14),
    Column(N_("Employer"), 30),
    Column(N_("City"), 14),
    Column(N_("Title"), 30),
    Column(N_("State"), 16),
    Column(N_("Amount in yuan"), 14),
    Column(N_("Next step by"), 12),
)


async def brought(event_id: int) -> rules.Brought:
    """All rows of the report."""
    return rules.Brought(
        await queries.visits(event_id, {}),
        await queries.came(event_id, {}),
        await queries.met(event_id, {}),
        await queries.agreed(event_id, {}),
        await queries.costs(event_id, {}),
    )


def _city(row: Place) -> tuple[str, str]:
    return row.unit_zh, row.unit_en


def _employer(row: Place) -> tuple[str, str]:
    return row.organisation_zh, row.organisation_en or row.organisation_zh


async def _lines(event: EventRow) -> tuple[list[rules.Line], list[rules.Line], rules.Line]:
    found = await brought(event.id)
    cities = rules.lines(found, rules.city_of, _city)
    return cities, rules.lines(found, rules.employer_of, _employer), rules.line(found)


@get(REPORT, name="tour_report", opt=RUNNERS)
async def tour_report(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Numbers by city and by employer; each opens its rows."""
    event = await event_for(actor, slug)
    await members.bring_up(event.id)
    cities, employers, whole = await _lines(event)
    return render(
        request,
        "tours/report.html",
        event=event,
        cities=cities,
        employers=employers,
        whole=whole,
        each=money.each,
        outcomes=OUTCOMES,
    )


def _line_cells(one: rules.Line, name: str) -> list[Any]:
    counts = [one.stops, one.came, one.met, one.meetings, *(one.outcomes[key] for key in OUTCOMES)]
    return [name, *counts, one.intents, one.signed, money.sums(one.costs)]


async def _report(slug: str, actor: Actor, form: str) -> Response[bytes]:
    event = await event_for(actor, slug)
    cities, employers, whole = await _lines(event)
    rows = [_line_cells(one, pick(one.name_zh, one.name_en) or str(WHOLE)) for one in (*cities, *employers)]
    rows.append(_line_cells(whole, i18n.gettext("Of the tour, each once")))
    return await downloads.table(f"{event.slug}-report", COLUMNS, rows, form=form)


@get(f"{REPORT}.xlsx", name="tour_report_workbook", opt=RUNNERS)
async def tour_report_workbook(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The report as a workbook."""
    return await _report(slug, actor, "xlsx")


@get(f"{REPORT}.csv", name="tour_report_csv", opt=RUNNERS)
async def tour_report_csv(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The report as CSV."""
    return await _report(slug, actor, "csv")


def _asked(request: AnyRequest) -> dict[str, str]:
    given = request.query_params
    found: dict[str, str] = {}
    unit, employer = str(given.get("unit", "")), str(given.get("employer", ""))
    if unit == "none" or unit in catalogues.keys("units"):
        found["unit"] = unit
    if employer.isdecimal() and employer.isascii():
        found["employer"] = employer[:19]
    for name, values in (("outcome", OUTCOMES), ("reached", REACHED)):
        if given.get(name, "") in values:
            found[name] = str(given[name])
    return found


def _came(row: CameRow) -> list[Any]:
    title, city = pick(row.title_zh, row.title_en), pick(*_city(row))
    return [row.name_passport, row.name_native, title, city, pick(*_employer(row)), row.at]


def _met(row: MetRow) -> list[Any]:
    listing = pick(row.listing_zh, row.listing_en)
    outcome = str(OUTCOMES[row.outcome]) if row.outcome else ""
    names = [row.name_passport, row.name_native]
    return [*names, pick(*_employer(row)), pick(*_city(row)), listing, outcome, row.at]


def _agreed(row: AgreedRow) -> list[Any]:
    state = catalogues.label("agreement_states", row.state, i18n.current_lang())
    where = [pick(*_employer(row)), pick(*_city(row)), pick(row.title_zh, row.title_en)]
    return [row.number, row.name_passport, row.name_native, *where, state, row.amount_cny, row.next_step_by]


@dataclass(frozen=True)
class Part:
    """The rows behind some numbers of the report. `person`: whom a row is about, so that each counts once."""

    heading: object
    columns: Sequence[Column]
    read: Callable[[int, dict[str, Any]], Awaitable[Sequence[Any]]]
    cells: Callable[[Any], list[Any]]
    person: Callable[[Any], int]


PARTS = {
    "came": Part(N_("People who came"), CAME, queries.came, _came, attrgetter("member")),
    "meetings": Part(N_("Meetings at stops"), MET, queries.met, _met, attrgetter("talent")),
    "agreements": Part(N_("Agreements of the tour"), AGREED, queries.agreed, _agreed, attrgetter("talent")),
}


def _narrowed(name: str, value: str) -> str:
    """A filter of the rows in words."""
    if name == "unit":
        label = catalogues.label("units", value, i18n.current_lang())
        return str(WHOLE) if value == "none" else label
    if name in ("outcome", "reached"):
        return str((OUTCOMES | REACHED)[value])
    return i18n.gettext("of one employer")


def _page(name: str, part: Part) -> Any:
    @get(f"{REPORT}/{name}", name=f"tour_report_{name}", opt=RUNNERS)
    async def tour_report_rows(
        request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
    ) -> Response[Any]:
        """The rows behind a number of the report."""
        event = await event_for(actor, slug)
        query = _asked(request)
        rows = await part.read(event.id, query)
        number, size, _ = window(page_number(request), None)
        number = last_page(number, size, len(rows))
        shown = [part.cells(row) for row in rows[(number - 1) * size : number * size]]
        return render(
            request,
            "tours/report_rows.html",
            event=event,
            part=name,
            heading=part.heading,
            columns=part.columns,
            page=Page(shown, number, size, len(rows)),
            query=query,
            people=len({part.person(row) for row in rows}),
            narrowed=[_narrowed(key, value) for key, value in query.items()],
        )

    return tour_report_rows


def _workbook(name: str, part: Part) -> Any:
    @get(f"{REPORT}/{name}.xlsx", name=f"tour_report_{name}_workbook", opt=access.confirmed(RUNNERS))
    async def tour_report_rows_workbook(
        request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
    ) -> Response[bytes]:
        """The same rows as a workbook."""
        event = await event_for(actor, slug)
        rows = await part.read(event.id, _asked(request))
        return await downloads.table(f"{event.slug}-{name}", part.columns, [part.cells(row) for row in rows])

    return tour_report_rows_workbook


HANDLERS: list[Any] = [tour_report, tour_report_workbook, tour_report_csv]
HANDLERS += [make(name, part) for name, part in PARTS.items() for make in (_page, _workbook)]
