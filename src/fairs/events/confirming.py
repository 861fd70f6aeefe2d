"""The page between a change and its storage: it shows the consequences and asks for confirmation."""

from typing import Any

from litestar import Response

from fairs.core import saving
from fairs.core.errors import DomainError
from fairs.core.forms import Bound
from fairs.events import moving
from fairs.events.rows import EventRow
from fairs.web.templating import AnyRequest, render

NOT_TYPED = ("_csrf_token", "confirm", "back")


def beside_fields(form: Bound[Any], refused: DomainError) -> None:
    """As `saving.beside_fields`, and raises what is asked to be confirmed: it has a page of its own."""
    if isinstance(refused, moving.Unconfirmed):
        raise refused
    saving.beside_fields(form, refused)


def page(
    request: AnyRequest,
    event: EventRow,
    refused: moving.Unconfirmed,
    data: Any,
    action: str,
) -> Response[Any]:
    """The consequences of a change before it is stored: save anyway, or return to the form with its values."""
    typed = [(name, value) for name, value in data.multi_items() if name not in NOT_TYPED and isinstance(value, str)]
    return render(
        request,
        "events/confirm_change.html",
        status=refused.status,
        event=event,
        found=refused.found,
        typed=typed,
        action=action,
    )
