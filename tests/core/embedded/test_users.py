"""Who starts the embedded server, who shares it, and when it stops. Every test runs real servers, as root and as an ordinary user alike."""

import asyncio
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import asyncpg
import pytest

from fairs.core.embedded import EmbeddedError, EmbeddedPostgres
from fairs.core.embedded.binaries import choose_installation
from fairs.core.embedded.probe import read_pid_file
from fairs.core.embedded.process import server_processes
from tests.core.embedded.holding import Holder, ask, becomes_true, gone, holding, server_account, server_pid


async def test_start_on_an_empty_folder(data: Path) -> None:
    embedded = EmbeddedPostgres(data)
    assert embedded.start() == "initialised"
    assert embedded.start() == "started"
    connection = await asyncpg.connect(embedded.dsn())
    names = ["fsync", "jit", "listen_addresses", "max_connections", "TimeZone", "unix_socket_permissions"]
    rows = await connection.fetch("SELECT name, setting FROM pg_settings WHERE name = ANY($1)", names)
    assert {row["name"]: row["setting"] for row in rows} == {
        "fsync": "on",
        "jit": "off",
        "listen_addresses": "",
        "max_connections": "100",
        "TimeZone": "UTC",
        "unix_socket_permissions": "0700",
    }
    ordered = "SELECT string_agg(n, ' ' ORDER BY n) FROM unnest(ARRAY['张', 'Émile', 'zoe']) n"
    assert await connection.fetchval(ordered) == "zoe Émile 张"
    assert await connection.fetchval("SELECT lower('ÉMILE')") == "émile"
    assert await connection.fetchval("SELECT current_database()") == "fairs"
    await connection.close()
    pid = server_pid(data)
    embedded.stop()
    embedded.stop()
    assert gone(pid)
    assert sorted(file.name for file in data.iterdir()) == [
        "postgres",
        "postgres.log",
        "postgres.owner.lock",
        "postgres.server.lock",
        "postgres.users.lock",
    ]


async def test_start_again_keeps_the_data(made: Path) -> None:
    with EmbeddedPostgres(made, durable=False) as embedded:
        await ask(embedded.dsn(), "CREATE TABLE kept AS SELECT 7 AS n")
    embedded = EmbeddedPostgres(made, durable=False)
    assert embedded.start() == "started"
    assert await ask(embedded.dsn(), "SELECT n FROM kept") == 7
    assert await ask(embedded.dsn(), "SHOW fsync") == "off"
    await ask(embedded.dsn("postgres"), "DROP DATABASE fairs")
    embedded.stop()
    assert embedded.start() == "started"
    assert await ask(embedded.dsn(), "SELECT current_database()") == "fairs"
    embedded.stop()


async def test_server_stays_until_the_last_user_has_left(data: Path) -> None:
    assert not EmbeddedPostgres(data).answers()
    assert not data.exists()
    with holding(data) as starter:
        state, dsn = starter.answer()
        assert state == "initialised"
        guest = EmbeddedPostgres(data, durable=False)
        assert guest.start() == "attached"
        assert guest.dsn() == dsn
        guest.stop()
        assert await ask(dsn, "SELECT 1") == 1
        assert guest.start() == "attached"
        connection, pid = await asyncpg.connect(dsn), server_pid(data)
        began = time.monotonic()
        assert starter.release() == 0
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.5)
        assert await connection.fetchval("SELECT 1") == 1  # the very session
        assert server_pid(data) == pid
        await connection.close()
        guest.stop()
        assert gone(pid)
        assert not EmbeddedPostgres(data).answers()


async def test_two_starters_at_once(data: Path) -> None:
    with holding(data) as one, holding(data) as other:
        answers = [one.answer(), other.answer()]
        assert sorted(answer[0] for answer in answers) == ["attached", "initialised"]
        assert [await ask(answer[1], "SELECT 1") for answer in answers] == [1, 1]
        pid = server_pid(data)
        assert one.release() == 0
        assert await ask(answers[0][1], "SELECT 1") == 1
        assert other.release() == 0
        assert gone(pid)


async def test_many_come_and_go_at_once(data: Path) -> None:
    """Whatever the order, everybody has a server as long as he wants it, and nothing remains."""
    for _ in range(3):
        holders = [Holder(data) for _ in range(5)]
        try:
            for number, holder in enumerate(holders):
                assert await ask(holder.answer()[1], "SELECT 1") == 1
                if number % 2:
                    holder.kill()
                elif number:
                    assert holder.release() == 0
            assert await becomes_true(EmbeddedPostgres(data).answers)
            assert holders[0].release() == 0
        finally:
            for holder in holders:
                holder.kill()
        assert await becomes_true(lambda: not list(server_processes(data / "postgres")))


async def test_server_survives_the_thread_that_started_it(made: Path) -> None:
    embedded = EmbeddedPostgres(made, durable=False)
    thread = threading.Thread(target=embedded.start)
    thread.start()
    thread.join()
    await asyncio.sleep(0.3)
    assert await ask(embedded.dsn(), "SELECT 1") == 1
    embedded.stop()


async def test_forked_child_neither_stops_nor_owns_the_server(made: Path) -> None:
    with EmbeddedPostgres(made, durable=False) as embedded:
        child = os.fork()
        if child == 0:
            embedded.stop()
            os._exit(0 if embedded.start() == "attached" else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert await ask(embedded.dsn(), "SELECT 1") == 1


async def test_server_started_by_hand_is_left_alone(made: Path) -> None:
    cluster, account = made / "postgres", server_account(made)
    program = choose_installation(cluster).bin / "postgres"
    command = [str(program), "-D", str(cluster), "-k", str(cluster), "-h", ""]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **account.surroundings, **account.identity) as server:
        assert await becomes_true(lambda: (found := read_pid_file(cluster)) is not None and found.ready)
        with pytest.raises(EmbeddedError) as caught:
            EmbeddedPostgres(made, durable=False).start()
        assert caught.value.message == (
            f"Process {server.pid} is a PostgreSQL server in {cluster} that was started by hand. Stop it."
        )
        assert server.poll() is None
        server.send_signal(signal.SIGINT)
