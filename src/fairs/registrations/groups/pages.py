"""The pages of groups: who registered whom, a table looked at and then stored, a group with its people."""

import json
from typing import Any
from uuid import UUID, uuid4

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.errors import Conflict, DomainError, Invalid, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, current_lang, ngettext
from fairs.core.pagination import window
from fairs.core.roles import Role
from fairs.core.sheet_forms import workbook
from fairs.events.queries import event_by_slug
from fairs.events.rows import EventRow
from fairs.registrations import rules
from fairs.registrations.asking import queries as asking
from fairs.registrations.asking.content import PREFIX, Kind
from fairs.registrations.asking.labels import said
from fairs.registrations.groups import queries, services
from fairs.registrations.groups.columns import LANGUAGES, MOST, NUMBER, Sheet, Table, sheet_of
from fairs.registrations.groups.forms import GroupForm
from fairs.registrations.groups.planning import stored
from fairs.registrations.groups.rights import Right, event_to_group, fills, right_at
from fairs.registrations.groups.rows import GroupRow, Known
from fairs.registrations.labels import STATE_KINDS, category_label, state_label
from fairs.units.catalogues import label
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

ROOT = "/e/{slug:str}/groups"
OTHERS = access.roles(Role.EMPLOYER, Role.BUREAU, Role.ORGANISER, Role.ADMIN)
ROWS, SHOWN = 50, 200
BODY = 24_000_000  # bytes: a table of ten thousand rows comes back once more with its confirmation
WORDS: dict[str, Any] = {"state_label": state_label, "state_kinds": STATE_KINDS, "category_label": category_label}


