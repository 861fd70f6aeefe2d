"""/metrics: whose requests it counts, who may read it, and what of the queue and the mail it shows."""

import asyncio
import dataclasses
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from litestar import Litestar

from fairs.core import jobs
from fairs.core.db import execute
from fairs.settings import Settings
from fairs.web import metrics
from tests.commands.running import free_port

Change = Callable[..., Settings]
"""Sets some of the running application's settings until the test ends."""


def _value(text: str, name: str) -> float:
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


async def test_queue_and_mail_are_counted(client: httpx.AsyncClient) -> None:
    for number in range(3):
        await jobs.enqueue("nobody.takes", {"id": number})
    await execute("UPDATE pgqueuer SET execute_after = now() - interval '90 s' WHERE payload = '{\"id\": 0}'")
    await execute("UPDATE pgqueuer SET status = 'failed' WHERE payload = '{\"id\": 1}'")
    await execute(
        "UPDATE pgqueuer SET status = 'picked', updated = now() - interval '1 h' WHERE payload = '{\"id\": 2}'"
    )
    text = (await client.get("/metrics")).text
    states = ("waiting", "later", "retrying", "running", "stuck", "failed")
    assert {one: _value(text, f'fairs_jobs{{state="{one}"}}') for one in states} == {
        "waiting": 1, "later": 0, "retrying": 0, "running": 1, "stuck": 1, "failed": 1,
    }  # fmt: skip
    assert 90 <= _value(text, "fairs_jobs_oldest_seconds ") < 400
    assert 'fairs_mails{state="queued"} 0.0' in text
    assert "fairs_database_up 1.0" in text


@pytest.fixture
def with_settings(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> Change:
    def change(**values: Any) -> Settings:
        changed: Settings = dataclasses.replace(app.state.settings, **values)
        monkeypatch.setattr(app.state, "settings", changed)
        return changed

    return change


async def test_token_is_asked_for(client: httpx.AsyncClient, with_settings: Change) -> None:
    with_settings(metrics_token="a token")
    sent: list[dict[str, str]] = [
        {},
        {"authorization": "Bearer other"},
        {"authorization": "a token"},
        {"authorization": "Bearer a token"},
    ]
    assert [(await client.get("/metrics", headers=one)).status_code for one in sent] == [401, 401, 401, 200]


async def test_own_port_answers_instead_of_the_pages(client: httpx.AsyncClient, with_settings: Change) -> None:
    port = free_port()
    changed = with_settings(metrics_port=str(port), metrics_token="a token")
    assert (await client.get("/metrics", headers={"authorization": "Bearer a token"})).status_code == 404
    async with metrics.own_port(changed), metrics.own_port(changed), httpx.AsyncClient() as outside:
        url = f"http://127.0.0.1:{port}/metrics"
        told = await outside.get(url, headers={"authorization": "Bearer a token"})
        assert (told.status_code, "fairs_http_requests_total" in told.text) == (200, True)
        assert (await outside.get(url)).status_code == 401
        assert (await outside.get(f"http://127.0.0.1:{port}/")).status_code == 404
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /" + b"x" * 20_000)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()


async def test_styleguide_is_shown_in_the_demo_only(client: httpx.AsyncClient, with_settings: Change) -> None:
    assert (await client.get("/styleguide")).status_code == 404
    with_settings(demo=True)
    assert (await client.get("/styleguide")).status_code == 200
