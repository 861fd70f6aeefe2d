"""Files are received, attached to what they belong to, and deleted with it."""

import asyncio
import hashlib
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import UUID, uuid4

import msgspec
import structlog

from fairs.accounts import rate_limits
from fairs.accounts.actor import Actor
from fairs.core import clock, crypto, db, jobs
from fairs.core.errors import Invalid
from fairs.core.i18n import N_
from fairs.core.object_store import PROBE, STORE
from fairs.core.rows import fetch_as, fetch_value_or_none
from fairs.files import queries
from fairs.files.inspection import inspect
from fairs.files.rows import Gone
from fairs.files.rules import clean_name
from fairs.files.tables import FileState, Purpose, StoredFile

HOLD = "held file"
HELD_FOR = timedelta(days=1)  # a file whose form was never sent
LEFT_FOR = timedelta(days=1)  # an object without a row: its upload may still be under way
UPLOADS_AN_HOUR = 120  # of an account, or of a place without one
GONE = N_("The file is no longer here. Please choose it again.")
DELETE = "files.delete"
BATCH = 500
log = structlog.get_logger("files")


@dataclass(frozen=True)
class Held:
    """An uploaded file that waits for its form. `token` names it in the form; only this server can make one."""

    id: UUID
    purpose: Purpose
    name: str
    size: int

    @property
    def token(self) -> str:
        return crypto.sign(msgspec.json.encode([str(self.id), self.purpose, self.name, self.size]).decode(), HOLD)


def held_by(token: str, purpose: Purpose) -> Held | None:
    """The held file of a token; None when it is not ours or for something else."""
    text = crypto.unsign(token, HOLD) if token else None
    if not text:
        return None
    file_id, kind, name, size = msgspec.json.decode(text)
    return Held(UUID(file_id), purpose, name, size) if kind == purpose else None


async def allow_upload(by: Actor | None, site: str) -> None:
    """Count an upload. Raises TooMany."""
    subject = f"account {by.account_id}" if by and by.account_id else f"site {site}"
    await rate_limits.cap([rate_limits.Counter("upload", subject, UPLOADS_AN_HOUR, 3600)])


async def receive(content: IO[bytes], name: str, purpose: Purpose, *, by: Actor | None) -> Held:
    """Check a file, put it into the store, and hold it for its form. Raises RefusedFile, NotChecked.

    The content goes from disk to disk: memory stays flat whatever its size.
    """
    with tempfile.TemporaryDirectory(prefix="fairs-upload-") as made:
        folder = Path(made)
        source = folder / "received"
        await asyncio.to_thread(_write, content, source)
        found = await inspect(source, folder, purpose)
        file_id, key = uuid4(), secrets.token_hex(24)
        key = f"{key[:2]}/{key[2:]}"
        shown = clean_name(name, found.type)
        with found.path.open("rb") as checked:
            await STORE().put(key, checked)
    try:
        await StoredFile(
            id=file_id,
            purpose=purpose.value,
            state=FileState.HELD.value,
            name=shown,
            type=found.type,
            size=found.size,
            sha256=found.sha256,
            key=key,
            uploaded_by=by.account_id if by else None,
            at=clock.now(),
        ).save()
    except BaseException:
        await STORE().delete(key)
        raise
    return Held(file_id, purpose, shown, found.size)


def _write(content: IO[bytes], target: Path) -> None:
    content.seek(0)
    with target.open("xb") as out:
        shutil.copyfileobj(content, out, 1 << 20)


async def keep_made(path: Path, name: str, kind: str, purpose: Purpose, *, by: Actor) -> UUID:
    """Store a file that was made here, without a look into it; the caller refers to it, else it is swept after a day."""
    file_id, key = uuid4(), secrets.token_hex(24)
    key = f"{key[:2]}/{key[2:]}"
    digest, size = await asyncio.to_thread(_digest, path)
    with path.open("rb") as content:
        await STORE().put(key, content)
    try:
        await StoredFile(
            id=file_id,
            purpose=purpose.value,
            state=FileState.KEPT.value,
            name=name,
            type=kind,
            size=size,
            sha256=digest,
            key=key,
            uploaded_by=by.account_id,
            at=clock.now(),
        ).save()
    except BaseException:
        await STORE().delete(key)
        raise
    return file_id


def _digest(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest(), path.stat().st_size


async def attach(token: str, purpose: Purpose, *, field: str) -> UUID:
    """Keep a held file; the caller stores its id in the same transaction. Raises Invalid for the form's field."""
    held = held_by(token, purpose)
    kept: UUID | None = None
    if held:
        kept = await fetch_value_or_none(
            UUID,
            "UPDATE file SET state = 'kept' WHERE id = :id AND purpose = :purpose AND state = 'held' RETURNING id",
            id=held.id,
            purpose=purpose,
        )
    if kept is None:
        raise Invalid(fields={field: [GONE]})
    return kept


async def let_go(file_id: UUID | str | None) -> None:
    """Delete a file once the transaction that no longer refers to it commits."""
    if file_id is not None:
        await jobs.enqueue(DELETE, {"file": str(file_id)})


@jobs.job(DELETE)
async def delete_later(payload: dict[str, Any]) -> None:
    """Job: delete one file, unless something refers to it."""
    await _delete("f.id = :id", id=UUID(payload["file"]))


async def _delete(condition: str, **arguments: Any) -> int:
    """Delete rows to which nothing refers, then their objects; an object left by a crash is swept later."""
    unreferred = await queries.unreferred()
    sql = (
        f"DELETE FROM file WHERE id IN (SELECT f.id FROM file f WHERE {condition} AND {unreferred}"  # noqa: S608 - constants of the code; values are named arguments
        f" ORDER BY f.id LIMIT {BATCH} FOR UPDATE SKIP LOCKED) RETURNING id, key"
    )
    gone = await fetch_as(Gone, sql, **arguments)
    for row in gone:
        await STORE().delete(row.key)
    return len(gone)


async def unowned(now: datetime) -> int:
    """Number of files and of objects without a file that `sweep` would delete."""
    unreferred = await queries.unreferred()
    sql = f"SELECT count(*) FROM file f WHERE f.at < :before AND {unreferred}"  # noqa: S608 - constants of the code; values are named arguments
    number = await fetch_value_or_none(int, sql, before=now - HELD_FOR) or 0
    async for keys in _old_objects(now - LEFT_FOR):
        number += len(keys - await queries.known_keys(list(keys)))
    return number


async def sweep(now: datetime) -> int:
    """Delete files to which nothing refers, and objects without a row; returns how many. Never inside a transaction."""
    assert not db.DB.transaction_exists(), "an object that is deleted does not come back"
    number = 0
    while deleted := await _delete("f.at < :before", before=now - HELD_FOR):
        number += deleted
    async for keys in _old_objects(now - LEFT_FOR):
        number += await _delete_strays(keys)
    return number


async def _old_objects(before: datetime) -> AsyncIterator[set[str]]:
    """Keys of the store's objects that changed before then, in batches of at most `BATCH`; none is empty."""
    waiting: set[str] = set()
    async for item in STORE().items():
        if item.changed < before and item.key != PROBE:
            waiting.add(item.key)
        if len(waiting) == BATCH:
            yield waiting
            waiting = set()
    if waiting:
        yield waiting


async def _delete_strays(keys: set[str]) -> int:
    strays = keys - await queries.known_keys(list(keys))
    for key in strays:
        await STORE().delete(key)
    if strays:
        log.info("objects_without_file", deleted=len(strays))
    return len(strays)
