"""The pages of one section and of one question of a form."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.saving import attempt, submitted
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.registrations.asking import content as asked
from fairs.registrations.asking import forms, queries, services
from fairs.registrations.asking.content import Content
from fairs.registrations.asking.forms import OptionRows
from fairs.registrations.asking.pages import FORM, WORDS
from fairs.registrations.asking.rows import FormRow
from fairs.web.templating import AnyRequest, redirect, render

SECTIONS, QUESTIONS = f"{FORM}/sections", f"{FORM}/questions"


def _section_page(
    request: AnyRequest, event: EventRow, row: FormRow, key: str, form: Bound[forms.SectionForm], *, status: int = 200
) -> Response[Any]:
    return render(
        request,
        "registrations/asking/section.html",
        status=status,
        event=event,
        row=row,
        part=key,
        form=form,
        **WORDS,
    )


@get(f"{SECTIONS}/new", name="new_form_section", opt=RUNNERS)
async def new_form_section(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """An empty section."""
    event, row = await queries.form_of(actor, slug, form_id)
    return _section_page(request, event, row, "", blank(forms.SectionForm))


@get(f"{SECTIONS}/{{part:str}}", name="form_section", opt=RUNNERS)
async def form_section(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    form_id: FromPath[int],
    part: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """A section of the draft."""
    event, row = await queries.form_of(actor, slug, form_id)
    section = asked.read(row.draft).section(part)
    if section is None:
        raise NotFound
    form = versions.opened(forms.SectionForm, forms.stored_section(section))
    return _section_page(request, event, row, part, form)


async def _save_section(request: AnyRequest, actor: Actor, slug: str, form_id: int, part: str) -> Response[Any]:
    event, row = await queries.form_of(actor, slug, form_id)
    section = asked.read(row.draft).section(part)
    if part and section is None:
        raise NotFound
    stored = forms.stored_section(section) if section else {}
    form = submitted(forms.SectionForm, await request.form(), stored)

    async def act() -> None:
        await services.save_section(slug, form_id, part, form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act)
    if status:
        return _section_page(request, event, row, part, form, status=status)
    return redirect(request, "registration_form", slug=slug, form_id=form_id, flash=N_("Saved in the draft."))


@post(f"{SECTIONS}/new", name="create_form_section", opt=RUNNERS, status_code=303)
async def create_form_section(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a section at the end."""
    return await _save_section(request, actor, slug, form_id, "")


@post(f"{SECTIONS}/{{part:str}}", name="change_form_section", opt=RUNNERS, status_code=303)
async def change_form_section(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    form_id: FromPath[int],
    part: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Stores a changed section."""
    return await _save_section(request, actor, slug, form_id, part)


def _question_page(
    request: AnyRequest,
    event: EventRow,
    row: FormRow,
    key: str,
    form: Bound[forms.QuestionForm],
    rows: OptionRows,
    *,
    status: int = 200,
) -> Response[Any]:
    return render(
        request,
        "registrations/asking/question.html",
        status=status,
        event=event,
        row=row,
        part=key,
        form=form,
        rows=rows.numbered(),
        **WORDS,
    )


def _place(content: Content, wanted: str) -> str:
    """The section into which a new question goes: the one that was chosen, else the last."""
    return wanted if content.section(wanted) else content.sections[-1].key if content.sections else ""


@get(f"{QUESTIONS}/new", name="new_form_question", opt=RUNNERS)
async def new_form_question(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """An empty question."""
    event, row = await queries.form_of(actor, slug, form_id)
    content = asked.read(row.draft)
    if not content.sections:
        flash = N_("Add a section first: every question stands in one.")
        return redirect(request, "new_form_section", slug=slug, form_id=form_id, flash=flash, kind="info")
    section = _place(content, str(request.query_params.get("section", "")))
    form = forms.in_content(blank(forms.QuestionForm, section=section), content, "")
    return _question_page(request, event, row, "", form, OptionRows([]))


@get(f"{QUESTIONS}/{{part:str}}", name="form_question", opt=RUNNERS)
async def form_question(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    form_id: FromPath[int],
    part: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """A question of the draft."""
    event, row = await queries.form_of(actor, slug, form_id)
    content = asked.read(row.draft)
    question, section = content.question(part), content.section_of(part)
    if question is None or section is None:
        raise NotFound
    opened = versions.opened(forms.QuestionForm, forms.stored_question(question, section.key))
    form = forms.in_content(opened, content, part)
    form["conditions"].errors.clear()
    return _question_page(request, event, row, part, form, forms.rows_of(question.options))


async def _save_question(request: AnyRequest, actor: Actor, slug: str, form_id: int, part: str) -> Response[Any]:
    event, row = await queries.form_of(actor, slug, form_id)
    content = asked.read(row.draft)
    question, section = content.question(part), content.section_of(part)
    if part and (question is None or section is None):
        raise NotFound
    stored = forms.stored_question(question, section.key) if question and section else {}
    sent = await request.form()
    rows = forms.read_options(dict(sent.items()))
    data, seen = versions.received(forms.QuestionForm, sent, stored)
    if question and data.get(f"{versions.CHOICE}options") == versions.THEIRS:
        rows = forms.rows_of(question.options)
    form = bind(forms.QuestionForm, data | {"options": rows.text if rows.ok else ""})
    form = forms.in_content(form, content, part)
    form.version = seen
    if not rows.ok:
        form.add_error("options", N_("Some options are wrong: look at the rows below"))
    if sent.get("act") == "more" or not form.ok:
        status = 200 if sent.get("act") == "more" else 422
        return _question_page(request, event, row, part, form, rows, status=status)

    async def act() -> None:
        await services.save_question(slug, form_id, part, form.value, rows.options, by=actor, seen=seen)

    status, _ = await attempt(form, act)
    if status:
        return _question_page(request, event, row, part, form, rows, status=status)
    return redirect(request, "registration_form", slug=slug, form_id=form_id, flash=N_("Saved in the draft."))


@post(f"{QUESTIONS}/new", name="create_form_question", opt=RUNNERS, status_code=303)
async def create_form_question(
    request: Request[Any, Any, Any], slug: FromPath[str], form_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a question to its section."""
    return await _save_question(request, actor, slug, form_id, "")


@post(f"{QUESTIONS}/{{part:str}}", name="change_form_question", opt=RUNNERS, status_code=303)
async def change_form_question(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    form_id: FromPath[int],
    part: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Stores a changed question."""
    return await _save_question(request, actor, slug, form_id, part)


HANDLERS: list[Any] = [
    new_form_section,
    form_section,
    create_form_section,
    change_form_section,
    new_form_question,
    form_question,
    create_form_question,
    change_form_question,
]
