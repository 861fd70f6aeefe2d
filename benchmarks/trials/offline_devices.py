"""Three scanners without a network for a day: `python -m benchmarks.trials.offline_devices [--scans 3000] [--people 400]`.

Three Chromiums run the scanner's own modules: the snapshot, the rules, the database of the browser, the queue. Each fetches
the snapshot, loses the network and decides its scans alone; the same people come to several of them. Half-way the second
is killed (SIGKILL) and goes on with what its disk holds. Meanwhile badges are revoked and issued. Then they come back in
any order, and their connections are cut after a random number of bytes, again and again, until everything is sent.

Whatever the devices said is compared with a plain model (tests/checkin/gate_model.py) that replays the scans in the order in
which the server stored them: every answer, and exactly the conflicts that the model finds. Nothing may be missing.
"""

import argparse
import asyncio
import itertools
import os
import random
import signal
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
from playwright.async_api import Page, Playwright, async_playwright

GATES = ("main-in", "west", "gift")
START = """async ({ event, token }) => {
  const names = { store: "scanner-store", data: "scanner-data", queue: "scanner-queue", call: "scanner-call",
                  rules: "gate-rules", codes: "badge-codes" };
  const [store, data, queue, wire, rules, codes] =
    await Promise.all(Object.values(names).map(name => import(`/static/js/${name}.js`)));
  localStorage.setItem("fairs.scanner.token", token);
  const line = new wire.Line(store);
  const call = line.call.bind(line);
  const noble = "/static/vendor/noble-ed25519-3.2.0/index.js";
  const knowledge = new data.Knowledge({ event, store, rules, codes, call, clock: () => line.now(), noble });
  const settle = sent => knowledge.settle(sent.map(({ id }) => id));
  window.device = { event, store, knowledge, queue: new queue.Queue({ event, store, call, onAnswers: settle, onState() {} }) };
  await device.queue.load();
  await knowledge.load();
}"""
SYNC = "async () => { await device.knowledge.sync(); return device.store.countBadges(device.event); }"
SCAN = """async scans => {
  const { store, event, knowledge } = device;
  const told = [];
  for (const sent of scans) {
    const began = performance.now();
    const serial = await store.keep(event, { ...sent, offline: false });
    const says = await knowledge.verdict({ ...sent, by: "code" });
    await store.keep(event, { ...sent, offline: true, told: says.outcome, reason: says.reason || "" }, serial);
    told.push([says.outcome, says.reason, says.unsure, performance.now() - began]);
  }
  return told;
}"""
SEND = """async () => {
  const { queue } = device;
  let tries = 0;
  for (; await queue.pending(); tries++) { await queue.run(); clearTimeout(queue.timer); }
  return [tries, queue.totals.sent];
}"""


@dataclass
class Fair:
    """What is scanned: an event with a hall of two gates and a gift once, and the codes of its badges."""

    slug: str
    tokens: list[str]
    codes: list[str]
    capacity: int


