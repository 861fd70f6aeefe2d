"""An employer's visitors at a fair: the scan on the own phone, the visitor's consent, notes, the list and its export."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.accounts.undoing import may_undo
from fairs.core import clock, i18n, versions
from fairs.core.errors import Conflict, Invalid, TooMany
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, pick
from fairs.core.roles import Role
from fairs.core.saving import attempt, only_fields, submitted
from fairs.events.choosing import asked_fair, fairs_for
from fairs.events.queries import event_by_slug
from fairs.events.rows import EventRow
from fairs.events.rules import Act, allows
from fairs.leads import exports, looking, queries, services
from fairs.leads import own_pages as visitor_pages
from fairs.leads.booth_pages import HANDLERS as BOOTH_HANDLERS
from fairs.leads.forms import FOLLOW_UPS, LeadForm, VisitorForm
from fairs.leads.rows import LeadRow
from fairs.leads.tables import Answer, FollowUp
from fairs.organisations.queries import organisation_of
from fairs.organisations.rows import OrganisationRow
from fairs.organisations.tables import OrganisationState
from fairs.registrations.labels import category_label
from fairs.talents import labels as talent_labels
from fairs.web import access
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

EMPLOYER = access.roles(Role.EMPLOYER)
PATH = "/employer/events/{slug:str}/leads"
ONE = "/employer/leads/{lead_id:int}"
SIZE = 50
MET = N_("You have a meeting with this visitor: it is noted as held.")
FOLLOW = (*FollowUp, "overdue")
STARS = tuple(str(number) for number in range(1, 6))


def _today(event: EventRow) -> Any:
    return clock.now().astimezone(ZoneInfo(event.timezone)).date()


def _query(request: AnyRequest) -> dict[str, str]:
    """Search, filters and order of the list; unknown values are left out."""
    given = request.query_params
    allowed = {"stars": STARS, "follow": FOLLOW, "agreed": ("yes", "no"), "sort": tuple(queries.ORDERS)}
    query = {name: given[name] for name, values in allowed.items() if given.get(name, "") in values}
    for name, longest in (("q", 100), ("tag", 40)):
        if text := str(given.get(name, "")).replace("\0", "")[:longest].strip():
            query[name] = text
    return query


def _filters(query: dict[str, str]) -> dict[str, Any]:
    return {**query, "stars": int(query["stars"])} if "stars" in query else dict(query)


@get("/employer/leads", name="my_leads", opt=EMPLOYER)
async def my_leads(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Leads to the fair that the actor has chosen; without one it says so."""
    await organisation_of(actor)
    fair = await asked_fair(request, actor)
    if fair is None:
        return render(request, "leads/none.html")
    return redirect(request, "leads", slug=fair.slug)


