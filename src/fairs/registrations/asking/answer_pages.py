"""The answers of a registration: read and changed by its person, and by those who look after it."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.files import queries as files
from fairs.registrations import queries as registrations
from fairs.registrations.asking import answering, queries
from fairs.registrations.asking import content as asked
from fairs.registrations.asking.content import Content, Kind
from fairs.registrations.asking.rows import AskedFor
from fairs.registrations.asking.sections import read_answers
from fairs.registrations.asking.sheet import BODY, Sheet, opened_sheet, received_sheet
from fairs.registrations.labels import category_label
from fairs.registrations.returning import list_of
from fairs.registrations.rows import RegistrationRow
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

PATH = "/me/fairs/{number:str}/answers"
REMOVE = "without"


async def _asked(row: RegistrationRow) -> AskedFor | None:
    """What is asked of the registration now; without a form in use, what it answered."""
    current = await queries.asked_of(row.event, row.category)
    if current is not None:
        return current
    stored = (await queries.answers_of([row.id])).get(row.id)
    return (
        AskedFor(stored.form, stored.version, stored.number, stored.content, None, row.event, row.category)
        if stored
        else None
    )


async def _page(
    request: AnyRequest, actor: Actor, row: RegistrationRow, sheet: Sheet | None, *, status: int = 200, **more: Any
) -> Response[Any]:
    route, values = list_of(actor, row)
    return render(
        request,
        "registrations/asking/answers.html",
        status=status,
        row=row,
        sheet=sheet,
        own=registrations.is_own(actor, row),
        back=(route, values),
        category=category_label(row.category),
        **{"closed": "", "error": "", **(await read_answers(row, queries.level_of(actor, row))), **more},
    )


async def _sheet_values(row: RegistrationRow) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """(stored answers or None, question → its file)."""
    stored = (await queries.answers_of([row.id])).get(row.id)
    held = (await queries.files_of([row.id])).get(row.id, {})
    known = await files.files_of(list(held.values()))
    return (queries.opened(stored) if stored else None), {
        key: known[file] for key, file in held.items() if file in known
    }


def _hidden(actor: Actor, row: RegistrationRow, content: Content) -> set[str]:
    """Questions whose answers stand in no form of this reader: numbers of documents, and what is for others."""
    level = queries.level_of(actor, row)
    if level is None:
        return set()
    return {one.key for one in content if one.kind == Kind.IDENTITY or not asked.readable(one, level)}


def _blank(sheet: Sheet, hidden: set[str]) -> Sheet:
    """The form without the answers that this reader does not see."""
    for key in hidden:
        sheet.form[sheet.prefix + key].values = []
    return sheet


@get(PATH, name="my_answers", opt=access.signed_in())
async def my_answers(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The answers, and the form to change them while that is possible."""
    row = await registrations.registration_by_number(actor, number)
    current = await _asked(row)
    if current is None:
        raise NotFound
    closed = answering.closed_for(actor, row, current.answers_until)
    if closed is not None:
        return await _page(request, actor, row, None, closed=closed.message)
    stored, held = await _sheet_values(row)
    sheet = await opened_sheet(current, stored=stored, held=held)
    hidden = _hidden(actor, row, sheet.content)
    kind = sheet.form.form
    sheet.form.version = versions.version_of(kind, answering.shown_values(kind, stored or {}, hidden))
    return await _page(request, actor, row, _blank(sheet, hidden))


@post(PATH, name="change_answers", opt=access.signed_in(), status_code=303, request_max_body_size=BODY)
async def change_answers(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the answers; what was typed stays when something is wrong."""
    row = await registrations.registration_by_number(actor, number)
    current = await _asked(row)
    if current is None:
        raise NotFound
    stored, held = await _sheet_values(row)
    without = {str(value) for value in (await request.form()).getall(REMOVE, []) if isinstance(value, str)}
    held_then = {key: file for key, file in held.items() if key not in without}
    hidden = _hidden(actor, row, asked.read(current.content))
    unseen = {key: value for key, value in (stored or {}).items() if key in hidden}
    seen = {asked.PREFIX + key: value for key, value in (stored or {}).items() if key not in hidden}
    sheet, sent = await received_sheet(request, current, by=actor, held=held_then, unseen=unseen, stored=seen)
    if str(sent.get("asked") or "0") != sheet.mark:
        return await _page(
            request,
            actor,
            row,
            _blank(sheet, hidden),
            status=409,
            error=N_("The questions have changed meanwhile: look at them again, then save."),
        )
    if not sheet.ok:
        return await _page(request, actor, row, _blank(sheet, hidden), status=422)
    answers = sheet.answers
    assert answers is not None
    try:
        page = answering.Opened(sheet.form.value, sheet.form.version, hidden)
        changed = await answering.change_answers(row.id, answers, by=actor, without=without, page=page)
    except versions.Outdated as late:
        versions.show(sheet.form, late)
        unseen_fields = {asked.PREFIX + key for key in hidden}
        sheet.form.differences = [one for one in sheet.form.differences if one.name not in unseen_fields]
        return await _page(request, actor, row, _blank(sheet, hidden), status=late.status)
    except Invalid as refused:
        for message in refused.fields.pop("sessions", ()) if sheet.signs_up else ():
            sheet.wrong_sessions(message)
        sheet.form.add_errors(refused)
        return await _page(request, actor, row, _blank(sheet, hidden), status=refused.status)
    except Conflict as refused:
        if refused.code in ("session_full", "session_closed", "pool_full") and sheet.signs_up:
            sheet.wrong_sessions(refused.message)
            return await _page(request, actor, row, _blank(sheet, hidden), status=refused.status)
        if refused.code != "option_full":
            return await _page(request, actor, row, None, status=refused.status, closed=refused.message)
        sheet.form.add_error(sheet.prefix + str(refused.extra["question"]), refused.message)
        return await _page(request, actor, row, _blank(sheet, hidden), status=refused.status)
    route, values = list_of(actor, row)
    flash = N_("The answers are saved.") if changed else N_("Nothing has changed.")
    return redirect(request, route, flash=flash, kind="success" if changed else "info", **values)


HANDLERS: list[Any] = [my_answers, change_answers]
