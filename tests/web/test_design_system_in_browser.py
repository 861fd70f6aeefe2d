"""The living page of all parts in headless Chromium, under the strict policy that the app sends."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from fairs import paths
from fairs.core import i18n
from fairs.web import styleguide, templating
from tests import browsers
from tests.web.test_design_system import page_context

pytestmark = pytest.mark.e2e
AXE = Path(__file__).parent.parent / "vendor/axe-core-4.14.1/axe.min.js"
POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:"


class _Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()


def _write_pages(folder: Path) -> None:
    (folder / "static").symlink_to(paths.STATIC, target_is_directory=True)
    for lang in ("zh", "en"):
        for theme in ("light", "dark"):
            with i18n.language(lang):
                context = {**page_context(lang), "theme": theme, "samples": styleguide.samples()}
                page = templating.environment().get_template("styleguide.html").render(context)
            (folder / f"{lang}-{theme}.html").write_text(page, encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    _write_pages(folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browsers.chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


def _open(browser: Browser, address: str, width: int, **options: Any) -> tuple[Page, list[str]]:
    """A page and the list that its complaints (refused by the policy, exceptions) go to."""
    page = browser.new_context(
        viewport={"width": width, "height": 900}, timezone_id="Europe/Berlin", **options
    ).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.wait_for_selector("#f-discipline[role=combobox]")
    return page, complaints


def _violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    return [f"{item['id']}: {node['html'][:120]}" for item in found for node in item["nodes"]]


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("look", ["zh-light", "en-dark", "zh-dark", "en-light"])
def test_axe_finds_nothing(chromium: Browser, site: str, look: str, width: int) -> None:
    page, _ = _open(chromium, f"{site}/{look}.html", width, bypass_csp=True)
    assert _violations(page) == []
    page.context.close()


@pytest.mark.parametrize("width", [360, 768, 1440, 3840])
def test_page_fits_and_keeps_the_policy(chromium: Browser, site: str, width: int) -> None:
    page, complaints = _open(chromium, f"{site}/en-light.html", width)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert complaints == []
    page.context.close()


GAPS = """[...document.querySelectorAll('.match__conditions tr')].flatMap(row => {
  const texts = [...row.children].map(cell => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return range.getBoundingClientRect();
  });
  return texts.slice(1).map((text, at) => texts[at].width ? text.left - texts[at].right : 99);
})"""


@pytest.mark.parametrize("width", [320, 390, 1440])
@pytest.mark.parametrize("look", ["zh-light", "en-light"])
def test_conditions_of_a_match_keep_their_columns_apart(chromium: Browser, site: str, look: str, width: int) -> None:
    page, _ = _open(chromium, f"{site}/{look}.html", width)
    gaps = page.evaluate(GAPS)
    assert len(gaps) == 12
    assert min(gaps) >= 4
    page.context.close()


def test_picker_finds_by_pinyin_initials(chromium: Browser, site: str) -> None:
    page, complaints = _open(chromium, f"{site}/zh-light.html", 390, bypass_csp=True)
    box = page.locator("#f-discipline")
    box.fill("xmyz")
    assert page.locator("#f-discipline ~ [role=listbox] [role=option]").all_inner_texts() == ["作物学（小麦育种）"]
    assert _violations(page) == []
    box.press("Enter")
    assert page.evaluate("new FormData(document.querySelector('form.form')).get('discipline')") == "0901"
    box.fill("nothing like it")
    box.press("Escape")
    assert box.input_value() == "作物学（小麦育种）"
    assert complaints == []
    page.context.close()


def test_picker_of_many_adds_and_removes(chromium: Browser, site: str) -> None:
    page, _ = _open(chromium, f"{site}/zh-light.html", 1440)
    chosen = "new FormData(document.querySelector('form.form')).getAll('cities')"
    assert page.evaluate(chosen) == ["洛阳", "郑州"]
    page.locator("#f-cities").fill("新")
    page.locator("#f-cities").press("Enter")
    assert page.evaluate(chosen) == ["新乡", "洛阳", "郑州"]
    page.get_by_role("button", name="移除 洛阳").click()
    assert page.evaluate(chosen) == ["新乡", "郑州"]
    page.context.close()


def test_error_summary_takes_the_focus_and_leads_to_the_field(chromium: Browser, site: str) -> None:
    page, _ = _open(chromium, f"{site}/en-light.html", 390)
    assert page.evaluate("document.activeElement.className") == "error-summary"
    page.locator(".error-summary a").first.click()
    assert page.evaluate("document.activeElement.id") == "f-email"
    page.context.close()


def test_question_comes_before_the_deed(chromium: Browser, site: str) -> None:
    page, _ = _open(chromium, f"{site}/en-light.html", 1440)
    page.get_by_role("button", name="Withdraw").click()
    assert page.locator("#confirm").get_by_role("heading").inner_text().startswith("Withdraw your registration?")
    assert page.evaluate("document.activeElement.textContent") == "Cancel"
    page.keyboard.press("Enter")
    assert not page.locator("#confirm").is_visible()
    assert page.url.endswith("/en-light.html")
    page.context.close()


def test_keys_walk_the_list(chromium: Browser, site: str) -> None:
    page, _ = _open(chromium, f"{site}/en-light.html", 1440)
    for key in ("j", "j", "k", "j"):
        page.keyboard.press(key)
    assert page.locator("tr.is-current th").inner_text().startswith("María del Carmen")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search-q"
    page.context.close()


def test_viewer_reads_the_own_hour(chromium: Browser, site: str) -> None:
    page, _ = _open(chromium, f"{site}/en-light.html", 1440)
    assert page.locator("[data-viewer-time]").nth(1).inner_text() == "Your time: Sat 27 Oct 03:00–04:30 (CEST)"
    assert "tz=Europe%2FBerlin" in page.evaluate("document.cookie")
    page.context.close()
