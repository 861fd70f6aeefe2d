"""Meetings at a stop, for its host and for the province: the list, and the form of one more."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_, pick
from fairs.core.roles import Role
from fairs.core.saving import attempt
from fairs.meetings.pages import OUTCOMES
from fairs.meetings.queries import agreements_of
from fairs.meetings.tables import MeetingOutcome
from fairs.tours import member_queries
from fairs.tours.emails import title_of
from fairs.tours.results import queries, talks
from fairs.tours.results.forms import TalkForm
from fairs.tours.rows import HostedStop
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

HOSTS = access.roles(Role.EMPLOYER, Role.ORGANISER, Role.ADMIN)
NOBODY = N_("There is nobody, or no listing, to note a meeting for")
TALKS = "/hosting/{stop_id:int}/talks"


def _offered(choices: list[tuple[str, str, str]]) -> Callable[[], list[tuple[str, str, str]]]:
    return lambda: choices


async def _page(request: AnyRequest, stop: HostedStop, form: Bound[TalkForm], status: int = 200) -> Response[Any]:
    people = await member_queries.people_at(stop.event, stop.id)
    named = [
        (str(row.id), " ".join(dict.fromkeys((row.name_passport, row.name_native))), "") for row in people if row.talent
    ]
    listings = await queries.listings_at(stop)
    form["member"].spec = replace(form["member"].spec, choices=_offered(named))
    about = [(str(row.id), pick(row.title_zh, row.title_en), "") for row in listings]
    form["listing"].spec = replace(form["listing"].spec, choices=_offered(about))
    rows = await queries.talks_at(stop.id)
    return render(
        request,
        "tours/talks.html",
        status=status,
        stop=stop,
        title=title_of(stop),
        form=form,
        rows=rows,
        possible=bool(named and about),
        without=sum(1 for row in people if not row.talent),
        listings=listings,
        outcomes=OUTCOMES,
        agreements=await agreements_of([row.meeting for row in rows if row.outcome == MeetingOutcome.INTENT]),
    )


@get(TALKS, name="stop_talks", opt=HOSTS)
async def stop_talks(
    request: Request[Any, Any, Any], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Who was met at the stop, with what came of it, and the form of one more meeting."""
    return await _page(request, await queries.stop_of_employer(actor, stop_id), blank(TalkForm))


@post(TALKS, name="note_stop_talk", opt=HOSTS, status_code=303)
async def note_stop_talk(
    request: Request[Any, Any, Any], stop_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Notes a meeting; with an intent the agreement is drawn up next."""
    stop = await queries.stop_of_employer(actor, stop_id)
    form = bind(TalkForm, await request.form())
    if not await queries.listings_at(stop) or not any(
        row.talent for row in await member_queries.people_at(stop.event, stop.id)
    ):  # the page has no form for it any more
        return redirect(request, "stop_talks", stop_id=stop_id, flash=NOBODY, kind="warning")
    status, _ = await attempt(form, lambda: talks.note_talk(stop_id, form.value, by=actor))
    if status:
        return await _page(request, stop, form, status)
    said = N_("The meeting is noted.")
    if form.value.outcome == MeetingOutcome.INTENT:
        said = N_("The meeting is noted. You can draw up the agreement from the list.")
    return redirect(request, "stop_talks", stop_id=stop_id, flash=said)


HANDLERS: list[Any] = [stop_talks, note_stop_talk]
