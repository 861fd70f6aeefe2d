"""People of a tour for who runs it: the list, acts on chosen ones, one of them, a pasted table, registrations, matches."""

from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock, i18n
from fairs.core.errors import Conflict, DomainError, Invalid, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.registrations import phones
from fairs.tours import importing, labels, member_queries, members, queries, rules
from fairs.tours.forms import InviteForm
from fairs.tours.pages import PATH
from fairs.tours.papers.queries import ended_letters
from fairs.tours.tables import MemberState, Origin
from fairs.units import catalogues
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

PEOPLE = f"{PATH}/people"
SIZE = 50
REFUSED_SHOWN = 5


def _today(event: EventRow) -> Any:
    return clock.now().astimezone(ZoneInfo(event.timezone)).date()


def _query(request: AnyRequest) -> dict[str, str]:
    given = request.query_params
    allowed: dict[str, tuple[str, ...]] = {
        "state": tuple(MemberState),
        "origin": tuple(Origin),
        "unit": catalogues.keys("units"),
        "late": ("yes",),
        "sort": tuple(member_queries.ORDERS),
    }
    query = {name: given[name] for name, values in allowed.items() if given.get(name, "") in values}
    if (group := str(given.get("group", ""))) == "none" or group.isdecimal():
        query["group"] = group[:18]
    if text := str(given.get("q", "")).replace("\0", "")[:100].strip():
        query["q"] = text
    return query


def _back(typed: str) -> str:
    """The list from which an act was begun, as the part of its address behind the question mark."""
    known = ("q", "state", "group", "unit", "origin", "late", "sort", "page")
    kept = {name: value for name, value in parse_qsl(typed[:500]) if name in known}
    return f"?{urlencode(kept)}" if kept else ""


