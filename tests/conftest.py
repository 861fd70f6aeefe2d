"""One embedded server for the whole run, one database a worker (copied from a migrated template), emptied after each test.

The server is started by the controlling process, so that it outlives every xdist worker. `FAIRS_TEST_POSTGRES` names a
folder of PostgreSQL's programs to run it with (/usr/lib/postgresql/15/bin); without it they come from the wheel. Tests of
the embedded server and of the commands start servers of their own, with the wheel's programs.
"""

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck
from hypothesis import settings as settings_of_hypothesis
from litestar import Litestar
from xdist.remote import Producer

from fairs import settings
from fairs.accounts import passwords
from fairs.core import crypto, i18n, migrations, services
from fairs.core.db import DB
from fairs.core.embedded import EmbeddedPostgres
from fairs.core.services import SETTINGS
from tests.alive import alive
from tests.mails import MailKeeper
from tests.scheduling import FilesTogether

settings_of_hypothesis.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings_of_hypothesis.load_profile("busy")  # how fast a machine is says nothing about the code
# The product's own costs, which test_passwords.py looks at, are a tenth of a second a password.
passwords._hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
SECRET = "a secret for tests that is long enough to be one"
TEMPLATE = "fairs_template"
KEEP = ("migration", "unit")
_server: EmbeddedPostgres | None = None


def _run_server(folder: str) -> EmbeddedPostgres:
    programs = os.environ.get("FAIRS_TEST_POSTGRES")
    return EmbeddedPostgres(Path(folder) / "data", durable=False, binaries=Path(programs) if programs else None)


def pytest_configure(config: pytest.Config) -> None:
    global _server
    if os.environ.get("FAIRS_TEST_DATA"):
        return  # an xdist worker: the controller's server is running
    folder = tempfile.mkdtemp(prefix="fairs-test-")
    os.chmod(folder, 0o711)
    _server = _run_server(folder)
    _server.start()
    asyncio.run(_make_template(_server))
    os.environ["FAIRS_TEST_DATA"] = folder


def pytest_unconfigure(config: pytest.Config) -> None:
    global _server
    if _server is not None:
        _server.stop()
        shutil.rmtree(os.environ.pop("FAIRS_TEST_DATA", ""), ignore_errors=True)
        _server = None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FilesTogether:
    return FilesTogether(config, log)


async def _make_template(server: EmbeddedPostgres) -> None:
    from fairs.units.services import sync_units

    admin = await asyncpg.connect(server.dsn("postgres"))
    await admin.execute(f"CREATE DATABASE {TEMPLATE}")
    await admin.close()
    await migrations.migrate(server.dsn(TEMPLATE))
    with services.Services().entered():
        DB.configure(server.dsn(TEMPLATE))
        await DB.start_connection_pool(min_size=1, max_size=1)
        await sync_units()
        await DB.close_connection_pool()


@pytest.fixture(autouse=True)
def own_services() -> Iterator[None]:
    """The run's key, and nothing of what the test before has set, cached or shifted."""
    with services.current().restored():
        crypto.configure(SECRET)
        yield


@pytest.fixture(scope="session")
def server() -> EmbeddedPostgres:
    """The run's server, for tests that need a database of their own."""
    if _server is not None:
        return _server
    attached = _run_server(os.environ["FAIRS_TEST_DATA"])
    attached.start()
    return attached


@pytest.fixture(scope="session")
def dsn(server: EmbeddedPostgres) -> str:
    """This worker's database, made from the template."""
    name = f"fairs_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    asyncio.run(create_database(server, name))
    return server.dsn(name)


async def create_database(server: EmbeddedPostgres, name: str, template: str = TEMPLATE) -> None:
    """A fresh copy of the template under a new name."""
    admin = await asyncpg.connect(server.dsn("postgres"))
    try:
        await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await admin.close()


