from datetime import UTC, datetime, timedelta

import httpx
import pytest
from litestar import Litestar

from fairs.core import clock
from fairs.listings import api
from tests import factories


async def two(client: httpx.AsyncClient) -> tuple[int, int]:
    event, organisation = (
        await factories.event(slug="fair-2018"),
        await factories.organisation(
            name_zh="河南农业大学",
            name_en="Henan Agricultural University",
            search_key="河南农业大学 | henannongyedaxue",
        ),
    )
    old = clock.now() - timedelta(days=2)
    first = await factories.listing(organisation, event, search_key="ai | 医学影像", updated_at=old)
    second = await factories.listing(
        organisation, event, title_zh="小麦育种", discipline="0901", city="410700", search_key="小麦育种 | xiaomai"
    )
    return first, second


async def test_list_gives_pages_in_order_of_change_with_the_moment(client: httpx.AsyncClient) -> None:
    first, second = await two(client)
    answer = await client.get("/api/v1/listings?page_size=1")
    body = answer.json()
    assert (body["page"], body["page_size"], body["total"]) == (1, 1, 2)
    assert [item["id"] for item in body["items"]] == [first]
    generated = datetime.fromisoformat(answer.headers["x-page-generated"])
    assert abs(generated - datetime.now(UTC)) < timedelta(minutes=1)
    following = (await client.get("/api/v1/listings?page_size=1&page=2")).json()
    assert [item["id"] for item in following["items"]] == [second]


async def test_list_item_says_everything_public(client: httpx.AsyncClient) -> None:
    first, _ = await two(client)
    item = (await client.get(f"/api/v1/listings/{first}")).json()
    employer = item.pop("employer")
    assert (employer["name_zh"], employer["kind"]) == ("河南农业大学", "university")
    assert {
        name: item[name] for name in ("event", "kind", "state", "discipline", "degree", "city", "url", "headcount")
    } == {
        "event": "fair-2018",
        "kind": "people",
        "state": "published",
        "discipline": "0812",
        "degree": "doctor",
        "city": "410100",
        "url": f"http://fairs.test/listings/{first}",
        "headcount": 2,
    }
    assert "contact" not in str(item)
    assert "search_key" not in item


@pytest.mark.parametrize("said", [True, False, None])
async def test_api_says_who_applies_for_the_work_permit(client: httpx.AsyncClient, said: bool | None) -> None:
    event, organisation = await factories.event(), await factories.organisation()
    listing = await factories.listing(organisation, event, sponsors_permit=said)
    assert (await client.get(f"/api/v1/listings/{listing}")).json()["sponsors_permit"] is said
    assert (await client.get("/api/v1/listings")).json()["items"][0]["sponsors_permit"] is said


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=xiaomai", [1]),
        ("q=医学影像", [0]),
        ("q=henannongyedaxue", [0, 1]),
        ("q=henannongyedaxue xiaomai", [1]),
        ("q=%25", []),
        ("q=%00", [0, 1]),
        ("discipline=09", [1]),
        ("discipline=0812", [0]),
        ("city=410700", [1]),
        ("event=fair-2018", [0, 1]),
        ("event=elsewhere", []),
    ],
)
async def test_list_is_filtered(client: httpx.AsyncClient, query: str, expected: list[int]) -> None:
    ids = await two(client)
    body = (await client.get(f"/api/v1/listings?{query}")).json()
    assert [item["id"] for item in body["items"]] == [ids[at] for at in expected]


async def test_list_follows_changes(client: httpx.AsyncClient) -> None:
    _, second = await two(client)
    since = (clock.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = (await client.get(f"/api/v1/listings?updated_since={since}")).json()
    assert [item["id"] for item in body["items"]] == [second]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("discipline=99", "discipline"),
        ("city=999999", "city"),
        ("page=x", "page"),
        ("updated_since=now", "updated_since"),
    ],
)
async def test_list_refuses_what_cannot_be_with_a_problem_document(
    client: httpx.AsyncClient, query: str, field: str
) -> None:
    answer = await client.get(f"/api/v1/listings?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert field in answer.json()["errors"]


async def test_listing_that_is_not_public_is_not_found(client: httpx.AsyncClient) -> None:
    event, organisation = await factories.event(), await factories.organisation()
    draft = await factories.listing(organisation, event, state="draft", published_at=None)
    for listing in (draft, 999_999, 10**30):
        answer = await client.get(f"/api/v1/listings/{listing}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_page_size_is_held_to_what_is_allowed(client: httpx.AsyncClient) -> None:
    await two(client)
    assert (await client.get("/api/v1/listings?page_size=1000")).json()["page_size"] == 200


def test_calls_are_documented() -> None:
    document = Litestar(api.HANDLERS).openapi_schema.to_schema()
    listed = document["paths"]["/api/v1/listings"]["get"]
    assert {item["name"] for item in listed["parameters"]} == {
        "page",
        "page_size",
        "updated_since",
        "event",
        "q",
        "discipline",
        "city",
    }
    assert set(listed["responses"]) >= {"200", "422"}
    assert set(document["paths"]["/api/v1/listings/{listing_id}"]["get"]["responses"]) >= {"200", "404"}
