"""The pages on which the forms of an event are built: the list, the form with its parts, its versions and its preview."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from markupsafe import Markup

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.pagination import window
from fairs.events import rules
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.files import uploads
from fairs.registrations import queries as registrations
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import forms, labels, nights, queries, reading, services
from fairs.registrations.asking.content import Content
from fairs.registrations.asking.rows import FormRow
from fairs.registrations.asking.sheet import Sheet, files_of
from fairs.registrations.labels import STATE_KINDS, category_label, state_label
from fairs.registrations.rows import SessionChoice
from fairs.registrations.session_pages import choices
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, context, environment, redirect, render

ROOT = "/organise/editions/{slug:str}/forms"
FORM = f"{ROOT}/{{form_id:int}}"
WORDS: dict[str, Any] = {
    "form_label": labels.form_label,
    "kinds": labels.KINDS,
    "seen_by": labels.SEEN_BY,
    "keep": labels.KEEP,
    "when": labels.when,
    "nights": nights.offered,
}


@get(ROOT, name="registration_forms", opt=RUNNERS)
async def registration_forms(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The forms of an event and for whom each is."""
    event = await event_for(actor, slug)
    rows = await queries.forms_of(event.id)
    return render(
        request,
        "registrations/asking/forms.html",
        event=event,
        rows=rows,
        questions={row.id: len(list(asked.read(row.draft))) for row in rows},
        changed={row.id for row in rows if _is_changed(row)},
        above=await queries.taken_from_above(event),
        below=await queries.asking_below(event.id) if rows else [],
        may_change=rules.allows(event.state, rules.Act.PREPARE),
        **WORDS,
    )


def _is_changed(row: FormRow) -> bool:
    """Whether the draft differs from what was published last."""
    return asked.read(row.draft) != asked.read(row.content)


async def _new_page(
    request: AnyRequest, event: EventRow, form: Bound[forms.NewForm], *, status: int = 200
) -> Response[Any]:
    return render(request, "registrations/asking/new_form.html", status=status, event=event, form=form, **WORDS)


async def _for_event(event: EventRow, form: Bound[forms.NewForm]) -> Bound[forms.NewForm]:
    rows = await queries.forms_of(event.id)
    copies = [
        (f"{forms.COPY}{row.id}", str(N_("A copy of: %(form)s", form=labels.form_label(row.category))), "")
        for row in rows
    ]
    return forms.for_event(form, [row.category for row in rows], copies)


