"""The page on which a registered person changes sessions, and the choices of both forms."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Conflict, Invalid
from fairs.core.i18n import N_
from fairs.events.rules import is_over
from fairs.notifications.services import told
from fairs.registrations import changing, queries, rules
from fairs.registrations.labels import fair_hours
from fairs.registrations.returning import list_of
from fairs.registrations.rows import RegistrationRow, SessionChoice
from fairs.talents.queries import talent_of
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

MOST = 100  # sessions considered in one form


async def choices(event_id: int, held: Sequence[str] = ()) -> list[SessionChoice]:
    """Sessions with sign-up, as seen by a person signed up to `held`."""
    now, rows = clock.now(), await queries.open_sessions(event_id)
    return [
        SessionChoice(
            **msgspec.structs.asdict(row),
            held=row.code in held,
            full=row.capacity is not None and row.taken >= row.capacity and row.code not in held,
            changeable=rules.may_change(row, now),
        )
        for row in rows
    ]


async def warnings_of(event_id: int, actor: Actor, codes: Sequence[str]) -> list[object]:
    """Time conflicts among these sessions and the actor's meetings."""
    wanted = set(codes[:MOST])
    if not wanted:
        return []
    sessions = [row for row in await queries.open_sessions(event_id) if row.code in wanted]
    talent = await talent_of(actor)
    return await changing.warnings(sessions, talent.id if talent else None)


def mark(codes: Sequence[str]) -> str:
    """Marks the sessions whose warning has been seen."""
    return hashlib.sha256("\0".join(sorted(set(codes))).encode()).hexdigest()[:16]


async def _page(
    request: AnyRequest, row: RegistrationRow, chosen: Sequence[str], *, status: int = 200, **shown: Any
) -> Response[Any]:
    held = [session.code for session in await queries.sessions_signed_up(row.id)]
    return render(
        request,
        "registrations/sessions.html",
        status=status,
        row=row,
        sessions=await choices(row.event, held),
        chosen=chosen,
        over=is_over(row.ends_at, clock.now(), demo=row.event_demo),
        same_hour=mark(chosen),
        fair_hours=fair_hours,
        **{"warned": (), "error": "", **shown},
    )


@get("/me/fairs/{number:str}/sessions", name="my_sessions", opt=access.signed_in())
async def my_sessions(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The sessions of a registration, editable until their dates."""
    row = await queries.registration_by_number(actor, number)
    return await _page(request, row, [session.code for session in await queries.sessions_signed_up(row.id)])


@post("/me/fairs/{number:str}/sessions", name="change_sessions", opt=access.signed_in(), status_code=303)
async def change_sessions(
    request: Request[Any, Any, Any], number: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the choice; with a time conflict, only after the warning has been seen."""
    row = await queries.registration_by_number(actor, number)
    data = await request.form()
    held = {session.code for session in await queries.sessions_signed_up(row.id)}
    codes = [str(code) for code in data.getall("sessions", [])]
    closed = [one.code for one in await choices(row.event) if not one.changeable and one.code in held]
    codes = list(dict.fromkeys([*codes, *closed]))
    warned = await warnings_of(row.event, actor, codes) if set(codes) - held else []
    if warned and data.get("same_hour") != mark(codes):
        return await _page(request, row, codes, status=409, warned=warned)
    try:
        changed = await changing.change_sessions(row.id, codes, by=actor)
    except (Conflict, Invalid) as refused:
        messages = [text for found in getattr(refused, "fields", {}).values() for text in found]
        return await _page(
            request, row, codes, status=refused.status, error=messages[0] if messages else refused.message
        )
    route, values = list_of(actor, row)
    if not changed:
        return redirect(request, route, flash=N_("Nothing has changed."), kind="info", **values)
    done = told(N_("Your sessions are changed. The calendar entry is sent by mail."), N_("Your sessions are changed."))
    return redirect(request, route, flash=done, **values)


HANDLERS: list[Any] = [my_sessions, change_sessions]
