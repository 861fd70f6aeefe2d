"""Events by the JSON API."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.core import clock
from fairs.core.db import fetch
from tests import factories, fair
from tests.cast import make_actor
from tests.events.edition import FORM


async def bearer(role: str = "organiser", email: str = "integration@example.org") -> dict[str, str]:
    unit = await factories.unit_id() if role == "bureau" else None
    return await fair.bearer(await make_actor(role, email=email, unit_id=unit))


BODY = FORM | {"starts_at": "2027-10-23T01:00:00Z", "ends_at": "2027-10-24T17:00:00+08:00", "capacity": 5}


async def test_api_creates_publishes_and_reads(client: httpx.AsyncClient) -> None:
    headers = await bearer()
    made = await client.post("/api/v1/events", json=BODY, headers=headers)
    assert made.status_code == 201
    assert made.json() | {"updated_at": "", "version": ""} == {
        "slug": "hnzcyz-2027",
        "kind": "conference",
        "family": "",
        "state": "draft",
        "title_zh": "招才引智大会",
        "title_en": "Talent conference",
        "summary_zh": "",
        "summary_en": "",
        "place_zh": "",
        "place_en": "",
        "contact_name": "",
        "contact_phone": "",
        "contact_email": "",
        "effective": dict.fromkeys(("place_zh", "place_en", "contact_name", "contact_phone", "contact_email"), "")
        | {"inherited": []},
        "unit": "410000",
        "parent": None,
        "starts_at": "2027-10-23T01:00:00Z",
        "ends_at": "2027-10-24T09:00:00Z",
        "timezone": "Asia/Shanghai",
        "capacity": 5,
        "registration": "closed",
        "registration_opens_at": None,
        "registration_closes_at": None,
        "sessions_until": None,
        "waiting_list": True,
        "offer_hours": None,
        "updated_at": "",
        "version": "",
        "url": "http://fairs.test/e/hnzcyz-2027",
        "sessions": [],
        "gates": [],
    }
    assert (await client.get("/api/v1/events/hnzcyz-2027")).status_code == 404
    assert (await client.get("/api/v1/events/hnzcyz-2027", headers=headers)).status_code == 200
    for _ in range(2):
        changed = await client.patch("/api/v1/events/hnzcyz-2027", json={"state": "published"}, headers=headers)
        assert changed.status_code == 200
    assert changed.json()["state"] == "published"
    assert [gate["code"] for gate in changed.json()["gates"]] == ["main-in"]
    public = await client.get("/api/v1/events/hnzcyz-2027")
    assert public.status_code == 200
    assert "gates" not in public.json()
    assert "x-page-generated" in public.headers


async def test_api_says_every_field_error_at_once(client: httpx.AsyncClient) -> None:
    body = {"slug": "A B", "kind": "party", "title_zh": 5, "starts_at": "yesterday", "capacity": -1, "timezone": "Mars"}
    answer = await client.post("/api/v1/events", json=body, headers=await bearer())
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    fields = {"slug", "kind", "title_zh", "title_en", "unit", "starts_at", "ends_at", "capacity", "timezone"}
    assert set(answer.json()["errors"]) == fields


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"5", b'"text"', b"null", b'{"slug": "\\u0000"}', b'{"slug": "\\ud800"}', b"\xff"]
)
async def test_api_refuses_what_is_no_event(client: httpx.AsyncClient, content: bytes) -> None:
    headers = await bearer() | {"content-type": "application/json"}
    answer = await client.post("/api/v1/events", content=content, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_api_slug_taken_is_409_and_backwards_422(client: httpx.AsyncClient) -> None:
    headers = await bearer()
    await client.post("/api/v1/events", json=BODY, headers=headers)
    again = await client.post("/api/v1/events", json=BODY, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "slug_taken")
    wrong = BODY | {"slug": "other-2027", "ends_at": BODY["starts_at"], "parent": "nowhere"}
    answer = await client.post("/api/v1/events", json=wrong, headers=headers)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["ends_at"])


async def test_api_is_for_organisers_tokens(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    for headers, status in (
        ({}, 401),
        ({"authorization": "Bearer fapi_wrong"}, 401),
        (await bearer("bureau", "bureau@example.org"), 403),
    ):
        assert (await client.post("/api/v1/events", json=BODY, headers=headers)).status_code == status
        changed = await client.patch("/api/v1/events/fair", json={"state": "closed"}, headers=headers)
        assert changed.status_code == status
    unknown = await client.patch("/api/v1/events/nothing", json={}, headers=await bearer())
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"state": "published"}, 200),
        ({"state": "closed"}, 200),
        ({"state": "draft"}, 200),
        ({"state": "archived"}, 409),
        ({"state": "cancelled", "confirm": True}, 422),
        ({"state": "cancelled", "reason": "Flood"}, 409),
        ({"state": "gone"}, 422),
        ({"state": ["published"]}, 422),
        ({"state": None}, 422),
        ({"capacity": 10}, 200),
        ({"capacity": None}, 200),
        ({"capacity": "many"}, 422),
        ({"ends_at": "2001-01-01"}, 422),
        ({"slug": "other"}, 422),
        ({}, 200),
    ],
)
async def test_api_changes_what_is_sent(client: httpx.AsyncClient, change: dict[str, Any], status: int) -> None:
    await factories.event(slug="fair", title_en="Kept")
    answer = await client.patch("/api/v1/events/fair", json=change, headers=await bearer())
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["title_en"] == "Kept"
        assert change.items() <= answer.json().items()


async def test_api_idempotency_key_makes_one_event(client: httpx.AsyncClient) -> None:
    headers = await bearer() | {"idempotency-key": "k1"}
    first = await client.post("/api/v1/events", json=BODY, headers=headers)
    again = await client.post("/api/v1/events", json=BODY, headers=headers)
    assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
    other = await client.post("/api/v1/events", json=BODY | {"slug": "other-2027"}, headers=headers)
    assert other.status_code == 422
    assert [row["slug"] for row in await fetch("SELECT slug FROM event")] == ["hnzcyz-2027"]


async def test_api_list_is_paged_and_follows_changes(client: httpx.AsyncClient) -> None:
    now = clock.now()
    for number in range(3):
        await factories.event(slug=f"fair-n{number}", updated_at=now - timedelta(hours=number))
    await factories.event(slug="draft", state="draft")
    answer = await client.get("/api/v1/events", params={"page_size": 2})
    found = answer.json()
    assert (found["total"], found["page"], found["page_size"]) == (3, 1, 2)
    assert [item["slug"] for item in found["items"]] == ["fair-n2", "fair-n1"]
    assert "x-page-generated" in answer.headers
    since = (now - timedelta(minutes=30)).isoformat()
    found = (await client.get("/api/v1/events", params={"updated_since": since})).json()
    assert [item["slug"] for item in found["items"]] == ["fair-n0"]
    mine = await client.get("/api/v1/events", headers=await bearer())
    assert mine.json()["total"] == 4
    for wrong in ({"page": "x"}, {"updated_since": "x"}):
        assert (await client.get("/api/v1/events", params=wrong)).status_code == 422
    assert (await client.get("/api/v1/events", params={"page": -5, "page_size": 9999})).json()["page_size"] == 200


async def test_api_cancels_with_a_reason_that_its_page_says(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    sent = {"state": "cancelled", "reason": "Flood", "confirm": True}
    changed = await client.patch("/api/v1/events/fair", json=sent, headers=await bearer())
    assert (changed.status_code, changed.json()["state"]) == (200, "cancelled")
    assert "Flood" in (await client.get("/e/fair")).text
