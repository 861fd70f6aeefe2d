"""Pages of an event's mailings and rules: the list with the timeline, one mailing with its people, what is done with it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Bound
from fairs.core.i18n import N_, gettext
from fairs.core.pagination import MAX_PAGE_SIZE, window
from fairs.core.sheets import Column
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.mailings import by_clock, labels, queries, services, writing_pages
from fairs.mailings.forms import FILTERS
from fairs.mailings.labels import REASONS, recipient_badge
from fairs.mailings.rows import MailingRow
from fairs.mailings.tables import MailingState
from fairs.mailings.wording.pages import previews
from fairs.mailings.writing_pages import complete, filled, kind_of, mailing_of, number_in, people_of
from fairs.notifications.services import sends
from fairs.registrations.queries import registrations_by_ids
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

MAILINGS, PEOPLE = 25, 50
COLUMNS = (
    Column(N_("Registration number"), 14),
    Column(N_("Name"), 26),
    Column(N_("E-mail address"), 30),
    Column(N_("Language"), 8),
    Column(N_("State"), 20),
    Column(N_("Why"), 30),
    Column(N_("Sent on"), 17),
    Column(N_("What the mail server answered"), 40),
)


@get("/organise/editions/{slug:str}/mailings", name="mailings", opt=RUNNERS)
async def mailings(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """What was mailed, and what the clock will send."""
    event = await event_for(actor, slug)
    page = await queries.mailings_of(event.id, window(page_number(request), MAILINGS))
    planned = await by_clock.timeline(event.id)
    return render(
        request, "mailings/mailings.html", event=event, page=page, planned=planned, kept=not sends(), **labels.WORDS
    )


@get("/organise/editions/{slug:str}/mailings/{mailing_id:int}", name="mailing", opt=RUNNERS)
async def mailing(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mailing_id: FromPath[int]
) -> Response[Any]:
    """One mailing: its text, whom it is for, and where each mail stands."""
    event, row = await mailing_of(actor, slug, mailing_id)
    return await _page(request, event, row)


def _chosen(form: Bound[Any]) -> list[tuple[str, str]]:
    """(name, value) of the filters in force, in words."""
    found = []
    for field in (form.fields[name] for name in FILTERS):
        words = {value: word for value, word, _ in field.choices}
        if field.value:
            value = gettext("yes") if field.widget == "hidden" else words.get(field.value, field.value)
            found.append((field.label, value))
    return found


def _query(request: AnyRequest) -> dict[str, str]:
    given = request.query_params
    found = {"q": str(given.get("q", ""))[:100].strip()}
    found |= {name: str(given.get(name, "")) for name in ("state", "reason")}
    known: Mapping[str, Any] = {"state": labels.RECIPIENT_STATES, "reason": REASONS}
    return {name: value for name, value in found.items() if value and (name == "q" or value in known[name])}


async def _page(
    request: AnyRequest, event: EventRow, row: MailingRow, *, refused: object = "", typed: str = "", status: int = 200
) -> Response[Any]:
    query, form = _query(request), filled(row)
    await complete(form, event)
    people = await people_of(event, row.wanted, newsletter=row.newsletter)
    left_out: Sequence[Any] = []
    if row.state is MailingState.DRAFT and not row.trigger:
        left_out = await queries.candidates(event.id, row.wanted, newsletter=row.newsletter, most=200, left_out=True)
    rows = await registrations_by_ids([one.registration for one in left_out])
    return render(
        request,
        "mailings/mailing.html",
        status=status,
        event=event,
        row=row,
        refused=refused,
        typed=typed,
        chosen=_chosen(form),
        reached=await queries.counts(event.id, row.wanted, newsletter=row.newsletter),
        left_out=[(rows[one.registration], one.reason) for one in left_out if one.registration in rows],
        previews=await previews(kind_of(form), form, people[0] if people else None),
        person=people[0] if people else None,
        query=query,
        counts=await queries.counts_by_state(row.id),
        page=await queries.recipients(row.id, **query, window=window(page_number(request), PEOPLE)),
        states=[(str(state), str(word)) for state, (_, word) in labels.RECIPIENT_STATES.items()],
        kept=not sends(),
        **labels.WORDS,
    )


@post(
    "/organise/editions/{slug:str}/mailings/{mailing_id:int}/start", name="start_mailing", opt=RUNNERS, status_code=303
)
async def start_mailing(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mailing_id: FromPath[int]
) -> Response[Any]:
    """Send to as many as was typed, if that is still their number."""
    event, row = await mailing_of(actor, slug, mailing_id)
    typed = str((await request.form()).get("count") or "")[:12]
    try:
        count = await services.start(row.id, number_in(typed), by=actor)
    except Conflict as refused:
        return await _page(request, event, row, refused=refused.message, typed=typed, status=409)
    told = N_("%(count)s mails are being written.", count=count)
    return redirect(request, "mailing", slug=slug, mailing_id=row.id, flash=told)


ACTS: dict[str, tuple[Any, object]] = {
    "pause": (services.pause, N_("Paused: no more mails are written.")),
    "go_on": (services.go_on, N_("It goes on.")),
    "abort": (services.abort, N_("Stopped for good.")),
    "on": (by_clock.switch_on, N_("The rule is on.")),
    "off": (by_clock.switch_off, N_("The rule is off.")),
}


@post(
    "/organise/editions/{slug:str}/mailings/{mailing_id:int}/act", name="act_on_mailing", opt=RUNNERS, status_code=303
)
async def act_on_mailing(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mailing_id: FromPath[int]
) -> Response[Any]:
    """Pause, go on, stop; switch a rule on or off; delete a draft."""
    _, row = await mailing_of(actor, slug, mailing_id)
    act = str((await request.form()).get("act") or "")
    if act == "delete":
        await services.delete_draft(row.id, by=actor)
        return redirect(request, "mailings", slug=slug, flash=N_("The draft is deleted."))
    if act not in ACTS:
        raise NotFound
    verb, told = ACTS[act]
    await verb(row.id, by=actor)
    return redirect(request, "mailing", slug=slug, mailing_id=row.id, flash=told)


@get(
    "/organise/editions/{slug:str}/mailings/{mailing_id:int}/people.csv",
    name="mailing_export",
    opt=access.confirmed(RUNNERS),
)
async def mailing_export(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mailing_id: FromPath[int]
) -> Stream:
    """The filtered list of people with the state of each mail."""
    _, row = await mailing_of(actor, slug, mailing_id)
    return downloads.long_table(f"mailing-{row.id}", COLUMNS, _rows(row.id, _query(request)))


async def _rows(mailing_id: int, query: dict[str, str]) -> AsyncIterator[Sequence[Sequence[Any]]]:
    number, last = 1, 1
    while number <= last:
        page = await queries.recipients(mailing_id, **query, window=window(number, MAX_PAGE_SIZE))
        yield [
            (
                one.number,
                one.name,
                one.address,
                one.lang,
                recipient_badge(one.state)[1],
                str(REASONS.get(one.reason, "")),
                one.sent_at,
                one.error,
            )
            for one in page.rows
        ]
        number, last = number + 1, page.pages


HANDLERS: list[Any] = [
    mailings,
    *writing_pages.HANDLERS,
    mailing,
    start_mailing,
    act_on_mailing,
    mailing_export,
]
