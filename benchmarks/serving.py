"""The product as it runs: `fairs serve` on a folder of its own, and how much memory all of it takes."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


@contextmanager
def serving(build: Callable[[], Coroutine[Any, Any, T]]) -> Iterator[tuple[int, int, T]]:
    """(process id, port, what `build` returned) of `fairs serve` on a fresh folder that `build` has filled."""
    from fairs.cli import database, load_settings, run_in_database

    with tempfile.TemporaryDirectory(prefix="fairs-bench-") as folder:
        os.chmod(folder, 0o711)
        data = Path(folder) / "data"
        with database(load_settings(data)) as found:
            made = run_in_database(found, build())
        with served(data) as (pid, port):
            yield pid, port, made


@contextmanager
def served(data: Path, *arguments: str) -> Iterator[tuple[int, int]]:
    """(process id, port) of `fairs serve` on a folder that is filled."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "fairs.cli", "serve", "--data", str(data), "--port", str(port), *arguments]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(port)
        yield server.pid, port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def wait_until_ready(port: int) -> None:
    """Raises TimeoutError after five minutes: on a busy machine a start takes a minute."""
    for _ in range(3000):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not become ready")


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(children.get(found[-1], []))
    return found


def memory(pid: int) -> float:
    """MB of the whole system, shared pages counted once (proportional set size)."""
    total = 0
    for member in family(pid):
        try:
            rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def processor(pid: int) -> tuple[float, float]:
    """Seconds of processor used so far: (by the server and its children that are Python, by PostgreSQL)."""
    ticks, server, database = os.sysconf("SC_CLK_TCK"), 0.0, 0.0
    for member in family(pid):
        try:
            name, _, rest = Path(f"/proc/{member}/stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        used = sum(int(field) for field in rest.split()[11:13]) / ticks
        if name.startswith("postgres"):
            database += used
        else:
            server += used
    return server, database


@contextmanager
def counted(pid: int, found: dict[str, Any]) -> Iterator[None]:
    """Add to `found` what a request cost in ms of processor: numbers that other programs on the machine hardly move."""
    before = processor(pid)
    yield
    after = processor(pid)
    for name, index in (("server", 0), ("database", 1)):
        found[f"{name}_cpu_ms"] = round(1000 * (after[index] - before[index]) / max(1, found["requests"]), 2)
