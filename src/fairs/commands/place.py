"""Where a command works: settings, a database that answers, and sentences instead of stack traces."""

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from fairs import settings
from fairs.core import dsn

T = TypeVar("T")
UNFINISHED_RESTORE = "restore.unfinished"
CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 5.0
LEAVE_SECONDS = 10.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
OLDEST_SERVER = 15
SHORTEST_KEY = 32  # characters
INTERRUPTED = 130  # exit status of a command that was stopped before its work was done

data_option = click.option(
    "--data", type=click.Path(path_type=Path), help="Data folder (default: FAIRS_DATA, else .fairs)."
)


class Problem(click.ClickException):
    """A sentence for the person at the keyboard."""

    def show(self, file: Any = None) -> None:
        click.echo(f"fairs: {one_line(self.message)}", err=True)


def one_line(text: object) -> str:
    """What a driver or a system call said, on one line."""
    return " ".join(str(text).split())


def because(error: BaseException) -> str:
    """An error in one line; its name when it says nothing."""
    return one_line(error) or type(error).__name__


def load_settings(data: Path | None, *, make: bool = True) -> settings.Settings:
    """Settings for a command, with the secret key made if need be; `make=False` wants what exists. Raises Problem."""
    found = read_settings(data)
    if not make:
        _refuse_what_is_not_there(found)
    try:
        found = settings.with_keys(found)
    except OSError as error:
        if found.secret_file:
            raise Problem(f"FAIRS_SECRET_FILE: cannot read {found.secret_file} ({error.strerror})") from error
        raise Problem(
            f"cannot write to {error.filename or found.data_dir} ({error.strerror}): choose another folder with --data"
        ) from error
    except ValueError as error:
        raise Problem(because(error)) from error
    wrong = mistakes(found)
    if wrong:
        raise Problem(wrong[0])
    return found


def _refuse_what_is_not_there(found: settings.Settings) -> None:
    """Only a command that may begin an installation makes anything; to the others a wrong folder is a mistake."""
    from fairs.core.embedded import EmbeddedError
    from fairs.core.embedded.folders import CLUSTER, find_home

    begin = "fairs serve, migrate, create-admin, demo and restore make one"
    try:
        made = bool(found.database_url) or (find_home(found.data_dir) / CLUSTER / "PG_VERSION").exists()
    except EmbeddedError as error:
        raise Problem(str(error)) from error
    if not made:
        raise Problem(f"there is no installation in {found.data_dir}: check --data and FAIRS_DATA ({begin})")
    if not found.secret_key and not (found.data_dir / settings.SECRET_FILE).exists():
        raise Problem(
            f"there is no {settings.SECRET_FILE} in {found.data_dir}: check --data and FAIRS_DATA, or set FAIRS_SECRET_KEY"
        )


def read_settings(data: Path | None) -> settings.Settings:
    """Settings as they are, without making anything. Raises Problem."""
    try:
        found = settings.load(data_dir=data)
        return replace(found, data_dir=found.data_dir.expanduser().absolute())
    except (ValueError, OSError, RuntimeError) as error:
        raise Problem(because(error)) from error


def mistakes(found: settings.Settings) -> list[str]:
    """What can be said of the settings without trying them; a sentence each."""
    wrong = []
    if any(len(key) < SHORTEST_KEY for key in found.secret_keys):
        wrong.append(
            "FAIRS_SECRET_KEY needs at least 32 characters; without it a key is made and kept in the data folder"
        )
    for name, url in (
        ("FAIRS_DATABASE_URL", found.database_url),
        ("FAIRS_DATABASE_DIRECT_URL", found.database_direct_url),
    ):
        if url and (what := dsn.mistake(url)):
            wrong.append(f"{name} {what}")
    if found.database_direct_url and not found.database_url:
        wrong.append("FAIRS_DATABASE_DIRECT_URL needs FAIRS_DATABASE_URL, the pooler's address, beside it")
    if not _is_url(found.base_url, "http", "https") or not urlsplit(found.base_url).hostname:
        wrong.append(f"FAIRS_BASE_URL must be an http:// or https:// address, not {found.base_url!r}")
    if found.smtp_url and not _is_url(found.smtp_url, "smtp", "smtps"):
        wrong.append("FAIRS_SMTP_URL must look like smtp://user:password@host:port (or smtps://)")
    if "@" not in found.mail_from:
        wrong.append(f"FAIRS_MAIL_FROM must be an e-mail address, not {found.mail_from!r}")
    if not 2 <= found.pool_size <= 1000:
        wrong.append(f"FAIRS_POOL_SIZE must be from 2 to 1000, not {found.pool_size}")
    if found.retrieval not in ("exact", "pgvector"):
        wrong.append(f"FAIRS_RETRIEVAL must be exact or pgvector, not {found.retrieval!r}")
    if found.metrics_port and not _is_port(found.metrics_port):
        wrong.append(f"FAIRS_METRICS_PORT must be a port, or host:port, not {found.metrics_port!r}")
    if found.now and not _is_moment(found.now):
        wrong.append(f"FAIRS_NOW must be a moment such as 2018-10-27T09:30+08:00, not {found.now!r}")
    return wrong


