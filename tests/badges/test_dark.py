"""The badge on a phone is white paper with dark ink, also where everything else is dark."""

import httpx
import pytest
from playwright.async_api import async_playwright

from fairs import paths
from fairs.registrations import services as registrations
from fairs.registrations.forms import RegistrationForm
from tests import factories
from tests.browsers import chromium
from tests.cast import make_actor, sign_in

LOOK = """() => {
  const level = (text) => {
    const [r, g, b] = text.match(/[\\d.]+/g).map(Number).map((c) => c / 255)
      .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!colour.endsWith(", 0)") && colour !== "transparent") return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll(".pass *")].filter((node) => [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .map((node) => {
      const [a, b] = [level(getComputedStyle(node).color), level(paper(node))].sort((x, y) => y - x);
      return [node.textContent.trim().slice(0, 40), (a + 0.05) / (b + 0.05), paper(node), node.closest(".pass__head") !== null];
    });
}"""


@pytest.mark.e2e
@pytest.mark.parametrize("theme", ["", "dark", "light"])
async def test_badge_is_legible_on_white_paper(client: httpx.AsyncClient, theme: str) -> None:
    event = await factories.event(slug="fair")
    alice = await make_actor("candidate")
    form = RegistrationForm(email=alice.email, name_passport="Li Na", name_native="李娜", organisation="大学")
    made = await registrations.register(event, form, by=alice)
    await sign_in(client, alice)
    client.cookies.set("tz", "Europe/Berlin")
    page = (await client.get(f"/me/fairs/{made.number}/badge")).text
    styles = "".join(
        (paths.STATIC / "css" / f"{name}.css").read_text(encoding="utf-8")
        for name in ("tokens", "base", "layout", "components", "pass")
    )
    attribute = f' data-theme="{theme}"' if theme else ""
    body = page.split("<main")[1].split(">", 1)[1].split("</main>")[0]
    html = f'<!doctype html><html lang="en"{attribute}><style>{styles}</style><body><main>{body}</main></body></html>'
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        tab = await browser.new_page(color_scheme="dark")
        await tab.set_content(html)
        seen = await tab.evaluate(LOOK)
        await browser.close()
    words = " ".join(text for text, *_ in seen)
    for wanted in ("李娜", made.number, "27"):
        assert wanted in words
    assert [text for text, contrast, *_ in seen if contrast < 4.5] == []
    assert {paper for _, _, paper, head in seen if not head} == {"rgb(255, 255, 255)"}
