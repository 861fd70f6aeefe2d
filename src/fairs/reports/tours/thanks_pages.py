"""Thanks to the people of a tour: who gets the mail, how it reads for each of them, and the button that sends it."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.events.queries import event_for
from fairs.events.running import RUNNERS
from fairs.notifications.services import preview
from fairs.reports.tours import thanks
from fairs.tours.pages import PATH
from fairs.web.templating import redirect, render

THANKS = f"{PATH}/thanks"


@get(THANKS, name="tour_thanks", opt=RUNNERS)
async def tour_thanks(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Who is thanked, and the mail of one of them as it would leave now."""
    event = await event_for(actor, slug)
    waiting, done = await thanks.to_thank(event.id), await thanks.thanked(event.id)
    asked = request.query_params.get("member", "")
    people = waiting or done
    chosen = next((row for row in people if str(row.id) == asked), people[0] if people else None)
    shown = ("", "", "")
    if chosen is not None:
        [message] = await thanks.written(event, [chosen])
        shown = await preview(message)
    return render(
        request,
        "tours/thanks.html",
        event=event,
        waiting=waiting,
        done=done,
        people=people,
        chosen=chosen,
        subject=shown[0],
        text=shown[1],
        over=clock.now() >= event.ends_at,
    )


@post(THANKS, name="thank_tour", opt=RUNNERS, status_code=303)
async def thank_tour(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Sends the mails, each person once."""
    try:
        number = await thanks.thank(slug, by=actor)
    except Conflict as refused:
        return redirect(request, "tour_thanks", slug=slug, flash=refused.message, kind="warning")
    return redirect(request, "tour_thanks", slug=slug, flash=N_("People thanked: %(number)s", number=number))


HANDLERS: list[Any] = [tour_thanks, thank_tour]
