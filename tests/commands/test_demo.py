"""`fairs demo` around its builder: what stands is shown, what was interrupted is built anew, the rest is left alone."""

import json
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from fairs.commands import database_marker
from fairs.commands.demo import ACCESS, BUILDING
from fairs.core.embedded import EmbeddedPostgres
from tests.commands.conftest import ADMIN, PASSWORD
from tests.commands.running import PATIENCE, Server, environment, fairs, free_port, serving, sign_in

STANDING = {
    "base_url": "http://127.0.0.1:1",
    "scale": 1,
    "first_day": "2018-10-27",
    "accounts": [{"role": "admin", "email": ADMIN, "password": PASSWORD, "unit": "410000", "locale": "zh"}],
}


@pytest.fixture
async def marked(data: Path) -> Path:
    """An installation whose database says that it is a demo's; without demo.json it has not been built to its end."""
    with EmbeddedPostgres(data) as server:
        await database_marker.mark(server.dsn(), database_marker.DEMO)
    return data


async def test_installation_that_is_not_a_demo_is_left_alone(data: Path) -> None:
    done = fairs("demo", "--data", data, "--port", str(free_port()))
    assert (done.status, done.sentence) == (
        1,
        f"fairs: the database of {data} holds a fair that is not a demo: choose another folder with --data",
    )
    with EmbeddedPostgres(data) as server:
        connection = await asyncpg.connect(server.dsn())
        assert await connection.fetchval("SELECT email FROM account") == ADMIN
        await connection.close()


def test_standing_demo_is_served_and_shows_who_may_sign_in(marked: Path) -> None:
    (marked / ACCESS).write_text(json.dumps(STANDING))
    port = free_port()
    with serving(marked, port, command="demo") as server:
        with server.browser() as browser:
            assert sign_in(browser, ADMIN, PASSWORD).status_code == 303
        second = fairs("demo", "--data", marked, "--port", str(free_port()))
        assert (second.status, second.sentence) == (
            1,
            f"fairs: already running on this folder, at {server.url}. "
            "Stop that one first, or choose another folder with DATA=… (--data).",
        )
        done = server.end()
        assert (done.status, server.left()) == (0, [])
    lines = [line.split() for line in done.out.splitlines() if line.startswith("  ")]
    assert lines == [["role", "e-mail", "password"], ["admin", ADMIN, *PASSWORD.split()]]
    written = marked / ACCESS
    assert (stat.S_IMODE(written.stat().st_mode), json.loads(written.read_text())) == (
        0o600,
        {**STANDING, "base_url": f"http://127.0.0.1:{port}"},
    )


def test_standing_demo_says_that_it_keeps_its_scale(marked: Path) -> None:
    (marked / ACCESS).write_text(json.dumps(STANDING))
    done = fairs("demo", "--data", marked, "--no-serve", "--scale", "3")
    assert (done.status, done.sentence) == (
        0,
        "this demo was built with scale 1, first day 2018-10-27, and stays so; another folder (--data) takes another one",
    )


def test_demo_killed_while_it_is_built_is_built_anew(empty: Path) -> None:
    first = _building(empty)
    _wait_for(empty / BUILDING)
    time.sleep(0.5)
    first.end(signal.SIGKILL)
    first.wait_until_gone()
    assert not (empty / ACCESS).exists()
    again = _building(empty)
    assert again.process.stderr is not None
    assert again.process.stderr.readline() == "an earlier run did not finish the demo: building it anew\n"
    assert again.process.stderr.readline() == "  edition\n"
    done = again.end()
    assert (done.status, done.err.splitlines()[-1], again.left()) == (130, "stopped", [])


def _building(data: Path) -> Server:
    mark = f"building-{data.parent.name}"
    process = subprocess.Popen(
        [sys.executable, "-m", "fairs.cli", "demo", "--data", str(data), "--no-serve"],
        env=environment({"FAIRS_TEST_MARK": mark}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return Server(process, data, "", mark)


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
