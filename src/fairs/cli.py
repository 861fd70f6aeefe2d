"""The product's commands. Exit status 0, or a one-line human error."""

import asyncio
import contextlib
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from fairs import __version__, settings

T = TypeVar("T")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  only compared with


class Problem(click.ClickException):
    """A sentence for the person at the keyboard."""

    def show(self, file: Any = None) -> None:
        click.echo(f"fairs: {self.message}", err=True)


@dataclass
class Place:
    """Where a command works: settings with the database's address filled in."""

    settings: settings.Settings


def load_settings(data: Path | None) -> settings.Settings:
    """Settings for a command, with the secret key made if need be. Raises Problem."""
    try:
        found = settings.load(data_dir=data)
        found = replace(found, data_dir=found.data_dir.absolute())
        if not found.secret_key:
            found = replace(found, secret_key=settings.ensure_secret(found.data_dir))
    except PermissionError as error:
        raise Problem(f"cannot write to {error.filename}: choose another folder with --data") from error
    except (ValueError, OSError) as error:
        raise Problem(str(error)) from error
    if len(found.secret_key) < 32:
        raise Problem("FAIRS_SECRET_KEY needs at least 32 characters")
    return found


@contextlib.contextmanager
def database(found: settings.Settings, *, migrate: bool = True) -> Iterator[settings.Settings]:
    """The settings with a reachable, migrated database: the embedded one is started, or attached to."""
    from fairs.core import migrations
    from fairs.core.embedded import EmbeddedError, EmbeddedPostgres

    server = None
    try:
        if not found.database_url:
            server = EmbeddedPostgres(found.data_dir)
            server.start()
            found = replace(found, database_url=server.dsn())
        if migrate:
            asyncio.run(_migrate(found))
        yield found
    except EmbeddedError as error:
        raise Problem(str(error)) from error
    except migrations.MigrationFailed as error:
        raise Problem(f"the database could not be brought up to date: {error}") from error
    finally:
        if server is not None:
            server.stop()


async def _migrate(found: settings.Settings) -> int:
    import asyncpg

    from fairs.core import migrations
    from fairs.units.services import sync_units

    try:
        count = await migrations.migrate(found.database_url)
    except (OSError, asyncpg.PostgresError) as error:
        raise Problem(f"the database cannot be reached: {error}") from error
    if count:
        await _with_pool(found, sync_units())
    return count


async def _with_pool(found: settings.Settings, work: Awaitable[T]) -> T:
    from fairs.core.db import DB

    DB.configure(found.database_url)
    await DB.start_connection_pool(min_size=1, max_size=found.pool_size)
    try:
        return await work
    finally:
        await DB.close_connection_pool()


def run_in_database(found: settings.Settings, work: Awaitable[T]) -> T:
    """Run a coroutine with the pool open and the product configured."""
    from fairs.app import configure

    configure(found)
    return asyncio.run(_with_pool(found, work))


data_option = click.option("--data", type=click.Path(path_type=Path), help="data folder (default .fairs)")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fairs")
def main() -> None:
    """Recruitment fairs for overseas talent, from the call for listings to the last arrival at work."""


@main.command()
@data_option
def migrate(data: Path | None) -> None:
    """Bring the database to this version's schema."""
    with database(load_settings(data), migrate=False) as found:
        count = asyncio.run(_migrate(found))
    click.echo(f"{count} migrations applied" if count else "the database is up to date")


@contextlib.contextmanager
def only_server(found: settings.Settings, url: str) -> Iterator[None]:
    """Hold the data folder for one server; a second one is told where the first is."""
    found.data_dir.mkdir(parents=True, exist_ok=True)
    handle = (found.data_dir / "serve.lock").open("a+", encoding="utf-8")
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise Problem(
                f"already running on this folder, at {handle.read().strip()}. "
                "Stop that one first, or choose another folder with DATA=… (--data)."
            ) from None
        handle.truncate(0)
        handle.write(url)
        handle.flush()
        yield


def check_port(host: str, port: int) -> None:
    """Raises Problem when somebody else listens there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Problem(f"port {port} is taken. Choose another one with PORT=… (--port).") from error


def run_server(found: settings.Settings, host: str, port: int, workers: int) -> None:
    """Serve until SIGINT or SIGTERM. The server's processes end with this one, also when it is killed."""
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    os.environ["FAIRS_PARENT_PID"] = str(os.getpid())
    os.environ["FAIRS_DATABASE_URL"] = found.database_url
    os.environ["FAIRS_SECRET_KEY"] = found.secret_key
    os.environ["FAIRS_DATA"] = str(found.data_dir)
    os.environ["FAIRS_BASE_URL"] = found.base_url
    os.environ["FAIRS_INLINE_WORKER"] = "1" if found.inline_worker else ""
    os.environ["FAIRS_NOW"] = found.now
    Server(
        "fairs.asgi:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=workers,
        loop=Loops.uvloop,
        respawn_failed_workers=True,
        log_access=False,
        log_level=LogLevels.warning,
        backlog=2048,
    ).serve()


def base_url_for(found: settings.Settings, host: str, port: int) -> str:
    """The public address: as set, else where we listen."""
    if os.environ.get("FAIRS_BASE_URL"):
        return found.base_url
    return f"http://{'127.0.0.1' if host in EVERYWHERE else host}:{port}"


@main.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="server processes")
@click.option("--with-worker/--without-worker", default=True, help="run background jobs inside the server")
def serve(data: Path | None, host: str, port: int, workers: int, with_worker: bool) -> None:
    """Serve the application."""
    found = load_settings(data)
    found = replace(found, base_url=base_url_for(found, host, port), inline_worker=with_worker)
    with stop_on_term(), only_server(found, found.base_url):
        check_port(host, port)
        with database(found) as ready:
            click.echo(f"fairs {__version__} at {ready.base_url}  (Ctrl-C stops)")
            run_server(ready, host, port, workers)


@contextlib.contextmanager
def stop_on_term() -> Iterator[None]:
    """SIGTERM ends a command like Ctrl-C does, so that everything it started is stopped."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
    finally:
        signal.signal(signal.SIGTERM, before)


@main.command()
@data_option
def worker(data: Path | None) -> None:
    """Run background jobs: mail, matching, documents."""
    from fairs.core import jobs

    with stop_on_term(), database(load_settings(data)) as found:
        click.echo("worker running  (Ctrl-C stops)")
        run_in_database(found, jobs.work(found.database_url))


@main.command("create-admin")
@data_option
@click.option("--email", prompt=True)
@click.option("--name", prompt=True)
@click.password_option(help="at least 10 characters")
def create_admin(data: Path | None, email: str, name: str, password: str) -> None:
    """Create the first administrator."""
    from fairs.accounts import services
    from fairs.accounts.actor import SYSTEM, Grant
    from fairs.accounts.forms import SignUpForm
    from fairs.core.errors import DomainError
    from fairs.core.forms import bind
    from fairs.core.i18n import set_lang

    set_lang("en")
    form = bind(SignUpForm, {"email": email, "name": name, "password": password})
    if not form.ok:
        raise Problem("; ".join(f"{field}: {found[0]}" for field, found in form.errors.items()))

    async def create() -> None:
        account = await services.create_account(email=email, name=name, lang="zh", password=password)
        for role in ("admin", "organiser"):
            await services.grant(account, Grant(role), by=SYSTEM)

    with database(load_settings(data)) as found:
        try:
            run_in_database(found, create())
        except DomainError as error:
            raise Problem(str(error.message)) from error
    click.echo(f"administrator {email} created")


if __name__ == "__main__":
    sys.exit(main())
