"""`fairs backup` and `fairs restore`."""

import asyncio
import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from fairs import __version__, settings
from fairs.commands import database_marker
from fairs.commands.runtime.database import (
    UNFINISHED_RESTORE,
    bring_up_to_date,
    database,
    existing_database,
    server_version,
)
from fairs.commands.runtime.errors import Problem, because
from fairs.commands.runtime.private_file import write_private
from fairs.commands.runtime.progress import Steps
from fairs.commands.runtime.settings_check import data_option, load_settings, mistakes, read_settings
from fairs.commands.runtime.signals import stop_on_term
from fairs.core import backup as archives
from fairs.core import pg_programs
from fairs.core.crypto import read_keys
from fairs.core.object_store import ObjectStore

FILLING, FILLED = "files and rows are being written\n", "everything has been written\n"
OWNED = ("postgres", "postgres.location", "files", settings.SECRET_FILE)
"""What an installation keeps in its data folder; a restore requires that none of them exists."""
NEW_CLUSTER = 100_000_000
"""Bytes of an empty embedded database and its log."""


@click.command()
@data_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(data: Path | None, file: Path) -> None:
    """Write database, files and secret key into FILE.

    Works while the server runs. FILE gives access to everything: keep it as safe as the installation itself.
    """
    target = file.expanduser().absolute()
    if not target.parent.is_dir():
        raise Problem(f"there is no folder {target.parent}")
    steps = Steps()
    with stop_on_term(), existing_database(data, migrate=False) as ready:
        files = ObjectStore(ready)
        about = _about(ready)
        try:
            made = archives.write(
                target,
                dsn=ready.session_url,
                files=files,
                secret_key=lambda: _all_keys(ready),
                about=about,
                progress=steps,
            )
        except archives.BackupError as error:
            raise Problem(str(error)) from error
    steps.close()
    size = target.stat().st_size / 1e6
    click.echo(f"{target}: {size:,.1f} MB, the database and {made.files:,} files")


def _all_keys(ready: settings.Settings) -> str:
    """The keys, one per line: earlier ones and those created while rows were read."""
    try:
        fresh = settings.with_keys(ready)
    except (OSError, ValueError):
        fresh = ready
    return "\n".join(dict.fromkeys((*fresh.secret_keys, *ready.secret_keys)))


def _about(found: settings.Settings) -> archives.Manifest:
    """The manifest of the backup. Raises Problem when the given key is not the database's."""
    from fairs.badges.queries import is_sealed_with
    from fairs.core import migrations

    if not asyncio.run(is_sealed_with(found.session_url, found.secret_keys)):
        raise Problem(
            "the secret key at hand does not open this database: set FAIRS_SECRET_KEY, or give --data, as for the server"
        )
    names = asyncio.run(migrations.names(found.session_url))
    return archives.Manifest(
        product=__version__,
        postgres=server_version(found.session_url),
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        migrations=len(names),
        schema=names,
        kind="server" if read_settings(found.data_dir).database_url else "embedded",
    )


@click.command()
@data_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore(data: Path | None, file: Path) -> None:
    """Restore FILE into an empty folder and database.

    The archive is checked first. After an interruption, the same command finishes the restore.
    """
    source = file.expanduser().absolute()
    found, steps = read_settings(data), Steps()
    if wrong := mistakes(found):
        raise Problem(wrong[0])
    with stop_on_term():
        try:
            manifest = archives.verify(source, steps)
            secret = archives.secret_of(source)
            _refuse_unfit(found, manifest, secret)
            with _alone(found, manifest, secret) as stage, _unfinished(found) as ready:
                if stage == FILLING:
                    _fill(ready, source, manifest, steps)
                    _write_stage(found, FILLED, manifest)
                asyncio.run(database_marker.mark(ready.session_url, None))
        except (archives.BackupError, pg_programs.ProgramError) as error:
            raise Problem(str(error)) from error
    steps.close()
    click.echo(f"restored what was backed up at {manifest.made_at}: the database and {manifest.files:,} files")


def _refuse_unfit(found: settings.Settings, manifest: archives.Manifest, secret: str) -> None:
    """Checks before anything is written. Raises Problem."""
    from fairs.core import migrations

    given = settings.with_keys(found).secret_keys if found.secret_file else found.secret_keys
    if given and not set(read_keys(secret)) <= set(given):
        raise Problem("FAIRS_SECRET_KEY is not the key of this backup: unset it, or set the one it was made with")
    known = migrations.known()
    newer = (
        len(set(migrations.as_known(manifest.schema)) - set(known))
        if manifest.schema
        else manifest.migrations - len(known)
    )
    if newer > 0:
        raise Problem(
            f"the backup was made by fairs {manifest.product} and has {newer} migrations that this version, "
            f"{__version__}, does not know: install that version or a newer one"
        )
    pg_programs.loader_for(manifest.pg_dump)


