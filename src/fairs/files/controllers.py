"""Files of pages: one is sent before its form (with a progress bar), and read by those who may."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

import structlog
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import NotFound
from fairs.core.i18n import format_size
from fairs.core.object_store import STORE
from fairs.files import queries, uploads
from fairs.files.checking import PICTURES
from fairs.files.rows import FileRow
from fairs.files.rules import ACCEPTED, body_limit
from fairs.files.tables import Purpose
from fairs.web import access

BEFORE_SIGN_UP = frozenset({Purpose.LICENCE})  # purposes for which somebody without an account may send a file
MOST = max(body_limit(purpose) for purpose in ACCEPTED)
HEADERS = {
    "content-security-policy": "sandbox; default-src 'none'",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
log = structlog.get_logger("files")


@post("/files/hold/{purpose:str}", name="hold_file", opt=access.public(), status_code=201, request_max_body_size=MOST)
async def hold_file(
    request: Request[Any, Any, Any], purpose: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """Checks one file and answers the token that its form sends."""
    if purpose not in set(ACCEPTED) or (viewer is None and purpose not in BEFORE_SIGN_UP):
        raise NotFound
    held = await uploads.hold(request, Purpose(purpose), by=viewer)
    return Response({"token": held.token, "name": held.name, "size": format_size(held.size)}, status_code=201)


@get("/files/{file_id:str}", name="file", opt=access.signed_in())
async def show_file(file_id: FromPath[str], actor: NamedDependency[Actor]) -> Stream:
    """A file for those who may see what it belongs to."""
    return await stream(await queries.file_for(actor, _id(file_id)), "private, no-store")


@get("/files/{file_id:str}/{link:str}", name="file_link", opt=access.public())
async def show_linked_file(file_id: FromPath[str], link: FromPath[str]) -> Stream:
    """A file by an address that works for some minutes."""
    row = await queries.file_of_link(_id(file_id), link, clock.now().timestamp())
    return await stream(row, f"private, max-age={queries.LINK_SECONDS}")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


async def stream(row: FileRow, caching: str) -> Stream:
    """The content of a file that the caller may read. Raises NotFound when the store has lost it."""
    try:
        content = await STORE().read(row.key)
    except FileNotFoundError:
        log.error("file_without_object", file=str(row.id))
        raise NotFound from None
    how = "inline" if row.type in PICTURES else "attachment"
    named = f"{how}; filename=\"file{row.name[row.name.rfind('.') :]}\"; filename*=UTF-8''{quote(row.name, safe='')}"
    headers = {**HEADERS, "content-disposition": named, "content-length": str(row.size), "cache-control": caching}
    return Stream(content, media_type=row.type, headers=headers)


HANDLERS: list[Any] = [hold_file, show_file, show_linked_file]
