"""A release between two syncs of a phone: `python -m benchmarks.trials.release [--scans 8]`.

The scanner's page is open in Chromium and scans while its calls fail. Meanwhile the server is replaced by another release: scripts,
styles and the worker's cache have other names. The browser finds the new service worker, which takes over under the open page; the page scans on, is opened anew without a network, scans again, and then may call. Every scan must arrive, once, with the
time at which it was made.
"""

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from playwright.async_api import Page, async_playwright

from benchmarks import checkin
from benchmarks.serving import wait_until_ready
from benchmarks.trials.failover import free_port
from fairs.paths import PACKAGE, STATIC

ROOT = STATIC.parent
NAMES = "async () => (await caches.keys()).filter(name => name.startsWith('fairs-scanner-'))"
CALLS = "**/api/v1/checkin/**"


def released(folder: Path, number: int) -> Path:
    """A copy of the product; every script and style of the scanner differs from release to release."""
    home = folder / f"release-{number}"
    for part in ("src", "static", "templates", "migrations"):
        shutil.copytree(ROOT / part, home / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in [*(home / "static/js").glob("*.js"), *(home / "static/css").glob("*.css")]:
        with file.open("a") as out:
            out.write(f"\n/* release {number} */\n")
    version = home / "src" / PACKAGE.name / "__init__.py"
    version.write_text(version.read_text("utf-8") + f'\n__version__ = "9.9.{number}"\n', "utf-8")
    return home


@contextmanager
def serving(home: Path, data: Path, port: int) -> Iterator[None]:
    """One release on the data of all."""
    line = [sys.executable, "-m", "fairs.cli", "serve", "--data", str(data), "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(home / "src")}
    process = subprocess.Popen(line, env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(port)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


async def scan(page: Page, codes: list[str]) -> None:
    """Type them one after the other; each is kept before the next one."""
    for code in codes:
        before = int(await page.get_attribute("#scanner", "data-waiting") or 0)
        await page.keyboard.type(code)
        await page.keyboard.press("Enter")
        await page.wait_for_selector(f"#scanner[data-waiting='{before + 1}']", timeout=60_000)


async def play(folder: Path, data: Path, token: str, codes: list[str], program: str) -> dict[str, object]:
    """The whole story; what was seen on the phone."""
    port, part = free_port(), len(codes) // 3
    base = f"http://127.0.0.1:{port}"
    homes = [released(folder, number) for number in (1, 2)]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
        page = await context.new_page()
        with serving(homes[0], data, port):
            await page.goto(f"{base}/scan#token={token}")
            await page.get_by_role("link", name="Main entrance").click()
            await page.wait_for_selector("#scanner[data-ready='yes']", timeout=120_000)
            path = f"/scan/{checkin.EVENT}/{checkin.GATE}"
            keep = "async path => { while (!(await caches.match(path))) await new Promise(go => setTimeout(go, 50)); }"
            await page.evaluate(keep, path)
            first = await page.evaluate(NAMES)
            await page.route(CALLS, lambda route: route.abort())
            await scan(page, codes[:part])
        with serving(homes[1], data, port):
            await page.evaluate("async () => { await (await navigator.serviceWorker.getRegistration()).update(); }")
            grown = f"async old => {{ while (!(await ({NAMES})()).some(name => name !== old)) await new Promise(go => setTimeout(go, 50)); }}"
            await page.evaluate(grown, first[0])
            second = await page.evaluate(NAMES)
            await scan(page, codes[part : 2 * part])
            await page.evaluate(keep, path)
            await context.set_offline(True)
            await page.reload()  # the new release, from its own cache
            await page.wait_for_selector("#scanner[data-state='ready']", timeout=120_000)
            text = await page.evaluate(
                "async () => (await fetch(document.querySelector('script[src*=\"js/scanner.js\"]').src)).text()"
            )
            waiting = await page.get_attribute("#scanner", "data-waiting")
            await scan(page, codes[2 * part :])
            await context.set_offline(False)
            await page.unroute(CALLS)
            await page.wait_for_selector("#scanner[data-waiting='0']", timeout=120_000)
        await browser.close()
    return {"caches": (first, second), "waiting after the reload": int(waiting or 0), "new code": "release 2" in text}


async def stored(url: str) -> list[tuple[str, str]]:
    """(code, answer) of each stored scan."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        "SELECT b.code, s.outcome FROM scan s JOIN badge b ON b.registration = s.registration"
    )
    await connection.close()
    return [(row["code"], row["outcome"]) for row in rows]


def main() -> None:
    """Run it; 1 when a scan is lost or doubled."""
    from tests.browsers import chromium

    from fairs.cli import database, load_settings, run_in_database

    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--scans", type=int, default=8, help="in each of the three parts")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="fairs-release-", ignore_cleanup_errors=True) as name:
        os.chmod(name, 0o711)
        folder = Path(name)
        data = folder / "data"
        with database(load_settings(data)) as found:
            token, codes = run_in_database(found, checkin.build(3 * given.scans))
        seen = asyncio.run(play(folder, data, token, codes, chromium()))
        with database(load_settings(data)) as found:
            rows = asyncio.run(stored(found.database_url))
    lost = set(codes) - {code for code, _ in rows}
    right = not lost and len(rows) == len(codes) and all(outcome == "admitted" for _, outcome in rows)
    right = right and seen["new code"] is True and seen["waiting after the reload"] == 2 * given.scans
    print(*(f"{name}: {value}" for name, value in seen.items()), sep="\n")
    print(f"{len(codes)} scans made, {len(rows)} stored, {len(lost)} lost")
    sys.exit(int(not right))


if __name__ == "__main__":
    main()
