"""`fairs backup` and `fairs restore`."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click

from fairs import __version__, settings
from fairs.commands import marks
from fairs.commands.place import (
    UNFINISHED_RESTORE,
    Problem,
    Steps,
    bring_up_to_date,
    data_option,
    database,
    load_settings,
    read_settings,
    server_version,
    stop_on_term,
    write_private,
)
from fairs.core import backup as archives
from fairs.core.crypto import read_keys

FILLING, FILLED = "files and rows are being written\n", "everything has been written\n"
OWNED = ("postgres", "postgres.location", "files", settings.SECRET_FILE)
"""What an installation keeps in its data folder; a restore wants none of them there."""


@click.command()
@data_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(data: Path | None, file: Path) -> None:
    """Write database, files and secret key into FILE.

    Works while the product serves. FILE opens everything: keep it as safe as the installation itself.
    """
    from fairs.core import migrations

    target = file.expanduser().absolute()
    if not target.parent.is_dir():
        raise Problem(f"there is no folder {target.parent}")
    found, steps = load_settings(data), Steps()
    files = files_folder(found)
    with stop_on_term(), database(found, migrate=False) as ready:
        about = archives.Manifest(
            product=__version__,
            postgres=server_version(ready.database_url),
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            migrations=asyncio.run(migrations.applied(ready.database_url)),
        )
        if not about.migrations:
            raise Problem("the database is empty: there is nothing to back up")
        try:
            made = archives.write(
                target,
                dsn=ready.database_url,
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
    if files is None:
        click.echo("the files lie in the object store of FAIRS_FILES_URL and are not in the archive", err=True)


def _all_keys(ready: settings.Settings) -> str:
    """The keys one a line: those of before and those that were made while rows were read."""
    try:
        fresh = settings.with_keys(ready)
    except (OSError, ValueError):
        fresh = ready
    return "\n".join(dict.fromkeys((*fresh.secret_keys, *ready.secret_keys)))


def files_folder(found: settings.Settings) -> Path | None:
    """Where uploaded files lie; None for an object store, which has backups of its own."""
    if not found.files_url:
        return found.data_dir / "files"
    parts = urlsplit(found.files_url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


@click.command()
@data_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore(data: Path | None, file: Path) -> None:
    """Bring FILE back into an empty folder and database.

    The archive is checked first. A restore that was interrupted is finished by the same command.
    """
    source = file.expanduser().absolute()
    found, steps = read_settings(data), Steps()
    stage = _stage(found)
    with stop_on_term():
        try:
            manifest = archives.verify(source, steps)
            secret = archives.secret_of(source)
            given = settings.with_keys(found).secret_keys if found.secret_file else found.secret_keys
            if given and not set(read_keys(secret)) <= set(given):
                raise Problem(
                    "FAIRS_SECRET_KEY is not the key of this backup: unset it, or set the one it was made with"
                )
            if not stage:
                _refuse_if_used(found, manifest.postgres)
                _begin(found, secret)
            with database(load_settings(data), migrate=False, unfinished=True) as ready:
                if stage != FILLED:
                    _fill(ready, source, manifest, steps)
                    write_private(found.data_dir / UNFINISHED_RESTORE, FILLED)
                asyncio.run(marks.mark(ready.database_url, None))
        except archives.BackupError as error:
            raise Problem(str(error)) from error
    (found.data_dir / UNFINISHED_RESTORE).unlink()
    steps.close()
    click.echo(f"restored what was backed up at {manifest.made_at}: the database and {manifest.files:,} files")


def _stage(found: settings.Settings) -> str:
    """How far an earlier restore into this folder came; empty when there was none or it ended."""
    try:
        return (found.data_dir / UNFINISHED_RESTORE).read_text(encoding="utf-8")
    except OSError:
        return ""


def _fill(ready: settings.Settings, source: Path, manifest: archives.Manifest, steps: Steps) -> None:
    version = server_version(ready.database_url)
    _refuse_older(version, manifest.postgres)
    asyncio.run(_make_room(ready.database_url))
    archives.restore(
        source,
        manifest,
        dsn=ready.database_url,
        postgres=version,
        files=files_folder(ready),
        scratch=ready.data_dir,
        progress=steps,
    )
    steps("bringing the database up to date")
    bring_up_to_date(ready)


def _refuse_if_used(found: settings.Settings, made_on: str) -> None:
    used = [name for name in OWNED if (found.data_dir / name).exists()]
    files = files_folder(found)
    if found.files_url and files is not None and files.is_dir() and any(files.iterdir()):
        used.append(str(files))
    if used:
        raise Problem(
            f"{found.data_dir} is in use (it holds {', '.join(used)}); a restore needs an empty folder: "
            "choose a new one with --data"
        )
    if found.database_url:
        _refuse_older(server_version(found.database_url), made_on)
        if asyncio.run(marks.has_tables(found.database_url)):
            raise Problem("the database is not empty; a restore needs an empty one")


def _begin(found: settings.Settings, secret: str) -> None:
    """From here on the folder is marked: nothing serves it until the restore has ended."""
    try:
        settings.make_data_dir(found.data_dir)
        write_private(found.data_dir / UNFINISHED_RESTORE, FILLING)
        write_private(found.data_dir / settings.SECRET_FILE, secret)
    except OSError as error:
        raise Problem(
            f"cannot write to {found.data_dir} ({error.strerror}): choose another folder with --data"
        ) from error


def _refuse_older(server: str, made_on: str) -> None:
    if int(server.split(".")[0]) < int(made_on.split(".")[0]):
        raise Problem(f"the backup was made on PostgreSQL {made_on}; this server is {server}, which is too old for it")


async def _make_room(dsn: str) -> None:
    """The database is empty and marked when this returns. Raises Problem when it holds what is not ours to drop."""
    if await marks.has_tables(dsn):
        if await marks.mark_of(dsn) != marks.RESTORING:
            raise Problem("the database is not empty; a restore needs an empty one")
        await marks.empty(dsn)
    await marks.mark(dsn, marks.RESTORING)
