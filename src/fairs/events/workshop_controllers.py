"""Pages of the edition workshop that need a frame of their own: the publish checklist."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.roles import Role
from fairs.events import checklist, labels, queries, readiness
from fairs.events.rows import EventRow
from fairs.web import access
from fairs.web.templating import AnyRequest, render

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)


@get("/organise/editions/{slug:str}/publishing", name="publishing", opt=ORGANISERS)
async def publishing(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """What is still missing before everybody may see the event."""
    return await checklist_page(request, await queries.province_event(actor, slug))


async def checklist_page(
    request: AnyRequest, event: EventRow, *, refused: object = "", status: int = 200
) -> Response[Any]:
    """The checklist with the button, and after a refusal why."""
    found = await readiness.checklist_of(event)
    return render(
        request,
        "events/publishing.html",
        status=status,
        event=event,
        items=found,
        blocking=checklist.blocking(found),
        refused=refused,
        **labels.WORDS,
    )


HANDLERS: list[Any] = [publishing]
