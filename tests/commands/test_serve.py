"""Starting, stopping, being killed, and all the ways in which a start cannot work."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

import fairs as product
from tests.commands.conftest import ADMIN, PASSWORD
from tests.commands.running import PATIENCE, Server, environment, fairs, free_port, serving, sign_in


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_everything_that_was_started(data: Path, number: signal.Signals) -> None:
    with serving(data) as server:
        assert len(server.left()) > 3  # the command, its worker, PostgreSQL
        done = server.end(number)
        assert (done.status, done.err.splitlines()[-1]) == (0, "stopped")
        assert server.left() == []


def test_second_server_on_a_folder_is_told_where_the_first_is(running: Server) -> None:
    done = fairs("serve", "--data", running.data, "--port", str(free_port()))
    assert (done.status, done.sentence) == (
        1,
        f"fairs: already running on this folder, at {running.url}. "
        "Stop that one first, or choose another folder with DATA=… (--data).",
    )
    assert running.browser().get("/healthz").status_code == 200


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_port_that_is_taken_is_said_before_anything_is_made(empty: Path, command: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = fairs(command, "--data", empty, "--port", port)
    expected = f"fairs: port {port} is taken. Choose another one with PORT=… (--port)."
    assert (done.status, done.sentence) == (1, expected)
    assert not (empty / "postgres").exists()


def test_address_of_another_machine_is_said(empty: Path) -> None:
    done = fairs("serve", "--data", empty, "--host", "192.0.2.1")
    assert (done.status, done.sentence) == (
        1,
        "fairs: cannot listen on 192.0.2.1 ([Errno 99] Cannot assign requested address): "
        "give an address of this machine with --host",
    )


def test_killed_server_takes_its_workers_along_and_starts_again_with_its_sessions(data: Path) -> None:
    port = free_port()
    with serving(data, port, "--workers", "2") as server, server.browser() as browser:
        assert sign_in(browser, ADMIN, PASSWORD).status_code == 303
        server.end(signal.SIGKILL)
        server.wait_until_gone()
        with serving(data, port) as again:
            answer = browser.get("/home")
            assert answer.status_code == 200  # the desk, not the page to sign in
            again.end()


def test_kill_while_starting_leaves_nothing_and_the_next_start_works(data: Path) -> None:
    for moment in (0.3, 1.0):
        process = subprocess.Popen(
            [sys.executable, "-m", "fairs.cli", "serve", "--data", str(data), "--port", str(free_port())],
            env=environment({"FAIRS_TEST_MARK": "killed-early"}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        time.sleep(moment)
        process.kill()
        process.wait()
        Server(process, data, "", "killed-early").wait_until_gone()
    with serving(data) as server:
        assert server.browser().get("/healthz").status_code == 200


def test_database_server_that_is_killed_comes_back(data: Path) -> None:
    with serving(data) as server, server.browser() as browser:
        postmaster = int((data / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while browser.get("/readyz").status_code != 200 or postmaster in server.left():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        while (status := sign_in(browser, ADMIN, PASSWORD).status_code) != 303:
            assert status == 503  # a pooled connection of the former server may be met once
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_folder_that_cannot_be_written_is_said(shelf: Path) -> None:
    folder = shelf / "closed"
    folder.mkdir(mode=0o755)
    folder.chmod(0o555)
    user: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    if user and not _reachable_for(user):
        folder, user = Path("/proc/fairs"), {}  # the code is closed to others: a folder that nobody can make
    done = fairs("serve", "--data", folder / "data", "--port", str(free_port()), **user)
    assert done.status == 1
    assert done.sentence.startswith(f"fairs: cannot write to {folder}")
    assert done.sentence.endswith("choose another folder with --data")


def _reachable_for(user: dict[str, Any]) -> bool:
    try:
        command = [sys.executable, "-c", "import fairs.cli"]
        status: int = subprocess.run(command, capture_output=True, cwd="/", **user).returncode
        return status == 0
    except OSError:
        return False


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        (
            "FAIRS_SECRET_KEY",
            "short",
            "FAIRS_SECRET_KEY needs at least 32 characters; without it a key is made and kept in the data folder",
        ),
        ("FAIRS_POOL_SIZE", "many", "FAIRS_POOL_SIZE: 'many' is not a number"),
        ("FAIRS_POOL_SIZE", "0", "FAIRS_POOL_SIZE must be from 2 to 1000, not 0"),
        (
            "FAIRS_BASE_URL",
            "fairs.example",
            "FAIRS_BASE_URL must be an http:// or https:// address, not 'fairs.example'",
        ),
        ("FAIRS_NOW", "soon", "FAIRS_NOW must be a moment such as 2018-10-27T09:30+08:00, not 'soon'"),
        (
            "FAIRS_DATABASE_URL",
            "mysql://x",
            "FAIRS_DATABASE_URL must look like postgresql://user:password@host:5432/database",
        ),
        (
            "FAIRS_SMTP_URL",
            "mail.example",
            "FAIRS_SMTP_URL must look like smtp://user:password@host:port (or smtps://)",
        ),
        (
            "FAIRS_BOUNCES_URL",
            "mail.example",
            "FAIRS_BOUNCES_URL must look like imaps://user:password@host/INBOX",
        ),
        ("FAIRS_MAIL_FROM", "fairs", "FAIRS_MAIL_FROM must be an e-mail address, not 'fairs'"),
    ],
)
def test_setting_that_makes_no_sense_is_named(empty: Path, variable: str, value: str, sentence: str) -> None:
    done = fairs("migrate", "--data", empty, env={variable: value})
    assert (done.status, done.sentence) == (1, f"fairs: {sentence}")


def test_database_that_does_not_answer_is_said(empty: Path) -> None:
    url = f"postgresql://fairs:hidden@127.0.0.1:{free_port()}/fairs"
    done = fairs("serve", "--data", empty, "--port", str(free_port()), env={"FAIRS_DATABASE_URL": url})
    assert done.status == 1
    assert done.sentence.startswith("fairs: the database cannot be reached (")
    assert done.sentence.endswith("check FAIRS_DATABASE_URL")
    assert "hidden" not in done.sentence


def test_worker_beside_a_server_ends_on_sigterm(running: Server) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "fairs.cli", "worker", "--data", str(running.data)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "worker running  (Ctrl-C stops)\n"
    process.terminate()
    assert (process.wait(timeout=30), process.communicate()[1].splitlines()[-1]) == (0, "stopped")
    assert running.browser().get("/readyz").status_code == 200


def test_version_is_the_packages() -> None:
    assert fairs("--version").out == f"fairs, version {product.__version__}\n"


def test_two_processes_count_together(data: Path) -> None:
    with serving(data, 0, "--workers", "2") as server:
        [folder] = Path(tempfile.gettempdir()).glob(f"fairs-counts-{server.process.pid}-*")

        def counted() -> set[str]:
            return {path.name for path in folder.glob("counter_*.db")} - {f"counter_{server.process.pid}.db"}

        asked, until = 0, time.monotonic() + PATIENCE
        while len(counted()) < 2:  # the second may still be starting; the one that started them answers nothing
            assert time.monotonic() < until, "one process answers everything"
            with server.browser() as browser:  # a connection each
                assert browser.get("/healthz").status_code == 200
            asked += 1
        with server.browser() as browser:
            told = [browser.get("/metrics").text for _ in range(3)]
        line = f'fairs_http_requests_total{{method="GET",route="/healthz",status="200"}} {asked}.0'
        assert [line in text for text in told] == [True] * 3, told
        server.end()
        assert not folder.exists()


def test_counts_of_the_dead_are_cleared_and_those_of_the_living_kept(data: Path) -> None:
    with serving(data) as server:
        here = Path(tempfile.gettempdir())
        [living] = here.glob(f"fairs-counts-{server.process.pid}-*")
        renamed = living.rename(
            here / "fairs-counts-4194400-elsewhere"
        )  # a number of no process here: another container
        dead = Path(tempfile.mkdtemp(prefix="fairs-counts-1-"))  # a process that lives, and is none of ours
        (dead / "held").touch()
        script = "from fairs.commands.serve import counting_together; counting_together()"
        subprocess.run([sys.executable, "-c", script], check=True)
        assert (renamed.exists(), dead.exists()) == (True, False)
        renamed.rename(living)
