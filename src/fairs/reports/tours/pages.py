"""What a tour has brought: the report by city and employer, the rows behind its numbers, and their exports."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.core.i18n import N_, pick
from fairs.core.sheets import Column
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.meetings.pages import OUTCOMES
from fairs.reports.tours import queries, rules
from fairs.reports.tours.rows import Place
from fairs.tours import members
from fairs.tours.pages import PATH
from fairs.tours.results import money
from fairs.tours.results.exports import download
from fairs.units import catalogues
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
PARTS: dict[str, tuple[object, Sequence[Column]]] = {
    "came": (N_("People who came"), CAME),
    "meetings": (N_("Meetings at stops"), MET),
    "agreements": (N_("Agreements of the tour"), AGREED),
}


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
    return download(f"{event.slug}-report", form, COLUMNS, rows)


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
    if unit == "none" or unit in {code for code, *_ in catalogues.choices("units", "en")}:
        found["unit"] = unit
    if employer.isdecimal() and employer.isascii():
        found["employer"] = employer[:19]
    for name, values in (("outcome", OUTCOMES), ("reached", REACHED)):
        if given.get(name, "") in values:
            found[name] = str(given[name])
    return found


async def _cells(event: EventRow, part: str, query: dict[str, str]) -> list[list[Any]]:
    """The rows of a part, as its columns have them."""
    lang = i18n.current_lang()
    if part == "came":
        return [
            [
                row.name_passport,
                row.name_native,
                pick(row.title_zh, row.title_en),
                pick(row.unit_zh, row.unit_en),
                pick(*_employer(row)),
                row.at,
            ]
            for row in await queries.came(event.id, query)
        ]
    if part == "meetings":
        return [
            [
                row.name_passport,
                row.name_native,
                pick(*_employer(row)),
                pick(row.unit_zh, row.unit_en),
                pick(row.listing_zh, row.listing_en),
                str(OUTCOMES[row.outcome]) if row.outcome else "",
                row.at,
            ]
            for row in await queries.met(event.id, query)
        ]
    return [
        [
            row.number,
            row.name_passport,
            row.name_native,
            pick(*_employer(row)),
            pick(row.unit_zh, row.unit_en),
            pick(row.title_zh, row.title_en),
            catalogues.label("agreement_states", row.state, lang),
            row.amount_cny,
            row.next_step_by,
        ]
        for row in await queries.agreed(event.id, query)
    ]


async def _part(request: AnyRequest, slug: str, actor: Actor, part: str) -> Response[Any]:
    event = await event_for(actor, slug)
    query = _asked(request)
    rows = await _cells(event, part, query)
    heading, columns = PARTS[part]
    return render(
        request,
        "tours/report_rows.html",
        event=event,
        part=part,
        heading=heading,
        columns=columns,
        rows=rows,
        query=query,
        people=len({row[0] for row in rows}) if part == "came" else 0,
        narrowed=[_narrowed(name, value) for name, value in query.items()],
    )


def _narrowed(name: str, value: str) -> str:
    """A filter of the rows in words."""
    if name == "unit":
        label = catalogues.label("units", value, i18n.current_lang())
        return str(WHOLE) if value == "none" else label
    if name in ("outcome", "reached"):
        return str((OUTCOMES | REACHED)[value])
    return i18n.gettext("of one employer")


async def _file(request: AnyRequest, slug: str, actor: Actor, part: str) -> Response[bytes]:
    event = await event_for(actor, slug)
    return download(f"{event.slug}-{part}", "xlsx", PARTS[part][1], await _cells(event, part, _asked(request)))


@get(f"{REPORT}/came", name="tour_report_came", opt=RUNNERS)
async def tour_report_came(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Who came to which stop."""
    return await _part(request, slug, actor, "came")


@get(f"{REPORT}/meetings", name="tour_report_meetings", opt=RUNNERS)
async def tour_report_meetings(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Meetings at stops."""
    return await _part(request, slug, actor, "meetings")


@get(f"{REPORT}/agreements", name="tour_report_agreements", opt=RUNNERS)
async def tour_report_agreements(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Agreements of the tour."""
    return await _part(request, slug, actor, "agreements")


@get(f"{REPORT}/came.xlsx", name="tour_report_came_workbook", opt=RUNNERS)
async def tour_report_came_workbook(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Who came to which stop, as a workbook."""
    return await _file(request, slug, actor, "came")


@get(f"{REPORT}/meetings.xlsx", name="tour_report_meetings_workbook", opt=RUNNERS)
async def tour_report_meetings_workbook(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Meetings at stops, as a workbook."""
    return await _file(request, slug, actor, "meetings")


@get(f"{REPORT}/agreements.xlsx", name="tour_report_agreements_workbook", opt=RUNNERS)
async def tour_report_agreements_workbook(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Agreements of the tour, as a workbook."""
    return await _file(request, slug, actor, "agreements")


HANDLERS: list[Any] = [
    tour_report,
    tour_report_workbook,
    tour_report_csv,
    tour_report_came,
    tour_report_meetings,
    tour_report_agreements,
    tour_report_came_workbook,
    tour_report_meetings_workbook,
    tour_report_agreements_workbook,
]
