"""The rules of gates and the codes of badges in the browser: the same cases as for Python (tests/checkin/vectors)."""

import json
import os
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.async_api import Browser, Page

from fairs.badges import codes, tokens
from fairs.checkin import names as lists
from fairs.checkin import snapshot
from fairs.checkin.rules import Person
from fairs.core import db as database
from fairs.core.search_keys import fold
from fairs.registrations import finding
from tests.checkin.hall import NINE, open_hall
from tests.checkin.vectors import making, running
from tests.registrations.names import CONTACTS, FOLDED, TYPED, fair

pytestmark = pytest.mark.e2e
RULES = """async worlds => {
  const { judge, Log } = await import("/static/js/gate-rules.js");
  return worlds.map(({ scans, badges, ...data }) => {
    const log = new Log();
    const known = new Map(badges.map(badge => [badge.uid, badge]));
    return scans.map(scan => {
      const sent = { ...scan, at: Date.parse(scan.at), expires_at: Infinity };
      return judge(data, known.get(scan.uid) || null, log, sent);
    });
  });
}"""
CODES = """async ({ texts, keys, token, sealed }) => {
  const { claim, Verifier, looksMistyped, open } = await import("/static/js/badge-codes.js");
  const said = {};
  for (const way of ["browser", "script"]) {
    const verifier = new Verifier("/static/vendor/noble-ed25519-3.2.0/index.js");
    await (way === "browser" ? verifier.start() : verifier.startScript());
    said[way] = [verifier.way];
    for (const text of texts) {
      const claimed = claim(text);
      const read = claimed && (await verifier.isGenuine(claimed, keys)) ? claimed : await verifier.genuineReading(text, keys);
      said[way].push([claimed?.uid ?? null, read?.uid ?? null, looksMistyped(text)]);
    }
  }
  const own = claim(token);
  const other = claim(texts[0]);
  return { said, claimed: [own.event, own.expires_at, own.key], opened: [await open(sealed, own), await open(sealed, other)] };
}"""


NAMES = """async ({ token, gate, sealed, letters, typed, folded }) => {
  const { Folding, find } = await import("/static/js/name-search.js");
  const { keyOf, opened } = await import("/static/js/scanner-names.js");
  const { people } = await opened(sealed, await keyOf(token), gate);
  const folding = new Folding(letters);
  const wrong = await opened(sealed, await keyOf("another"), gate).then(() => "opened", () => "shut");
  return {
    wrong,
    folded: folded.map(text => folding.fold(text)),
    found: typed.map(text => find(people, text, folding, 10).people.map(person => person.number)),
  };
}"""


@pytest.fixture
async def page(db: None, browser: Browser, live_server: str) -> Page:
    found = await browser.new_page()
    await found.goto(f"{live_server}/scan")
    return found


async def test_the_browser_says_what_the_table_says(page: Page) -> None:
    worlds = making.vectors()
    found = await page.evaluate(RULES, [running.snapshot(world) for world in worlds])
    compared = 0
    for world, said in zip(worlds, found, strict=True):
        for given, wanted in zip(said, running.on_device(world), strict=True):
            if wanted is None:
                continue
            first = None if wanted["first_at"] is None else making.moment(wanted["first_at"]).timestamp() * 1000
            plain = {name: given[name] for name in ("outcome", "reason", "first_at", "conflict")}
            assert plain == wanted | {"first_at": first}, world["name"]
            compared += 1
    assert compared > 1000


async def test_a_device_lets_a_signed_badge_in_that_it_does_not_know(page: Page) -> None:
    world = running.snapshot(next(item for item in making.vectors() if item["name"] == "unknown in"))
    scans = [scan | given for scan in world["scans"] for given in ({}, {"genuine": None}, {"event": 2})]
    [[known, unverified, elsewhere]] = await page.evaluate(RULES, [world | {"scans": scans}])
    assert (known["outcome"], known["unsure"]) == ("admitted", "new")
    assert (unverified["outcome"], unverified["unsure"]) == ("unsure", "unverified")
    assert elsewhere["reason"] == "wrong_event"


