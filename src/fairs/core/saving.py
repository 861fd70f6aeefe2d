"""What a submitted form leads to: it is read with the version of its page, tried, and told on the form where it is refused."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from fairs.core import versions
from fairs.core.errors import Conflict, DomainError, Invalid
from fairs.core.forms import Bound, F, bind

T = TypeVar("T")
UNREADABLE = 422
Tell = Callable[[Bound[Any], DomainError], object]


def submitted(
    form: type[F], data: Any, stored: Mapping[str, Any], read: Callable[[Any], Bound[F]] | None = None, **reading: Any
) -> Bound[F]:
    """The form of something stored as it was sent, with the version that its page carried. `read`: what reads it, else
    `bind` with `reading`."""
    values, seen = versions.received(form, data, stored)
    bound = read(values) if read else bind(form, values, **reading)
    bound.version = seen
    return bound


def beside_fields(form: Bound[Any], refused: DomainError) -> None:
    """Say on the form why it was refused, beside its fields or above them; raises what a form cannot say."""
    if isinstance(refused, Invalid):
        form.add_errors(refused)
    elif isinstance(refused, Conflict):
        form.add_error("", refused.message)
    else:
        raise refused


def only_fields(form: Bound[Any], refused: DomainError) -> None:
    """As `beside_fields`, and raises a conflict too: its page goes elsewhere."""
    if isinstance(refused, Conflict):
        raise refused
    beside_fields(form, refused)


def nowhere(form: Bound[Any], refused: DomainError) -> None:
    """Raises what an act is refused with: its form has no words for it."""
    raise refused


async def attempt(
    form: Bound[Any], act: Callable[[], Awaitable[T]], tell: Tell = beside_fields, *, conflict: int = Conflict.status
) -> tuple[int, T | None]:
    """(0, what `act` gives), or the status to show the form with once more, which then says what is wrong.

    `conflict`: the status where the act conflicts with something else than a later version.
    """
    if not form.ok:
        return UNREADABLE, None
    try:
        return 0, await act()
    except versions.Outdated as late:
        versions.show(form, late)
        return late.status, None
    except DomainError as refused:
        tell(form, refused)
        return conflict if isinstance(refused, Conflict) else refused.status, None
