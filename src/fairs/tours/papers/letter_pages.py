"""Passport and invitation letter: on a page of the own tour, and for who runs the tour; the public page that confirms a letter."""

import asyncio
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.saving import attempt
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.notifications.services import base_url
from fairs.tours import member_queries
from fairs.tours.forms import ReasonForm
from fairs.tours.logistics.checks import name_of
from fairs.tours.logistics.journey_pages import KEPT, mine
from fairs.tours.pages import PATH
from fairs.tours.papers import labels, letters, queries
from fairs.tours.papers.forms import NoLetterForm, PassportForm, RequestForm
from fairs.tours.papers.rows import LetterRow
from fairs.tours.papers.tables import LetterState
from fairs.tours.rows import MemberRow
from fairs.units import catalogues
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

OWN = "/me/tours/{member_id:int}/letter"
STAFF = PATH + "/people/{member_id:int}/letter"


def kind_label(kind: str) -> str:
    """The name of a kind of letters in the current language; the code itself when the catalogue no longer has it."""
    zh = i18n.current_lang() == "zh"
    return next((one.zh if zh else one.en for one in catalogues.visa_letters() if one.key == kind), kind)


async def _page(
    request: AnyRequest, event: EventRow, row: MemberRow, *, own: bool, status: int = 200, **more: Any
) -> Response[Any]:
    stored = await queries.passport_of(row.id)
    passport = letters.opened(stored.data) if stored else None
    given: dict[str, Any] = {"open": None, "reason": None, **more}
    found = await queries.letters_of(row.id)
    return render(
        request,
        "tours/letter.html",
        status=status,
        event=event,
        row=row,
        own=own,
        name=name_of(row),
        masked=letters.masked(passport) if passport else "",
        country=catalogues.label("countries", passport.nationality, i18n.current_lang()) if passport else "",
        expires=passport.expires if passport else None,
        letters=found,
        may_ask=not any(one.state in (LetterState.REQUESTED, LetterState.ISSUED) for one in found),
        states=labels.STATES,
        reasons=labels.REASONS,
        kind_label=kind_label,
        form=given.pop("form", None) or blank(PassportForm, nationality=row.nationality or None),
        unneeded=given.pop("unneeded", None) or blank(NoLetterForm, why=await queries.no_letter_of(row.id)),
        wanted=given.pop("wanted", None) or blank(RequestForm),
        headers=KEPT,
        **given,
    )


def _back(
    request: AnyRequest, event: EventRow, row: MemberRow, said: object, *, own: bool, kind: str = "success"
) -> Response[Any]:
    if own:
        return redirect(request, "my_letter", member_id=row.id, flash=said, kind=kind)
    return redirect(request, "member_letter", slug=event.slug, member_id=row.id, flash=said, kind=kind)


async def _save(request: AnyRequest, actor: Actor, event: EventRow, row: MemberRow, *, own: bool) -> Response[Any]:
    form: Bound[PassportForm] = bind(PassportForm, await request.form())
    if not form.ok:
        return await _page(request, event, row, own=own, status=422, form=form)
    try:
        if own:
            await letters.save_own_passport(row.id, form.value, by=actor)
        else:
            await letters.save_passport(event.slug, row.id, form.value, by=actor)
    except Invalid as refused:
        form.add_errors(refused)
        return await _page(request, event, row, own=own, status=refused.status, form=form)
    except Conflict as refused:
        form.add_error("", refused.message)
        return await _page(request, event, row, own=own, status=refused.status, form=form)
    return _back(request, event, row, N_("The passport is stored, encrypted."), own=own)


async def _ask(request: AnyRequest, actor: Actor, event: EventRow, row: MemberRow, *, own: bool) -> Response[Any]:
    form: Bound[RequestForm] = bind(RequestForm, await request.form())
    if not form.ok:
        return await _page(request, event, row, own=own, status=422, wanted=form)
    try:
        if own:
            await letters.request_own(row.id, form.value, by=actor)
        else:
            await letters.request_for(event.slug, row.id, form.value, by=actor)
    except Conflict as refused:
        return _back(request, event, row, refused.message, own=own, kind="warning")
    return _back(request, event, row, N_("The letter is asked for."), own=own)