def _is_url(text: str, *schemes: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in schemes and (parts.port is None or 0 < parts.port < 65536)
    except ValueError:
        return False


def _is_port(text: str) -> bool:
    number = text.rpartition(":")[2]
    return number.isascii() and number.isdigit() and 0 < int(number[:6]) < 65536


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


@contextlib.contextmanager
def database(
    found: settings.Settings, *, migrate: bool = True, make: bool = True, unfinished: bool = False
) -> Iterator[settings.Settings]:
    """The settings with a reachable, migrated database: the embedded one is started, or attached to.

    `make=False` refuses an empty database; `unfinished` lets in the command that ends an interrupted restore.
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
    """The database of an installation that is there: for commands that make none. Raises Problem."""
    with database(load_settings(data, make=False), migrate=migrate, make=False) as found:
        yield found


def _refuse_shared_sessions(found: settings.Settings) -> None:
    """A pooler in transaction mode hears no LISTEN; beside it the server's own address is needed."""
    server_version(found.session_url)
    if asyncio.run(_is_shared(found.session_url)):
        name = "FAIRS_DATABASE_DIRECT_URL" if found.database_direct_url else "FAIRS_DATABASE_URL"
        raise Problem(
            f"{name} leads to a pooler in transaction mode, which loses notifications: put the pool into session mode, "
            "or set FAIRS_DATABASE_DIRECT_URL to the server itself"
        )


async def _is_shared(url: str) -> bool:
    """Whether two connections get the same session of the server in turn, as behind a pooler in transaction mode."""
    import asyncpg

    async with contextlib.AsyncExitStack() as opened:
        one, two = [await asyncpg.connect(url, timeout=CONNECT_SECONDS, statement_cache_size=0) for _ in range(2)]
        for connection in (one, two):
            opened.push_async_callback(connection.close, timeout=CLOSE_SECONDS)
        for _ in range(3):  # others may have come in between
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
    """Apply what is missing, refresh the units, seal what an earlier version left open; how many migrations were applied.

    Raises Problem.
    """
    from fairs.core import migrations, queue_version
    from fairs.units.services import sync_units

    server_version(found.session_url)
    if problem := queue_version.mismatch():
        raise Problem(problem)
    known = len(migrations.known())
    seen = asyncio.run(migrations.applied(found.session_url))
    if seen > known:
        raise Problem(f"the database has {seen} migrations, this version knows {known}: install the newer version")
    try:
        count = run(migrations.migrate(found.session_url))
    except migrations.MigrationFailed as error:
        raise Problem(f"the database could not be brought up to date: {error}") from error
    run(with_pool(found, sync_units()))
    if found.secret_key:
        seal_what_is_plain(found)
    return count


def seal_what_is_plain(found: settings.Settings) -> None:
    """Seal the rows that an earlier version wrote; a moment when there are none."""
    from fairs.commands import rotate_keys

    done = run_in_pool(found, rotate_keys.seal_plain())
    if done.sealed:
        click.echo(f"{done.sealed:,} values of an earlier version are sealed now", err=True)
    if done.broken:
        click.echo(f"{done.broken:,} sealed values cannot be opened with the keys at hand: see fairs doctor", err=True)


def server_version(url: str) -> str:
    """What the server calls itself, "18.4" say. Raises Problem when it cannot be reached or is too old."""
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
    """The answer of a coroutine that needs the database only."""
    from fairs.core.db import DB

    DB.configure(found.database_url, shared=bool(found.database_direct_url))
    await DB.start_connection_pool(min_size=1, max_size=found.pool_size)
    try:
        return await work
    finally:
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await DB.close_connection_pool()
        except TimeoutError:  # a task that was cancelled has not let go of its connection
            DB.pool = None


def run(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` that a signal ends by cancelling. Raised into a loop, an exception may get lost in a callback.

    What holds on, a thread that computes, is left behind after some seconds; the database then stops by itself.
    """
    if threading.current_thread() is not threading.main_thread():
        return asyncio.run(work)
    before = {number: signal.getsignal(number) for number in SIGNALS}

    leave = threading.Timer(LEAVE_SECONDS, os._exit, [INTERRUPTED])
    leave.daemon = True

    async def guarded() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None, "we are in one"

        def cancel() -> None:
            task.cancel()
            if not leave.is_alive():
                leave.start()

        for number in SIGNALS:
            loop.add_signal_handler(number, cancel)
        return await work

    try:
        return asyncio.run(guarded())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        leave.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


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
    """Run a coroutine that needs only the database, the clock and the key: spares a second of loading."""
    from fairs.core import clock, crypto

    clock.start_from(found.now)
    crypto.configure(*found.secret_keys, file=key_file(found))
    return run(with_pool(found, work))


def key_file(found: settings.Settings) -> Path | None:
    """The file that the keys come from; None when the environment holds them."""
    return Path(found.secret_file) if found.secret_file else None


@contextlib.contextmanager
def stop_on_term() -> Iterator[None]:
    """SIGTERM and a closed terminal end a command like Ctrl-C does, so that everything it started is stopped."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in SIGNALS}
    try:
        yield
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        raise SystemExit(INTERRUPTED) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def write_private(path: Path, text: str) -> None:
    """The owner's alone, and whole or not at all."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


class Steps:
    """Progress of long work: one line that grows on a terminal, a line a step elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._open = ""
        self._last = ""

    def __call__(self, step: str, done: int = 0, total: int = 0) -> None:
        """`done` of `total` of a step; 0 of 0 is a step that is not counted."""
        if self._open != step:
            self.close()
        self._open, self._last = step, f"{step} {done:,}/{total:,}" if total else self._last or step
        if self._terminal:
            click.echo(f"\r\033[K  {self._last}", nl=False, err=True)

    def close(self) -> None:
        """The step at hand is over."""
        if self._open:
            click.echo("" if self._terminal else f"  {self._last}", err=True)
        self._open = self._last = ""
