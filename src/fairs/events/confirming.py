"""The page between a change and its being stored: what it means, and whether it shall be."""

from typing import Any

from litestar import Response

from fairs.events import moving
from fairs.events.rows import EventRow, SessionRow
from fairs.web.templating import AnyRequest, render

NOT_TYPED = ("_csrf_token", "confirm", "back")


def page(
    request: AnyRequest,
    event: EventRow,
    refused: moving.Unconfirmed,
    data: Any,
    action: str,
    session: SessionRow | None = None,
) -> Response[Any]:
    """What a change means, before it is stored: saved all the same, or back to the form with what was typed."""
    typed = [(name, value) for name, value in data.multi_items() if name not in NOT_TYPED and isinstance(value, str)]
    return render(
        request,
        "events/confirm_change.html",
        status=refused.status,
        event=event,
        session=session,
        found=refused.found,
        typed=typed,
        action=action,
    )
