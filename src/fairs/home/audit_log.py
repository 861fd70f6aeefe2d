"""Pages of the audit log: everything for those who run the fair, and the history of one record."""

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.accounts.queries import accounts_like
from fairs.audit import queries, words
from fairs.audit.queries import Place, Wanted
from fairs.core import clock
from fairs.core.i18n import EVENT_ZONE, gettext
from fairs.core.roles import Role
from fairs.home import audit_entries
from fairs.home.histories import history_for
from fairs.home.record_names import names_for, names_of, page_of
from fairs.web import access, downloads
from fairs.web.templating import AnyRequest, render, reverse

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
READERS = access.roles(Role.ORGANISER, Role.ADMIN, Role.BUREAU)
ENTRIES = 50  # per page
NAMES = ("q", "account", "kind", "object", "action", "from", "to")
LONGEST = {"q": 100, "account": 18, "kind": 60, "object": 60, "action": 80, "from": 10, "to": 10}


def read_query(request: AnyRequest) -> dict[str, str]:
    """The filters of the address, as far as they can be filters."""
    found = {name: str(request.query_params.get(name, "")).strip().replace("\0", "") for name in NAMES}
    found = {name: value[: LONGEST[name]] for name, value in found.items()}
    for name in ("from", "to"):
        if found[name] and _day(found[name]) is None:
            found[name] = ""
    if not (found["account"].isascii() and found["account"].isdigit()):
        found["account"] = ""
    if found["kind"] not in words.KINDS:
        found["kind"] = ""
    return {name: value for name, value in found.items() if value}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(text: str, *, after: int = 0) -> datetime | None:
    day = _day(text) if text else None
    if day is None or not date(1971, 1, 1) < day < date(9000, 1, 1):
        return None
    return datetime.combine(day + timedelta(days=after), time(), ZoneInfo(EVENT_ZONE))


async def wanted_by(query: dict[str, str]) -> Wanted:
    """The filters of a query. Days are those of the fair's zone."""
    people: tuple[int, ...] | None = None
    nobody = query.get("account") == "0"
    if query.get("account") and not nobody:
        people = (int(query["account"]),)
    elif query.get("q"):
        people = tuple(await accounts_like(query["q"]))
    kind, key = query.get("kind", ""), query.get("object", "")
    return Wanted(
        people=people,
        nobody=nobody,
        objects=((kind, key),) if kind and key else None,
        kind=kind,
        action=query.get("action", ""),
        since=_midnight(query.get("from", "")),
        until=_midnight(query.get("to", ""), after=1),
    )


async def _chips(base: str, query: dict[str, str]) -> list[dict[str, str]]:
    """Filters that no control of the page shows: one account, one object."""
    found = []
    if query.get("account"):
        named = await names_of([("account", query["account"])])
        row = named.get(("account", query["account"]))
        label = gettext("the system") if query["account"] == "0" else row.name_zh if row else query["account"]
        rest = {name: value for name, value in query.items() if name != "account"}
        found.append({"label": f"{gettext('Done by')}: {label}", "href": f"{base}?{urlencode(rest)}"})
    return found


@get("/organise/audit", name="audit_log", opt=ORGANISERS)
async def audit_log(request: Request[Any, Any, Any]) -> Response[Any]:
    """Who did what, when, before and after: the latest first, page by page."""
    query = read_query(request)
    after = Place.read(str(request.query_params.get("after", "")))
    found = await queries.entries(await wanted_by(query), size=ENTRIES + 1, after=after)
    shown, more = found[:ENTRIES], len(found) > ENTRIES
    names = await names_for(shown)
    base = reverse(request, "audit_log")
    return render(
        request,
        "home/audit_log.html",
        query=query,
        entries=[audit_entries.shown_entry(request, entry, names) for entry in shown],
        older=f"{base}?{urlencode(query | {'after': Place(shown[-1].at, shown[-1].id).text})}" if more else "",
        newest=f"{base}?{urlencode(query)}" if after else "",
        actions=sorted(((action, str(word)) for action, word in words.ACTIONS.items()), key=lambda pair: pair[0]),
        kinds=[(kind, str(word)) for kind, word in words.KINDS.items()],
        chips=await _chips(base, query),
        base=base,
    )


async def _export(request: AnyRequest, form: str) -> Stream:
    chunks = audit_entries.exported(await wanted_by(read_query(request)))
    name = f"audit-{clock.now():%Y%m%d}"
    return downloads.long_table(name, audit_entries.COLUMNS, chunks, form=form, sheet=gettext("Audit log"))


@get("/organise/audit.xlsx", name="audit_log_xlsx", opt=ORGANISERS)
async def audit_log_xlsx(request: Request[Any, Any, Any]) -> Stream:
    """The log as filtered, as a workbook."""
    return await _export(request, "xlsx")


@get("/organise/audit.csv", name="audit_log_csv", opt=ORGANISERS)
async def audit_log_csv(request: Request[Any, Any, Any]) -> Stream:
    """The log as filtered, as CSV."""
    return await _export(request, "csv")


@get("/records/{kind:str}/{record_id:int}/history", name="record_history", opt=READERS)
async def record_history(
    request: Request[Any, Any, Any], kind: FromPath[str], record_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """What was done to one record, for the province and, for employers, listings, agreements and events, their bureau."""
    name, objects = await history_for(actor, kind, record_id)
    after = Place.read(str(request.query_params.get("after", "")))
    found = await queries.entries(Wanted(objects=objects), size=ENTRIES + 1, after=after)
    shown, more = found[:ENTRIES], len(found) > ENTRIES
    names = await names_for(shown)
    private = actor.sees_everything
    base = reverse(request, "record_history", kind=kind, record_id=record_id)
    return render(
        request,
        "home/history.html",
        kind=kind,
        kind_word=words.kind_word(kind),
        name=name,
        record_id=record_id,
        page=page_of(request, kind, name) if name else "",
        entries=[audit_entries.shown_entry(request, entry, names, private=private) for entry in shown],
        parts=len(objects) > 1,
        older=f"{base}?after={Place(shown[-1].at, shown[-1].id).text}" if more else "",
        newest=base if after else "",
    )


HANDLERS: list[Any] = [audit_log, audit_log_xlsx, audit_log_csv, record_history]
