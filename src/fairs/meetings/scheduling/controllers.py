"""The organiser starts the scheduling of an event's meetings, watches and stops it, and exports the timetable."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.accounts.queries import session_lives
from fairs.core import i18n
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.events.queries import event_for
from fairs.events.running import RUNNERS
from fairs.meetings.scheduling import pages, queries, runs
from fairs.web import downloads, live_numbers, sse
from fairs.web.templating import redirect

PLACE = "#timetable"


@post("/organise/editions/{slug:str}/hall/schedule", name="schedule_meetings", opt=RUNNERS, status_code=303)
async def schedule_meetings(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Starts a run."""
    event = await event_for(actor, slug)
    try:
        await runs.enqueue_run(event.id, by=actor)
    except Conflict as refused:
        return redirect(request, "hall", slug=slug, flash=refused.message, kind="warning", query=PLACE)
    return redirect(request, "hall", slug=slug, query=PLACE)


@post("/organise/editions/{slug:str}/hall/schedule/cancel", name="cancel_schedule", opt=RUNNERS, status_code=303)
async def cancel_schedule(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stops the run."""
    event = await event_for(actor, slug)
    try:
        await runs.cancel(event.id, by=actor)
    except Conflict as refused:
        return redirect(request, "hall", slug=slug, flash=refused.message, kind="warning", query=PLACE)
    return redirect(request, "hall", slug=slug, flash=N_("Stopped. Nothing was booked."), query=PLACE)


@get("/organise/editions/{slug:str}/hall/schedule/stream", name="schedule_stream", opt=RUNNERS)
async def schedule_stream(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Stream:
    """Server-sent events `numbers`: phase, share, objective, bound, gap as they change; `over` when it has ended."""
    event = await event_for(actor, slug)
    lang = i18n.current_lang()

    async def read() -> Mapping[str, object]:
        with i18n.language(lang):
            return pages.numbers(await queries.latest_run(event.id))

    async def alive() -> bool:
        return await session_lives(actor.session_id, actor.account_id)

    events = live_numbers.stream(runs.topic(event.id), read, alive)
    return Stream(events, media_type=sse.SSE_TYPE, headers=sse.SSE_HEADERS)


@get("/organise/editions/{slug:str}/hall/timetable.xlsx", name="timetable_export", opt=RUNNERS)
async def timetable_export(slug: FromPath[str], actor: NamedDependency[Actor]) -> Response[bytes]:
    """Every meeting with its hour and table as a spreadsheet."""
    event = await event_for(actor, slug)
    rows = [pages.sheet_row(row) for row in await queries.timetable(event.id)]
    return await downloads.table(f"{event.slug}-timetable", pages.SHEET, rows, sheet="timetable")


HANDLERS: list[Any] = [schedule_meetings, cancel_schedule, schedule_stream, timetable_export]
