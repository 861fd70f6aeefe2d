"""`fairs serve` and `fairs worker`: processes that run until stopped, and then leave nothing behind."""

import asyncio
import atexit
import contextlib
import errno
import fcntl
import gc
import importlib
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from fairs import __version__, settings
from fairs.commands import relaying
from fairs.commands.runtime.database import database, run_in_database
from fairs.commands.runtime.errors import Problem, because
from fairs.commands.runtime.settings_check import data_option, load_settings, read_settings
from fairs.commands.runtime.signals import stop_on_term
from fairs.core import processes

COUNTS, HELD = "fairs-counts-", "held"
HEAD_SECONDS = 10  # for the head of a request, and until the next one on an idle connection
OPEN_FILES = 20_000  # per process: a waiting connection takes about 10 kB
OWN_FILES = 200  # of these, reserved for the database, logs, static files
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  only compared with


@contextlib.contextmanager
def only_server(found: settings.Settings, url: str) -> Iterator[None]:
    """Lock the data folder for one server; a second one gets the first one's address as an error."""
    try:
        settings.make_data_dir(found.data_dir)
        descriptor = os.open(found.data_dir / "serve.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Problem(
            f"cannot write to {found.data_dir} ({error.strerror}): choose another folder with DATA=… (--data)"
        ) from error
    with os.fdopen(descriptor, "r+", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(
                f"already running on this folder, at {handle.read().strip() or 'an address not yet known'}. "
                "Stop that one first, or choose another folder with DATA=… (--data)."
            ) from None
        handle.truncate(0)
        handle.write(url)
        handle.flush()
        yield


def check_port(host: str, port: int) -> None:
    """Raises Problem when the port cannot be opened: used by another program, or not permitted."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Problem(f"port {port} is taken. Choose another one with PORT=… (--port).") from error
        if error.errno == errno.EACCES:
            raise Problem(f"port {port} needs root. Choose one from 1024 with PORT=… (--port).") from error
        raise Problem(
            f"cannot listen on {host} ({because(error)}): give an address of this machine with --host"
        ) from error


def counting_together() -> None:
    """Have the server's processes write metrics into one folder. Must run before metrics are imported.

    The folder is deleted when this process ends; the next server deletes that of a killed one: each locks a file in its
    folder while it lives, which also works when two machines or containers share the temporary folder.
    """
    assert "prometheus_client" not in sys.modules, "the library chooses when it is imported"
    here = Path(tempfile.gettempdir())
    for left in here.glob(f"{COUNTS}*"):
        with contextlib.suppress(OSError), (left / HELD).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left)
    made = Path(tempfile.mkdtemp(prefix="fairs-making-"))
    held = os.open(made / HELD, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    folder = made.rename(here / f"{COUNTS}{os.getpid()}-{made.name.removeprefix('fairs-making-')}")
    mine = os.getpid()

    def clear() -> None:
        if os.getpid() == mine:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(clear)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


@contextlib.contextmanager
def application_loading() -> Iterator[None]:
    """Import the application in parallel to the block: starting the database mostly waits, importing computes.

    The server's processes are forked from this one and inherit the loaded modules.
    """
    counting_together()
    thread = threading.Thread(target=importlib.import_module, args=("fairs.app",), name="fairs-import", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def raise_open_files() -> int:
    """Raise the soft limit of open files as far as useful; returns the connections allowed per process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    asked = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < asked:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (asked, hard))
            soft = asked
    return max(64, (asked if soft == resource.RLIM_INFINITY else min(soft, OPEN_FILES)) - OWN_FILES)


def run_server(
    found: settings.Settings, host: str, port: int, workers: int, tls: tuple[Path, Path] | None = None
) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP. The server's processes end with this one, also when it is killed.

    `tls`: certificate and key.
    """
    from granian.constants import Interfaces, Loops
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    os.environ["FAIRS_PARENT_PID"] = str(os.getpid())
    os.environ["FAIRS_PORT"] = str(port)
    for item, value in _environment(found).items():
        os.environ[item] = value
    server = Server(
        "fairs.asgi:application",
        address=str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]),
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=workers,
        loop=Loops.uvloop,
        respawn_failed_workers=True,
        workers_kill_timeout=3,  # seconds for running requests; a live page would never end
        log_access=False,
        log_level=LogLevels.warning,
        backlog=2048,
        backpressure=raise_open_files(),  # connections per process; without it as few as the backlog
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000),
        ssl_cert=tls[0] if tls else None,
        ssl_key=tls[1] if tls else None,
    )

    @server.on_startup
    def end_with_terminal() -> None:  # by default the server continues after SIGHUP
        signal.signal(signal.SIGHUP, server.signal_handler_interrupt)

    processes.close_all()
    gc.collect()
    gc.freeze()  # loaded objects stay shared between the processes
    try:
        server.serve()
    except SystemExit as error:
        raise Problem("the server ended by itself; the lines above say why") from error


def _environment(found: settings.Settings) -> dict[str, str]:
    """The environment from which the server's processes read their settings."""
    return {
        "FAIRS_DATABASE_URL": found.database_url,
        "FAIRS_SECRET_KEY": found.secret_key,
        "FAIRS_MORE_SECRET_KEYS": found.more_secret_keys,
        "FAIRS_SECRET_FILE": found.secret_file,
        "FAIRS_DATA": str(found.data_dir),
        "FAIRS_BASE_URL": found.base_url,
        "FAIRS_INLINE_WORKER": "1" if found.inline_worker else "",
        "FAIRS_NOW": found.now,
        "FAIRS_DEMO": "1" if found.demo else "",
        "FAIRS_RELAY_URL": found.relay_url,
        "FAIRS_RELAY_TOKEN": found.relay_token,
    }