@pytest.fixture(scope="session")
def test_settings(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> settings.Settings:
    """Settings of an app on this worker's database."""
    return settings.Settings(
        data_dir=tmp_path_factory.mktemp("data"),
        database_url=dsn,
        secret_key=SECRET,
        base_url="http://fairs.test",
        pool_size=8,
    )


@pytest.fixture(scope="session")
async def app(test_settings: settings.Settings) -> AsyncIterator[Litestar]:
    """The application, with its pool and listener, on the tests' own event loop."""
    from fairs.app import create_app

    async with alive(create_app(test_settings, services.current())) as made:  # the process's own services
        yield made


class Broom:
    """Empties a database over one connection that stays: a new one first reads every table's description, which takes
    twenty times as long as the deleting."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: asyncpg.Connection | None = None
        self._tables: list[asyncpg.Record] = []

    async def sweep(self) -> list[str]:
        """Everything but units and migrations; which tables were not empty. A connection that a test has cut is made anew."""
        try:
            return await self._delete()
        except (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.AdminShutdownError):
            self._connection = None
            return await self._delete()

    async def _delete(self) -> list[str]:
        connection = await self._connected()
        tables = await connection.fetch(FIND_TABLES, list(KEEP))
        if tables != self._tables:  # a test has migrated
            await connection.execute(_sweeping([row["name"] for row in tables]))
            self._tables = tables
        swept: list[str] = await connection.fetchval("SELECT pg_temp.sweep()")
        return swept

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._dsn)
            self._tables = []
            # Triggers (append-only) and foreign keys are off for this session only.
            await self._connection.execute("SET session_replication_role = replica")
        return self._connection

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()


FIND_TABLES = """SELECT tablename AS name FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> ALL($1::text[]) ORDER BY 1"""


def _sweeping(tables: list[str]) -> str:
    """A function of the session, whose plans are kept: a tenth of the time that as many new statements take."""
    each = "".join(
        f"IF EXISTS (SELECT FROM {name}) THEN DELETE FROM {name}; swept := swept || '{name}'::text; END IF;"
        for name in tables
    )
    return f"""CREATE OR REPLACE FUNCTION pg_temp.sweep() RETURNS text[] LANGUAGE plpgsql AS
        $$DECLARE swept text[] := '{{}}'; BEGIN {each} RETURN swept; END$$"""


@pytest.fixture(scope="session")
async def broom(dsn: str) -> AsyncIterator[Broom]:
    """This worker's."""
    made = Broom(dsn)
    yield made
    await made.close()


@pytest.fixture
async def db(app: Litestar, broom: Broom, test_settings: settings.Settings) -> AsyncIterator[None]:
    """An empty database and file store: everything but units and migrations is deleted afterwards."""
    i18n.set_lang("en")
    if left := await broom.sweep():
        pytest.fail(f"{_before[0]} wrote into {', '.join(left)} without the fixture db or client")
    yield
    await broom.sweep()
    for stored in test_settings.data_dir.glob("files/*"):
        shutil.rmtree(stored) if stored.is_dir() else stored.unlink()


_before = [""]  # the test that ran before this one


def pytest_runtest_logfinish(nodeid: str) -> None:
    _before[0] = nodeid


@pytest.fixture
async def client(app: Litestar, db: None) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without script: keeps cookies, does not follow redirects, speaks English."""
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]  # httpx types ASGI with bare mappings, Litestar with its own
    async with httpx.AsyncClient(
        transport=transport, base_url="http://fairs.test", headers={"accept-language": "en"}
    ) as made:
        yield made


def free_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def mail_server(test_settings: settings.Settings) -> Iterator[MailKeeper]:
    """A real SMTP server on this machine; the product sends to it while the test runs."""
    from aiosmtpd.controller import Controller

    keeper = MailKeeper()
    port = free_port()
    controller = Controller(keeper, hostname="127.0.0.1", port=port)
    controller.start()
    SETTINGS.set(replace(test_settings, smtp_url=f"smtp://127.0.0.1:{port}"))
    yield keeper
    controller.stop()
