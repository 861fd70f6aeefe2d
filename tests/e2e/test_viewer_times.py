"""The viewer's own hours beside a span: where the viewer's clock changes in between, each end carries its own offset."""

import pytest
from playwright.async_api import Browser, Route

from fairs import paths
from fairs.core import i18n
from fairs.web import templating

pytestmark = pytest.mark.e2e
SITE = "http://fairs.test"
PAGE = """{% from "components/time.html" import when with context %}<!doctype html><html lang="{{ lang }}"><body>
{{ when("", starts, iso_end=ends, tz=event_zone) }}<script type="module" src="/static/js/fairs.js"></script></body></html>"""
AUTUMN = ("2018-10-28T00:30:00+00:00", "2018-10-28T01:30:00+00:00")  # 02:30 twice in Berlin, the second hour is CET
SPRING = ("2019-03-31T00:30:00+00:00", "2019-03-31T01:30:00+00:00")  # there is no 02:30
OVER_AUTUMN = ("2018-10-27T07:00:00+00:00", "2018-10-28T09:00:00+00:00")
OVER_SPRING = ("2019-03-30T07:00:00+00:00", "2019-03-31T09:00:00+00:00")
SUMMER = ("2018-07-01T07:00:00+00:00", "2018-07-01T09:00:00+00:00")
US_AUTUMN = ("2018-11-04T05:30:00+00:00", "2018-11-04T06:30:00+00:00")
US_SPRING = ("2019-03-10T06:30:00+00:00", "2019-03-10T07:30:00+00:00")
BERLIN, PARIS, LAGOS, NEW_YORK = "Europe/Berlin", "Europe/Paris", "Africa/Lagos", "America/New_York"
SHANGHAI = "Asia/Shanghai"
HIDDEN = ""


async def shown(browser: Browser, lang: str, span: tuple[str, str], viewer: str, event_zone: str) -> str:
    """What the script writes for a viewer in this zone; nothing when it stays hidden."""
    with i18n.language(lang):
        words = {"lang": "en" if lang == "en" else "zh-Hans", "starts": span[0], "ends": span[1]}
        html = templating.environment().from_string(PAGE).render(**words, event_zone=event_zone)

    async def answer(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path.startswith("/static/"):
            await route.fulfill(path=paths.STATIC / path.removeprefix("/static/"))
        else:
            await route.fulfill(body=html, content_type="text/html; charset=utf-8")

    context = await browser.new_context(timezone_id=viewer)
    page = await context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    await page.route("**/*", answer)
    await page.goto(f"{SITE}/")
    found = page.locator("[data-viewer-time]")
    text = (await found.text_content() or "") if await found.is_visible() else HIDDEN
    assert wrong == []
    await context.close()
    return text


@pytest.mark.parametrize(
    ("span", "viewer", "event_zone", "expected"),
    [
        (AUTUMN, BERLIN, SHANGHAI, "Sun 28 Oct 02:30 (CEST) – 02:30 (CET)"),
        (SPRING, BERLIN, SHANGHAI, "Sun 31 Mar 01:30 (CET) – 03:30 (CEST)"),
        (OVER_AUTUMN, BERLIN, SHANGHAI, "Sat 27 Oct 09:00 (CEST) – Sun 28 Oct 10:00 (CET)"),
        (OVER_SPRING, BERLIN, SHANGHAI, "Sat 30 Mar 08:00 (CET) – Sun 31 Mar 11:00 (CEST)"),
        (US_AUTUMN, NEW_YORK, SHANGHAI, "Sun 4 Nov 01:30 (GMT-4) – 01:30 (GMT-5)"),
        (US_SPRING, NEW_YORK, SHANGHAI, "Sun 10 Mar 01:30 (GMT-5) – 03:30 (GMT-4)"),
        # No change of the viewer's clock: one offset at the end, whatever the event's clock does.
        (SUMMER, BERLIN, SHANGHAI, "Sun 1 Jul 09:00–11:00 (CEST)"),
        (US_AUTUMN, BERLIN, NEW_YORK, "Sun 4 Nov 06:30–07:30 (CET)"),
        (OVER_AUTUMN, SHANGHAI, BERLIN, "Sat 27 Oct 15:00 – Sun 28 Oct 17:00 (GMT+8)"),
        # Clocks that agree at one end only differ; those that agree at both say nothing twice.
        (OVER_AUTUMN, LAGOS, BERLIN, "Sat 27 Oct 08:00 – Sun 28 Oct 10:00 (GMT+1)"),
        (OVER_SPRING, LAGOS, BERLIN, "Sat 30 Mar 08:00 – Sun 31 Mar 10:00 (GMT+1)"),
        (OVER_AUTUMN, PARIS, BERLIN, HIDDEN),
        (SPRING, PARIS, BERLIN, HIDDEN),
    ],
)
async def test_each_end_of_a_span_carries_its_own_offset(
    browser: Browser, span: tuple[str, str], viewer: str, event_zone: str, expected: str
) -> None:
    assert await shown(browser, "en", span, viewer, event_zone) == (expected and f"Your time: {expected}")


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (AUTUMN, "10月28日周日 02:30 (GMT+2) – 02:30 (GMT+1)"),
        (SPRING, "3月31日周日 01:30 (GMT+1) – 03:30 (GMT+2)"),
    ],
)
async def test_in_chinese_too(browser: Browser, span: tuple[str, str], expected: str) -> None:
    assert (await shown(browser, "zh", span, BERLIN, SHANGHAI)).endswith(expected)
