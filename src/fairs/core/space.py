"""Whether there is disk space to write: a full disk is remembered until writing works again."""

import errno
import shutil
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from fairs.core import db
from fairs.core.services import Service

LEAST = 16 * 2**20  # free bytes on the data folder's disk below which writing is expected to fail
_PROBE = "CREATE TEMP TABLE room_probe ON COMMIT DROP AS SELECT repeat('x', 1000) AS x FROM generate_series(1, 500)"


@dataclass
class _Room:
    folder: Path | None = None
    full: bool = False


_room = Service(_Room)


def configure(folder: Path) -> None:
    """Set the data folder; its disk is shared by the files and an embedded database."""
    _room.set(_Room(folder))


def is_full(error: BaseException | None) -> bool:
    """Whether an error, or its cause, reports a full disk or quota."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, asyncpg.DiskFullError):
            return True
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def note() -> None:
    """Record that writing failed for lack of space."""
    _room().full = True


async def has_room() -> bool:
    """True unless the data folder's disk is nearly full, or writing failed and still fails. Tests only after a failure."""
    if not _folder_has_room():
        return False
    room = _room()
    if room.full:
        room.full = not await _can_write()
    return not room.full


def _folder_has_room() -> bool:
    folder = _room().folder
    if folder is None:
        return True
    try:
        return shutil.disk_usage(folder).free >= LEAST
    except OSError:
        return True  # a server with an external database may have no data folder


async def _can_write() -> bool:
    try:
        async with db.transaction_or_join():
            await db.execute(_PROBE)
    except (asyncpg.PostgresError, OSError):
        return False
    return True