@get(OWN, name="my_letter", opt=access.signed_in())
async def my_letter(
    request: Request[Any, Any, Any], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The viewer's passport, masked, and letters."""
    event, row = await mine(actor, member_id)
    return await _page(request, event, row, own=True)


@post(OWN + "/passport", name="save_my_passport", opt=access.signed_in(), status_code=303)
async def save_my_passport(
    request: Request[Any, Any, Any], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the passport."""
    event, row = await mine(actor, member_id)
    return await _save(request, actor, event, row, own=True)


@post(OWN, name="request_my_letter", opt=access.signed_in(), status_code=303)
async def request_my_letter(
    request: Request[Any, Any, Any], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Asks for a letter."""
    event, row = await mine(actor, member_id)
    return await _ask(request, actor, event, row, own=True)


async def _pdf(row: LetterRow) -> Response[bytes]:
    assert row.digest is not None
    content, digest = letters.document_of(row), row.digest.hex()
    from fairs.tours.papers.printing import print_letter  # loads libraries for half a second: only printing pays

    made = await asyncio.to_thread(print_letter, content, digest, f"{base_url()}/letters/{digest}")
    headers = {"content-disposition": f'attachment; filename="{row.number}.pdf"', "cache-control": "private, no-store"}
    return Response(made, media_type="application/pdf", headers=headers)


@get(OWN + "/{letter_id:int}/letter.pdf", name="my_letter_pdf", opt=access.signed_in())
async def my_letter_pdf(
    member_id: FromPath[int], letter_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """The viewer's letter in force."""
    return await _pdf(await letters.own_letter(member_id, letter_id, by=actor))


async def _staff(actor: Actor, slug: str, member_id: int) -> tuple[EventRow, MemberRow]:
    event = await event_for(actor, slug)
    return event, await member_queries.member_of(event.id, member_id)


@get(STAFF, name="member_letter", opt=RUNNERS)
async def member_letter(
    request: Request[Any, Any, Any], slug: FromPath[str], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A person's passport, masked, and letters, for who runs the tour."""
    event, row = await _staff(actor, slug, member_id)
    return await _page(request, event, row, own=False)


@post(STAFF + "/passport", name="save_member_passport", opt=RUNNERS, status_code=303)
async def save_member_passport(
    request: Request[Any, Any, Any], slug: FromPath[str], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the passport of a person."""
    event, row = await _staff(actor, slug, member_id)
    return await _save(request, actor, event, row, own=False)


@post(STAFF, name="request_member_letter", opt=RUNNERS, status_code=303)
async def request_member_letter(
    request: Request[Any, Any, Any], slug: FromPath[str], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Asks for a letter for a person."""
    event, row = await _staff(actor, slug, member_id)
    return await _ask(request, actor, event, row, own=False)


@post(STAFF + "/open", name="open_member_passport", opt=access.confirmed(RUNNERS), status_code=200)
async def open_member_passport(
    request: Request[Any, Any, Any], slug: FromPath[str], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows the passport once; the reason is in the log."""
    event, row = await _staff(actor, slug, member_id)
    form = bind(ReasonForm, await request.form())
    if not form.ok:
        return await _page(request, event, row, own=False, status=422, reason=form)
    passport = await letters.open_passport(slug, member_id, form.value.reason, by=actor)
    return await _page(request, event, row, own=False, open=passport)


@post(f"{STAFF}/unneeded", name="note_no_letter", opt=RUNNERS, status_code=303)
async def note_no_letter(
    request: Request[Any, Any, Any], slug: FromPath[str], member_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Notes why the person needs no letter."""
    event, row = await _staff(actor, slug, member_id)
    form = bind(NoLetterForm, await request.form())
    status, _ = await attempt(form, lambda: letters.note_no_letter(slug, member_id, form.value.why, by=actor))
    if status:
        return await _page(request, event, row, own=False, status=status, unneeded=form)
    return _back(request, event, row, N_("Saved."), own=False)


@post(STAFF + "/{letter_id:int}/{act:str}", name="decide_letter", opt=access.confirmed(RUNNERS), status_code=303)
async def decide_letter(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    member_id: FromPath[int],
    letter_id: FromPath[int],
    act: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Issues, refuses, revokes or prints a letter; all but the first with a reason."""
    event, row = await _staff(actor, slug, member_id)
    if act == "issue":
        done = await letters.issue(slug, [letter_id], by=actor)
        said = done.refused[0][1] if done.refused else N_("The letter is issued.")
        return _back(request, event, row, said, own=False, kind="warning" if done.refused else "success")
    form = bind(ReasonForm, await request.form())
    if not form.ok:
        return await _page(request, event, row, own=False, status=422, reason=form)
    reason = form.value.reason
    try:
        if act == "print":
            return await _pdf(await letters.open_letter(slug, letter_id, reason, by=actor))
        if act == "refuse":
            await letters.refuse(slug, letter_id, reason, by=actor)
            return _back(request, event, row, N_("The request is refused; the person reads why."), own=False)
        if act == "revoke":
            await letters.revoke(slug, letter_id, reason, by=actor)
            return _back(request, event, row, N_("The letter is revoked; its public page says so."), own=False)
    except Conflict as refused:
        return _back(request, event, row, refused.message, own=False, kind="warning")
    raise NotFound


@get("/letters/{digest:str}", name="check_letter", opt=access.public())
async def check_letter(request: Request[Any, Any, Any], digest: FromPath[str]) -> Response[Any]:
    """Confirms number, initials of the holder and validity of a letter, and says nothing else."""
    known = len(digest) == 64 and all(character in "0123456789abcdef" for character in digest)
    found = await queries.by_digest(bytes.fromhex(digest)) if known else None
    return render(
        request,
        "tours/check_letter.html",
        status=200 if found else 404,
        found=found,
        digest=digest[:64],
        headers={"x-robots-tag": "noindex"},
    )


HANDLERS: list[Any] = [
    my_letter,
    save_my_passport,
    request_my_letter,
    my_letter_pdf,
    member_letter,
    save_member_passport,
    request_member_letter,
    open_member_passport,
    note_no_letter,
    decide_letter,
    check_letter,
]
