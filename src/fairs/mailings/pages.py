"""Pages of an event's mailings and rules: the list with the timeline, the form, one mailing with its people."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Bound, blank
from fairs.core.i18n import N_, gettext, pick
from fairs.core.pagination import MAX_PAGE_SIZE, window
from fairs.core.saving import attempt, nowhere, submitted
from fairs.core.sheet_streams import csv_parts
from fairs.core.sheets import CSV_TYPE, Column
from fairs.events.queries import event_for, sessions_of
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.mailings import by_clock, labels, queries, services
from fairs.mailings.forms import FILTERS, MailingForm, RuleForm
from fairs.mailings.labels import REASONS, recipient_badge
from fairs.mailings.rows import Filters, MailingRow
from fairs.mailings.tables import MailingKind, MailingState
from fairs.mailings.wording.forms import check_placeholders
from fairs.mailings.wording.pages import previews, send_test
from fairs.notifications import placeholders
from fairs.notifications.services import sends
from fairs.notifications.services import told as mail_told
from fairs.registrations.queries import registrations_by_ids
from fairs.registrations.rows import RegistrationRow
from fairs.units.queries import all_units
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

MAILINGS, PEOPLE, PREVIEWED = 25, 50, 20
WORDS: dict[str, Any] = {
    "state_badge": labels.state_badge,
    "recipient_badge": recipient_badge,
    "reasons": REASONS,
    "kinds": labels.KINDS,
    "triggers": labels.TRIGGERS,
}
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


def _number(value: object) -> int:
    text = str(value or "").strip().replace(",", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


async def _of(actor: Actor, slug: str, mailing_id: int) -> tuple[EventRow, MailingRow]:
    """The event and its mailing. Raises NotFound."""
    event, row = await event_for(actor, slug), await queries.mailing_for(actor, mailing_id)
    if row.event != event.id:
        raise NotFound
    return event, row


def _kind(form: Bound[Any]) -> str:
    newsletter = form.fields["kind"].value == MailingKind.NEWSLETTER
    return placeholders.NEWSLETTER if newsletter else placeholders.MAILING


async def _complete(form: Bound[Any], event: EventRow) -> None:
    """The choices that depend on the event, and the placeholders."""
    for name in ("kind", "per_minute", "trigger", "days", "hour"):
        if name in form.fields:
            form[name].required = True  # there is a first choice, but an answer is required
    sessions = [(one.code, pick(one.title_zh, one.title_en), "") for one in await sessions_of(event.id)]
    units = [(one.code, pick(one.name_zh, one.name_en), one.code) for one in await all_units()]
    for name, choices in (("session", sessions), ("unit", units)):
        field = form.fields[name]
        field.spec = replace(field.spec, choices=partial(list, choices))
        if field.value and field.value not in {choice[0] for choice in choices}:
            form.add_error(name, N_("Choose one of the list."))
    if form.fields["subject_zh"].value or form.has_errors or form.read:
        check_placeholders(form, _kind(form))


def _typed_filters(form: Bound[Any]) -> Filters:
    """The filters as they stand in the form, as far as they can be read."""
    return Filters(**{name: form.fields[name].value for name in FILTERS if not form.fields[name].errors})


async def _people(event: EventRow, filters: Filters, *, newsletter: bool) -> list[RegistrationRow]:
    """The first of those who get it, else those who would but for a reason: for previews."""
    found = await queries.candidates(event.id, filters, newsletter=newsletter, most=PREVIEWED)
    rows = await registrations_by_ids([one.registration for one in found])
    return [rows[one.registration] for one in found if one.registration in rows]


async def _form(
    request: AnyRequest,
    event: EventRow,
    form: Bound[Any],
    row: MailingRow | None,
    *,
    at: int = 0,
    status: int = 200,
    told: object = "",
) -> Response[Any]:
    is_rule = issubclass(form.form, RuleForm)
    filters, newsletter = _typed_filters(form), _kind(form) == placeholders.NEWSLETTER
    people = await _people(event, filters, newsletter=newsletter)
    person = people[at % len(people)] if people else None
    counts = await queries.counts(event.id, filters, newsletter=newsletter)
    return render(
        request,
        "mailings/form.html",
        status=status,
        event=event,
        form=form,
        row=row,
        is_rule=is_rule,
        spec=placeholders.kind_of(_kind(form)),
        words=placeholders.WORDS,
        previews=await previews(_kind(form), form, person),
        person=person,
        several=len(people) > 1,
        at=at,
        reached=counts.get("", 0),
        told=told,
        **WORDS,
    )


async def _submitted(
    request: AnyRequest, actor: Actor, event: EventRow, kind: type[MailingForm], row: MailingRow | None
) -> Response[Any]:
    """Save, show a preview, or send a test to oneself."""
    given = await request.form()
    form: Bound[Any] = submitted(kind, given, services.stored_values(row) if row else {})
    await _complete(form, event)
    act, at = str(given.get("act") or "save"), max(0, _number(given.get("at")))
    if act in ("preview", "next") or not form.ok:
        return await _form(request, event, form, row, at=at + (act == "next"), status=200 if form.ok else 422)
    if act == "test":
        people = await _people(event, form.value.filters, newsletter=form.value.kind == MailingKind.NEWSLETTER)
        await send_test(_kind(form), form, people[at % len(people)] if people else None, by=actor)
        told = mail_told(
            N_("The test is on its way to %(address)s.", address=actor.email),
            N_("The test is kept in the outbox: no mail server is set."),
        )
        return await _form(request, event, form, row, at=at, told=told)

    async def save() -> int:
        number, seen = (row.id, form.version) if row else (0, "")
        return await services.save_mailing(event.id, form.value, by=actor, mailing_id=number, seen=seen)

    status, made = await attempt(form, save, nowhere)
    if status:
        return await _form(request, event, form, row, at=at, status=status)
    return redirect(request, "mailing", slug=event.slug, mailing_id=made, flash=N_("Saved."))


def _filled(row: MailingRow) -> Bound[Any]:
    """The form of a mailing or a rule with what is stored."""
    return versions.opened(RuleForm if row.trigger else MailingForm, services.stored_values(row))


@get("/organise/editions/{slug:str}/mailings", name="mailings", opt=RUNNERS)
async def mailings(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """What was mailed, and what the clock will send."""
    event = await event_for(actor, slug)
    page = await queries.mailings_of(event.id, window(page_number(request), MAILINGS))
    planned = await by_clock.timeline(event.id)
    return render(request, "mailings/mailings.html", event=event, page=page, planned=planned, kept=not sends(), **WORDS)


@get("/organise/editions/{slug:str}/mailings/new", name="new_mailing", opt=RUNNERS)
async def new_mailing(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """The form; filters may come from the address, but not `lang`: there it is the language of the page."""
    event = await event_for(actor, slug)
    names = [name for name in FILTERS if name != "lang"]
    given = {name: str(request.query_params.get(name, ""))[:60].replace("\0", "") for name in names}
    if _number(given["chosen"]) < 0:
        given["chosen"] = ""
    form: Bound[Any] = blank(MailingForm, **{name: value for name, value in given.items() if value})
    await _complete(form, event)
    return await _form(request, event, form, None)


@post("/organise/editions/{slug:str}/mailings/new", name="make_mailing", opt=RUNNERS, status_code=303)
async def make_mailing(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """A draft; nothing is sent yet."""
    return await _submitted(request, actor, await event_for(actor, slug), MailingForm, None)


@get("/organise/editions/{slug:str}/mailings/rules/new", name="new_rule", opt=RUNNERS)
async def new_rule(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """The form of a rule."""
    event = await event_for(actor, slug)
    form: Bound[Any] = blank(RuleForm)
    await _complete(form, event)
    return await _form(request, event, form, None)


@post("/organise/editions/{slug:str}/mailings/rules/new", name="make_rule", opt=RUNNERS, status_code=303)
async def make_rule(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """A rule that is off."""
    return await _submitted(request, actor, await event_for(actor, slug), RuleForm, None)


@get("/organise/editions/{slug:str}/mailings/{mailing_id:int}", name="mailing", opt=RUNNERS)
async def mailing(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mailing_id: FromPath[int]
) -> Response[Any]:
    """One mailing: its text, whom it is for, and where each mail stands."""
    event, row = await _of(actor, slug, mailing_id)
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
    query, form = _query(request), _filled(row)
    await _complete(form, event)
    people = await _people(event, row.wanted, newsletter=row.newsletter)
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
        previews=await previews(_kind(form), form, people[0] if people else None),
        person=people[0] if people else None,
        query=query,
        counts=await queries.counts_by_state(row.id),
        page=await queries.recipients(row.id, **query, window=window(page_number(request), PEOPLE)),
        states=[(str(state), str(word)) for state, (_, word) in labels.RECIPIENT_STATES.items()],
        kept=not sends(),
        **WORDS,
    )


@get("/organise/editions/{slug:str}/mailings/{mailing_id:int}/edit", name="edit_mailing", opt=RUNNERS)
async def edit_mailing(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mailing_id: FromPath[int]
) -> Response[Any]:
    """The form, filled."""
    event, row = await _of(actor, slug, mailing_id)
    form = _filled(row)
    await _complete(form, event)
    return await _form(request, event, form, row)


@post("/organise/editions/{slug:str}/mailings/{mailing_id:int}/edit", name="save_mailing", opt=RUNNERS, status_code=303)
async def save_mailing(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mailing_id: FromPath[int]
) -> Response[Any]:
    """Change a draft, or a rule that is off."""
    event, row = await _of(actor, slug, mailing_id)
    return await _submitted(request, actor, event, RuleForm if row.trigger else MailingForm, row)


@post(
    "/organise/editions/{slug:str}/mailings/{mailing_id:int}/start", name="start_mailing", opt=RUNNERS, status_code=303
)
async def start_mailing(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mailing_id: FromPath[int]
) -> Response[Any]:
    """Send to as many as was typed, if that is still their number."""
    event, row = await _of(actor, slug, mailing_id)
    typed = str((await request.form()).get("count") or "")[:12]
    try:
        count = await services.start(row.id, _number(typed), by=actor)
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
    _, row = await _of(actor, slug, mailing_id)
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
    _, row = await _of(actor, slug, mailing_id)
    headers = {"content-disposition": f'attachment; filename="mailing-{row.id}.csv"'}
    return Stream(csv_parts(COLUMNS, _rows(row.id, _query(request))), media_type=CSV_TYPE, headers=headers)


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
    new_mailing,
    make_mailing,
    new_rule,
    make_rule,
    mailing,
    edit_mailing,
    save_mailing,
    start_mailing,
    act_on_mailing,
    mailing_export,
]
