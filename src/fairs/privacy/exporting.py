"""All that is held about a person as a zip: JSON and files, made by a job, for a week."""

import asyncio
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from fairs.accounts import rate_limits
from fairs.accounts.actor import Actor
from fairs.accounts.queries import actor_by_id
from fairs.audit.services import record
from fairs.core import clock, db, i18n, jobs
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.object_store import STORE
from fairs.core.rows import execute, fetch_as, fetch_one_as, fetch_value, fetch_values
from fairs.files.queries import files_of
from fairs.files.rows import FileRow
from fairs.files.services import keep_made
from fairs.files.tables import Purpose
from fairs.privacy import held
from fairs.privacy.rows import ExportRow

JOB = "privacy.export"
KEPT_FOR = timedelta(days=7)
A_DAY = 5
UNDER_WAY = N_("Your data is being put together already.")
_COLUMNS = "id, account, state, lang, asked_at, ended_at, expires_at, done, total, file"


async def ask(*, by: Actor) -> int:
    """Begin an export; returns its id. Raises Conflict while one is under way, TooMany."""
    assert by.account_id is not None
    await rate_limits.cap([rate_limits.Counter("data-export", str(by.account_id), A_DAY, 86400)])
    async with db.transaction_or_join():
        with db.constraint_errors({"uq_data_export_live": Conflict(UNDER_WAY, code="under_way")}):
            export = await fetch_value(
                int,
                "INSERT INTO data_export (account, lang, asked_at, total) VALUES (:account, :lang, :now, :total) RETURNING id",
                account=by.account_id,
                lang=i18n.current_lang(),
                now=clock.now(),
                total=len(held.KINDS()),
            )
        await record("data_export.ask", "account", by.account_id, by=by)
        await jobs.enqueue(JOB, {"export": export}, key=f"export:{export}")
    return export


async def exports_of(actor: Actor) -> list[ExportRow]:
    """The actor's last exports, newest first."""
    return await fetch_as(
        ExportRow,
        f"SELECT {_COLUMNS} FROM data_export WHERE account = :account ORDER BY id DESC LIMIT 10",  # noqa: S608 - constants
        account=actor.account_id,
    )


async def may_read(actor: Actor, file_id: UUID) -> bool:
    """Whether this is the actor's own export, in time."""
    return await fetch_value(
        bool,
        "SELECT EXISTS (SELECT 1 FROM data_export WHERE file = :file AND account = :account AND expires_at > :now)",
        file=file_id,
        account=actor.account_id,
        now=clock.now(),
    )


@jobs.job(JOB)
async def make_export(payload: dict[str, Any]) -> None:
    """Job: one export. A run that was cut off begins again; the last attempt that fails says so."""
    row = await fetch_one_as(
        ExportRow,
        f"UPDATE data_export SET state = 'running', done = 0 WHERE id = :id AND state IN ('waiting', 'running', 'failed')"  # noqa: S608 - constants
        f" RETURNING {_COLUMNS}",
        id=int(payload["export"]),
    )
    actor = await actor_by_id(row.account) if row else None
    if row is None or actor is None:
        return
    try:
        await _make(row, actor)
    except Exception:
        await execute(
            "UPDATE data_export SET state = 'failed', ended_at = :now WHERE id = :id", id=row.id, now=clock.now()
        )
        raise


async def _make(row: ExportRow, actor: Actor) -> None:
    person = await held.person_of(actor)
    data: dict[str, Any] = {"made_at": clock.now(), "kinds": {}}
    with i18n.language(row.lang):
        for number, kind in enumerate(held.KINDS(), start=1):
            data["kinds"][kind.key] = {"title": str(kind.title), "entries": await kind.read(person)}
            await execute("UPDATE data_export SET done = :done WHERE id = :id", id=row.id, done=number)
    files = await _files(actor, data)
    with tempfile.TemporaryDirectory(prefix="fairs-export-") as folder:
        path = Path(folder) / "data.zip"
        await asyncio.to_thread(_begin, path, data)
        for stored in files:
            await _add(path, stored)
        file_id = await keep_made(path, f"my-data-{row.id}.zip", "application/zip", Purpose.EXPORT, by=actor)
        await execute(
            "UPDATE data_export SET state = 'done', ended_at = :now, expires_at = :until, file = :file WHERE id = :id",
            id=row.id,
            now=clock.now(),
            until=clock.now() + KEPT_FOR,
            file=file_id,
        )


async def _files(actor: Actor, data: dict[str, Any]) -> list[FileRow]:
    """What the person sent, and the photo; not the exports themselves."""
    sent = await fetch_values(
        UUID,
        "SELECT id FROM file WHERE uploaded_by = :account AND state = 'kept' AND purpose NOT IN ('export', 'badges') ORDER BY at, id",
        account=actor.account_id,
    )
    kinds = [data["kinds"].get(name, {}).get("entries", []) for name in ("profile", "registrations")]
    photos = [UUID(one["photo"]) for entries in kinds for one in entries if one.get("photo")]
    return list((await files_of([*sent, *photos])).values())


def _begin(path: Path, data: dict[str, Any]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("data.json", msgspec.json.format(msgspec.json.encode(data, enc_hook=str), indent=2))


async def _add(path: Path, stored: FileRow) -> None:
    """One file of the store; one that the store has lost is left out."""
    try:
        content = await STORE().read(stored.key)
    except FileNotFoundError:
        return
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as made,
        made.open(f"files/{stored.id}-{stored.name}", "w") as out,
    ):
        async for part in content:
            out.write(part)
