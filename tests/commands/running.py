"""The product run as its users run it: as a program, in a folder of its own, on a free port."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

import httpx

from fairs.core.embedded.folders import CLUSTER, find_home
from fairs.core.embedded.process import server_processes
from tests.forking import Forked

PATIENCE = 60.0
"""Seconds. A start takes one or two; other tests may be running beside."""
SERVERS = frozenset({"demo", "serve", "worker"})
"""Commands that choose by the environment while they are imported: started anew."""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The only line of the error stream."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        return lines[0]


def environment(given: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ours without any setting of the product, and what is given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FAIRS_", "PICCOLO_"))}
    return {**clean, **(given or {})}


def fairs(*arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Done:
    """Run a command to its end, in the folder `cwd`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        command, given = list(map(str, arguments)), environment(env)
        if command[0] in SERVERS:
            start = [sys.executable, "-m", "fairs.cli", *command]
            status = subprocess.run(
                start,
                env=given,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                timeout=PATIENCE,
                check=False,
            ).returncode
        else:
            status = Forked(command, env=given, out=out.fileno(), err=err.fileno(), cwd=cwd).wait(PATIENCE)
        said = [_read(stream) for stream in (out, err)]
    assert "Traceback" not in said[0] + said[1], said[1]
    return Done(status, *said)


def _read(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode()


def free_port() -> int:
    """A port on which nobody listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A running `fairs serve`."""

    process: subprocess.Popen[str]
    data: Path
    url: str
    mark: str
    streams: tuple[Path, Path] | None = None
    """Files that its output goes to: a pipe that nobody empties would stop it."""

    def browser(self) -> httpx.Client:
        # No certificates: reading them takes 30 ms, and nothing here is encrypted.
        return httpx.Client(base_url=self.url, timeout=PATIENCE, verify=False)

    def left(self) -> list[int]:
        """Processes of this server that live: its own, its workers, PostgreSQL's."""
        wanted = f"FAIRS_TEST_MARK={self.mark}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and wanted in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
        cluster = find_home(self.data) / CLUSTER
        return found + (list(server_processes(cluster)) if cluster.exists() else [])

    def wait_until_gone(self) -> None:
        _wait_for(lambda: not self.left())

    def end(self, number: signal.Signals = signal.SIGTERM) -> Done:
        """Send the signal to the command alone, as a service manager does, and wait for it."""
        self.process.send_signal(number)
        if self.streams is None:
            out, err = self.process.communicate(timeout=PATIENCE)
        else:
            self.process.wait(timeout=PATIENCE)
            _wait_for(lambda: not self._writing())
            out, err = self.said()
        return Done(self.process.returncode, out, err)

    def _writing(self) -> list[int]:
        """Processes that may still write into the streams: as a pipe's end, theirs is waited for."""
        assert self.streams is not None
        files, found = set(map(str, self.streams)), []
        for process in self.left():
            with contextlib.suppress(OSError):
                opened = {os.readlink(entry) for entry in Path(f"/proc/{process}/fd").iterdir()}
                found += [process] if opened & files else []
        return found

    def said(self) -> tuple[str, str]:
        """Both streams as far as they are written."""
        assert self.streams is not None
        out, err = self.streams
        return out.read_text(), err.read_text()


def _wait_for(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, "still running"
        time.sleep(0.1)


@contextlib.contextmanager
def serving(
    data: Path, port: int = 0, *arguments: str, command: str = "serve", env: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A server that answers; stopped at the end if the test has not done so."""
    port, mark = port or free_port(), uuid4().hex
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "fairs.cli", command, "--data", str(data), "--port", str(port), *arguments],
            env=environment({"FAIRS_TEST_MARK": mark, **(env or {})}),
            stdout=out,
            stderr=err,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        server = Server(process, data, f"http://127.0.0.1:{port}", mark, (Path(out.name), Path(err.name)))
        try:
            _wait_until_ready(server)
            yield server
        finally:
            if process.poll() is None:
                server.end()


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + PATIENCE
    with server.browser() as asking:  # one for all tries: making it costs more than asking
        while True:
            assert server.process.poll() is None, server.said()
            with contextlib.suppress(httpx.TransportError):
                if asking.get("/readyz", timeout=5).status_code == 200:
                    return
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)


def sign_in(browser: httpx.Client, email: str, password: str) -> httpx.Response:
    """Fill in the form at /login as a browser does."""
    found = re.search(r'name="_csrf_token" value="([^"]+)"', browser.get("/login").text)
    assert found
    return browser.post("/login", data={"email": email, "password": password, "_csrf_token": found.group(1)})
