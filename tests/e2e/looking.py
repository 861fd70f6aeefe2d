"""What a page must be, whoever looks at it: legible, light, ours alone, nothing broken, every menu in sight."""

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page, Request, Response, ViewportSize

from fairs.core import i18n

AXE = (Path(__file__).parent.parent / "vendor/axe-core-4.14.1/axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]
PHONE, TABLET, DESK = (ViewportSize(width=width, height=900) for width in (390, 1024, 1440))
OWN_NAMES = frozenset({"English"})  # of languages: the same on every page
HTML_LANG = {"zh": "zh-Hans", "en": "en"}
OFFICE = ViewportSize(
    width=1366, height=700
)  # the desk of those who work here: how dense their lists are is measured at it
HEAVIEST, LIMITS = 250_000, {"/e/fair": 100_000, "/": 100_000}  # bytes of a first load
WITH_DECODER = "/scan/"  # the scanner brings its own reader of codes, to be kept for the time without a network
TEXTS = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const text = node.data.replace(/\\s+/g, " ").trim();
    if (text && !node.parentElement.closest("[lang=en], script, code, option[lang]")) found.push(text);
  }
  for (const node of document.querySelectorAll("[aria-label], [placeholder], [alt], [title]")) {
    if (node.closest("[lang=en]")) continue;
    for (const name of ["aria-label", "placeholder", "alt", "title"]) found.push(node.getAttribute(name) || "");
  }
  return found;
}"""
IS_DENSE = """() => {
  const wrong = [], within = (node) => node.scrollWidth <= node.clientWidth + 1 || getComputedStyle(node).overflowX !== "visible";
  for (const node of document.querySelectorAll("main :is(.stat, .number, .tile, .card, .notice, .list-head, .filters, .page-head)")) {
    if (!within(node)) wrong.push(`wider than its frame: ${node.outerHTML.slice(0, 80)}`);
  }
  for (const name of document.querySelectorAll(".tile__name")) {
    if (name.getClientRects().length > 1 && !/\\s/.test(name.textContent.trim())) wrong.push(`broken name: ${name.textContent}`);
  }
  const row = document.querySelector("main .table tr[data-row]");
  if (!row) return wrong;
  const box = row.closest(".table-box");
  const before = [...document.querySelectorAll("main :is(h2, .stats, .split, form:not(.filters), .facts, .board)")]
    .filter((node) => node.offsetHeight && !node.contains(box) && node.compareDocumentPosition(box) & Node.DOCUMENT_POSITION_FOLLOWING);
  if (row.closest(".split") || before.some((node) => node.matches(":not(h2)")) || before.length > 1) return wrong;
  const rows = [...box.querySelectorAll("tr[data-row]")].map((one) => one.getBoundingClientRect());
  if (rows[0].top + scrollY > 240) wrong.push(`the first row at ${Math.round(rows[0].top + scrollY)} px`);
  const seen = rows.filter((one) => one.bottom <= innerHeight).length;
  if (seen < Math.min(11, rows.length)) wrong.push(`${seen} of ${rows.length} rows in sight`);
  const height = Math.max(...rows.map((one) => one.height));
  if (height > 41) wrong.push(`a row of ${Math.round(height)} px`);
  if (box.scrollWidth > box.clientWidth + 1) wrong.push(`a list ${box.scrollWidth - box.clientWidth} px wider than its frame`);
  if (getComputedStyle(box).overflowX !== "visible") wrong.push("a head that does not stay");
  return wrong;
}"""
FITS = """() => {
  const wide = document.documentElement.scrollWidth - innerWidth;
  const found = wide > 0 ? [`${wide} px too wide`] : [];
  for (const menu of document.querySelectorAll("details[data-menu]")) {
    const { open } = menu, panel = menu.querySelector(":scope > :not(summary)");
    menu.open = true;
    const { left, right, width } = panel.getBoundingClientRect();
    menu.open = open;
    if (width && (left < 0 || right > innerWidth + 1)) found.push(`a menu from ${Math.round(left)} to ${Math.round(right)} px`);
  }
  return found;
}"""
RUN_AXE = """rules => {
  const repeated = ":is(tbody > tr, ul > li, ol > li, select > option, datalist > option):nth-child(n + 13)";
  document.querySelectorAll(repeated).forEach((node) => node.remove()); // the first dozen stand for all
  return axe.run(document, {runOnly: rules, resultTypes: ["violations"]});
}"""
LEADS_NOWHERE = """() => [...document.querySelectorAll("[href], [action]")]
  .map((node) => node.getAttribute("href") ?? node.getAttribute("action"))
  .filter((to) => to.includes("/missing/") || /^https?:/.test(to) && ![location.host, `localhost:${location.port}`].includes(new URL(to).host))"""


@dataclass
class Visit:
    """One tab of one person. `sizes`: bytes of everything fetched so far; `wrong`: what the tests complain about; `names`: of people, whatever the language."""

    page: Page
    base: str
    lang: str
    wrong: list[str]
    sizes: dict[str, int]
    names: frozenset[str]
    dense: bool = False  # of those whose lists are
    fetched: set[str] = field(default_factory=set)

    async def look(self, path: str, *, axe: bool = True) -> None:
        """Load the page on a phone, widen it to a desk, and write down everything that is wrong with it."""
        await self.page.goto("about:blank")  # what the page before still fetches is not counted here
        self.fetched.clear()
        await self.page.set_viewport_size(PHONE)
        answer = await self.page.goto(self.base + path)
        assert answer is not None
        if answer.status != 200:
            self._complain(path, f"status {answer.status}")
            return
        if await self.page.evaluate("document.documentElement.lang") != HTML_LANG[self.lang]:
            self._complain(path, "wrong lang")
        for to in await self.page.evaluate(LEADS_NOWHERE):
            self._complain(path, f"leads to {to}")
        for size in (PHONE, TABLET, OFFICE if self.dense else DESK):
            await self._fits(path, size)
        if self.dense:
            for what in await self.page.evaluate(IS_DENSE):
                self._complain(path, what)
        if self.lang == "zh":
            await self._is_chinese(path)
        self._is_light(path)
        if axe:
            await self._is_accessible(path)

    async def _fits(self, path: str, size: ViewportSize) -> None:
        await self.page.set_viewport_size(size)
        for what in await self.page.evaluate(FITS):
            self._complain(path, f"{what} at {size['width']}")

    async def _is_accessible(self, path: str) -> None:
        await self.page.evaluate(AXE)
        found = await self.page.evaluate(RUN_AXE, RULES)
        for item in found["violations"]:
            self._complain(path, f"{item['id']}: {[node['html'][:100] for node in item['nodes'][:3]]}")

    async def _is_chinese(self, path: str) -> None:
        for text in set(await self.page.evaluate(TEXTS)) & (_english() - self.names):
            self._complain(path, f"not translated: {text}")

    def _is_light(self, path: str) -> None:
        weight = sum(self.sizes.get(url, 0) for url in self.fetched)
        if weight > LIMITS.get(path, HEAVIEST) and not path.startswith(WITH_DECODER):
            self._complain(path, f"{weight} bytes")

    def _complain(self, path: str, what: str) -> None:
        self.wrong.append(f"{path} ({self.lang}): {what}")

    def listen(self) -> None:
        """Notice errors (what the policy refuses is one), requests to others, and sizes."""
        self.page.on("console", lambda said: self._complain(self.page.url, said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self._complain(self.page.url, str(error)))
        self.page.on("request", self._requested)
        self.page.on("response", self._answered)

    def _requested(self, request: Request) -> None:
        if urlsplit(request.url).scheme in {"http", "https"}:
            self.fetched.add(request.url)
            if not request.url.startswith(self.base):
                self._complain(self.page.url, f"asks {request.url}")

    async def _answered(self, response: Response) -> None:
        if "event-stream" not in response.headers.get("content-type", "") and response.status == 200:
            size = (await response.request.sizes())["responseBodySize"]
            self.sizes[response.url] = max(size, self.sizes.get(response.url, 0))


@cache
def _english() -> frozenset[str]:
    """The messages whose Chinese is another text: none of them may stand on a Chinese page."""
    catalogue: dict[Any, str] = dict(i18n.catalogue("zh")._catalog)
    return frozenset(
        key for key, text in catalogue.items() if isinstance(key, str) and text != key and re.search(r"[a-z]{2}", key)
    )
