"""Commands on one embedded database: whoever started it may leave, however he leaves, and the others do not notice."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from fairs.core.embedded import EmbeddedPostgres
from fairs.core.embedded.process import server_processes
from tests.commands.conftest import ADMIN, PASSWORD
from tests.commands.running import PATIENCE, Server, environment, fairs, serving, sign_in

SHORT = ["migrate", "purge", "backup"]


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@contextmanager
def command(name: str, data: Path) -> Iterator[subprocess.Popen[str]]:
    """A command under way."""
    more = [str(data.with_name(f"{data.name}.backup"))] if name == "backup" else []
    line = [sys.executable, "-m", "fairs.cli", name, "--data", str(data), *more]
    process = subprocess.Popen(line, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.send_signal(signal.SIGCONT)
        process.communicate(timeout=PATIENCE)


@contextmanager
def asked_all_the_time(server: Server) -> Iterator[list[int]]:
    """The answers of a page that reads the database, asked for without a pause."""
    statuses: list[int] = []
    enough = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=server.url, timeout=PATIENCE) as browser:
            while not enough.wait(0.01):
                statuses.append(browser.get("/readyz").status_code)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield statuses
    finally:
        enough.set()
        thread.join()


def nobody_left(data: Path) -> bool:
    return not list(server_processes(data / "postgres"))


LEAVING = [  # the short ones leave alike: each ends in one way
    ("worker", signal.SIGTERM),
    ("worker", signal.SIGKILL),
    ("migrate", signal.SIGKILL),
    ("purge", signal.SIGTERM),
    ("backup", signal.SIGKILL),
]


@pytest.mark.parametrize(("starter", "number"), LEAVING)
def test_server_does_not_notice_that_the_starter_of_the_database_leaves(
    data: Path, starter: str, number: signal.Signals
) -> None:
    with command(starter, data) as first:
        wait_until(EmbeddedPostgres(data).answers, f"{starter} starts no database")
        first.send_signal(signal.SIGSTOP)  # a short command would be over before the server has come
        with serving(data) as server:
            with asked_all_the_time(server) as statuses:
                first.send_signal(number)
                first.send_signal(signal.SIGCONT)
                first.wait(PATIENCE)
                time.sleep(0.5)
            assert set(statuses) == {200}
            with server.browser() as browser:
                assert sign_in(browser, ADMIN, PASSWORD).status_code == 303
            assert server.end().status == 0
            assert server.left() == []
    assert nobody_left(data)


def test_commands_beside_a_server_neither_break_it_nor_each_other(data: Path) -> None:
    with serving(data) as server, asked_all_the_time(server) as statuses:
        with ExitStack() as running:
            short = [running.enter_context(command(name, data)) for name in ("worker", *SHORT)][1:]
            assert [process.wait(PATIENCE) for process in short] == [0, 0, 0]
        assert set(statuses) == {200}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_worker_and_backup_outlive_the_server_that_started_the_database(data: Path, number: signal.Signals) -> None:
    with serving(data) as server:
        with command("worker", data) as worker:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "worker running  (Ctrl-C stops)\n"
            with command("backup", data) as backup:
                server.end(number)
                assert backup.wait(PATIENCE) == 0
            assert worker.poll() is None
            assert EmbeddedPostgres(data).answers()
            assert fairs("purge", "--data", data).status == 0
            assert EmbeddedPostgres(data).answers()
            worker.terminate()
            assert worker.wait(PATIENCE) == 0
        assert nobody_left(data)
        server.wait_until_gone()


def test_server_whose_database_is_killed_together_with_its_starter_serves_again(data: Path) -> None:
    with command("worker", data) as worker:
        wait_until(EmbeddedPostgres(data).answers, "the worker starts no database")
        with serving(data) as server, server.browser() as browser:
            for pid in server_processes(data / "postgres"):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            worker.kill()
            wait_until(lambda: browser.get("/readyz").status_code == 200, "no database for a minute")
            wait_until(lambda: sign_in(browser, ADMIN, PASSWORD).status_code == 303, "nobody can sign in")


def test_several_migrations_of_an_empty_folder_at_once(empty: Path) -> None:
    with command("migrate", empty) as one, command("migrate", empty) as two, command("migrate", empty) as three:
        said = sorted((process.communicate(timeout=PATIENCE)[0], process.returncode) for process in (one, two, three))
    assert said[1:] == [("the database is up to date\n", 0)] * 2
    assert said[0][0].endswith(" migrations applied\n")
    assert said[0][1] == 0
    assert nobody_left(empty)