async def test_names_are_found_as_by_the_server(page: Page) -> None:
    hall = await open_hall()
    await fair(hall.event)
    await database.execute("UPDATE gate SET offline_names = true")
    _, told = await lists.page_of(hall.device, hall.token, "main-in", after=0, since=None)
    typed = [text for text, _ in TYPED if text not in CONTACTS] + ["TT18-900003", "900003", "3", "smi"]
    given = {"token": hall.token, "gate": "main-in", "typed": typed, "folded": FOLDED, **told}
    found = await page.evaluate(NAMES, given)
    assert found["wrong"] == "shut"
    assert found["folded"] == [fold(text) for text in FOLDED]
    for text, numbers in zip(typed, found["found"], strict=True):
        people, _ = await finding.people(hall.event, text, limit=10)
        assert numbers == [person["number"] for person in people], text


async def test_the_start_check_says_what_may_be_cleared(page: Page) -> None:
    cases = [
        ({"keeps": False}, ["bad", "not_kept_do"]),
        ({"keeps": True, "left": 1_000_000, "lasting": True}, ["fair", "storage_little"]),
        ({"keeps": True, "left": 10**10, "lasting": True, "onHome": False}, ["fair", "storage_safari"]),
        ({"keeps": True, "left": 10**10, "lasting": True, "onHome": True}, ["good", "storage_good"]),
        ({"keeps": True, "left": 10**10, "lasting": True}, ["good", "storage_good"]),
        ({"keeps": True, "left": 10**10, "lasting": False}, ["fair", "storage_fair"]),
    ]
    script = """async given => {
      const { storageState } = await import("/static/js/scanner-check.js");
      return given.map(one => storageState(one));
    }"""
    assert await page.evaluate(script, [given for given, _ in cases]) == [said for _, said in cases]


def _typed(token: str, layout: str) -> str:
    """A token as a hand scanner types it under another keyboard layout."""
    back = {
        meant: came
        for came, meant in reversed(codes.LAYOUTS[layout].items())
        if chr(came).islower() or not chr(came).isalpha()
    }
    return token.lower().translate(back)


async def test_codes_are_read_and_verified_as_by_the_server(page: Page) -> None:
    key = Ed25519PrivateKey.generate()
    uid = os.urandom(tokens.UID)
    token = tokens.encode(tokens.Token(70000, uid, NINE + timedelta(days=3), 7), key)
    spoiled = token[:-4] + ("AAAA" if token[-4] != "A" else "BBBB")
    stranger = tokens.encode(tokens.Token(70000, uid, NINE + timedelta(days=3), 9), key)
    texts = [
        spoiled,
        token,
        f" {token.lower()} ",
        f"https://fairs.example/b/{token}/",
        f"]Q3{token}",
        stranger,
        "hello",
        "A" * 128,
    ]
    texts += [_typed(token, layout) for layout in codes.LAYOUTS]
    raw = key.public_key().public_bytes_raw()
    keys = {7: raw}
    sealed = snapshot.seal(token, uid, Person("Li Wei", "李伟", "expert", "郑州大学"))
    given = {"texts": texts, "token": token, "keys": [snapshot.told_key(7, raw)], "sealed": sealed}
    found = await page.evaluate(CODES, given)
    wanted = []
    for text in texts:
        claimed = codes.claim(text)
        reading = codes.genuine_reading(text, keys)
        read = claimed if claimed is not None and codes.is_genuine(claimed[1], keys) else reading
        wanted.append([_hex(claimed), _hex(read), codes.looks_mistyped(text)])
    for way in ("browser", "script"):
        assert found["said"][way] == [way, *wanted]
    assert found["claimed"] == [70000, (NINE + timedelta(days=3)).timestamp() * 1000, 7]
    person: dict[str, Any] = {"name": "Li Wei", "name_native": "李伟", "category": "expert", "organisation": "郑州大学"}
    assert found["opened"] == [person, None]
    assert "李伟" not in json.dumps(sealed)


def _hex(claimed: tuple[bytes, str] | None) -> str | None:
    return None if claimed is None else claimed[0].hex()
