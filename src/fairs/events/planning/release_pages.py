"""Pages of releases: what the next one does and whom it concerns, and what the last ones did."""

from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import db
from fairs.core.i18n import N_
from fairs.core.pagination import Page, paged, window
from fairs.events import programme, queries
from fairs.events.planning import pages, releasing, rules
from fairs.events.planning import queries as planning
from fairs.events.planning.labels import WORDS, Namer
from fairs.events.planning.rows import ChangeRow, Plan, ReleaseRow
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.events.tables import EventState
from fairs.notifications.services import told
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, redirect, render

VERSIONS = 10  # of a page


@dataclass(frozen=True)
class Change:
    """A change of a released version, with its session before and after."""

    kind: str
    was: Plan | None
    plan: Plan
    people: int

    @property
    def item(self) -> rules.Item:
        return rules.Item(self.plan, self.was, None)


@dataclass(frozen=True)
class Version:
    """A released version with what it did."""

    row: ReleaseRow
    changes: list[Change]


async def _page(
    request: AnyRequest, event: EventRow, prepared: releasing.Prepared, *, status: int = 200
) -> Response[Any]:
    items = await planning.draft(event.id)
    rooms = await queries.rooms_of(event.id)
    names = Namer(items, rooms, await planning.speakers_of(event.id))
    return render(
        request,
        "events/release.html",
        status=status,
        event=event,
        prepared=prepared,
        warned=pages.warnings_of(event, items, rooms, names),
        names=names,
        hours=pages.hours,
        stale=status != 200,
        **WORDS,
    )


@get("/organise/editions/{slug:str}/programme/release", name="programme_release", opt=RUNNERS)
async def programme_release(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """What the release does, whom it concerns, what is doubtful."""
    event = await queries.event_for(actor, slug)
    async with db.transaction_or_join():
        return await _page(request, event, await releasing.prepare(event))


@post("/organise/editions/{slug:str}/programme/release", name="release_programme", opt=RUNNERS, status_code=303)
async def release_programme(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Releases what was shown; shows it anew when it has changed meanwhile."""
    event = await queries.event_for(actor, slug)
    data = await request.form()
    try:
        await programme.release(slug, by=actor, confirmed=str(data.get("confirm") or "-"))
    except releasing.Unconfirmed as refused:
        return await _page(request, event, refused.found, status=refused.status)
    if event.state == EventState.DRAFT:
        said: object = N_("Released. Everybody sees the programme when the event is published.")
    else:
        said = told(
            N_("Released: the programme is public, and the people concerned are told by mail."),
            N_("Released: the programme is public."),
        )
    return redirect(request, "programme_versions", slug=slug, flash=said)


@get("/organise/editions/{slug:str}/programme/versions", name="programme_versions", opt=RUNNERS)
async def programme_versions(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The released versions, the newest first, each with its changes."""
    event = await queries.event_for(actor, slug)

    async def count() -> int:
        return await planning.releases_count(event.id)

    async def read(size: int, offset: int) -> list[Version]:
        rows = await planning.releases_page(event.id, size, offset)
        return [Version(row, [_read(change) for change in await planning.changes_of(row.id)]) for row in rows]

    found: Page[Version] = await paged(window(page_number(request), VERSIONS), count, read)
    rooms, speakers = await queries.rooms_of(event.id), await planning.speakers_of(event.id)
    names = Namer([], rooms, speakers)
    return render(request, "events/versions.html", event=event, page=found, names=names, hours=pages.hours, **WORDS)


def _read(row: ChangeRow) -> Change:
    """A stored change; one of the two sides is always there."""
    before, after = (msgspec.json.decode(text, type=Plan) if text else None for text in (row.before, row.after))
    plan = after or before
    assert plan is not None
    return Change(row.kind, before, plan, row.people)


HANDLERS: list[Any] = [programme_release, release_programme, programme_versions]
