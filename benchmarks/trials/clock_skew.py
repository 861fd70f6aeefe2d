"""Phones whose clocks are hours off: `python -m benchmarks.trials.clock_skew [--hours 3]`.

The real scanner page in Chromium, its clock set forward and back. It hears the server's time once, loses the network, and scans at four
gates: one that is open now, one that has closed, one that opens later, and one that has no hours. Every verdict must be that of the true
time, with the network and without, also when the page was opened anew without a network; what arrives later must be stored with the true
time of each scan, to within some seconds.
"""

import argparse
import asyncio
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from playwright.async_api import Browser, Page, async_playwright

from benchmarks.trials.offline_devices import options_of

PEOPLE = 40
CLOSE = 5.0  # seconds by which a stored time may differ
GATES = {"open": (-1, 1), "closed": (-3, -1), "later": (1, 3), "always": (None, None)}
WANTED = {"open": "ok", "closed": "refused", "later": "refused", "always": "ok"}
REASONS = {"closed": "too_late", "later": "too_early"}
SHIFT = """const real = Date;
globalThis.Date = class extends real {
  constructor(...given) { given.length ? super(...given) : super(real.now() + SHIFT); }
  static now() { return real.now() + SHIFT; }
};"""


SHOWN = """() => {
  for (const kind of ["ok", "already", "refused"]) {
    const answer = document.getElementById(`answer-${kind}`);
    if (answer?.checkVisibility()) return [kind, answer.querySelector(".answer__headline").innerText];
  }
  return false;
}"""


async def build() -> tuple[str, list[str]]:
    """A fair with the four gates: its scanner's token and codes."""
    from tests import factories

    from benchmarks import checkin
    from fairs.core import db

    token, codes = await checkin.build(PEOPLE)
    event = await db.fetchval("SELECT id FROM event WHERE slug = $1", checkin.EVENT)
    now = datetime.now(UTC)
    for code, (opens, closes) in GATES.items():
        hours = {
            "opens_at": now + timedelta(hours=opens) if opens is not None else None,
            "closes_at": now + timedelta(hours=closes) if closes is not None else None,
        }
        await factories.gate(event, code=code, name_zh=code, name_en=code, **hours)
    return token, codes


async def scan_at(page: Page, base: str, gate: str, code: str) -> tuple[str, str]:
    """(answer's kind, its headline) of a code typed at a gate."""
    from benchmarks import checkin

    await page.goto(f"{base}/scan/{checkin.EVENT}/{gate}")
    await page.wait_for_selector("#scanner[data-state='ready']", timeout=120_000)
    await page.keyboard.type(code)
    await page.keyboard.press("Enter")
    shown = await page.wait_for_function(SHOWN, timeout=60_000)
    kind, headline = await shown.json_value()
    return str(kind), str(headline)


async def phone(browser: Browser, base: str, token: str, codes: list[str], hours: float, dsn: str) -> list[str]:
    """What went wrong on a phone whose clock is so many hours ahead."""
    from benchmarks import checkin

    context = await browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    await context.add_init_script(SHIFT.replace("SHIFT", str(int(hours * 3_600_000))))
    page = await context.new_page()
    await page.goto(f"{base}/scan#token={token}")
    await page.get_by_role("link", name="open", exact=True).click()
    await page.wait_for_selector("#scanner[data-ready='yes']", timeout=120_000)
    paths = ["/scan", *(f"/scan/{checkin.EVENT}/{gate}" for gate in GATES)]
    script = "async path => { while (!(await caches.match(path))) await new Promise(go => setTimeout(go, 50)); }"
    for path in paths:
        await page.evaluate(script, path)
    wrong: list[str] = []
    sent: list[tuple[str, float]] = []
    left = iter(codes)
    for offline in (False, True):
        await context.set_offline(offline)
        for gate, wanted in WANTED.items():
            code = next(left)
            sent.append((code, datetime.now(UTC).timestamp()))
            kind, headline = await scan_at(page, base, gate, code)
            if kind != wanted:
                wrong.append(f"{hours:+} h, {'offline' if offline else 'online'}, gate {gate}: {kind} {headline!r}")
    await context.set_offline(False)
    await page.wait_for_selector("#scanner[data-waiting='0']", timeout=120_000)
    wrong += await _stored(dsn, hours, sent)
    await context.close()
    return wrong


async def _stored(dsn: str, hours: float, sent: list[tuple[str, float]]) -> list[str]:
    """Answers and times as the server keeps them."""
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch(
        "SELECT b.code, g.code AS gate, s.outcome, s.reason, s.scanned_at FROM scan s JOIN gate g ON g.id = s.gate"
        " JOIN badge b ON b.registration = s.registration WHERE b.code = ANY($1::text[])",
        [code for code, _ in sent],
    )
    await connection.close()
    wrong = []
    moments = dict(sent)
    if len(rows) != len(sent):
        wrong.append(f"{hours:+} h: {len(sent)} scans, {len(rows)} stored")
    for row in rows:
        off = row["scanned_at"].timestamp() - moments[row["code"]]
        if not -CLOSE < off < 60:  # the page opens before the scan
            wrong.append(f"{hours:+} h, gate {row['gate']}: stored {off:.0f} s off")
        if (row["reason"] or "") != REASONS.get(row["gate"], ""):
            wrong.append(f"{hours:+} h, gate {row['gate']}: stored as {row['outcome']} {row['reason']}")
    return wrong


async def _run(port: int, token: str, codes: list[str], dsn: str, shifts: list[float], program: str) -> list[str]:
    wrong: list[str] = []
    size = 2 * len(GATES)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for shift, own in zip(shifts, _parts(codes, size), strict=False):
            wrong += await phone(browser, f"http://127.0.0.1:{port}", token, own, shift, dsn)
        await browser.close()
    return wrong


def _parts(codes: list[str], size: int) -> list[list[str]]:
    return [codes[at : at + size] for at in range(0, len(codes), size)]


def main() -> None:
    """Run it; 1 when a verdict or a time is wrong."""
    from tests.browsers import chromium

    from benchmarks.serving import serving
    from fairs.cli import database, load_settings

    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--hours", type=float, default=3)
    given = options.parse_args()
    shifts: list[Any] = [given.hours, -given.hours, 0.0]
    with ExitStack() as ending:
        pid, port, (token, codes) = ending.enter_context(serving(build))
        found = ending.enter_context(database(load_settings(Path(options_of(pid)["--data"])), migrate=False))
        wrong = asyncio.run(_run(port, token, codes, found.database_url, shifts, chromium()))
    print(
        f"phones {', '.join(f'{shift:+g} h' for shift in shifts)}: {2 * len(GATES) * len(shifts)} scans, wrong: {len(wrong)}"
    )
    print(*wrong, sep="\n")
    sys.exit(int(bool(wrong)))


if __name__ == "__main__":
    main()
