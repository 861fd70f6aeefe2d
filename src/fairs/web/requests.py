"""Reading the request: a malformed body is the caller's error (400), never a server error."""

from typing import Any

from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from litestar.types import Empty

from fairs.web import multipart_forms

UNREADABLE = (
    LookupError,
    RecursionError,
    UnicodeError,
)  # an unknown charset, endless nesting, bytes that are not text


class SentRequest(Request[Any, Any, Any]):
    """The request class of every handler: unreadable bodies answer 400."""

    async def form(self) -> FormMultiDict:
        """The fields of a form; empty for other kinds of body."""
        try:
            kind, options = self.content_type
            if (
                kind == RequestEncodingType.MULTI_PART
                and options.get("boundary")
                and self._connection_state.form is Empty
            ):
                self._connection_state.form = await multipart_forms.read(self.stream(), options["boundary"])
            return await super().form()
        except UNREADABLE as error:
            raise ClientException("the form cannot be read") from error

    async def json(self) -> Any:
        """The body as JSON."""
        try:
            return await super().json()
        except UNREADABLE as error:
            raise ClientException("the JSON cannot be read") from error


def page_number(request: Request[Any, Any, Any]) -> int:
    """`?page=` as a number; the first page when invalid."""
    text = request.query_params.get("page", "")
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1
