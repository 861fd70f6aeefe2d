"""The product's commands as processes of their own, forked from one that has loaded the product: loading takes seconds.

What runs is `fairs.cli` in a new process with its own environment, folder and streams; only the imports are shared.
A server is not started so: its metrics choose by the environment while they are imported.
Run as a program it is the process that forks: one request a line, answered by a line.
"""

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

STEP = 0.01  # seconds between looks at a process that is waited for


class Forker:
    """The process that forks, seen from the tests: it ends with them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket, far = socket.socketpair()
        with far:
            command = [sys.executable, "-m", "tests.forking", str(far.fileno())]
            clean = {name: value for name, value in os.environ.items() if not name.startswith(("FAIRS_", "PICCOLO_"))}
            self._process = subprocess.Popen(command, env=clean, pass_fds=[far.fileno()], stdin=subprocess.DEVNULL)
        self._answers = self._socket.makefile("rb")
        atexit.register(self.close)

    def ask(self, request: Mapping[str, Any], files: tuple[int, ...] = ()) -> int | None:
        """The number that answers."""
        with self._lock:
            socket.send_fds(self._socket, [json.dumps(request).encode() + b"\n"], files)
            answer: int | None = json.loads(self._answers.readline())
            return answer

    def close(self) -> None:
        """Let it end; the commands that still run are left alone."""
        self._answers.close()
        self._socket.close()
        self._process.wait()


@cache
def forker(process: int) -> Forker:
    """The one of this process of the test run."""
    return Forker()


class Forked:
    """A running command."""

    def __init__(
        self,
        arguments: list[str],
        *,
        env: Mapping[str, str],
        out: int,
        err: int,
        cwd: str | os.PathLike[str] | None = None,
    ) -> None:
        self.returncode: int | None = None
        request = {"start": arguments, "env": dict(env), "cwd": os.fspath(cwd or os.getcwd())}
        pid = forker(os.getpid()).ask(request, (out, err))
        assert pid is not None
        self.pid = pid

    def poll(self) -> int | None:
        """The exit status, negative for the signal that ended it; None while it runs."""
        if self.returncode is None:
            self.returncode = forker(os.getpid()).ask({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float) -> int:
        """The exit status. Kills the command and raises subprocess.TimeoutExpired after so many seconds."""
        deadline = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(["fairs"], timeout)
            time.sleep(STEP)
        return status


def _load() -> dict[str, str]:
    """Import what commands import. Gives what that has put into the environment."""
    before = dict(os.environ)
    from fairs import app, cli

    for module in (app.__name__, "fairs.demo.builder", *cli.WHERE.values()):
        import_module(module)
    for make in cli.MADE.values():
        make()
    gc.collect()
    gc.freeze()
    return {name: value for name, value in os.environ.items() if name not in before}


def _receive(control: socket.socket, waiting: bytearray) -> tuple[dict[str, Any] | None, list[int]]:
    """The next request and its files; no request when the tests have ended."""
    files: list[int] = []
    while b"\n" not in waiting:
        data, found, _, _ = socket.recv_fds(control, 1 << 20, 2)
        files += found
        if not data:
            return None, files
        waiting += data
    line, _, rest = bytes(waiting).partition(b"\n")
    waiting[:] = rest
    request: dict[str, Any] = json.loads(line)
    return request, files


def _become(request: dict[str, Any], files: list[int], loaded: Mapping[str, str]) -> None:
    """This process is the command from now on."""
    for number, file in zip((1, 2), files, strict=True):
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update({**loaded, **request["env"]})
    os.chdir(request["cwd"])
    sys.argv = ["fairs", *request["start"]]
    from fairs.cli import main

    main()


def _status(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def serve(control: socket.socket, loaded: Mapping[str, str]) -> None:
    """Fork what is asked for until the tests end."""
    waiting = bytearray()
    while True:
        request, files = _receive(control, waiting)
        if request is None:
            return
        if "poll" in request:
            answer = _status(request["poll"])
        else:
            answer = os.fork()
            if answer == 0:
                control.close()
                _become(request, files, loaded)
                return
            for file in files:
                os.close(file)
        control.sendall(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    from_loading = _load()
    serve(socket.socket(fileno=int(sys.argv[1])), from_loading)
