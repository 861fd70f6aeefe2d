"""The side sheet of the working list, which is a page of its own; tags and notes are written there."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.audit import queries as audit
from fairs.audit import words
from fairs.audit.queries import Wanted
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_, current_lang, gettext
from fairs.core.rows import fetch_value_or_none
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.notifications.controllers import state_badge
from fairs.registrations import deciding, phones, queries, rules
from fairs.registrations.companions.services import companions_of
from fairs.registrations.labels import STATE_KINDS, category_label, state_label
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.working import bulk_queries, person, tagging
from fairs.registrations.working.pages import ROOT
from fairs.units.catalogues import label
from fairs.web.templating import AnyRequest, redirect, render

ONE = f"{ROOT}/{{number:str}}"
ENTRIES = 20


async def _found(actor: Actor, slug: str, number: str) -> tuple[EventRow, RegistrationRow]:
    """(event, registration) for who runs the event. Raises NotFound."""
    event = await event_for(actor, slug)
    found = None
    if rules.is_number(number.upper()):
        sql = "SELECT id FROM registration WHERE number = :number AND event = :event"
        found = await fetch_value_or_none(int, sql, number=number.upper(), event=event.id)
    if found is None:
        raise NotFound
    return event, await queries.registration_by_id(found)


def _who(label: str) -> str:
    """The actor of an entry, without the address."""
    return gettext("the system") if label == "system" else label.partition(" <")[0]


async def _page(
    request: AnyRequest, actor: Actor, slug: str, number: str, *, status: int = 200, **typed: Any
) -> Response[Any]:
    event, row = await _found(actor, slug, number)
    sections = [await reader(row, actor) for reader in person.SECTIONS()]
    entries = await audit.entries(Wanted(objects=(("registration", str(row.id)),)), size=ENTRIES)
    others = await person.others_of(row, actor)
    given: dict[str, Any] = {"errors": {}, "typed": {}} | typed
    return render(
        request,
        "registrations/working/person.html",
        status=status,
        event=event,
        row=row,
        phone=phones.opened(row.phone),
        country=label("countries", row.nationality, current_lang()) if row.nationality else "",
        sessions=await queries.sessions_signed_up(row.id),
        companions=await companions_of(row.id),
        sections=sections,
        tags=await tagging.tags_on(row.id),
        known_tags=await bulk_queries.tags_of(event.id),
        notes=await tagging.notes_on(actor, row.id),
        mails=await person.mails_of(row),
        others=others,
        came=await person.ARRIVED()([other.id for other in others]) if others else set(),
        history=[
            {"at": entry.at, "act": words.action_word(entry.action), "who": _who(entry.actor_label)}
            for entry in entries
        ],
        mail_badge=state_badge,
        state_kinds=STATE_KINDS,
        state_label=state_label,
        category_label=category_label,
        **given,
    )


@get(ONE, name="registration_sheet", opt=RUNNERS)
async def registration_sheet(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Everything about one registration."""
    return await _page(request, actor, slug, number)


@post(f"{ONE}/notes", name="write_registration_note", opt=RUNNERS, status_code=303)
async def write_registration_note(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A note of the staff."""
    _, row = await _found(actor, slug, number)
    text = str((await request.form()).get("note", ""))
    try:
        await tagging.write_note(row.id, text, by=actor)
    except Invalid as refused:
        return await _page(request, actor, slug, number, status=422, errors=refused.fields, typed={"note": text})
    return redirect(request, "registration_sheet", slug=slug, number=row.number, flash=N_("The note is saved."))


@post(f"{ONE}/notes/{{note_id:int}}/delete", name="delete_registration_note", opt=RUNNERS, status_code=303)
async def delete_registration_note(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    number: FromPath[str],
    note_id: FromPath[int],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Deletes an own note."""
    _, row = await _found(actor, slug, number)
    await tagging.delete_note(row.id, note_id, by=actor)
    return redirect(request, "registration_sheet", slug=slug, number=row.number, flash=N_("The note is deleted."))


@post(f"{ONE}/tags", name="tag_registration", opt=RUNNERS, status_code=303)
async def tag_registration(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Puts a tag on, or takes one off."""
    _, row = await _found(actor, slug, number)
    data = await request.form()
    off, tag = str(data.get("off", "")), str(data.get("tag", ""))
    try:
        if off:
            await tagging.remove(row.id, off, by=actor)
        else:
            await tagging.add(row.id, tag, by=actor)
    except Invalid as refused:
        return await _page(request, actor, slug, number, status=422, errors=refused.fields, typed={"tag": tag[:200]})
    return redirect(request, "registration_sheet", slug=slug, number=row.number)


@post(f"{ONE}/confirm", name="confirm_registration", opt=RUNNERS, status_code=303)
async def confirm_registration(
    request: Request[Any, Any, Any], slug: FromPath[str], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Gives a place to somebody who waits or is under review."""
    _, row = await _found(actor, slug, number)
    try:
        done = await deciding.confirm(row.id, by=actor)
    except Conflict as refused:
        return redirect(
            request, "registration_sheet", slug=slug, number=row.number, flash=refused.message, kind="warning"
        )
    flash = N_("The registration is confirmed.") if done else N_("Nothing has changed.")
    return redirect(request, "registration_sheet", slug=slug, number=row.number, flash=flash)


HANDLERS: list[Any] = [
    registration_sheet,
    confirm_registration,
    write_registration_note,
    delete_registration_note,
    tag_registration,
]
