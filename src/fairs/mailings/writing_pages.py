"""Pages on which a mailing or a rule is written: its form with previews, and a test to oneself."""

from dataclasses import replace
from functools import partial
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import NotFound
from fairs.core.forms import Bound, blank
from fairs.core.i18n import N_, pick
from fairs.core.saving import attempt, nowhere, submitted
from fairs.events.queries import event_for, sessions_of
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.mailings import labels, queries, services
from fairs.mailings.forms import FILTERS, MailingForm, RuleForm
from fairs.mailings.rows import Filters, MailingRow
from fairs.mailings.tables import MailingKind
from fairs.mailings.wording.forms import check_placeholders
from fairs.mailings.wording.pages import previews, send_test
from fairs.notifications import placeholders
from fairs.notifications.services import told as mail_told
from fairs.registrations.queries import registrations_by_ids
from fairs.registrations.rows import RegistrationRow
from fairs.units.queries import all_units
from fairs.web.templating import AnyRequest, redirect, render

PREVIEWED = 20


def number_in(value: object) -> int:
    text = str(value or "").strip().replace(",", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1


async def mailing_of(actor: Actor, slug: str, mailing_id: int) -> tuple[EventRow, MailingRow]:
    """The event and its mailing. Raises NotFound."""
    event, row = await event_for(actor, slug), await queries.mailing_for(actor, mailing_id)
    if row.event != event.id:
        raise NotFound
    return event, row


def kind_of(form: Bound[Any]) -> str:
    newsletter = form.fields["kind"].value == MailingKind.NEWSLETTER
    return placeholders.NEWSLETTER if newsletter else placeholders.MAILING


async def complete(form: Bound[Any], event: EventRow) -> None:
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
        check_placeholders(form, kind_of(form))


def _typed_filters(form: Bound[Any]) -> Filters:
    """The filters as they stand in the form, as far as they can be read."""
    return Filters(**{name: form.fields[name].value for name in FILTERS if not form.fields[name].errors})


async def people_of(event: EventRow, filters: Filters, *, newsletter: bool) -> list[RegistrationRow]:
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
    filters, newsletter = _typed_filters(form), kind_of(form) == placeholders.NEWSLETTER
    people = await people_of(event, filters, newsletter=newsletter)
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
        spec=placeholders.kind_of(kind_of(form)),
        words=placeholders.WORDS,
        previews=await previews(kind_of(form), form, person),
        person=person,
        several=len(people) > 1,
        at=at,
        reached=counts.get("", 0),
        told=told,
        **labels.WORDS,
    )


async def _submitted(
    request: AnyRequest, actor: Actor, event: EventRow, kind: type[MailingForm], row: MailingRow | None
) -> Response[Any]:
    """Save, show a preview, or send a test to oneself."""
    given = await request.form()
    form: Bound[Any] = submitted(kind, given, services.stored_values(row) if row else {})
    await complete(form, event)
    act, at = str(given.get("act") or "save"), max(0, number_in(given.get("at")))
    if act in ("preview", "next") or not form.ok:
        return await _form(request, event, form, row, at=at + (act == "next"), status=200 if form.ok else 422)
    if act == "test":
        people = await people_of(event, form.value.filters, newsletter=form.value.kind == MailingKind.NEWSLETTER)
        await send_test(kind_of(form), form, people[at % len(people)] if people else None, by=actor)
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


def filled(row: MailingRow) -> Bound[Any]:
    """The form of a mailing or a rule with what is stored."""
    return versions.opened(RuleForm if row.trigger else MailingForm, services.stored_values(row))


@get("/organise/editions/{slug:str}/mailings/new", name="new_mailing", opt=RUNNERS)
async def new_mailing(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """The form; filters may come from the address, but not `lang`: there it is the language of the page."""
    event = await event_for(actor, slug)
    names = [name for name in FILTERS if name != "lang"]
    given = {name: str(request.query_params.get(name, ""))[:60].replace("\0", "") for name in names}
    if number_in(given["chosen"]) < 0:
        given["chosen"] = ""
    form: Bound[Any] = blank(MailingForm, **{name: value for name, value in given.items() if value})
    await complete(form, event)
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
    await complete(form, event)
    return await _form(request, event, form, None)


@post("/organise/editions/{slug:str}/mailings/rules/new", name="make_rule", opt=RUNNERS, status_code=303)
async def make_rule(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str]
) -> Response[Any]:
    """A rule that is off."""
    return await _submitted(request, actor, await event_for(actor, slug), RuleForm, None)


@get("/organise/editions/{slug:str}/mailings/{mailing_id:int}/edit", name="edit_mailing", opt=RUNNERS)
async def edit_mailing(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mailing_id: FromPath[int]
) -> Response[Any]:
    """The form, filled."""
    event, row = await mailing_of(actor, slug, mailing_id)
    form = filled(row)
    await complete(form, event)
    return await _form(request, event, form, row)


@post("/organise/editions/{slug:str}/mailings/{mailing_id:int}/edit", name="save_mailing", opt=RUNNERS, status_code=303)
async def save_mailing(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], slug: FromPath[str], mailing_id: FromPath[int]
) -> Response[Any]:
    """Change a draft, or a rule that is off."""
    event, row = await mailing_of(actor, slug, mailing_id)
    return await _submitted(request, actor, event, RuleForm if row.trigger else MailingForm, row)


HANDLERS: list[Any] = [new_mailing, make_mailing, new_rule, make_rule, edit_mailing, save_mailing]
