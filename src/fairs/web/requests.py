"""Reading what was sent: a body that is not what it claims to be is the caller's mistake, never a fault of ours."""

from typing import Any

from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.exceptions import ClientException

UNREADABLE = (
    LookupError,
    RecursionError,
    UnicodeError,
)  # an unknown charset, a nest without end, bytes that are no text


class SentRequest(Request[Any, Any, Any]):
    """The request of every handler: unreadable bodies answer 400."""

    async def form(self) -> FormMultiDict:
        """The fields of a form; of another kind of body none."""
        try:
            return await super().form()
        except UNREADABLE as error:
            raise ClientException("the form cannot be read") from error

    async def json(self) -> Any:
        """The body as JSON."""
        try:
            return await super().json()
        except UNREADABLE as error:
            raise ClientException("the JSON cannot be read") from error
