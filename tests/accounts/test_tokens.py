"""Tokens: scopes, the limit to an event, links that open a scanner once."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from fairs.accounts import tokens
from fairs.accounts.actor import Actor
from fairs.accounts.queries import device_by_token
from fairs.core import clock
from fairs.core import db as database
from fairs.core.errors import NotFound
from fairs.core.scopes import Scope
from tests import factories
from tests.cast import make_actor


async def _token(by: Actor, *scopes: Scope, event: int | None = None) -> dict[str, str]:
    secret = await tokens.issue_token(
        "api", "t", by=by, account_id=by.account_id, scopes=scopes or None, event_id=event
    )
    return {"authorization": f"Bearer {secret}"}


@pytest.fixture
async def organiser(db: None) -> Actor:
    return await make_actor("organiser")


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/api/v1/registrations", Scope.READ),
        ("POST", "/api/v1/registrations", Scope.REGISTER),
        ("GET", "/api/v1/reports", Scope.REPORT),
        ("POST", "/api/v1/events", Scope.MANAGE),
        ("GET", "/api/v1/events", Scope.READ),
    ],
)
async def test_token_without_the_scope_is_refused_by_its_name(
    client: httpx.AsyncClient, organiser: Actor, method: str, path: str, needed: Scope
) -> None:
    others = [scope for scope in Scope if scope not in (needed, Scope.CHECK_IN)]
    body: dict[str, str] | None = {} if method == "POST" else None
    refused = await client.request(method, path, json=body, headers=await _token(organiser, *others))
    assert refused.status_code == 403
    assert refused.headers["content-type"].startswith("application/problem+json")
    problem = refused.json()
    assert (problem["code"], problem["scope"]) == ("scope_missing", needed)
    assert needed in problem["detail"]
    allowed = await client.request(method, path, json=body, headers=await _token(organiser, needed))
    assert allowed.status_code in {200, 422}


async def test_scanner_without_its_scope_does_not_scan(client: httpx.AsyncClient, organiser: Actor) -> None:
    event = await factories.event()
    secret = await tokens.issue_token("device", "odd", by=organiser, event_id=event, scopes=())
    headers = {"authorization": f"Bearer {secret}"}
    assert (await client.get("/api/v1/checkin/gates", headers=headers)).status_code == 403
    for _ in range(2):  # the second call finds the token at hand
        answer = await client.post("/api/v1/checkin/scans", json={"scans": []}, headers=headers)
        assert (answer.status_code, answer.json()["scope"]) == (403, "check_in")


async def test_limit_to_an_event_is_kept_by_every_call(client: httpx.AsyncClient, organiser: Actor) -> None:
    own, other = await factories.event(slug="own"), await factories.event(slug="other")
    mine, theirs = await factories.registration(own), await factories.registration(other)
    organisation = await factories.organisation()
    listing = await factories.listing(organisation, other)
    limited, free = await _token(organiser, event=own), await _token(organiser)
    for path in (
        f"/api/v1/registrations/{theirs}",
        "/api/v1/registrations?event=other",
        "/api/v1/events/other",
        "/api/v1/reports/registered?event=other",
        f"/api/v1/listings/{listing}/suggestions",
    ):
        assert (await client.get(path, headers=free)).status_code == 200, path
        assert (await client.get(path, headers=limited)).status_code == 404, path
    assert (await client.get(f"/api/v1/registrations/{mine}", headers=limited)).status_code == 200
    listed = (await client.get("/api/v1/registrations", headers=limited)).json()
    assert [item["id"] for item in listed["items"]] == [mine]
    events = (await client.get("/api/v1/events", headers=limited)).json()
    assert [item["slug"] for item in events["items"]] == ["own"]
    cancelled = await client.post(f"/api/v1/registrations/{theirs}/cancel", headers=limited)
    assert cancelled.status_code == 404
    assert (await client.post("/api/v1/events", json={}, headers=limited)).status_code == 403
    assert (await client.patch("/api/v1/events/other", json={}, headers=limited)).status_code == 404


async def test_expired_and_revoked_tokens_end(client: httpx.AsyncClient, organiser: Actor) -> None:
    headers = await _token(organiser)
    assert (await client.get("/api/v1/reports", headers=headers)).status_code == 200
    assert await database.fetchval("SELECT last_used_at IS NOT NULL FROM access_token")
    await database.execute("UPDATE access_token SET expires_at = now() - interval '1 second'")
    assert (await client.get("/api/v1/reports", headers=headers)).status_code == 401


async def test_link_makes_one_phone_the_scanner_once(organiser: Actor) -> None:
    event = await factories.event()
    code = await tokens.issue_device_link("north", by=organiser, event_id=event)
    opened = await asyncio.gather(*(tokens.use_device_link(code) for _ in range(4)), return_exceptions=True)
    secrets = [one for one in opened if isinstance(one, str)]
    assert len(secrets) == 1
    assert all(isinstance(one, NotFound) for one in opened if not isinstance(one, str))
    device = await device_by_token(secrets[0])
    assert device is not None
    assert (device.name, device.event_id) == ("north", event)


async def test_next_link_takes_the_scanner_away_from_the_phone_before(organiser: Actor) -> None:
    event = await factories.event()
    first = await tokens.use_device_link(await tokens.issue_device_link("north", by=organiser, event_id=event))
    device = await device_by_token(first)
    assert device is not None
    unused = await tokens.renew_device_link(device.token_id, by=organiser)
    second = await tokens.renew_device_link(device.token_id, by=organiser)
    with pytest.raises(NotFound):
        await tokens.open_link(unused)
    assert await device_by_token(first) is not None  # until the new link is used
    taken = await tokens.use_device_link(second)
    assert await device_by_token(first) is None
    assert await device_by_token(taken) is not None


async def test_link_expires_and_ends_with_its_scanner(organiser: Actor) -> None:
    event = await factories.event()
    late = await tokens.issue_device_link("late", by=organiser, event_id=event)
    await database.execute("UPDATE device_link SET expires_at = $1", clock.now() - timedelta(seconds=1))
    off = await tokens.issue_device_link("off", by=organiser, event_id=event)
    await tokens.revoke_token(await database.fetchval("SELECT id FROM access_token WHERE name = 'off'"), by=organiser)
    for code in (late, off, "nonsense"):
        with pytest.raises(NotFound):
            await tokens.open_link(code)
        with pytest.raises(NotFound):
            await tokens.use_device_link(code)


async def test_neither_secret_nor_code_is_stored_or_logged(organiser: Actor) -> None:
    event = await factories.event()
    code = await tokens.issue_device_link("north", by=organiser, event_id=event)
    secret = await tokens.use_device_link(code)
    kept = await database.fetch("SELECT to_jsonb(t)::text AS text FROM audit_entry t UNION ALL SELECT to_jsonb(t)::text"
                                " FROM access_token t UNION ALL SELECT to_jsonb(t)::text FROM device_link t")  # fmt: skip
    text = json.dumps([row["text"] for row in kept])
    assert len(kept) > 3
    assert code not in text
    assert secret not in text
