"""Every call that writes may be sent again: the same key and body have one effect and one answer."""

from typing import Any

import httpx
import pytest

from fairs.accounts import services as accounts
from fairs.agreements.forms import reason_choices
from fairs.core import db as database
from tests.small_fair import SLUG, Fair, changes, small_fair

REPORTED = "/api/v1/mail-reports"  # a report that comes again changes nothing
HELD = "/api/v1/agreements/evidence"  # has no effect until a step names the file; else it is gone after a day
SEEN = "/api/v1/leads"  # a visitor who is recorded again is the same lead
EVENT = {
    "slug": "hnzcyz-2027",
    "kind": "conference",
    "title_zh": "大会",
    "title_en": "Conference",
    "unit": "410000",
    "starts_at": "2027-10-27T09:00",
    "ends_at": "2027-10-28T17:00",
}
PERSON = {"email": "new@example.org", "name_passport": "New Person"}


async def calls(fair: Fair) -> dict[str, tuple[str, dict[str, Any], dict[str, Any]]]:
    """path → (address, body, another body)."""
    other_event, other_person = EVENT | {"slug": "other-2027"}, PERSON | {"email": "other@example.org"}
    step = {"to": "terminated", "evidence": "by telephone", "reason": reason_choices()[0][0]}
    code = await database.fetchval("SELECT uscc FROM organisation WHERE id = $1", fair.of.organisation)
    walk_in = {"name_native": "王小明", "category": "visitor"}
    representative = {"name_native": "王小明", "phone": "13800138000"}
    return {
        "/api/v1/events/{slug}/walk-ins": (f"/api/v1/events/{SLUG}/walk-ins", walk_in, walk_in | {"category": "guest"}),
        "/api/v1/events/{slug}/representatives": (
            f"/api/v1/events/{SLUG}/representatives",
            {"organisation": code, "representatives": [representative]},
            {"organisation": code, "representatives": [representative, representative]},
        ),
        "/api/v1/events": ("/api/v1/events", EVENT, other_event),
        "/api/v1/registrations": (
            "/api/v1/registrations",
            {"event": SLUG, "category": "guest", "person": PERSON},
            {"event": SLUG, "category": "guest", "person": other_person},
        ),
        "/api/v1/registrations/{registration_id}/cancel": (
            f"/api/v1/registrations/{fair.registration}/cancel",
            {},
            {"why": "another body"},
        ),
        "/api/v1/agreements/{number}/transitions": (
            f"/api/v1/agreements/{fair.agreement}/transitions",
            step,
            step | {"evidence": "by mail"},
        ),
    }


@pytest.fixture
async def fair(db: None) -> Fair:
    return await small_fair()


async def test_every_post_but_the_scans_takes_a_key(client: httpx.AsyncClient, fair: Fair) -> None:
    """What scanners send has an id of its own, or changes nothing when it is repeated."""
    paths = (await client.get("/schema/openapi.json")).json()["paths"]
    posts = {path: call["post"] for path, call in paths.items() if "post" in call}
    takes = {
        path
        for path, call in posts.items()
        if "Idempotency-Key" in {item["name"] for item in call.get("parameters", [])}
    }
    scanners = {path for path in posts if path.startswith(("/api/v1/checkin/", "/api/v1/printing/"))}
    assert takes == set(await calls(fair)) == set(posts) - scanners - {HELD, SEEN, REPORTED}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/events",
        "/api/v1/events/{slug}/walk-ins",
        "/api/v1/events/{slug}/representatives",
        "/api/v1/registrations",
        "/api/v1/registrations/{registration_id}/cancel",
        "/api/v1/agreements/{number}/transitions",
    ],
)
async def test_replay_has_one_effect_and_the_same_answer(client: httpx.AsyncClient, fair: Fair, path: str) -> None:
    address, body, other = (await calls(fair))[path]
    headers = {"authorization": f"Bearer {fair.api_token}", "idempotency-key": "once"}
    before = await changes()
    first = await client.post(address, json=body, headers=headers)
    assert first.status_code in {200, 201}, first.text
    after = await changes()
    assert after != before
    again = await client.post(address, json=body, headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["content-type"] == first.headers["content-type"]
    changed = await client.post(address, json=other, headers=headers)
    assert changed.status_code == 422
    assert "Idempotency-Key" in changed.json()["detail"]
    assert await changes() == after


async def test_key_belongs_to_one_token_and_one_address(client: httpx.AsyncClient, fair: Fair) -> None:
    address, body, _ = (await calls(fair))["/api/v1/registrations"]
    mine = {"authorization": f"Bearer {fair.api_token}", "idempotency-key": "once"}
    assert (await client.post(address, json=body, headers=mine)).status_code == 201
    assert (await client.post("/api/v1/events", json=body, headers=mine)).status_code == 422
    organiser = fair.of.organiser
    secret = await accounts.issue_token("api", "second", by=organiser, account_id=organiser.account_id)
    theirs = {"authorization": f"Bearer {secret}", "idempotency-key": "once"}
    answer = await client.post(address, json=body, headers=theirs)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_registered")


async def test_refusal_is_judged_again_when_it_is_sent_again(client: httpx.AsyncClient, fair: Fair) -> None:
    address, body, _ = (await calls(fair))["/api/v1/registrations"]
    headers = {"authorization": f"Bearer {fair.api_token}", "idempotency-key": "later"}
    await database.execute("UPDATE event SET state = 'closed' WHERE slug = $1", SLUG)
    assert (await client.post(address, json=body, headers=headers)).status_code == 409
    await database.execute("UPDATE event SET state = 'published' WHERE slug = $1", SLUG)
    assert (await client.post(address, json=body, headers=headers)).status_code == 201