@get(PEOPLE, name="tour_people", opt=RUNNERS)
async def tour_people(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The people: searched, filtered, sorted, by pages."""
    event = await event_for(actor, slug)
    await members.bring_up(event.id)
    query = _query(request)
    filters: dict[str, Any] = {**query, **({"late": _today(event)} if "late" in query else {})}
    lang = i18n.current_lang()
    return render(
        request,
        "tours/people.html",
        event=event,
        query=query,
        page=await member_queries.members_page(
            event.id, filters, sort=query.get("sort", ""), number=page_number(request), size=SIZE
        ),
        counts=await queries.state_counts(event.id),
        groups=await queries.groups_of(event.id),
        quotas=[
            (catalogues.label(*(("units", row.unit) if row.unit else ("disciplines", row.discipline)), lang), row)
            for row in await queries.quotas_of(event.id)
        ],
        units=[(code, label) for code, label, _ in catalogues.choices("units", lang)],
        states=labels.MEMBER_STATES,
        steps=labels.STEP_WORDS,
        origins=labels.ORIGINS,
        field_label=lambda code: catalogues.label("disciplines", code, lang) if code else "",
        today=_today(event),
    )


@post(f"{PEOPLE}/act", name="tour_people_act", opt=RUNNERS, status_code=303)
async def tour_people_act(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A step, a group or a city for the people who are ticked."""
    await event_for(actor, slug)
    data = await request.form()
    ids = [
        int(text) for text in data.getall("member", []) if isinstance(text, str) and text.isdecimal() and len(text) < 19
    ]
    act, query = str(data.get("act") or ""), _back(str(data.get("back") or ""))
    if not ids:
        said: object = N_("Tick the people first")
        return redirect(request, "tour_people", slug=slug, query=query, flash=said, kind="warning")
    verb, _, value = act.partition(":")
    try:
        if verb == "step" and value in tuple(MemberState):
            done = await members.step(slug, ids, MemberState(value), by=actor)
            said, worst = told(done), "warning" if done.refused else "success"
        elif verb == "group" and (value == "none" or value.isdecimal()):
            number = await members.set_group(slug, ids, None if value == "none" else int(value[:18]), by=actor)
            said, worst = N_("People changed: %(number)s", number=number), "success"
        elif verb == "unit" and (not value or value in catalogues.keys("units")):
            number = await members.set_city(slug, ids, value, by=actor)
            said, worst = N_("People changed: %(number)s", number=number), "success"
        else:
            said, worst = N_("Choose what is to be done with them"), "warning"
    except Conflict as refused:
        said, worst = refused.message, "warning"
    return redirect(request, "tour_people", slug=slug, query=query, flash=said, kind=worst)


def told(done: members.Done) -> object:
    """What came of it: how many, and for whom not."""
    if not done.refused:
        return N_("People changed: %(number)s", number=done.number)
    names = "; ".join(f"{name}: {why}" for name, why in done.refused[:REFUSED_SHOWN])
    return N_(
        "People changed: %(number)s. Not changed: %(refused)s. %(names)s",
        number=done.number,
        refused=len(done.refused),
        names=names,
    )


@post(f"{PEOPLE}/registered", name="take_over_registrations", opt=RUNNERS, status_code=303)
async def take_over_registrations(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes everybody over who is registered for the tour."""
    number = await members.take_over(slug, by=actor)
    return redirect(request, "tour_people", slug=slug, flash=N_("People taken over: %(number)s", number=number))


def _invite(request: AnyRequest, event: EventRow, form: Bound[InviteForm], status: int = 200) -> Response[Any]:
    return render(request, "tours/invite.html", status=status, event=event, form=form)


@get(f"{PEOPLE}/new", name="invite_to_tour", opt=RUNNERS)
async def invite_to_tour(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form of somebody to be invited."""
    return _invite(request, await event_for(actor, slug), blank(InviteForm))


@post(f"{PEOPLE}/new", name="invited_to_tour", opt=RUNNERS, status_code=303)
async def invited_to_tour(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Invites one person, or puts them on the list of substitutes."""
    event = await event_for(actor, slug)
    form = bind(InviteForm, await request.form())
    if not form.ok:
        return _invite(request, event, form, 422)
    try:
        done = await members.add_people(
            slug, [form.value], substitute=form.value.substitute, origin=Origin.HAND, by=actor
        )
    except Conflict as refused:
        form.add_error("", refused.message)
        return _invite(request, event, form, refused.status)
    if done.refused:
        form.add_error("email", done.refused[0][1])
        return _invite(request, event, form, 409)
    return redirect(request, "tour_people", slug=slug, flash=N_("The person is on the list."))


def _table(request: AnyRequest, event: EventRow, *, status: int = 200, **shown: Any) -> Response[Any]:
    given: dict[str, Any] = {"text": "", "errors": [], "found": [], "substitute": False, **shown}
    return render(
        request, "tours/people_import.html", status=status, event=event, columns=importing.PEOPLE_COLUMNS, **given
    )


@get(f"{PEOPLE}/import", name="import_people", opt=RUNNERS)
async def import_people(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Where a table of people is pasted."""
    return _table(request, await event_for(actor, slug))


@post(f"{PEOPLE}/import", name="read_people", opt=RUNNERS, status_code=303)
async def read_people(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows who would be invited; with `confirm` invites them."""
    event = await event_for(actor, slug)
    data = await request.form()
    text, substitute = str(data.get("text") or ""), bool(data.get("substitute"))
    try:
        table = importing.read_people(text)
    except Invalid as refused:
        errors = [(0, str(message)) for found in refused.fields.values() for message in found]
        return _table(request, event, status=refused.status, text=text, errors=errors, substitute=substitute)
    shown: dict[str, Any] = {"text": table.text, "substitute": substitute}
    if table.errors:
        return _table(request, event, status=422, errors=sorted(set(table.errors)), **shown)
    if not data.get("confirm"):
        return _table(request, event, found=table.forms, **shown)
    try:
        forms = [form for _, form in table.forms]
        done = await members.add_people(slug, forms, substitute=substitute, origin=Origin.TABLE, by=actor)
    except DomainError as refused:
        return _table(request, event, status=refused.status, errors=[(0, str(refused.message))], **shown)
    worst = "warning" if done.refused else "success"
    return redirect(request, "tour_people", slug=slug, flash=told(done), kind=worst)


@get(PEOPLE + "/{member_id:int}", name="tour_member", opt=RUNNERS)
async def tour_member(
    request: Request[Any, Any, Any], slug: FromPath[str], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """One person: how far, what was told, what can be done."""
    event = await event_for(actor, slug)
    row = await member_queries.member_of(event.id, member_id)
    everybody = await member_queries.members_of(event.id)
    lang = i18n.current_lang()
    return render(
        request,
        "tours/member.html",
        event=event,
        row=row,
        phone=phones.opened(row.phone) if row.phone else "",
        news=await member_queries.news_of(row.id),
        news_words=labels.NEWS,
        steps=[(target, labels.STEP_WORDS[target]) for target in rules.STEPS[row.state]],
        states=labels.MEMBER_STATES,
        origins=labels.ORIGINS,
        groups=await queries.groups_of(event.id),
        ended=await ended_letters(row.id),
        gone=row.state in rules.GONE,
        instead=next((one for one in everybody if one.instead_of == row.id), None),
        replaced=next((one for one in everybody if one.id == row.instead_of), None),
        substitutes=[one for one in everybody if one.state == MemberState.SUBSTITUTE],
        field=catalogues.label("disciplines", row.discipline, lang) if row.discipline else "",
    )


@post(PEOPLE + "/{member_id:int}/step", name="step_member", opt=RUNNERS, status_code=303)
async def step_member(
    request: Request[Any, Any, Any], slug: FromPath[str], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A step of one person."""
    event = await event_for(actor, slug)
    await member_queries.member_of(event.id, member_id)
    target = str((await request.form()).get("target") or "")
    if target not in tuple(MemberState):
        raise NotFound
    done = await members.step(slug, [member_id], MemberState(target), by=actor)
    said, kind = (done.refused[0][1], "warning") if done.refused else (N_("Saved."), "success")
    return redirect(request, "tour_member", slug=slug, member_id=member_id, flash=said, kind=kind)


@post(PEOPLE + "/{member_id:int}/substitute", name="substitute_member", opt=RUNNERS, status_code=303)
async def substitute_member(
    request: Request[Any, Any, Any], slug: FromPath[str], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Invites a substitute for somebody who has stepped back."""
    typed = str((await request.form()).get("substitute") or "")
    try:
        await members.substitute(slug, member_id, int(typed) if typed.isdecimal() and len(typed) < 19 else 0, by=actor)
    except Conflict as refused:
        return redirect(request, "tour_member", slug=slug, member_id=member_id, flash=refused.message, kind="warning")
    return redirect(request, "tour_member", slug=slug, member_id=member_id, flash=N_("The substitute is invited."))


HANDLERS: list[Any] = [
    tour_people,
    tour_people_act,
    take_over_registrations,
    invite_to_tour,
    invited_to_tour,
    import_people,
    read_people,
    tour_member,
    step_member,
    substitute_member,
]
