"""The search of listings knows both languages, and offers what is near when nothing has the words."""

import httpx
import pytest

from fairs.listings.queries import near_listings, published_listings
from fairs.listings.rules import Filters
from fairs.matching import listing_search
from fairs.matching.services import encode_missing
from tests import factories


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("battery", "电池"),
        ("wheat", "小麦"),
        ("电池", "battery"),
        ("電池", "battery"),
        ("bearing", "轴承"),
        ("nurse", "护士"),
        ("machine learning", "机器学习"),
        ("solid-state", "固态"),
        ("image recognition", "图像识别"),
    ],
)
def test_words_are_known_in_the_other_language(typed: str, expected: str) -> None:
    assert expected in listing_search.other_words(typed)


def test_pinyin_numbers_and_signs_have_no_other_words() -> None:
    assert [listing_search.other_words(word) for word in ("luoyangshi", "100", "a", "?", "xqzt")] == [()] * 5


async def _fair() -> tuple[int, dict[str, int]]:
    event = await factories.event(slug="fair-2018")
    organisation = await factories.organisation(
        name_zh="洛阳电源有限公司", search_key="洛阳电源有限公司 | luoyangdianyuan"
    )
    found = {}
    for name, title, body in (
        ("battery", "动力电池工程师", "研究锂离子电池正极材料与电解液。"),
        ("wheat", "小麦育种研究员", "小麦新品种选育与栽培。"),
        ("english", "", "Design of electric motors for railway vehicles."),
    ):
        english = "Motor designer" if name == "english" else ""
        key = f"{title} | {english.lower()} | {body.lower()}"
        found[name] = await factories.listing(
            organisation, event, title_zh=title, title_en=english, search_key=key,
            description_zh="" if english else body, description_en=body if english else "",
        )  # fmt: skip
    return event, found


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("battery", ["battery"]),
        ("luoyang battery", ["battery"]),
        ("Batteries luoyang", ["battery"]),
        ("電池", ["battery"]),
        ("wheat breeding", ["wheat"]),
        ("电动机", ["english"]),
        ("lithium ion battery engineer", ["battery"]),
        ("machine learning", []),
        ("battery wheat", []),
        (".*", []),
        ("(", []),
    ],
)
async def test_listings_are_found_in_either_language(db: None, typed: str, expected: list[str]) -> None:
    event, names = await _fair()
    page = await published_listings(event, Filters(q=typed))
    assert sorted(row.id for row in page.rows) == sorted(names[name] for name in expected)


async def test_near_ones_are_offered_when_nothing_has_the_words(db: None, client: httpx.AsyncClient) -> None:
    event, names = await _fair()
    await encode_missing()
    near = await near_listings(event, "energy storage cathode chemist")
    assert near[0].id == names["battery"]
    page = await client.get("/e/fair-2018/listings", params={"q": "energy storage cathode chemist"})
    assert page.status_code == 200
    assert "动力电池工程师" in page.text
    for nothing in ("?", " ", "\u200b"):
        assert await near_listings(event, nothing) == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("cereal genetics", ["wheat"]),
        ("锂电", ["battery"]),
        ("locomotive traction", ["english"]),
        ("asdfgh", []),
        ("opera singing", []),
        ("高中物理", []),
    ],
)
async def test_a_few_words_are_enough_to_be_near_and_others_are_near_to_nothing(
    db: None, typed: str, expected: list[str]
) -> None:
    event, names = await _fair()
    await encode_missing()
    assert [row.id for row in await near_listings(event, typed)] == [names[name] for name in expected]
