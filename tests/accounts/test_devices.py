"""A scanner's token ends with the account that made it, in every process at once."""

import asyncio

import httpx
import pytest
from litestar import Litestar

from fairs.accounts import middleware, services
from fairs.accounts.actor import SYSTEM, Actor
from fairs.accounts.queries import device_by_token
from fairs.core.db import execute, fetchval
from tests import factories
from tests.cast import make_actor

ENDS = {
    "closed": "UPDATE account SET active = false WHERE id = $1",
    "role lost": "DELETE FROM membership WHERE account = $1",
    "role changed": "UPDATE membership SET role = 'candidate', event_id = NULL WHERE account = $1",
    "deleted": "DELETE FROM account WHERE id = $1",
    "revoked": "UPDATE access_token SET revoked_at = now() WHERE account = $1",
}


async def scanner(role: str, event: int) -> tuple[Actor, str]:
    maker = await make_actor(role, event_id=event if role == "staff" else None)
    return maker, await services.issue_token("device", "gate", by=maker, event_id=event)


@pytest.mark.parametrize("role", ["admin", "organiser", "staff"])
@pytest.mark.parametrize("end", ENDS)
async def test_token_ends_with_its_account(db: None, role: str, end: str) -> None:
    maker, token = await scanner(role, await factories.event(slug="fair"))
    assert await device_by_token(token) is not None
    await execute(ENDS[end], maker.account_id)
    assert await device_by_token(token) is None


async def test_token_of_staff_ends_when_they_serve_another_event(db: None) -> None:
    event = await factories.event(slug="fair")
    maker, token = await scanner("staff", event)
    other = await factories.event(slug="other")
    await execute("UPDATE membership SET event_id = $2 WHERE account = $1", maker.account_id, other)
    assert await device_by_token(token) is None


async def test_token_of_the_installation_lasts(db: None) -> None:
    token = await services.issue_token("device", "gate", by=SYSTEM, event_id=await factories.event(slug="fair"))
    assert await device_by_token(token) is not None


@pytest.mark.parametrize("end", ENDS)
async def test_other_processes_forget_a_token_that_ended(
    app: Litestar, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """The end is told by the database, whoever wrote it: the trust of a moment, made an hour here, ends with it."""
    monkeypatch.setattr(middleware, "_DEVICE_SECONDS", 3600.0)
    maker, token = await scanner("organiser", await factories.event(slug="fair"))
    headers = {"authorization": f"Bearer {token}"}
    path = "/api/v1/checkin/snapshot?gate=none"
    assert (await client.get(path, headers=headers)).status_code != 401
    assert token in middleware._devices()
    await execute(ENDS[end], maker.account_id)
    async with asyncio.timeout(10):
        while token in middleware._devices():
            await asyncio.sleep(0.02)
    assert (await client.get(path, headers=headers)).status_code == 401


async def test_maker_is_written_down(db: None) -> None:
    maker, _ = await scanner("organiser", await factories.event(slug="fair"))
    assert await fetchval("SELECT account FROM access_token") == maker.account_id