@get(f"{ROOT}/new", name="new_registration_form", opt=RUNNERS)
async def new_registration_form(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """For whom, and what the form begins with."""
    event = await event_for(actor, slug)
    chosen = str(request.query_params.get("category", ""))[:12]
    form = await _for_event(event, blank(forms.NewForm, category=chosen))
    for item in form:
        item.errors.clear()
    return await _new_page(request, event, form)


@post(f"{ROOT}/new", name="create_registration_form", opt=RUNNERS, status_code=303)
async def create_registration_form(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores a new form and opens it."""
    event = await event_for(actor, slug)
    form = await _for_event(event, bind(forms.NewForm, await request.form()))
    if not form.ok:
        return await _new_page(request, event, form, status=422)
    try:
        made = await services.create_form(slug, form.value, by=actor)
    except Conflict as refused:
        form.add_error("category" if refused.code == "taken" else "", refused.message)
        return await _new_page(request, event, form, status=refused.status)
    flash = N_("The form is a draft: nobody is asked it before it is published.")
    return redirect(request, "registration_form", slug=slug, form_id=made, flash=flash)


async def _form_page(
    request: AnyRequest,
    event: EventRow,
    row: FormRow,
    until: Bound[forms.UntilForm] | None = None,
    *,
    status: int = 200,
) -> Response[Any]:
    content = asked.read(row.draft)
    return render(
        request,
        "registrations/asking/form.html",
        status=status,
        event=event,
        row=row,
        content=content,
        until=until or blank(forms.UntilForm, in_zone=event.timezone, answers_until=row.answers_until),
        problems=services.problems(content),
        changed=_is_changed(row),
        history=await queries.versions_of(row.id),
        may_change=rules.allows(event.state, rules.Act.PREPARE),
        category=category_label,
        **WORDS,
    )


@get(FORM, name="registration_form", opt=RUNNERS)
async def registration_form(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A form with its sections and questions."""
    event, row = await queries.form_of(actor, slug, form_id)
    return await _form_page(request, event, row)


@post(f"{FORM}/until", name="set_answers_until", opt=RUNNERS, status_code=303)
async def set_answers_until(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores until when answers can be changed."""
    event, row = await queries.form_of(actor, slug, form_id)
    form = forms.read_until(await request.form(), event.timezone)
    if form.ok:
        try:
            await services.set_until(slug, form_id, form.value.answers_until, by=actor)
            return redirect(request, "registration_form", slug=slug, form_id=form_id, flash=N_("Saved."))
        except Invalid as refused:
            form.add_errors(refused)
    return await _form_page(request, event, row, form, status=422)


@post(f"{FORM}/move", name="move_form_part", opt=RUNNERS, status_code=303)
async def move_form_part(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Moves a question or a section one place."""
    part, up = await _part(request)
    await services.move_part(slug, form_id, part, up=up, by=actor)
    return redirect(request, "registration_form", slug=slug, form_id=form_id, query=f"#{part.replace(':', '-')}")


async def _part(request: AnyRequest) -> tuple[str, bool]:
    """(the part that is meant, whether it goes up)."""
    sent = await request.form()
    part = sent.get("part")
    if not isinstance(part, str) or not part.startswith(("section:", "question:")):
        raise NotFound
    return part, sent.get("way") == "up"


@post(f"{FORM}/remove-part", name="remove_form_part", opt=RUNNERS, status_code=303)
async def remove_form_part(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes a question or a section from the draft; asked first on the page."""
    part, _ = await _part(request)
    await services.remove_part(slug, form_id, part, by=actor)
    flash = N_("Removed from the draft. What people have answered stays.")
    return redirect(request, "registration_form", slug=slug, form_id=form_id, flash=flash)


@post(f"{FORM}/publish", name="publish_registration_form", opt=RUNNERS, status_code=303)
async def publish_registration_form(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The draft is asked from now on."""
    try:
        number = await services.publish_form(slug, form_id, by=actor)
    except Conflict as refused:
        return redirect(request, "registration_form", slug=slug, form_id=form_id, flash=refused.message, kind="warning")
    flash = N_("Version %(number)s is asked from now on.", number=number)
    return redirect(request, "registration_form", slug=slug, form_id=form_id, flash=flash)


@post(f"{FORM}/withdraw", name="withdraw_registration_form", opt=RUNNERS, status_code=303)
async def withdraw_registration_form(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Nobody is asked the form any more; asked first on the page."""
    await services.withdraw_form(slug, form_id, by=actor)
    flash = N_("The form is out of use. Answers stay readable.")
    return redirect(request, "registration_form", slug=slug, form_id=form_id, flash=flash)


@post(f"{FORM}/take", name="take_form_version", opt=RUNNERS, status_code=303)
async def take_form_version(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The draft becomes what an earlier version was; asked first on the page."""
    number = str((await request.form()).get("version") or "")
    if not (number.isascii() and number.isdigit() and len(number) < 9):
        raise NotFound
    await services.take_version(slug, form_id, int(number), by=actor)
    flash = N_("The draft is now as version %(number)s was. Publish it when it is ready.", number=number)
    return redirect(request, "registration_form", slug=slug, form_id=form_id, flash=flash)


@post(f"{FORM}/remove", name="remove_registration_form", opt=RUNNERS, status_code=303)
async def remove_registration_form(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes a form that nobody answered; asked first on the page."""
    try:
        await services.remove_form(slug, form_id, by=actor)
    except Conflict as refused:
        return redirect(request, "registration_form", slug=slug, form_id=form_id, flash=refused.message, kind="warning")
    return redirect(request, "registration_forms", slug=slug, flash=N_("The form is removed."))


@get(f"{FORM}/preview", name="preview_registration_form", opt=RUNNERS)
async def preview_registration_form(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form as the person sees it on a phone, in both languages; `version`: an earlier one instead of the draft."""
    event, row = await queries.form_of(actor, slug, form_id)
    wanted = str(request.query_params.get("version", ""))
    found = next((one for one in await queries.versions_of(row.id) if str(one.number) == wanted), None)
    if wanted and found is None:
        raise NotFound
    content = asked.read(found.content if found else row.draft)
    sessions = await choices(event.id) if content.sessions else []
    return render(
        request,
        "registrations/asking/preview.html",
        event=event,
        row=row,
        number=found.number if found else 0,
        phones=[
            (lang, i18n.HTML_LANG[lang], i18n.NAMES[lang], _phone(request, content, lang, sessions))
            for lang in i18n.LANGUAGES
        ],
        **WORDS,
    )


@get(f"{FORM}/answers", name="answered_form", opt=RUNNERS)
async def answered_form(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Who has answered a form, and who has not."""
    event, row = await queries.form_of(actor, slug, form_id)
    q = str(request.query_params.get("q", ""))[:100].strip()
    query = {"q": q} if q else {}
    page = await registrations.search(
        event=event.id, category=row.category, window=window(page_number(request), None), **query
    )
    return render(
        request,
        "registrations/asking/answered.html",
        event=event,
        row=row,
        query=query,
        page=page,
        answered=await queries.answers_of([person.id for person in page.rows]),
        state_label=state_label,
        state_kinds=STATE_KINDS,
        **WORDS,
    )


def _phone(request: AnyRequest, content: Content, lang: str, sessions: Sequence[SessionChoice]) -> Markup:
    """The questions in one language; fields have names of their own, since a page shows both."""
    prefix = f"{lang}_"
    with i18n.language(lang):
        sheet = Sheet(
            None,
            content,
            reading.opened(content, prefix=prefix),
            uploads.empty(**files_of(content, prefix)),
            {(q.key, o.key): o.limit for q in content for o in q.options if o.limit is not None},
            prefix=prefix,
            sessions=sessions,
        )
        made = environment().get_template("registrations/asking/_phone.html")
        return Markup(made.render({**context(request), "flash": None, "sheet": sheet}))  # noqa: S704 - a template of ours


HANDLERS: list[Any] = [
    registration_forms,
    new_registration_form,
    create_registration_form,
    registration_form,
    set_answers_until,
    move_form_part,
    remove_form_part,
    publish_registration_form,
    withdraw_registration_form,
    take_form_version,
    remove_registration_form,
    preview_registration_form,
    answered_form,
]