@get(PATH, name="leads", opt=EMPLOYER)
async def leads_page(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The employer's visitors: searched, filtered, sorted, by pages."""
    organisation = await organisation_of(actor)
    event = await event_by_slug(slug, viewer=actor)
    await services.bring_up(event.id)
    query, today = _query(request), _today(event)
    page = await queries.leads_page(
        event.id,
        organisation.id,
        _filters(query),
        sort=query.get("sort", ""),
        today=today,
        number=page_number(request),
        size=SIZE,
    )
    await looking.note(page.rows, by=actor)
    return render(
        request,
        "leads/list.html",
        event=event,
        page=page,
        query=query,
        counts=await queries.counts(event.id, organisation.id, today),
        tags=[(row.tag, f"{row.tag} ({row.count})") for row in await queries.tags_of(event.id, organisation.id)],
        follow_words=FOLLOW_UPS,
        fairs=[fair for fair in await fairs_for(actor) if allows(fair.state, Act.SCAN) or fair.id == event.id],
        obstacle=_obstacle(event, organisation),
        today=today,
        category_label=category_label,
    )


def _obstacle(event: EventRow, organisation: OrganisationRow) -> object:
    """Why no visitor can be recorded now; empty when one can."""
    if organisation.state != OrganisationState.APPROVED:
        return services.NOT_APPROVED
    return "" if allows(event.state, Act.SCAN) else services.NOT_RUNNING


async def _export(request: AnyRequest, slug: str, actor: Actor, kind: str) -> Response[bytes]:
    organisation = await organisation_of(actor)
    event = await event_by_slug(slug, viewer=actor)
    await services.bring_up(event.id)
    rows = await queries.agreed_leads(event.id, organisation.id, _filters(_query(request)), today=_today(event))
    await services.exported(event, organisation.id, len(rows), kind, by=actor)
    await looking.note(rows, by=actor)
    return await exports.as_file(rows, kind)


@get(f"{PATH}.xlsx", name="leads_xlsx", opt=EMPLOYER)
async def leads_xlsx(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The visitors who agreed, as filtered, as a workbook."""
    return await _export(request, slug, actor, "xlsx")


@get(f"{PATH}.csv", name="leads_csv", opt=EMPLOYER)
async def leads_csv(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The visitors who agreed, as filtered, as CSV."""
    return await _export(request, slug, actor, "csv")


def _scan(
    request: AnyRequest, event: EventRow, obstacle: object, form: Bound[VisitorForm], status: int = 200
) -> Response[Any]:
    return render(request, "leads/scan.html", status=status, event=event, obstacle=obstacle, form=form)


@get(f"{PATH}/scan", name="scan_visitor", opt=EMPLOYER)
async def scan_visitor(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The camera, and a field for hand scanners and numbers."""
    organisation = await organisation_of(actor)
    event = await event_by_slug(slug, viewer=actor)
    return _scan(request, event, _obstacle(event, organisation), blank(VisitorForm))


@post(f"{PATH}/scan", name="visitor_scanned", opt=EMPLOYER, status_code=303)
async def visitor_scanned(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Recognises the badge, and leads on to the visitor's consent or to what was noted before."""
    organisation = await organisation_of(actor)
    event = await event_by_slug(slug, viewer=actor)
    form = bind(VisitorForm, await request.form())
    obstacle = _obstacle(event, organisation)
    if not form.ok:
        return _scan(request, event, obstacle, form, 422)
    try:
        lead_id, met = await services.record_visitor(event, organisation, form.value.code, by=actor)
    except Invalid as refused:
        form.add_errors(refused)
        return _scan(request, event, obstacle, form, refused.status)
    except (Conflict, TooMany) as refused:
        form.add_error("", refused.message)
        return _scan(request, event, obstacle, form, refused.status)
    return redirect(request, "lead", lead_id=lead_id, flash=MET if met else "")


async def _lead(
    request: AnyRequest, actor: Actor, row: LeadRow, form: Bound[LeadForm], status: int = 200
) -> Response[Any]:
    listings = [
        (str(item.id), pick(item.title_zh, item.title_en), "")
        for item in await queries.own_listings(row.event, row.organisation)
    ]
    if row.listing is not None and str(row.listing) not in {value for value, _, _ in listings}:
        listings.append((str(row.listing), pick(row.listing_zh, row.listing_en), ""))
    form["about"].spec = replace(form["about"].spec, choices=lambda: listings)
    return render(
        request,
        "leads/lead.html",
        status=status,
        row=row,
        form=form,
        agreed=row.answer == Answer.GIVEN,
        may_undo=may_undo(actor, row.deleted_by, row.deleted_at),
        word=talent_labels.word,
        category_label=category_label,
        question=_question(row),
    )


def _question(row: LeadRow) -> list[dict[str, str]]:
    """What the visitor is asked, in the page's language and in the other one: the phone is the employer's."""
    here = i18n.current_lang()
    found = []
    for lang in (here, "en" if here == "zh" else "zh"):
        with i18n.language(lang):
            found.append(
                {
                    "lang": "zh-Hans" if lang == "zh" else "en",
                    "ask": i18n.gettext(
                        "May %(employer)s keep your details?", employer=pick(row.organisation_zh, row.organisation_en)
                    ),
                    "what": i18n.gettext(
                        "Your name, your organisation, and what your profile shows to employers. It may note what you talk"
                        " about. You can take this back at any time on the page of your badge; then its notes are deleted."
                    ),
                    "contact": i18n.gettext("Also my e-mail address and telephone number"),
                    "yes": i18n.gettext("Yes, it may"),
                    "no": i18n.gettext("No, thank you"),
                }
            )
    return found


@get(ONE, name="lead", opt=EMPLOYER)
async def lead_page(
    request: Request[Any, Any, Any], lead_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The visitor's consent while it is not known, then the visitor with the employer's notes."""
    row = await queries.lead_for(actor, lead_id)
    await looking.note([row], by=actor)
    return await _lead(request, actor, row, versions.opened(LeadForm, services.stored_lead(row)))


@post(ONE, name="save_lead", opt=EMPLOYER, status_code=303)
async def save_lead(
    request: Request[Any, Any, Any], lead_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores what was noted."""
    row = await queries.lead_for(actor, lead_id)
    form = submitted(LeadForm, await request.form(), services.stored_lead(row))

    async def act() -> None:
        await services.save_lead(lead_id, form.value, seen=form.version, by=actor)

    try:
        status, _ = await attempt(form, act, only_fields)
    except Conflict as refused:
        return redirect(request, "lead", lead_id=lead_id, flash=refused.message, kind="warning")
    if status:
        return await _lead(request, actor, row, form, status)
    return redirect(request, "leads", slug=row.event_slug, flash=N_("Saved."))


@post(f"{ONE}/consent", name="lead_consent", opt=EMPLOYER, status_code=303)
async def lead_consent(
    request: Request[Any, Any, Any], lead_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The visitor's answer, given on the employer's phone."""
    row = await queries.lead_for(actor, lead_id)
    data = await request.form()
    if data.get("answer") not in (Answer.GIVEN, Answer.REFUSED):
        return redirect(request, "lead", lead_id=lead_id)
    given = data.get("answer") == Answer.GIVEN
    try:
        await services.answer_at_booth(lead_id, given=given, contact=bool(data.get("contact")), by=actor)
    except Conflict as refused:
        return redirect(request, "lead", lead_id=lead_id, flash=refused.message, kind="warning")
    if given:
        return redirect(request, "lead", lead_id=lead_id, flash=N_("The visitor has agreed. Note what matters."))
    return redirect(
        request, "leads", slug=row.event_slug, flash=N_("Noted: only that the badge was seen is kept."), kind="info"
    )


@post(f"{ONE}/delete", name="delete_lead", opt=EMPLOYER, status_code=303)
async def delete_lead(
    request: Request[Any, Any, Any], lead_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes the visitor off the list; the page that follows can undo it."""
    await queries.lead_for(actor, lead_id)
    try:
        await services.delete_lead(lead_id, by=actor)
    except Conflict as refused:
        return redirect(request, "lead", lead_id=lead_id, flash=refused.message, kind="warning")
    return redirect(request, "lead", lead_id=lead_id, flash=N_("The visitor is off your list."))


@post(f"{ONE}/restore", name="restore_lead", opt=EMPLOYER, status_code=303)
async def restore_lead(
    request: Request[Any, Any, Any], lead_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Undoes a deletion."""
    await queries.lead_for(actor, lead_id)
    try:
        await services.restore_lead(lead_id, by=actor)
    except Conflict as refused:
        return redirect(request, "lead", lead_id=lead_id, flash=refused.message, kind="warning")
    return redirect(request, "lead", lead_id=lead_id, flash=N_("The visitor is on your list again."))


HANDLERS: list[Any] = [
    my_leads,
    leads_page,
    leads_xlsx,
    leads_csv,
    scan_visitor,
    visitor_scanned,
    lead_page,
    save_lead,
    lead_consent,
    delete_lead,
    restore_lead,
    *visitor_pages.HANDLERS,
    *BOOTH_HANDLERS,
]