@get(ROOT, name="registration_groups", opt=access.signed_in())
async def groups_page(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Who registered whom, as far as the viewer looks after it."""
    event = await event_by_slug(slug, viewer=actor)
    right = await right_at(actor, event)
    given = request.query_params
    query = {"q": str(given.get("q", ""))[:100].strip(), "sort": str(given.get("sort", ""))[:10]}
    query = {name: value for name, value in query.items() if value}
    order = query.get("sort", "")
    page = await queries.groups_of(
        actor, event, q=query.get("q", ""), order=order, window=window(page_number(request), ROWS)
    )
    if right is None and not page.total and not query:
        raise NotFound
    shown: dict[str, Any] = {"event": event, "right": right, "page": page, "query": query, "order": order}
    return render(request, "registrations/groups/groups.html", **shown)


async def _form_page(
    request: AnyRequest,
    event: EventRow,
    right: Right,
    sheet: Sheet,
    form: Bound[GroupForm],
    *,
    group: GroupRow | None,
    status: int = 200,
    **shown: Any,
) -> Response[Any]:
    blank_page: dict[str, Any] = {"text": "", "errors": [], "plan": None, "once": str(uuid4())}
    return render(
        request,
        "registrations/groups/new.html",
        status=status,
        event=event,
        right=right,
        columns=sheet.columns,
        form=form,
        group=group,
        most=SHOWN,
        **{**blank_page, **shown},
        **WORDS,
    )


async def _group(actor: Actor, slug: str, right: Right, given: object) -> GroupRow | None:
    """The group to which people are added. Raises NotFound for who does not fill it."""
    text = str(given or "")
    if not text:
        return None
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    group = await queries.group_for(actor, slug, number)
    if not fills(group, right, actor):
        raise NotFound
    return group


def _form_of(group: GroupRow | None) -> Bound[GroupForm]:
    if group is None:
        return blank(GroupForm, told=True)
    return blank(GroupForm, name=group.name, contact_email=group.contact_email, told=True)


@get(f"{ROOT}/new", name="new_registration_group", opt=OTHERS)
async def new_group(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Where a table is pasted or a file chosen, with the columns."""
    event, right = await event_to_group(actor, slug)
    group = await _group(actor, slug, right, request.query_params.get("group"))
    return await _form_page(request, event, right, await sheet_of(event, right), _form_of(group), group=group)


@get(f"{ROOT}/people.xlsx", name="registration_group_workbook", opt=OTHERS)
async def group_workbook(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The workbook to fill in: empty but for an example, or with the people of a group; read again, these change nothing."""
    event, right = await event_to_group(actor, slug)
    group = await _group(actor, slug, right, request.query_params.get("group"))
    sheet = await sheet_of(event, right)
    people = await queries.known_of_group(group.id) if group else []
    answers = await asking.answers_of([row.id for row in people])
    opened = {number: asking.opened(row) for number, row in answers.items()}
    rows = [_cells(row, opened.get(row.id, {}), sheet) for row in people] or [_example(sheet)]
    made = workbook(
        sheet.columns,
        rows,
        title=N_("People"),
        chosen=sheet.chosen,
        several=sheet.several,
        days=sheet.days,
        most=MOST,
    )
    return downloads.file(made, f"group-{event.slug}.xlsx")


def _cells(row: Known, answers: dict[str, Any], sheet: Sheet) -> dict[str, Any]:
    """Somebody as a row of the workbook, in the reader's language; numbers of documents stay empty."""
    shown = stored(row)
    shown |= {
        NUMBER: row.number,
        "category": category_label(row.category),
        "nationality": label("countries", row.nationality, current_lang()) if row.nationality else "",
        "days": "; ".join(shown["days"]),
        "sessions": "; ".join(row.sessions),
        "lang": str(LANGUAGES.get(row.lang, "")),
    }
    for name, question in sheet.questions.items():
        value = answers.get(name.removeprefix(PREFIX))
        if value is None or question.kind == Kind.IDENTITY:
            continue
        plain = question.kind in (Kind.DATE, Kind.NUMBER, Kind.NIGHTS)
        shown[name] = (
            value
            if plain
            else said(question, value).replace(", ", "; ")
            if question.takes_several
            else said(question, value)
        )
    return shown


def _example(sheet: Sheet) -> dict[str, Any]:
    """The line of a workbook without people."""
    first = {name: next((word for code, word, _ in choices() if code), "") for name, choices in sheet.chosen.items()}
    own = {
        "name_native": "（示例）王小明",
        "name_passport": "(Example) Wang Xiaoming",
        "email": "example@example.org",
        "phone": "+86 138 0013 8000",
    }
    return {name: first[name] for name in ("category", "nationality", "lang")} | own


@post(f"{ROOT}/new", name="read_registration_group", opt=OTHERS, status_code=303, request_max_body_size=BODY)
async def read_group(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows what the table would do; with `confirm` stores it."""
    event, right = await event_to_group(actor, slug)
    data = await request.form()
    group = await _group(actor, slug, right, data.get("group"))
    sheet = await sheet_of(event, right)
    form = bind(GroupForm, data)
    if group is not None:
        form = bind(GroupForm, {**data, "name": group.name, "contact_email": group.contact_email})
    text, upload = str(data.get("text") or ""), data.get("file")
    errors: list[tuple[int, str, str]] = []
    status = 422
    try:
        if isinstance(upload, UploadFile) and upload.filename:
            table = await sheet.read_file(await upload.read(), upload.filename)
        else:
            table = sheet.read_text(text)
        text = sheet.text(table)
        if not form.ok:
            return await _form_page(request, event, right, sheet, form, group=group, status=422, text=text)
        if right.obstacle:
            raise Conflict(right.obstacle, code="not_approved")
        if data.get("confirm"):
            made = await services.begin(
                slug,
                table,
                form.value,
                key=_key(data.get("once")),
                group_id=group.id if group else None,
                by=actor,
            )
            return _done(request, slug, made, table)
        _, plan = await services.look(slug, table, by=actor)
        if not table.errors:
            return await _form_page(request, event, right, sheet, form, group=group, text=text, plan=plan)
        errors = table.errors
    except services.RowsRefused as refused:
        errors = refused.rows
    except Invalid as refused:
        errors = [(0, "", str(message)) for found in refused.fields.values() for message in found]
    except DomainError as refused:
        errors, status = [(0, "", str(refused.message))], refused.status
    return await _form_page(request, event, right, sheet, form, group=group, status=status, text=text, errors=errors)


def _key(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        return uuid4()


def _done(request: AnyRequest, slug: str, group_id: int, table: Table) -> Response[Any]:
    flash = N_("All rows are stored.") if len(table.rows) <= services.AT_ONCE else N_("The rows are being stored.")
    return redirect(request, "registration_group", slug=slug, people_id=group_id, flash=flash)


async def _show(
    request: AnyRequest, actor: Actor, event: EventRow, group: GroupRow, *, status: int = 200, **shown: Any
) -> Response[Any]:
    given = request.query_params
    wanted = str(given.get("state", ""))
    found = {
        "q": str(given.get("q", ""))[:100].strip(),
        "state": wanted if wanted in rules.STATES else "",
        "sort": str(given.get("sort", ""))[:10],
    }
    query = {name: value for name, value in found.items() if value}
    page = await queries.members_of(
        group.id,
        q=found["q"],
        state=found["state"],
        order=found["sort"],
        window=window(page_number(request), ROWS),
    )
    right = await right_at(actor, event)
    runs = await queries.runs_of(group.id)
    return render(
        request,
        "registrations/groups/group.html",
        status=status,
        event=event,
        group=group,
        page=page,
        query=query,
        order=found["sort"],
        runs=runs,
        problems={run.id: json.loads(run.problems) for run in runs},
        columns=(await sheet_of(event, right)).columns if right else {},
        may_fill=right is not None and fills(group, right, actor),
        states=[(state, state_label(state)) for state in rules.STATES],
        **{"refused": "", "ticked": (), "reason": "", **shown},
        **WORDS,
    )


@get(f"{ROOT}/{{people_id:int}}", name="registration_group", opt=access.signed_in())
async def group_page(
    request: Request[Any, Any, Any], slug: FromPath[str], people_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A group: its people, and the tables that were given in."""
    group = await queries.group_for(actor, slug, people_id)
    return await _show(request, actor, await event_by_slug(slug, viewer=actor), group)


@post(f"{ROOT}/{{people_id:int}}/cancel", name="cancel_group_people", opt=access.signed_in(), status_code=303)
async def cancel_people(
    request: Request[Any, Any, Any], slug: FromPath[str], people_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Cancels the ticked people with a reason, which they read in the mail."""
    group = await queries.group_for(actor, slug, people_id)
    data = await request.form()
    texts = [str(value) for value in data.getall("person", [])]
    chosen = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]
    reason = str(data.get("reason") or "")[:200]
    try:
        number = await services.cancel_people(slug, people_id, chosen, reason=reason, by=actor)
    except (Invalid, Conflict) as refused:
        found = [str(message) for messages in getattr(refused, "fields", {}).values() for message in messages]
        event = await event_by_slug(slug, viewer=actor)
        why = found[0] if found else str(refused.message)
        return await _show(
            request, actor, event, group, status=refused.status, refused=why, ticked=chosen, reason=reason
        )
    flash = ngettext("%(num)s registration is cancelled.", "%(num)s registrations are cancelled.", number)
    return redirect(request, "registration_group", slug=slug, people_id=people_id, flash=flash)


HANDLERS: list[Any] = [groups_page, new_group, group_workbook, read_group, group_page, cancel_people]
