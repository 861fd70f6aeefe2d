"""The embedded server under violence: it, its keeper and its users are killed in every order."""

import os
import signal
import subprocess
import time
from pathlib import Path

import asyncpg
import pytest

from fairs.core.embedded import EmbeddedPostgres
from fairs.core.embedded.process import server_processes
from tests.core.embedded.holding import ask, becomes_true, gone, holding, server_account, server_pid


async def test_killed_application_takes_the_server_with_it(made: Path) -> None:
    with holding(made, "with-child") as holder:
        dsn = holder.answer()[1]
        pid = server_pid(made)
        await ask(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
        holder.kill()
        began = time.monotonic()
        embedded = EmbeddedPostgres(made, durable=False)
        # At once, with the old server stopping, or in time to keep it, and a child of the dead application still alive.
        came = embedded.start()
        assert time.monotonic() - began < 10
        assert (came, gone(pid)) in {("started", True), ("attached", False)}
        assert await ask(embedded.dsn(), "SELECT n FROM kept") == 7
        embedded.stop()


async def test_killed_application_alone_leaves_nothing_running(made: Path) -> None:
    with holding(made) as holder:
        holder.answer()
        pid = server_pid(made)
        holder.kill()
        assert await becomes_true(lambda: gone(pid))
        assert await becomes_true(lambda: not (made / "postgres" / "postmaster.pid").exists())


async def test_killed_server_is_started_again_by_its_user(made: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with EmbeddedPostgres(made) as embedded:
        await ask(embedded.dsn(), "CREATE TABLE kept AS SELECT 7 AS n")
        first = server_pid(made)
        os.kill(first, signal.SIGKILL)
        assert await becomes_true(lambda: EmbeddedPostgres(made).answers() and server_pid(made) != first)
        assert await ask(embedded.dsn(), "SELECT n FROM kept") == 7
        assert gone(first)
    assert "fairs: the database server has gone; starting it again" in capfd.readouterr().err


def keeper_pid(data_dir: Path) -> int:
    return int(Path(f"/proc/{server_pid(data_dir)}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.parametrize("victims", ["keeper", "keeper and starter", "server and starter", "all three"])
async def test_remaining_user_has_a_server_again_within_seconds(made: Path, victims: str) -> None:
    with holding(made) as starter:
        starter.answer()
        guest = EmbeddedPostgres(made, durable=False)
        assert guest.start() == "attached"
        await ask(guest.dsn(), "CREATE TABLE kept AS SELECT 7 AS n")
        first, keeper = server_pid(made), keeper_pid(made)
        if "keeper" in victims or victims == "all three":
            os.kill(keeper, signal.SIGKILL)
        if "server" in victims or victims == "all three":
            os.kill(first, signal.SIGKILL)
        if "starter" in victims or victims == "all three":
            starter.kill()
        assert await becomes_true(lambda: gone(first))
        assert await becomes_true(guest.answers)
        assert server_pid(made) != first
        assert await ask(guest.dsn(), "SELECT n FROM kept") == 7
        second = server_pid(made)
        if starter.process.poll() is None:
            assert starter.release() == 0
            assert guest.answers()
        guest.stop()
        assert gone(second)


async def test_server_that_dies_again_and_again_comes_back_each_time(made: Path) -> None:
    with EmbeddedPostgres(made, durable=False) as embedded:
        for _ in range(4):
            pid = server_pid(made)
            os.kill(pid, signal.SIGKILL)

            def replaced(killed: int = pid) -> bool:
                return embedded.answers() and server_pid(made) != killed

            assert await becomes_true(replaced, 20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
async def test_server_that_is_told_to_stop_is_followed_by_another(made: Path, number: signal.Signals) -> None:
    """A service manager that ends a group of processes reaches the server too; with sessions open it would linger."""
    with EmbeddedPostgres(made, durable=False) as embedded:
        lingering = await asyncpg.connect(embedded.dsn())
        pid, keeper = server_pid(made), keeper_pid(made)
        os.kill(keeper, number if number != signal.SIGQUIT else signal.SIGHUP)
        os.kill(pid, number)
        assert await becomes_true(lambda: gone(pid), 20)
        assert await becomes_true(embedded.answers)
        lingering.terminate()


async def test_everybody_killed_leaves_nothing(made: Path) -> None:
    with holding(made) as one, holding(made) as other:
        one.answer()
        other.answer()
        server, keeper = server_pid(made), keeper_pid(made)
        one.kill()
        assert not gone(server)
        other.kill()
        began = time.monotonic()
        assert await becomes_true(lambda: gone(server) and gone(keeper))
        assert time.monotonic() - began < 3  # a second when the machine is quiet
        assert not list(server_processes(made / "postgres"))


async def test_killed_server_and_application_with_a_recycled_pid(made: Path) -> None:
    with holding(made) as holder:
        await ask(holder.answer()[1], "CREATE TABLE kept AS SELECT 7 AS n")
        os.kill(holder.process.pid, signal.SIGSTOP)  # so that it cannot start the server again
        pid = server_pid(made)
        os.kill(pid, signal.SIGKILL)
        holder.kill()
    account = server_account(made)
    stranger = subprocess.Popen(["/bin/sleep", "60"], **account.surroundings, **account.identity)
    try:
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            file = made / "postgres" / name
            file.write_text(file.read_text().replace(str(pid), str(stranger.pid), 1))
        embedded = EmbeddedPostgres(made, durable=False)
        assert embedded.start() == "started"
        assert await ask(embedded.dsn(), "SELECT n FROM kept") == 7
        assert stranger.poll() is None
        embedded.stop()
    finally:
        stranger.kill()
        stranger.wait()
