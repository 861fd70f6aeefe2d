"""The draft of a programme: the day by rooms, the form of a session, and what takes it out or puts it back."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairs.accounts.actor import Actor
from fairs.core import figures, versions
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, gettext, ngettext
from fairs.core.saving import attempt, submitted
from fairs.events import programme, queries, rules
from fairs.events.forms import CancelForm, SessionForm, read_session
from fairs.events.planning import pages
from fairs.events.planning import queries as planning
from fairs.events.planning.labels import WORDS, Namer
from fairs.events.planning.rules import Item
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.web.templating import AnyRequest, redirect, render, render_text


@get("/organise/editions/{slug:str}/programme", name="programme_draft", opt=RUNNERS)
async def programme_draft(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    actor: NamedDependency[Actor],
    day: FromQuery[str] = "",
    q: FromQuery[str] = "",
    room: FromQuery[str] = "",
    show: FromQuery[str] = "",
) -> Response[Any]:
    """One day of the draft by rooms, with what is doubtful in all of it."""
    event = await queries.event_for(actor, slug)
    board = await pages.board(event, day, q=q, room=room, show=show)
    query = {name: value for name, value in {"q": q, "room": room, "show": show}.items() if value}
    return render(request, "events/draft.html", event=event, board=board, query=query, **WORDS)


async def _form(
    request: AnyRequest, event: EventRow, form: Bound[SessionForm], *, item: Item | None = None, status: int = 200
) -> Response[Any]:
    shown: dict[str, Any] = {
        "rooms": await queries.rooms_of(event.id),
        "speakers": await planning.speakers_of(event.id),
    }
    names = Namer([item] if item else [], shown["rooms"], shown["speakers"])
    return render(
        request,
        "events/session_form.html",
        status=status,
        event=event,
        form=form,
        item=item,
        names=names,
        **WORDS,
        **shown,
    )


@get("/organise/editions/{slug:str}/sessions/new", name="new_session", opt=RUNNERS)
async def new_session(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """An empty form, on the first day."""
    event = await queries.event_for(actor, slug)
    form = blank(SessionForm, in_zone=event.timezone, kind=rules.USUAL_SESSION, starts_at=event.starts_at)
    return await _form(request, event, form)


@post("/organise/editions/{slug:str}/sessions/new", name="create_session", opt=RUNNERS, status_code=303)
async def create_session(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a session to the draft."""
    event = await queries.event_for(actor, slug)
    form = read_session(await request.form(), event.timezone)
    try:
        await programme.add_session(event.id, form.value, by=actor)
    except DomainError as refused:
        return await _form(request, event, pages.beside_field(form, refused), status=refused.status)
    return _back(request, event, form.value, N_("The session is in the draft. Everybody sees it after the release."))


def _back(request: AnyRequest, event: EventRow, form: SessionForm, said: object) -> Response[None]:
    day = rules.days_of(form.starts_at, form.ends_at, event.timezone)[0]
    query = f"?day={day.isoformat()}#session-{form.code}"
    return redirect(request, "programme_draft", slug=event.slug, query=query, flash=said)


