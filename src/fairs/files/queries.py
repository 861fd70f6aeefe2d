"""Reading files; who may read one is decided by the slice that refers to it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from fairs.accounts.actor import Actor
from fairs.core import crypto
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_one_as, fetch_values
from fairs.core.services import Service, unwired
from fairs.files.rows import FileRow, Referring
from fairs.files.tables import FileState, Purpose

Reader = Callable[[Actor, UUID], Awaitable[bool]]
READERS: Service[Mapping[Purpose, Reader]] = Service(unwired("files.queries.READERS"))
"""For each purpose: whether this actor may fetch what refers to the file. `fairs.wiring` sets it."""
COLUMNS = "f.id, f.purpose, f.state, f.name, f.type, f.size, f.key, f.at"
LINK, LINK_SECONDS = "file link", 300


async def file_by_id(file_id: UUID) -> FileRow:
    """A file that something refers to. Raises NotFound."""
    row = await fetch_one_as(FileRow, f"SELECT {COLUMNS} FROM file f WHERE f.id = :id", id=file_id)  # noqa: S608 - constants of the code; values are named arguments
    if row is None or row.state != FileState.KEPT:
        raise NotFound
    return row


async def file_for(actor: Actor, file_id: UUID) -> FileRow:
    """A file for those who may fetch what refers to it. Raises NotFound for all others."""
    row = await file_by_id(file_id)
    if not await READERS()[row.purpose](actor, file_id):
        raise NotFound
    return row


async def files_of(ids: Sequence[UUID | None]) -> dict[UUID, FileRow]:
    """Kept files by id; a caller shows only ids that it has fetched for its actor."""
    wanted = [found for found in ids if found is not None]
    if not wanted:
        return {}
    sql = f"SELECT {COLUMNS} FROM file f WHERE f.id = ANY(:ids::uuid[]) AND f.state = 'kept'"  # noqa: S608 - constants of the code; values are named arguments
    return {row.id: row for row in await fetch_as(FileRow, sql, ids=wanted)}


def short_link(file_id: UUID, now: float) -> str:
    """An address that shows the file to whoever has it, for five minutes: where the reader has no session, as at a gate."""
    until = int(now) + LINK_SECONDS
    return f"/files/{file_id}/{until}.{crypto.mac(f'{file_id} {until}', LINK)}"


async def file_of_link(file_id: UUID, link: str, now: float) -> FileRow:
    """The file of such an address. Raises NotFound when it is not ours or too old."""
    until, _, given = link.partition(".")
    if not (until.isascii() and until.isdigit() and len(until) < 12):
        raise NotFound
    if not crypto.matches(given, [crypto.mac(f"{file_id} {until}", LINK)]) or int(until) < now:
        raise NotFound
    return await file_by_id(file_id)


async def unreferred() -> str:
    """SQL that is true for a file `f` to which nothing refers; found in the database, so no slice can be forgotten."""
    columns = await fetch_as(
        Referring,
        "SELECT c.conrelid::regclass::text AS source, quote_ident(a.attname) AS attribute FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND c.confrelid = 'file'::regclass ORDER BY 1, 2",
    )
    return " AND ".join(
        f"NOT EXISTS (SELECT 1 FROM {column.source} x WHERE x.{column.attribute} = f.id)"  # noqa: S608 - quoted names from the database's own catalogue
        for column in columns
    )


async def known_keys(keys: Sequence[str]) -> set[str]:
    """Those of the keys that belong to a file."""
    arguments: dict[str, Any] = {"keys": list(keys)}
    return set(await fetch_values(str, "SELECT key FROM file WHERE key = ANY(:keys::text[])", **arguments))
