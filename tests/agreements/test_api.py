"""Agreements as programs read and move them."""

import asyncio

import httpx

from fairs.core.db import fetch, fetchval
from tests.agreements.scene import Scene, drawn_up, scene, signed
from tests.agreements.test_controllers import DATED
from tests.fair import bearer
from tests.files import samples


async def _token(on: Scene) -> dict[str, str]:
    return await bearer(on.organiser)


async def test_api_lists_and_filters(client: httpx.AsyncClient) -> None:
    on, other = await scene(), await scene(unit="411300")
    mine, theirs = await drawn_up(on), await signed(other)
    head = await _token(on)
    answer = await client.get("/api/v1/agreements", headers=head)
    assert answer.status_code == 200
    assert "x-page-generated" in answer.headers
    body = answer.json()
    assert (body["total"], [item["number"] for item in body["items"]]) == (2, [theirs, mine])
    assert body["items"][0]["signed"] == ["employer", "talent"]
    assert [step["to"] for step in body["items"][0]["legal"]] == ["contract", "returned", "terminated"]
    for query, seen in (
        ("unit=410300", [mine]),
        ("state=signed_intent", [theirs]),
        ("page_size=1&page=2", [mine]),
        ("updated_since=2100-01-01T00:00:00", []),
    ):
        found = (await client.get(f"/api/v1/agreements?{query}", headers=head)).json()
        assert [item["number"] for item in found["items"]] == seen, query
    for query in ("state=nonsense", "unit=0", "updated_since=yesterday", "page=x"):
        assert (await client.get(f"/api/v1/agreements?{query}", headers=head)).status_code == 422, query
    assert (await client.get("/api/v1/agreements")).status_code == 401


async def test_api_transition_illegal_names_the_legal_ones(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await signed(on)
    head = await _token(on)
    path = f"/api/v1/agreements/{number}/transitions"
    answer = await client.post(path, json={"to": "funded", "evidence": "decree"}, headers=head)
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert [step["to"] for step in answer.json()["legal"]] == ["contract", "returned", "terminated"]
    answer = await client.post(path, json={"to": "contract", "evidence": "Contract 3", **DATED}, headers=head)
    assert (answer.status_code, answer.json()["state"]) == (201, "contract")
    by_id = f"/api/v1/agreements/{answer.json()['id']}/transitions"
    answer = await client.post(by_id, json={"to": "terminated", "reason": "terms"}, headers=head)
    assert (answer.status_code, answer.json()["state"]) == (201, "terminated")
    for body in ({}, {"to": 3}, {"to": "contract", "evidence": ["a"]}, {"to": "terminated"}):
        assert (await client.post(path, json=body, headers=head)).status_code in (409, 422)
    for text in ("[]", "null", "{", '"x"'):
        answer = await client.post(path, content=text, headers={**head, "content-type": "application/json"})
        assert answer.status_code in (400, 422), text
    for number in ("YX-2018-9999", "nothing", "99999999", "9" * 40, "%00"):
        answer = await client.post(f"/api/v1/agreements/{number}/transitions", json={"to": "contract"}, headers=head)
        assert answer.status_code == 404, number


async def test_api_transition_sent_twice_with_a_key_happens_once(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await signed(on)
    head = await _token(on) | {"idempotency-key": "a-1"}
    path, body = f"/api/v1/agreements/{number}/transitions", {"to": "contract", "evidence": "Contract 3", **DATED}
    first, second = await asyncio.gather(*(client.post(path, json=body, headers=head) for _ in range(2)))
    assert (first.status_code, first.content) == (201, second.content)
    assert await fetchval("SELECT count(*) FROM agreement_transition WHERE to_state = 'contract'") == 1
    other = await client.post(path, json={"to": "terminated", "reason": "terms"}, headers=head)
    assert other.status_code == 422


async def test_file_sent_by_a_program_is_the_evidence_of_its_step(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await signed(on)
    head = await _token(on)
    path = f"/api/v1/agreements/{number}/transitions"
    sent = {"file": ("合同.pdf", samples.pdf(), "application/pdf")}
    held = await client.post("/api/v1/agreements/evidence", files=sent, headers=head)
    assert (held.status_code, held.json()["name"]) == (201, "合同.pdf")
    dated = {key: value for key, value in DATED.items() if key != "evidence"}
    answer = await client.post(path, json={"to": "contract", **dated, "file": held.json()["file"]}, headers=head)
    assert (answer.status_code, answer.json()["state"]) == (201, "contract")
    kept = "SELECT f.name, t.evidence FROM agreement_transition t JOIN file f ON f.id = t.file WHERE t.to_state = 'contract'"
    assert [tuple(row) for row in await fetch(kept)] == [("合同.pdf", "合同.pdf")]
    again = await client.post(
        path, json={"to": "terminated", "reason": "terms", "file": held.json()["file"]}, headers=head
    )
    assert (again.status_code, list(again.json()["errors"])) == (422, ["file"])


async def test_file_of_a_program_is_checked(client: httpx.AsyncClient) -> None:
    head = await _token(await scene())
    path = "/api/v1/agreements/evidence"
    for content in (b"", b"MZ a program", samples.pdf()[:40]):
        refused = await client.post(path, files={"file": ("a.pdf", content, "application/pdf")}, headers=head)
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["file"])
    assert (await client.post(path, json={"file": "x"}, headers=head)).status_code == 422
    assert (await client.post(path, files={"other": b"x"}, headers=head)).status_code == 422
    assert await fetchval("SELECT count(*) FROM file") == 0
