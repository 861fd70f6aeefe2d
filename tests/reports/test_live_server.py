"""The stream through a real server: a change arrives, signing out ends it, and an open stream does not hold up a stop."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from fairs.accounts import services as accounts
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.core import db as database
from fairs.core import pubsub
from tests import factories
from tests.cast import make_actor
from tests.conftest import SECRET


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def server_url(db: None, dsn: str, tmp_path: Path) -> AsyncIterator[tuple[str, subprocess.Popen[bytes]]]:
    """`fairs serve` on the tests' database."""
    port = _free_port()
    env = {**os.environ, "FAIRS_DATABASE_URL": dsn, "FAIRS_SECRET_KEY": SECRET}
    arguments = ["serve", "--port", str(port), "--data", str(tmp_path), "--without-worker"]
    process = subprocess.Popen([sys.executable, "-c", "from fairs.cli import main; main()", *arguments], env=env)
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient() as probe:
        for _ in range(200):
            try:
                if (await probe.get(f"{url}/healthz")).status_code == 200:
                    break
            except httpx.TransportError:
                await asyncio.sleep(0.1)
    yield url, process
    process.kill()
    process.wait()


async def _event(lines: AsyncIterator[str]) -> dict[str, int]:
    async with asyncio.timeout(10):
        async for line in lines:
            if line.startswith("data: "):
                found: dict[str, int] = json.loads(line[6:])
                return found
    raise AssertionError("the stream ended")


async def test_numbers_move_and_the_stream_closes(server_url: tuple[str, subprocess.Popen[bytes]]) -> None:
    url, _ = server_url
    event = await factories.event(slug="live")
    organiser = await make_actor("organiser")
    assert organiser.account_id
    cookie = await accounts.open_session(organiser.account_id, ip="", user_agent="")
    async with httpx.AsyncClient(cookies={SESSION_COOKIE: cookie}, timeout=20) as client:
        async with client.stream("GET", f"{url}/e/live/dashboard/stream") as answer:
            assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/event-stream")
            lines = answer.aiter_lines()
            assert (await _event(lines))["registered"] == 0
            async with database.DB.transaction():
                await factories.registration(event)
                await pubsub.publish(f"event:{event}", {"what": "registration"})
            changed = await _event(lines)
            assert (changed["registered"], "entries" in changed) == (1, False)
            await accounts.close_all_sessions(by=organiser)
            await pubsub.publish(f"event:{event}", {})
            async with asyncio.timeout(5):
                assert [line async for line in lines if line.startswith("data")] == []
        assert (await client.get(f"{url}/e/live/dashboard/stream")).status_code == 303


async def test_open_stream_does_not_hold_up_the_stop(server_url: tuple[str, subprocess.Popen[bytes]]) -> None:
    url, process = server_url
    await factories.event(slug="live")
    organiser = await make_actor("organiser")
    assert organiser.account_id
    cookie = await accounts.open_session(organiser.account_id, ip="", user_agent="")
    async with (
        httpx.AsyncClient(cookies={SESSION_COOKIE: cookie}, timeout=20) as client,
        client.stream("GET", f"{url}/e/live/dashboard/stream") as answer,
    ):
        await _event(answer.aiter_lines())
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        while process.poll() is None and time.monotonic() - started < 15:
            await asyncio.sleep(0.05)
        assert process.poll() is not None
        assert time.monotonic() - started < 8