class Wire:
    """A connection to the server for one device: up, down, or cut after a random number of bytes."""

    def __init__(self, target: int, rng: random.Random) -> None:
        self.target, self.rng = target, rng
        self.up, self.cutting, self.cuts, self.port = True, False, 0, 0
        self.open_ends: set[asyncio.StreamWriter] = set()

    def down(self) -> None:
        """The network is gone: open connections too."""
        self.up = False
        for end in self.open_ends:
            end.transport.abort()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Wire"]:
        server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.up:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        self.open_ends |= {writer, back}
        left = [self.rng.randrange(200, 60_000) if self.cutting else 1 << 60]

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            while self.up and left[0] > 0 and (piece := await source.read(8192)):
                sink.write(piece[: left[0]])
                left[0] -= len(piece)
                await sink.drain()

        with suppress(OSError):
            ways = [asyncio.create_task(pump(reader, back)), asyncio.create_task(pump(there, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        self.cuts += left[0] <= 0
        self.open_ends -= {writer, back}
        for end in (writer, back):
            end.transport.abort()


@dataclass
class Device:
    """A Chromium with a folder of its own."""

    number: int
    token: str
    folder: Path
    wire: Wire
    fair: Fair
    page: Page | None = None
    told: dict[str, tuple[str, str | None, str | None]] = field(default_factory=dict)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    spent: list[float] = field(default_factory=list)

    async def start(self, playwright: Playwright, chromium: str) -> Page:
        """Open the browser on its folder, as after a restart of the phone."""
        context = await playwright.chromium.launch_persistent_context(
            str(self.folder), executable_path=chromium, args=["--no-sandbox"]
        )
        self.page = context.pages[0] if context.pages else await context.new_page()
        was_up, self.wire.up, self.wire.cutting = self.wire.up, True, False
        await self.page.goto(f"http://127.0.0.1:{self.wire.port}/scan")
        await self.page.evaluate(START, {"event": self.fair.slug, "token": self.token})
        if not was_up:
            self.wire.down()
        return self.page

    async def scan(self, scans: Sequence[dict[str, Any]]) -> None:
        """Decide these alone."""
        assert self.page is not None
        for found, scan in zip(await self.page.evaluate(SCAN, list(scans)), scans, strict=True):
            outcome, reason, unsure, spent = found
            self.told[scan["id"]] = (outcome, reason, unsure)
            self.sent[scan["id"]] = scan
            self.spent.append(spent)

    async def kill(self) -> None:
        """End the browser's processes at once, found by the name of its folder."""
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and str(self.folder).encode() in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)
        await asyncio.sleep(0.3)
        (self.folder / "SingletonLock").unlink(missing_ok=True)


def drawn(fair: Fair, devices: Sequence[Device], each: int, seed: int) -> dict[int, list[dict[str, Any]]]:
    """Scans of a day: people come, leave and come back at any gate and any device."""
    rng, now = random.Random(seed), datetime.now(UTC)
    found: dict[int, list[dict[str, Any]]] = {}
    for device in devices:
        times = sorted(now - timedelta(seconds=rng.uniform(60, 6 * 3600)) for _ in range(each))
        found[device.number] = [
            {
                "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
                "gate": rng.choices(GATES, weights=(6, 3, 1))[0],
                "code": rng.choice(fair.codes),
                "direction": rng.choices(("in", "out"), weights=(4, 1))[0],
                "scanned_at": when.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            }
            for when in times
        ]
    return found


@dataclass
class Outcome:
    """What came of it."""

    devices: list[Device]
    tries: int
    cuts: int


async def play(
    fair: Fair, port: int, chromium: str, *, each: int, meanwhile: Any, seed: int = 1, folder: Path
) -> Outcome:
    """The day. `meanwhile` is awaited while the devices are away: badges are revoked and issued."""
    rng = random.Random(seed)
    async with async_playwright() as playwright, AsyncExitStack() as open_wires:
        devices = []
        for number, token in enumerate(fair.tokens):
            wire = await open_wires.enter_async_context(Wire(port, random.Random(seed + number)).open())
            devices.append(Device(number, token, folder / f"device-{number}", wire, fair))
        for device in devices:
            page = await device.start(playwright, chromium)
            assert await page.evaluate(SYNC) == len(fair.codes)
            device.wire.down()
        await meanwhile()
        scans = drawn(fair, devices, each, seed)
        half = each // 2
        await asyncio.gather(*(device.scan(scans[device.number][:half]) for device in devices))
        await devices[1].kill()
        await devices[1].start(playwright, chromium)
        await asyncio.gather(*(device.scan(scans[device.number][half:]) for device in devices))
        tries = await asyncio.gather(*(_return(device, rng.uniform(0, 3)) for device in devices))
        for device in devices:
            assert device.page is not None
            await device.page.context.close()
        return Outcome(devices, sum(tries), sum(device.wire.cuts for device in devices))


async def _return(device: Device, later: float) -> int:
    """Back in the network, which breaks again and again."""
    assert device.page is not None
    await asyncio.sleep(later)
    device.wire.up = device.wire.cutting = True
    tries, _ = await device.page.evaluate(SEND)
    return int(tries)


def compare(
    outcome: Outcome, fair: Fair, stored: Sequence[Any], revoked: set[str], devices: dict[int, int]
) -> list[str]:
    """What differs from the model that replays the stored order; empty: nothing. `devices`: ids by number."""
    from tests.checkin.gate_model import Model
    from tests.checkin.vectors.worlds import badge, gate, world

    numbers = {code: at for at, code in enumerate(fair.codes)}
    badges = [badge(at, state="revoked" if code in revoked else "valid") for at, code in enumerate(fair.codes)]
    gates = [
        gate("main-in", room="hall", capacity=fair.capacity),
        gate("west", room="hall", kind="zone", capacity=fair.capacity),
        gate("gift", kind="zone", rule="once", ways="both"),
    ]
    model = Model(world("trial", rooms={"hall": None}, gates=gates, badges=badges, scans=[]))
    known = {scan_id: (device, scan) for device in outcome.devices for scan_id, scan in device.sent.items()}
    wrong = [f"{len(stored)} scans stored of {len(known)}"] if len(stored) != len(known) else []
    conflicts = 0
    for row in stored:
        device, scan = known[str(row["uuid"])]
        said, reason, _ = device.told[str(row["uuid"])]
        sent = {"gate": scan["gate"], "badge": numbers[scan["code"]], "direction": scan["direction"], "genuine": True}
        sent |= {"at": scan["scanned_at"], "offline": True, "device": devices[device.number]}
        wanted = model.say(sent | {"told": said, "told_reason": reason})
        found = {name: row[name] for name in ("outcome", "reason", "conflict")}
        if found != {name: wanted[name] for name in found}:
            wrong.append(f"{scan}: {found}, the model says {wanted}, the device {said} {reason}")
        conflicts += said == "admitted" and wanted["outcome"] != "admitted"
    if conflicts != sum(row["conflict"] for row in stored):
        wrong.append(f"{conflicts} conflicts by the model, {sum(row['conflict'] for row in stored)} stored")
    return wrong


STORED = "SELECT uuid, outcome, reason, conflict FROM scan ORDER BY id"


async def build(people: int) -> tuple[Fair, list[int]]:
    """The fair of the benchmark of check-in, with a hall of two gates, a gift, and three scanners."""
    from tests import fair

    from benchmarks import checkin
    from fairs.core import db

    token, codes = await checkin.build(people)
    event = await db.fetchval("SELECT id FROM event WHERE slug = $1", checkin.EVENT)
    capacity = people * 2 // 3
    await furnish(event, capacity)
    made = [(await fair.scanner(event, f"door {number}")) for number in range(2)]
    first = await db.fetchval("SELECT id FROM access_token WHERE event_id = $1 ORDER BY id LIMIT 1", event)
    ids = [first, *(device.token_id for _, device in made)]
    return Fair(checkin.EVENT, [token, *(text for text, _ in made)], codes, capacity), ids


async def furnish(event: int, capacity: int) -> None:
    """A hall with two gates that count people together, and a gate that gives something once."""
    from tests import factories

    from fairs.core import db

    sql = "INSERT INTO room (event, code, name_zh, name_en) VALUES ($1, 'hall', '厅', 'Hall') RETURNING id"
    hall = await db.fetchval(sql, event)
    await db.execute("UPDATE gate SET room = $2, capacity = $3 WHERE event = $1", event, hall, capacity)
    await factories.gate(event, code="west", kind="zone", room=hall, capacity=capacity)
    await factories.gate(event, code="gift", kind="zone", rule="once")


def main() -> None:
    """Run it, print the numbers; 1 when anything differs."""
    from tests.browsers import chromium

    from benchmarks.serving import serving
    from fairs.cli import database, load_settings

    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--scans", type=int, default=3000, help="of each device")
    options.add_argument("--people", type=int, default=400)
    given = options.parse_args()
    with ExitStack() as ending:
        pid, port, (fair, ids) = ending.enter_context(serving(lambda: build(given.people)))
        # The embedded server is already there: this attaches to it.
        found = ending.enter_context(database(load_settings(Path(options_of(pid)["--data"])), migrate=False))
        status = asyncio.run(_run(fair, ids, port, given.scans, found.database_url, chromium()))
    sys.exit(status)


def options_of(pid: int) -> dict[str, str]:
    """What a process was started with."""
    line = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return dict(itertools.pairwise(line))


async def _run(fair: Fair, ids: list[int], port: int, each: int, dsn: str, program: str) -> int:
    revoked = set(fair.codes[::20])
    connection = await asyncpg.connect(dsn)

    async def meanwhile() -> None:
        await connection.execute("UPDATE badge SET revoked_at = now() WHERE code = ANY($1)", list(revoked))

    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="fairs-devices-", ignore_cleanup_errors=True) as folder:
        outcome = await play(fair, port, program, each=each, meanwhile=meanwhile, folder=Path(folder))
    stored = await connection.fetch(STORED)
    await connection.close()
    wrong = compare(outcome, fair, stored, revoked, dict(enumerate(ids)))
    spent = sorted(moment for device in outcome.devices for moment in device.spent)
    told = Counter(said[0] for device in outcome.devices for said in device.told.values())
    took = time.perf_counter() - began
    print(f"{len(stored)} scans of three devices in {took:.0f} s; {outcome.cuts} cuts, {outcome.tries} tries")
    middle, slow = spent[len(spent) // 2], spent[len(spent) * 99 // 100]
    print(f"told by the devices: {dict(told)}; verdict and keeping: median {middle:.1f} ms, p99 {slow:.1f} ms")
    print(f"conflicts: {sum(row['conflict'] for row in stored)}; differing from the replay: {len(wrong)}")
    print(*wrong[:5], sep="\n")
    return int(bool(wrong))


if __name__ == "__main__":
    main()
