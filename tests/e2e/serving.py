"""The real server as a process of its own, and a real browser, for tests that click.

`live_server` gives the base URL of a server on the worker's test database, so that a test makes its data with the
factories and looks at it in the browser. `browser` is a headless Chromium without pages; `launch(…)` starts one with more arguments.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browsers import chromium

SECRET = "a secret for tests that is long enough to be one"
START_SECONDS = 30


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    dsn: str, data: Path, port: int = 0, *, worker: bool = False
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Base URL and process of `fairs serve` on this database; stopped afterwards if it still runs."""
    port = port or free_port()
    environment = os.environ | {"FAIRS_DATABASE_URL": dsn, "FAIRS_SECRET_KEY": SECRET}  # no dsn: embedded in `data`
    environment.setdefault("FAIRS_BASE_URL", f"http://localhost:{port}")  # a name, which passkeys need
    command = [sys.executable, "-m", "fairs.cli", "serve", "--data", str(data), "--port", str(port)]
    if not worker:
        command.append("--without-worker")
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/readyz", process)
        yield f"http://127.0.0.1:{port}", process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(START_SECONDS)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not become ready")


@pytest.fixture(scope="session")
def live_server(dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a server for the whole run."""
    with serving(dsn, tmp_path_factory.mktemp("serve")) as (base_url, _):
        yield base_url


@asynccontextmanager
async def launch(*arguments: str) -> AsyncIterator[Browser]:
    """A headless Chromium with these further arguments."""
    async with async_playwright() as playwright:
        made = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", *arguments])
        try:
            yield made
        finally:
            await made.close()


@pytest.fixture(scope="session")
async def chromium_for_all() -> AsyncIterator[Browser]:
    """One browser for the whole run: starting it costs seconds."""
    async with launch() as made:
        yield made


@pytest.fixture
async def browser(chromium_for_all: Browser) -> AsyncIterator[Browser]:
    """A browser without pages. What a test opens is closed after it."""
    yield chromium_for_all
    for context in chromium_for_all.contexts:
        await context.close()
