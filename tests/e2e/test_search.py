"""Searching as people type: pickers, live lists, input methods; in a browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import CDPSession, Page, expect

from fairs.registrations import phones
from fairs.units import catalogues
from tests import factories
from tests.cast import make_actor
from tests.e2e.serving import launch
from tests.e2e.test_pages import _enter

pytestmark = pytest.mark.e2e
FIRST = {  # kind: typed → values that come first, in any order
    "countries": {
        "meiguo": ["US"], "usa": ["US"], "america": ["US"], "美国": ["US"], "mg": ["US"], "us": ["US"], "u.s.": ["US"], "U.S.A.": ["US"],
        "uk": ["GB"], "england": ["GB"], "yingguo": ["GB"], "holland": ["NL"], "uae": ["AE"], "emirates": ["AE"],
        "korea": ["KR"], "turkiye": ["TR"], "Türkiye": ["TR"], "deutsch": ["DE"], "ivory coast": ["CI"], "côte": ["CI"],
        "czech republic": ["CZ"], "vietnam": ["VN"], "ind": ["IN"],
        "Deutschland": ["DE"], "türkei": ["TR"], "Espana": ["ES"], "Россия": ["RU"], "Österreich": ["AT"], "भारत": ["IN"], "Polska": ["PL"],
        "日本国": ["JP"], "大韩民国": ["KR"], "美利坚合众国": ["US"], "德意志联邦共和国": ["DE"], "法兰西共和国": ["FR"], "阿拉伯埃及共和国": ["EG"],
        "大不列颠及北爱尔兰联合王国": ["GB"], "几内亚比绍共和国": ["GW"], "中国香港特别行政区": ["HK"], "the Kingdom of Spain": ["ES"], "xyzzy": [],
    },
    "languages": {"mandarin": ["zh"], "chinese": ["zh"], "中文": ["zh"], "farsi": ["fa"], "tagalog": ["fil"], "uk": ["uk"], "日本語": ["ja"], "русский": ["ru"]},
    "disciplines": {
        "battery": ["0703", "0817", "0808", "0805"], "machine learning": ["0812", "1405", "0811"], "learning machine": ["0812", "1405", "0811"], "AI": ["0812", "1405", "0811"],
        "人工智能": ["0812", "1405", "0811"], "电池": ["0703", "0817", "0808"], "jisuanji": ["0812"], "chip": ["1401"],
        "agriculture": ["0901", "0903", "0828"],
    },
}  # fmt: skip


@pytest.fixture
async def organiser(db: None, live_server: str) -> AsyncIterator[Page]:
    async with launch() as browser:
        context = await _enter(browser, live_server, await make_actor("organiser"), "en")
        yield await context.new_page()


async def test_pickers_rank_names_aliases_beginnings_then_what_is_common(organiser: Page, live_server: str) -> None:
    await organiser.goto(f"{live_server}/")
    wrong = {}
    for kind, cases in FIRST.items():
        for lang in ("en", "zh"):
            choices = [list(choice) for choice in catalogues.choices(kind, lang)]
            found = await organiser.evaluate(
                """async ([choices, typed]) => {
                    const { find, read } = await import(document.body.dataset.searchSelectSrc);
                    const options = choices.map(([value, text, search]) => ({ value, text, dataset: { search } }));
                    return typed.map((text) => find(read(options), text).map((entry) => entry.option.value));
                }""",
                [choices, list(cases)],
            )
            for (typed, expected), values in zip(cases.items(), found, strict=True):
                if set(values[: len(expected)]) != set(expected):
                    wrong[kind, lang, typed] = values[:5]
    assert wrong == {}


@pytest.mark.parametrize(("typed", "chosen"), [("鄭州", "410100"), ("洛陽", "410300"), ("luoyang", "410300")])
async def test_pickers_are_found_by_traditional_characters(
    organiser: Page, live_server: str, typed: str, chosen: str
) -> None:
    await organiser.goto(f"{live_server}/organise/editions/new")
    await organiser.locator(".picker input[role=combobox]").first.fill(typed)
    await organiser.keyboard.press("Enter")
    await expect(organiser.locator(".picker select").first).to_have_value(chosen)


async def _compose(keyboard: CDPSession, text: str, end: str = "") -> None:
    """What an input method does: letters under composition, then the text that was chosen."""
    for at in range(1, len(text) + 1):
        await keyboard.send("Input.imeSetComposition", {"text": text[:at], "selectionStart": at, "selectionEnd": at})
    if end:
        await keyboard.send("Input.insertText", {"text": end})


async def test_live_search_waits_for_the_end_of_pinyin_and_leaves_one_entry(organiser: Page, live_server: str) -> None:
    event = await factories.event(slug="fair-2018")
    for n, (native, passport) in enumerate((("徐淑芬", "Xu Shufen"), ("王刚", "Wang Gang"))):
        key = phones.search_text(native, passport, "", "", "")
        await factories.registration(
            event, name_native=native, name_passport=passport, search_key=key, email=f"a{n}@example.org"
        )
    asked: list[str] = []
    organiser.on("request", lambda request: asked.append(request.url) if "q=" in request.url else None)
    await organiser.goto(f"{live_server}/organise/editions/fair-2018/registrations")
    before = await organiser.evaluate("history.length")
    box = organiser.locator("[data-search-box]")
    await box.focus()
    keyboard = await organiser.context.new_cdp_session(organiser)
    await _compose(keyboard, "xu")
    await organiser.wait_for_timeout(700)
    assert asked == [], "half a syllable is no search"
    await _compose(keyboard, "xu", "徐")
    await expect(organiser.locator("#people tbody tr")).to_have_count(1)
    assert len(asked) == 1
    await box.press("End")
    for letter in "淑芬":
        await organiser.keyboard.insert_text(letter)
        await organiser.wait_for_timeout(500)
    await expect(organiser.locator("#people tbody tr")).to_have_count(1)
    await box.blur()
    await organiser.wait_for_timeout(500)
    assert await organiser.evaluate("history.length") == before + 1
    assert "q=%E5%BE%90" in organiser.url


async def test_enter_that_ends_a_composition_chooses_nothing(organiser: Page, live_server: str) -> None:
    await organiser.goto(f"{live_server}/organise/editions/new")
    box = organiser.locator(".picker input[role=combobox]").first
    await box.fill("luoyang")
    composing = (
        "(input) => input.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: %s, bubbles: true}))"
    )
    select = organiser.locator(".picker select").first
    chosen = await select.input_value()
    await box.evaluate(composing % "true")
    assert await select.input_value() == chosen
    assert await box.input_value() == "luoyang"
    await box.evaluate(composing % "false")
    assert await select.input_value() != chosen