@contextlib.contextmanager
def _alone(found: settings.Settings, manifest: archives.Manifest, secret: str) -> Iterator[str]:
    """The stage to continue from. The folder is locked meanwhile, and marked until the block has succeeded.

    Leftovers of an earlier, interrupted restore are deleted, unless it was of the same archive and has only the last
    step left.
    """
    mark = found.data_dir / UNFINISHED_RESTORE
    new = not mark.exists()
    if new:
        _refuse_if_used(found)
        _refuse_little_space(found, manifest)
    try:
        settings.make_data_dir(found.data_dir)
        held = os.open(found.data_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _cannot_write(found, error) from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        stage = FILLED if not new and mark.read_text(encoding="utf-8") == _stage(FILLED, manifest) else FILLING
        if stage == FILLING:
            _write_stage(found, FILLING, manifest)
            _clear(found, secret)
        yield stage
        mark.unlink()
    except BlockingIOError:
        raise Problem(f"another restore into {found.data_dir} is under way") from None
    finally:
        os.close(held)


def _clear(found: settings.Settings, secret: str) -> None:
    """Reset the folder for a restore: no files, no leftovers, the archive's key."""
    try:
        for name in (UNFINISHED_RESTORE, settings.SECRET_FILE):
            for left in found.data_dir.glob(f".{name}.*"):
                left.unlink()
        if not found.files_url:
            shutil.rmtree(found.data_dir / "files", ignore_errors=True)
        write_private(found.data_dir / settings.SECRET_FILE, secret)
    except OSError as error:
        raise _cannot_write(found, error) from error


def _cannot_write(found: settings.Settings, error: OSError) -> Problem:
    return Problem(f"cannot write to {found.data_dir} ({error.strerror}): choose another folder with --data")


def _stage(stage: str, manifest: archives.Manifest) -> str:
    """The text of the mark: the stage reached, and the archive."""
    return f"{stage}{manifest.members[archives.DUMP][1]}\n"


def _write_stage(found: settings.Settings, stage: str, manifest: archives.Manifest) -> None:
    try:
        write_private(found.data_dir / UNFINISHED_RESTORE, _stage(stage, manifest))
    except OSError as error:
        raise _cannot_write(found, error) from error


@contextlib.contextmanager
def _unfinished(found: settings.Settings) -> Iterator[settings.Settings]:
    with database(load_settings(found.data_dir), migrate=False, unfinished=True) as ready:
        yield ready


def _fill(ready: settings.Settings, source: Path, manifest: archives.Manifest, steps: Steps) -> None:
    version = server_version(ready.session_url)
    asyncio.run(_make_room(ready.session_url))
    archives.restore(
        source,
        manifest,
        dsn=ready.session_url,
        postgres=version,
        files=ObjectStore(ready),
        scratch=ready.data_dir,
        progress=steps,
    )
    steps("bringing the database up to date")
    bring_up_to_date(ready)


def _refuse_if_used(found: settings.Settings) -> None:
    used = [name for name in OWNED if (found.data_dir / name).exists()]
    if found.files_url and _has_objects(found):
        used.append(f"files in {ObjectStore(found).place}")
    if used:
        raise Problem(
            f"{found.data_dir} is in use (it holds {', '.join(used)}); a restore needs an empty folder: "
            "choose a new one with --data"
        )
    if found.database_url:
        server_version(found.session_url)
        if asyncio.run(database_marker.has_tables(found.session_url)) and not asyncio.run(_is_left(found.session_url)):
            raise Problem("the database is not empty; a restore needs an empty one")


def _has_objects(found: settings.Settings) -> bool:
    try:
        return next(ObjectStore(found).items_now(), None) is not None
    except Exception as error:
        raise Problem(f"cannot read {ObjectStore(found).place}: {because(error)}") from error


def _refuse_little_space(found: settings.Settings, manifest: archives.Manifest) -> None:
    """Raises Problem when the disk is too small: the dump is stored beside the database, some five times as large."""
    sizes = {name: size for name, (size, _) in manifest.members.items()}
    needed = sum(sizes.values()) + (0 if found.database_url else NEW_CLUSTER + 5 * sizes[archives.DUMP])
    place = next(path for path in (found.data_dir, *found.data_dir.parents) if path.exists())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise Problem(f"{found.data_dir} has room for {free / 1e6:,.0f} MB; this backup needs some {needed / 1e6:,.0f}")


async def _is_left(dsn: str) -> bool:
    """Whether the database contains only what a killed restore has left."""
    return await database_marker.mark_of(dsn) == database_marker.RESTORING


async def _make_room(dsn: str) -> None:
    """Empty and mark the database. Raises Problem when it contains data that is not ours to drop."""
    if await database_marker.has_tables(dsn):
        if not await _is_left(dsn):
            raise Problem("the database is not empty; a restore needs an empty one")
        await database_marker.empty(dsn)
    await database_marker.mark(dsn, database_marker.RESTORING)