@get("/organise/editions/{slug:str}/sessions/{code:str}/edit", name="edit_session", opt=RUNNERS)
async def edit_session(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with the drafted values, in the event's own time."""
    event = await queries.event_for(actor, slug)
    item = await planning.item_of(event.id, code)
    form = versions.opened(SessionForm, programme.stored_session(item.plan, event.timezone))
    return await _form(request, event, form, item=item)


@post("/organise/editions/{slug:str}/sessions/{code:str}/edit", name="update_session", opt=RUNNERS, status_code=303)
async def update_session(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Drafts the edited values; from an older page both texts are shown."""
    event = await queries.event_for(actor, slug)
    item = await planning.item_of(event.id, code)
    stored = programme.stored_session(item.plan, event.timezone)
    sent = await request.form()
    form = submitted(SessionForm, sent, stored, lambda data: read_session(data, event.timezone))

    async def act() -> None:
        await programme.update_session(slug, code, form.value, by=actor, seen=form.version)

    status, _ = await attempt(form, act, pages.beside_field)
    if status:
        return await _form(request, event, form, item=item, status=status)
    return _back(request, event, form.value, N_("Saved in the draft. Everybody sees it after the release."))


@post("/organise/editions/{slug:str}/sessions/{code:str}/move", name="move_session", opt=RUNNERS)
async def move_session(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[dict[str, Any]]:
    """Drafts another hour or room, for the grid: JSON with where the session is now, what was said, and the doubts."""
    event = await queries.event_for(actor, slug)
    data = await request.form()
    status, said = 200, ""
    try:
        starts_at = figures.moment(str(data.get("starts_at") or ""), event.timezone)
        room, seen = str(data.get("room") or ""), str(data.get("_version") or "")
        await programme.move_session(slug, code, starts_at, room, by=actor, seen=seen)
    except figures.NotRead as unread:
        status, said = 422, str(unread.message)
    except (Conflict, Invalid) as refused:
        messages = [message for found in getattr(refused, "fields", {}).values() for message in found]
        status, said = refused.status, str(messages[0] if messages else refused.message)
    item = await planning.item_of(event.id, code)
    board = await pages.board(event)
    card = pages.card_of(item, event.timezone, board.names, [text for one, text in board.warned if one.code == code])
    where = gettext(
        "%(title)s: %(time)s, %(room)s", title=board.names.sessions[code], time=card.time, room=card.room or "—"
    )
    return Response(
        {
            "said": ". ".join([*([said] if said else []), where, *card.doubts]),
            "start": card.start,
            "room": item.plan.room_code or "",
            "time": card.time,
            "version": card.version,
            "state": render_text("events/_state.html", change=item.change, **WORDS),
            "release": ngettext("Release %(num)s change", "Release %(num)s changes", board.changes),
            "changes": board.changes,
            "doubts": list(card.doubts),
            "all": render_text("events/_doubts.html", board=board, event=event),
        },
        status_code=status,
    )


@get("/organise/editions/{slug:str}/sessions/{code:str}/cancel", name="cancel_session", opt=RUNNERS)
async def cancel_session(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Asks why a released session is cancelled."""
    event = await queries.event_for(actor, slug)
    item = await planning.item_of(event.id, code)
    return render(
        request, "events/session_cancel.html", event=event, item=item, form=blank(CancelForm, reason=item.plan.reason)
    )


@post("/organise/editions/{slug:str}/sessions/{code:str}/cancel", name="withdraw_session", opt=RUNNERS, status_code=303)
async def withdraw_session(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Takes a session out of the draft; a released one is cancelled by the next release, with a reason."""
    event = await queries.event_for(actor, slug)
    item = await planning.item_of(event.id, code)
    form: Bound[CancelForm] = bind(CancelForm, await request.form())
    if item.was is not None and not form.ok:
        return render(request, "events/session_cancel.html", status=422, event=event, item=item, form=form)
    gone = await programme.withdraw_session(slug, code, form["reason"].value, by=actor)
    said = N_("The session is removed.") if gone else N_("The next release cancels the session.")
    return redirect(request, "programme_draft", slug=slug, flash=said)


@post("/organise/editions/{slug:str}/sessions/{code:str}/restore", name="restore_session", opt=RUNNERS, status_code=303)
async def restore_session(
    request: Request[Any, Any, Any], slug: FromPath[str], code: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Back to the released session."""
    await programme.restore_session(slug, code, by=actor)
    return redirect(request, "programme_draft", slug=slug, flash=N_("The session is as it was released."))


@post("/organise/editions/{slug:str}/programme/restore", name="restore_programme", opt=RUNNERS, status_code=303)
async def restore_programme(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Back to the released programme."""
    await programme.restore_all(slug, by=actor)
    return redirect(request, "programme_draft", slug=slug, flash=N_("The draft is as it was released."))


HANDLERS: list[Any] = [
    programme_draft,
    new_session,
    create_session,
    edit_session,
    update_session,
    move_session,
    cancel_session,
    withdraw_session,
    restore_session,
    restore_programme,
]
