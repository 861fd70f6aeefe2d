"""The desk of reviewers and interpreters: their events, what is wanted there, and the meetings with their languages."""

from datetime import date
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response, get
from litestar.di import NamedDependency

from fairs.accounts.actor import Actor
from fairs.core.i18n import current_lang, format_hours
from fairs.core.roles import Role
from fairs.home.rights import work_queries
from fairs.home.rights.rows import TalkRow, WorkEvent
from fairs.listings.labels import KINDS
from fairs.units import catalogues
from fairs.web import access
from fairs.web.templating import render


@get("/work", name="event_work", opt=access.roles(Role.REVIEWER, Role.INTERPRETER))
async def event_work(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Each event of the viewer: what a reviewer reads there, and where an interpreter is needed."""
    reviewed, interpreted = set(actor.events_as(Role.REVIEWER)), set(actor.events_as(Role.INTERPRETER))
    language = request.query_params.get("language", "")[:12]
    languages = catalogues.choices("languages", current_lang())
    known = {code for code, _, _ in languages}
    events = []
    for event in await work_queries.events_of(sorted(reviewed | interpreted)):
        talks = (
            await work_queries.talks(event.id, language if language in known else "") if event.id in interpreted else []
        )
        events.append(
            {
                "event": event,
                "reviews": event.id in reviewed,
                "interprets": event.id in interpreted,
                "wanted": await work_queries.wanted(event.id) if event.id in reviewed else [],
                "days": _by_day(talks, event),
            }
        )
    return render(
        request,
        "home/rights/work.html",
        events=events,
        languages=[(code, words) for code, words, _ in languages],
        names={code: words for code, words, _ in languages},
        interprets=bool(interpreted),
        query={"language": language} if language in known else {},
        kinds=KINDS,
        hours=format_hours,
    )


def _by_day(talks: list[TalkRow], event: WorkEvent) -> list[tuple[date, list[TalkRow]]]:
    """The meetings of each day of the event's zone."""
    zone = ZoneInfo(event.timezone)
    return [(day, list(rows)) for day, rows in groupby(talks, lambda row: row.starts_at.astimezone(zone).date())]


HANDLERS: list[Any] = [event_work]
