"""The page on which people register: the person, the sessions, and the questions of the event."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock, i18n, pdf
from fairs.core.errors import Conflict, Invalid, TooMany
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.events.inheriting import effective
from fairs.events.queries import event_by_slug
from fairs.events.rows import EventRow
from fairs.events.rules import is_over
from fairs.events.tables import EventState
from fairs.notifications.services import told
from fairs.privacy import consents
from fairs.registrations import counting, queries, rules, services, session_pages
from fairs.registrations.applying import closed_by_date
from fairs.registrations.asking import drafts
from fairs.registrations.asking import queries as asking
from fairs.registrations.asking.sheet import BODY, Sheet, opened_sheet, received_sheet
from fairs.registrations.codes import services as codes
from fairs.registrations.codes.queries import has_codes
from fairs.registrations.codes.rows import CodeFacts
from fairs.registrations.forms import OwnRegistrationForm, RegistrationForm, all_categories, own_categories
from fairs.registrations.groups.rights import right_at
from fairs.registrations.labels import STATE_KINDS, category_label, fair_hours, state_label
from fairs.registrations.pools import shown
from fairs.registrations.pools.ledger import EVENT
from fairs.registrations.tables import RegistrationState
from fairs.talents.queries import talent_of
from fairs.talents.services import CONFIRM_FIRST
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

OF_SESSIONS = ("session_full", "session_closed")
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # scripts of East Asia: a native name
WORDS: dict[str, Any] = {
    "effective": effective,
    "state_label": state_label,
    "state_kinds": STATE_KINDS,
    "category_label": category_label,
    "fair_hours": fair_hours,
}


async def _prefilled(actor: Actor) -> dict[str, Any]:
    """Known data of the person: the profile, else the account."""
    talent = await talent_of(actor)
    if talent is None:
        return {"name_passport" if not _HAN.search(actor.name) else "name_native": actor.name}
    known = {name: getattr(talent, name) for name in ("name_passport", "name_native", "nationality", "phone")}
    return known | {"organisation": talent.current_employer or talent.institution}


def prove_first(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Another person entered this address: only its proved owner may see the registration."""
    status = 200 if request.method == "GET" else 409
    return render(request, "talents/confirm_first.html", status=status, email=actor.email, message=CONFIRM_FIRST)


async def _register_page(
    request: AnyRequest,
    event: EventRow,
    actor: Actor,
    form: Bound[Any],
    sheet: Sheet,
    *,
    status: int = 200,
    warned: Sequence[object] = (),
    opened: CodeFacts | None = None,
    **more: Any,
) -> Response[Any]:
    existing = await queries.live_registration(event.id, actor.email)
    if existing and not queries.is_own(actor, existing):
        return prove_first(request, actor)
    over, late = is_over(event.ends_at, clock.now(), demo=event.demo), closed_by_date(event, clock.now())
    if status == 422 and (existing or event.state != EventState.PUBLISHED or over or late):
        status = 409  # the page no longer contains a form
    own = effective(event).own_categories or rules.own_categories()
    found = await counting.counts(event)
    ledger = await counting.ledger_of(event, found)
    closed = [choice for choice in all_categories() if opened and choice[0] == opened.category and choice[0] not in own]
    choices = [
        *closed,
        *shown.with_places(ledger, [choice for choice in own_categories() if choice[0] in own]),
    ]
    form["category"].spec = replace(form["category"].spec, choices=lambda: choices)
    form["category"].required = True  # preselected, but an answer is required
    return render(
        request,
        "registrations/register.html",
        status=status,
        event=event,
        form=form,
        sheet=sheet,
        by_category=await asking.categories_with_forms(event.id),
        sessions=shown.with_pools(ledger, await session_pages.choices(event.id)),
        warned=warned,
        over=over,
        late=late.message if late else "",
        existing=existing,
        free=ledger.free.get(EVENT),
        waiting=found.waiting,
        consents=await consents.to_ask(actor),
        opened=opened,
        may_group=await right_at(actor, event) is not None,
        asks_code=bool(form["code"].value) or await has_codes(event.id),
        **{
            "kept": "",
            "other_questions": False,
            "ticked": {},
            "same_hour": session_pages.mark(form.fields["sessions"].values),
            **more,
        },
        **WORDS,
    )


