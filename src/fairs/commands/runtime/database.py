"""The database of a command: started or reached, checked, migrated; runs coroutines in it."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from fairs import settings
from fairs.commands.runtime.errors import Problem, because
from fairs.commands.runtime.settings_check import key_file, load_settings
from fairs.commands.runtime.signals import run

T = TypeVar("T")
UNFINISHED_RESTORE = "restore.unfinished"
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 5.0
OLDEST_SERVER = 15


@contextlib.contextmanager
def database(
    found: settings.Settings, *, migrate: bool = True, make: bool = True, unfinished: bool = False
) -> Iterator[settings.Settings]:
    """The settings with a reachable, migrated database: the embedded one is started, or attached to.

    `make=False` refuses an empty database; `unfinished` allows the command that ends an interrupted restore.
    Raises Problem.
    """
    from fairs.core.embedded import EmbeddedError, EmbeddedPostgres

    if not unfinished and (found.data_dir / UNFINISHED_RESTORE).exists():
        raise Problem(f"a restore into {found.data_dir} was interrupted: run the same `fairs restore` again")
    server = None
    try:
        if not found.database_url:
            server = EmbeddedPostgres(found.data_dir)
            server.start()
            found = replace(found, database_url=server.dsn())
        else:
            _refuse_shared_sessions(found)
        if not make:
            _refuse_empty(found)
        if migrate:
            bring_up_to_date(found)
        yield found
    except EmbeddedError as error:
        raise Problem(str(error)) from error
    finally:
        if server is not None:
            server.stop()


@contextlib.contextmanager
def existing_database(data: Path | None, *, migrate: bool = True) -> Iterator[settings.Settings]:
    """The existing database of an installation: for commands that create none. Raises Problem."""
    with database(load_settings(data, make=False), migrate=migrate, make=False) as found:
        yield found


def _refuse_shared_sessions(found: settings.Settings) -> None:
    """LISTEN fails behind a pooler in transaction mode; the server's own address is needed too. Raises Problem."""
    server_version(found.session_url)
    if asyncio.run(_is_shared(found.session_url)):
        name = "FAIRS_DATABASE_DIRECT_URL" if found.database_direct_url else "FAIRS_DATABASE_URL"
        raise Problem(
            f"{name} leads to a pooler in transaction mode, which loses notifications: put the pool into session mode, "
            "or set FAIRS_DATABASE_DIRECT_URL to the server itself"
        )


async def _is_shared(url: str) -> bool:
    """Whether two connections alternately get the same server session, as behind a pooler in transaction mode."""
    import asyncpg

    async with contextlib.AsyncExitStack() as opened:
        one, two = [await asyncpg.connect(url, timeout=CONNECT_SECONDS, statement_cache_size=0) for _ in range(2)]
        for connection in (one, two):
            opened.push_async_callback(connection.close, timeout=CLOSE_SECONDS)
        for _ in range(3):  # others may connect in between
            first = await one.fetchval("SELECT pg_backend_pid()")
            async with two.transaction():
                if await two.fetchval("SELECT pg_backend_pid()") == first:
                    return True
    return False


def _refuse_empty(found: settings.Settings) -> None:
    from fairs.core import migrations

    server_version(found.session_url)
    if not asyncio.run(migrations.applied(found.session_url)):
        raise Problem("the database is empty: there is nothing to work on")


def bring_up_to_date(found: settings.Settings) -> int:
    """Migrate, refresh the units, seal rows an earlier version left open; returns the number of migrations applied.

    Raises Problem.
    """
    from fairs.core import migrations, queue_version
    from fairs.units.services import sync_units

    server_version(found.session_url)
    if problem := queue_version.mismatch():
        raise Problem(problem)
    known = migrations.known()
    seen = asyncio.run(migrations.names(found.session_url))
    if set(seen) - set(known) - migrations.replaced():
        raise Problem(
            f"the database has {len(seen)} migrations, this version knows {len(known)}: install the newer version"
        )
    try:
        count = run(migrations.migrate(found.session_url))
    except migrations.MigrationFailed as error:
        raise Problem(f"the database could not be brought up to date: {error}") from error
    run(with_pool(found, sync_units()))
    if found.secret_key:
        seal_what_is_plain(found)
    return count


def seal_what_is_plain(found: settings.Settings) -> None:
    """Seal rows that an earlier version wrote openly; fast when there are none."""
    from fairs.commands import rotate_keys

    done = run_in_pool(found, rotate_keys.seal_plain())
    if done.sealed:
        click.echo(f"{done.sealed:,} values of an earlier version are sealed now", err=True)
    if done.broken:
        click.echo(f"{done.broken:,} sealed values cannot be opened with the keys at hand: see fairs doctor", err=True)


def server_version(url: str) -> str:
    """The server's version, "18.4" say. Raises Problem when it cannot be reached or is too old."""
    import asyncpg

    async def ask() -> tuple[int, str]:
        connection = await asyncpg.connect(url, timeout=CONNECT_SECONDS, statement_cache_size=0)
        try:
            number = int(await connection.fetchval("SHOW server_version_num"))
            return number // 10000, str(await connection.fetchval("SHOW server_version")).split()[0]
        finally:
            await connection.close(timeout=5)

    try:
        major, version = asyncio.run(ask())
    except TimeoutError as error:
        raise Problem(
            f"the database did not answer within {CONNECT_SECONDS:.0f} s: check FAIRS_DATABASE_URL"
        ) from error
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise Problem(f"the database cannot be reached ({because(error)}): check FAIRS_DATABASE_URL") from error
    if major < OLDEST_SERVER:
        raise Problem(f"the database is PostgreSQL {version}; fairs needs {OLDEST_SERVER} or newer")
    return version


async def with_pool(found: settings.Settings, work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that needs the database only."""
    from fairs.core.db import DB

    DB.configure(found.database_url, shared=bool(found.database_direct_url))
    await DB.start_connection_pool(min_size=1, max_size=found.pool_size)
    try:
        return await work
    finally:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await DB.close_connection_pool()
        except TimeoutError:  # a cancelled task has not returned its connection
            DB.pool = None


def run_in_database(found: settings.Settings, work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine with the pool open and the whole product configured."""
    try:
        from fairs.app import configure

        configure(found)
    except BaseException:
        work.close()
        raise
    return run(with_pool(found, work))


def run_in_pool(found: settings.Settings, work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that needs only the database, the clock and the key: saves a second of loading."""
    from fairs.core import clock, crypto

    clock.start_from(found.now)
    crypto.configure(*found.secret_keys, file=key_file(found))
    return run(with_pool(found, work))