def base_url_for(found: settings.Settings, host: str, port: int, *, tls: bool = False) -> str:
    """The public address: as set, else the listening address; of a relay that of this machine in its network."""
    if os.environ.get("FAIRS_BASE_URL"):
        return found.base_url
    everywhere = relaying.own_address(found.relay_url) if found.relay_url else "127.0.0.1"
    shown = everywhere if host in EVERYWHERE else f"[{host}]" if ":" in host else host
    return f"{'https' if tls else 'http'}://{shown}:{port}"


@click.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 is every one.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Server processes.")
@click.option("--with-worker/--without-worker", default=True, help="Run background jobs inside the server.")
@click.option("--relay", metavar="URL", envvar="FAIRS_RELAY_URL", default="", help="Be a venue relay of this server.")
@click.option("--token", envvar="FAIRS_RELAY_TOKEN", default="", help="The relay's token; better: FAIRS_RELAY_TOKEN.")
@click.option("--tls-cert", type=_FILE, help="Serve HTTPS with this certificate (PEM, with its chain).")
@click.option("--tls-key", type=_FILE, help="The certificate's key (PEM).")
def serve(
    data: Path | None,
    host: str,
    port: int,
    workers: int,
    with_worker: bool,
    relay: str,
    token: str,
    tls_cert: Path | None,
    tls_key: Path | None,
) -> None:
    """Serve the application until Ctrl-C or SIGTERM.

    Several servers may use one FAIRS_DATABASE_URL; an embedded database has one.

    With --relay this is a venue relay: it copies the event of its token into a folder of its own (default .fairs-relay),
    answers scanners in the local network also while the server cannot be reached, and sends it their scans. Scanners reach
    it with --host 0.0.0.0. See docs/checkin.md.
    """
    tls = _tls(tls_cert, tls_key)
    relaying.check(relay, token, workers)
    found = relaying.with_relay(load_settings(relaying.folder(data, relay)), relay, token)
    found = replace(found, base_url=base_url_for(found, host, port, tls=tls is not None))
    found = replace(found, inline_worker=with_worker and not relay)
    alone = contextlib.nullcontext() if found.database_url else only_server(found, found.base_url)
    with stop_on_term(), alone:
        check_port(host, port)
        with application_loading():
            opened = contextlib.ExitStack()
            ready = opened.enter_context(database(found))
        with opened:
            if relay:
                relaying.prepare(ready)
            kind = " (venue relay)" if relay else ""
            click.echo(f"fairs {__version__}{kind} at {ready.base_url}  (Ctrl-C stops)")
            run_server(ready, host, port, workers, tls)
    relaying.say_end(found)
    click.echo("stopped", err=True)


def _tls(certificate: Path | None, key: Path | None) -> tuple[Path, Path] | None:
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise Problem("--tls-cert and --tls-key belong together")
    return certificate, key


@click.command()
@data_option
def worker(data: Path | None) -> None:
    """Run mail, matching and other background jobs.

    Until Ctrl-C or SIGTERM; running jobs are finished first.
    """
    makes = bool(read_settings(data).database_url)  # with it, it may start before the server; a folder must exist
    with stop_on_term(), database(load_settings(data, make=makes), make=makes) as found:
        run_in_database(found, _work(found.session_url))
    click.echo("stopped", err=True)


async def _work(dsn: str) -> None:
    """Run jobs until a signal; running ones are finished first."""
    from fairs.core import jobs
    from fairs.core.pubsub import HUB
    from fairs.core.tasks import spawn
    from fairs.upkeep import timekeeper

    await timekeeper.follow_clock()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    click.echo("worker running  (Ctrl-C stops)")
    beside = [spawn(HUB().listen(dsn), name="listener"), spawn(timekeeper.keep_time(stop), name="timekeeper")]
    try:
        await jobs.work(dsn, stop)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