@get("/e/{slug:str}/register", name="register", opt=access.public())
async def register_page(
    request: Request[Any, Any, Any], slug: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """The form, filled with what was typed earlier, else from the profile; without an account, a link to sign up."""
    event = await event_by_slug(slug, viewer=viewer)
    if viewer is None:
        return render(
            request,
            "registrations/sign_up_first.html",
            event=event,
            code=str(request.query_params.get("code", ""))[:60],
            **WORDS,
        )
    form = blank(OwnRegistrationForm, email=viewer.email, **await _prefilled(viewer))
    found = await asking.draft_of(event.id, viewer.account_id) if viewer.account_id is not None else None
    typed = found[0] if found else None
    for name, values in (typed or {}).items():
        if name in form.fields and name not in drafts.NEVER:
            form[name].values = list(values)
    if handed := str(request.query_params.get("code", ""))[:60]:
        form["code"].values = [handed]
    opened = await _opened(event, viewer, form)
    if opened is not None and opened.category:
        form["category"].values = [opened.category]
    sheet = await opened_sheet(await asking.asked_of(event.id, form["category"].value), typed=typed)
    return await _register_page(
        request,
        event,
        viewer,
        form,
        sheet,
        opened=opened,
        kept=i18n.format_moment(found[1].updated_at, event.timezone) if found else "",
    )


async def _opened(event: EventRow, actor: Actor, form: Bound[Any]) -> CodeFacts | None:
    """The code in the form; what is wrong with it stands beside it."""
    try:
        return await codes.look_up(event.id, str(form["code"].value or ""), by=actor)
    except Invalid as refused:
        form.add_errors(refused)
    except (Conflict, TooMany) as refused:
        form.add_error("code", refused.message)
    return None


async def _bound(event: EventRow, actor: Actor, values: Mapping[str, Any]) -> tuple[Bound[Any], CodeFacts | None]:
    """The form as it was sent: with a valid code in the category that the code opens."""
    given = {**values, "email": actor.email, "lang": i18n.current_lang()}
    form: Bound[Any] = bind(OwnRegistrationForm, given)
    opened = await _opened(event, actor, form)
    if opened is not None and opened.category == str(values.get("category", "")):
        form = bind(RegistrationForm, given)
    return form, opened


def _values(data: Any) -> Mapping[str, Any]:
    """The posted fields as plain values; repeated ones as lists."""
    return {key: found if len(found := data.getall(key)) > 1 else found[0] for key in dict.fromkeys(data)}


async def _received(request: AnyRequest, event: EventRow, actor: Actor) -> tuple[dict[str, Any], Sheet, Any]:
    """What was sent, the questions of its category, and all of it as it is kept in a draft."""
    chosen = (await request.form()).get("category")
    row = await asking.asked_of(event.id, chosen if isinstance(chosen, str) and "\0" not in chosen else "")
    sheet, data = await received_sheet(request, row, by=actor)
    return dict(_values(data)), sheet, drafts.typed({name: data.getall(name) for name in dict.fromkeys(data)})


@post(
    "/e/{slug:str}/register",
    name="register_submit",
    opt=access.signed_in(),
    status_code=303,
    request_max_body_size=BODY,
)
async def register_submit(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gives the signed-in person a place or a position; what was typed is kept as long as something is wrong."""
    event = await event_by_slug(slug, viewer=actor)
    values, sheet, typed = await _received(request, event, actor)
    form, opened = await _bound(event, actor, values)
    asks = values.get("go") == "questions"
    if asks or str(values.get("asked") or "0") != sheet.mark:
        if asks:  # nothing was sent yet: no errors
            for item in (*form, *sheet.form):
                item.errors.clear()
        await drafts.keep_draft(event.id, typed, by=actor)
        status = 200 if asks else 409
        return await _register_page(
            request, event, actor, form, sheet, status=status, opened=opened, other_questions=not asks, ticked=values
        )
    wanted = [*form.fields["sessions"].values, *((sheet.answers.sessions if sheet.answers else None) or ())]
    warned = await session_pages.warnings_of(event.id, actor, wanted)
    if form.ok and sheet.ok:
        if warned and values.get("same_hour") != session_pages.mark(wanted):
            return await _register_page(
                request,
                event,
                actor,
                form,
                sheet,
                status=409,
                warned=warned,
                opened=opened,
                ticked=values,
                same_hour=session_pages.mark(wanted),
            )
        try:
            made = await services.register(event.id, form.value, by=actor, answers=sheet.answers)
            await consents.take(values, by=actor)
        except Invalid as refused:
            if not refused.fields:
                form.form_errors.append(refused.message)
            for name, messages in refused.fields.items():
                for message in messages:
                    if name == "sessions" and sheet.signs_up:
                        sheet.wrong_sessions(message)
                        continue
                    (sheet.form if name in sheet.form.fields else form).add_error(name, message)
        except Conflict as refused:
            _show_conflict(form, sheet, refused)
        else:
            await drafts.drop_draft(event.id, by=actor)
            return _done(request, made, actor, form.value)
    await drafts.keep_draft(event.id, typed, by=actor)
    return await _register_page(request, event, actor, form, sheet, status=422, opened=opened, ticked=values)


def _show_conflict(form: Bound[Any], sheet: Sheet, refused: Conflict) -> None:
    """A refusal beside the field that it concerns."""
    if refused.code == "option_full":
        sheet.form.add_error(sheet.prefix + str(refused.extra["question"]), refused.message)
    elif refused.code in OF_SESSIONS and sheet.signs_up:
        sheet.wrong_sessions(refused.message)
    else:
        beside = "code" if refused.code in codes.CODE_ERRORS else "sessions" if refused.code in OF_SESSIONS else ""
        form.add_error(beside, refused.message)


def _done(request: AnyRequest, made: services.Registered, actor: Actor, person: OwnRegistrationForm) -> Response[Any]:
    flash, kind = _welcome(made, actor), "success"
    missing = pdf.unprintable(person.name_native + person.name_passport)
    if missing:
        lacking = N_("A badge on paper cannot show %(characters)s.", characters=missing)
        flash, kind = f"{flash} {lacking}", "warning"
    return redirect(request, "my_registrations", flash=flash, kind=kind)


@post(
    "/e/{slug:str}/register/draft",
    name="keep_registration_draft",
    opt=access.signed_in(),
    status_code=303,
    request_max_body_size=BODY,
)
async def keep_registration_draft(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Keeps what was typed, as far as it goes; the script of the page calls it while somebody types."""
    event = await event_by_slug(slug, viewer=actor)
    _, _, typed = await _received(request, event, actor)
    kept = await drafts.keep_draft(event.id, typed, by=actor)
    if request.headers.get("accept") == "application/json":
        return Response({"kept": kept}, status_code=200)
    flash = N_("What you typed is kept. Nothing has been sent yet: come back to this page on any device.")
    return redirect(
        request, "register", slug=slug, flash=flash if kept else N_("There is nothing to keep."), kind="info"
    )


@post("/e/{slug:str}/register/draft/drop", name="drop_registration_draft", opt=access.signed_in(), status_code=303)
async def drop_registration_draft(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Forgets what was typed: the form begins anew."""
    event = await event_by_slug(slug, viewer=actor)
    await drafts.drop_draft(event.id, by=actor)
    return redirect(request, "register", slug=slug)


def _welcome(made: services.Registered, actor: Actor) -> object:
    if made.state == RegistrationState.WAITLISTED:
        return N_("All places are taken. You are number %(position)s on the waiting list.", position=made.position)
    if made.state == RegistrationState.PENDING:
        return N_(
            "Your registration %(number)s is under review. Your place is kept; we tell you the decision.",
            number=made.number,
        )
    if not actor.proved:
        later = N_(
            "You are registered: %(number)s. Your badge is mailed when your address is confirmed.", number=made.number
        )
        shown = N_(
            "You are registered: %(number)s. Your badge is shown when your address is confirmed.", number=made.number
        )
        return told(later, shown)
    by_mail = N_("You are registered: %(number)s. Your badge is on its way by mail.", number=made.number)
    return told(by_mail, N_("You are registered: %(number)s. Your badge is here.", number=made.number))


HANDLERS: list[Any] = [register_page, register_submit, keep_registration_draft, drop_registration_draft]
