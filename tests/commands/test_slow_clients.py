"""Thousands of half-sent heads and bodies from one client, and everybody else is served as if they were not there."""

import contextlib
import os
import resource
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

import httpx
import pytest

from tests.commands.running import Server

BODIES, HEADS = 2060, 2000
HALF_BODY = (
    b"POST /login HTTP/1.1\r\nhost: fairs\r\ncontent-type: application/x-www-form-urlencoded\r\n"
    b"accept: application/json\r\ncontent-length: 1000\r\n\r\nemail=a"
)
HALF_HEAD = b"GET /healthz HTTP/1.1\r\nhost: fairs\r\nx-half"
PROMPT = 5.0  # seconds: this machine may be busy; without the guard nobody is answered at all


@contextmanager
def half_sent(server: Server, text: bytes, count: int) -> Iterator[list[socket.socket]]:
    """So many connections on which a request has begun and does not go on."""
    place = urlsplit(server.url)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 500)), hard))
    opened: list[socket.socket] = []
    try:
        for _ in range(count):
            opened.append(socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=20))
            opened[-1].sendall(text)
        yield opened
    finally:
        for connection in opened:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def answers(opened: list[socket.socket], seconds: float) -> Counter[str]:
    """How each connection ended: a status, "closed" without one, "open"."""
    found: Counter[str] = Counter()
    deadline = time.monotonic() + seconds
    for connection in opened:
        connection.settimeout(max(0.05, deadline - time.monotonic()))
        try:
            text = connection.recv(65536)
        except TimeoutError:
            found["open"] += 1
        except ConnectionResetError:
            found["closed"] += 1
        else:
            found[text[9:12].decode() if text else "closed"] += 1
    return found


def served_meanwhile(server: Server) -> list[float]:
    """Seconds that others wait for an answer, for a page, and for a body of their own to be read."""
    waited = []
    with httpx.Client(base_url=server.url, timeout=30) as other:
        for method, path, status in (("GET", "/healthz", 200), ("GET", "/login", 200), ("POST", "/login", 403)) * 3:
            begun = time.monotonic()
            form = {"email": "x@example.org"} if method == "POST" else None
            assert other.request(method, path, data=form).status_code == status
            waited.append(time.monotonic() - begun)
    return waited


def test_half_sent_bodies_stop_nobody(running: Server) -> None:
    with half_sent(running, HALF_BODY, BODIES) as opened:
        assert max(served_meanwhile(running)) < PROMPT
        ended = answers(opened, 60)
    assert set(ended) <= {"503", "408", "closed"}  # closed: over the cap of connections before it was looked at
    assert 0 < ended["408"] <= 64
    assert ended["503"] > 800
    assert max(served_meanwhile(running)) < PROMPT


def test_half_sent_heads_stop_nobody_and_are_closed(running: Server) -> None:
    with half_sent(running, HALF_HEAD, HEADS) as opened:
        assert max(served_meanwhile(running)) < PROMPT
        assert answers(opened, 60) == {"closed": HEADS}


def _ended_more_than(running: Server, told: int) -> bool:
    return running.said()[1].count("connections_ended") > told


def test_connections_of_one_network_are_capped_again_and_again(running: Server) -> None:
    """By the watch, not by the time-out of heads; and the files of the server's process become as few as before."""
    before = _open_files(running)
    for _ in range(4):
        told = running.said()[1].count("connections_ended")
        with half_sent(running, HALF_HEAD, HEADS) as opened:
            _wait(partial(_ended_more_than, running, told))
            assert Counter(_is_over(connection) for connection in opened)[True] > 1
            assert max(served_meanwhile(running)) < PROMPT
        _wait(lambda: _open_files(running) < before + 100)


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _open_files(server: Server) -> int:
    """Of the server's process that has most."""
    counts = [0]
    for process in server.left():
        with contextlib.suppress(OSError):
            counts.append(len(os.listdir(f"/proc/{process}/fd")))
    return max(counts)


def _is_over(connection: socket.socket) -> bool:
    """Whether the other side has ended it; nothing else is read from it."""
    connection.setblocking(False)
    try:
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True


def test_drops_that_keep_a_body_going_do_not_keep_it_open(running: Server) -> None:
    with half_sent(running, HALF_BODY, 1) as (connection,):
        begun = time.monotonic()
        connection.settimeout(1.0)
        while time.monotonic() - begun < 60:
            connection.sendall(b"a")
            try:
                text = connection.recv(65536)
            except TimeoutError:
                continue
            break
        assert b" 408 " in text.split(b"\r\n")[0]
        assert 15 < time.monotonic() - begun < 45


def test_clients_who_leave_write_no_error(running: Server) -> None:
    with half_sent(running, HALF_BODY, 20):
        time.sleep(0.3)
    with half_sent(running, HALF_BODY.replace(b"content-length: 1000", b"transfer-encoding: chunked"), 20):
        time.sleep(0.3)
    deadline = time.monotonic() + 60
    while True:
        metrics = httpx.get(f"{running.url}/metrics", timeout=30).text
        if 'method="POST",route="/login",status="499"' in metrics:
            break
        assert time.monotonic() < deadline, metrics
        time.sleep(0.2)
    assert 'status="500"' not in metrics
    log = running.said()[1]
    assert "Traceback" not in log
    assert "unexpected" not in log


@pytest.mark.parametrize(("limits", "expected"), [("(256, 4096)", 4096), ("(256, 256)", 256), ("(4096, 90000)", 20000)])
def test_open_files_are_raised_as_far_as_they_may(limits: str, expected: int) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < expected:
        expected = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    script = (
        "import resource; from fairs.commands.serve import raise_open_files, OWN_FILES;"
        f"soft, hard = {limits}; top = resource.getrlimit(resource.RLIMIT_NOFILE)[1];"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, top), min(hard, top)));"
        "connections = raise_open_files();"
        "print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], connections == max(64, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - OWN_FILES))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(expected), "True"]
