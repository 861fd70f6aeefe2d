"""What a submitted form leads to: it is read with the version of its page, tried, and told on the form where it is refused."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from fairs.core import versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, F, bind

T = TypeVar("T")
UNREADABLE = 422


def submitted(form: type[F], data: Any, stored: Mapping[str, Any], **reading: Any) -> Bound[F]:
    """The form of something stored as it was sent, with the version that its page carried. `reading`: as for `bind`."""
    values, seen = versions.received(form, data, stored)
    bound = bind(form, values, **reading)
    bound.version = seen
    return bound


async def attempt(form: Bound[Any], act: Callable[[], Awaitable[T]]) -> tuple[int, T | None]:
    """(0, what `act` gives), or the status to show the form with once more, which then says what is wrong."""
    if not form.ok:
        return UNREADABLE, None
    try:
        return 0, await act()
    except versions.Outdated as late:
        versions.show(form, late)
        return late.status, None
    except Invalid as refused:
        form.add_errors(refused)
        return refused.status, None
    except Conflict as refused:
        form.add_error("", refused.message)
        return refused.status, None
