"""A venue relay whose server is cut off and that is killed itself: `python -m benchmarks.trials.relay [--scans 400] [--kills 10]`.

Three processes: the server, a relay (`fairs serve --relay`) that reaches it by a connection which is cut at random, also in the
middle of an answer, and this one, which plays the scanners. Badges are revoked while the relay is cut off. Scanners ask the
relay; when it is dead, those with a line of their own ask the server, the others let people in and keep the scan for later. The
relay is killed with SIGKILL again and again and started on what its disk holds.

At the end everything is connected, and what was said is compared with what is stored: every acknowledged scan is on the server
once, and a plain model (tests/checkin/gate_model.py) that replays the order in which the server stored them gives the same
answers, admissions and conflicts. The relay's own answers are replayed in the same way, in its order.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from benchmarks.trials.offline_devices import GATES, Fair, Wire
from fairs.checkin.services import LET_IN

START_SECONDS = 180  # some three, on a machine that does nothing else
PATIENCE = 1.5  # seconds that a scanner waits for an answer
STORED = (
    "SELECT s.uuid, s.outcome, s.reason, s.conflict, s.offline, s.direction, s.scanned_at, s.registration, s.device_id,"
    " g.code AS gate FROM scan s LEFT JOIN gate g ON g.id = s.gate ORDER BY s.id"
)
AT_RELAY = STORED.replace("s.uuid,", "s.uuid, EXISTS (SELECT 1 FROM relay_pulled p WHERE p.scan = s.id) AS pulled,", 1)
ADMISSIONS = "SELECT g.code AS gate, a.registration, a.day FROM admission a JOIN gate g ON g.id = a.gate"
_ARRIVED = "SELECT count(*) FROM scan WHERE uuid = ANY($1)"
Scan = dict[str, Any]


@dataclass
class RelayProcess:
    """`fairs serve --relay`, started again after each kill."""

    server: str
    token: str
    folder: Path
    port: int
    dsn: str = ""  # none: a database of its own in the folder
    process: subprocess.Popen[bytes] | None = None
    kills: int = 0

    async def start(self) -> None:
        """Wait until it answers; what it copied before is there."""
        ours = os.environ | {"FAIRS_RELAY_TOKEN": self.token, "FAIRS_DATABASE_URL": self.dsn}
        ours.pop("FAIRS_BASE_URL", None)
        command = [sys.executable, "-m", "fairs.cli", "serve", "--relay", self.server]
        command += ["--data", str(self.folder), "--port", str(self.port)]
        log = self.folder.with_suffix(".log").open("ab")
        self.process = subprocess.Popen(command, env=ours, stdout=log, stderr=log)
        async with httpx.AsyncClient() as client:
            end = time.monotonic() + START_SECONDS
            while time.monotonic() < end:
                with suppress(httpx.HTTPError):
                    if (await client.get(f"{self.url}/readyz", timeout=1)).status_code == 200:
                        return
                if self.process.poll() is not None:
                    break
                await asyncio.sleep(0.1)
        raise RuntimeError("the relay did not start: " + self.folder.with_suffix(".log").read_text()[-2000:])

    @property
    def url(self) -> str:
        """Where scanners reach it."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """The power of the laptop goes: its database first, every second time, then the relay."""
        assert self.process is not None
        if not self.dsn and self.kills % 2:
            (found,) = self.folder.rglob("postmaster.pid")
            os.kill(int(found.read_text().split()[0]), signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def stop(self) -> int:
        """Ctrl-C."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Its exit status when it ends by itself."""
        assert self.process is not None
        return self.process.wait(60)

    def end(self) -> None:
        """Leave nothing behind."""
        if self.process is not None and self.process.poll() is None:
            self.stop()


@dataclass
class Scanner:
    """A device. `line`: it reaches the server when the relay is dead. `alone`: it let these people in without an answer."""

    number: int
    token: str
    line: bool
    answers: dict[str, Scan] = field(default_factory=dict)
    sent: dict[str, Scan] = field(default_factory=dict)
    alone: set[str] = field(default_factory=set)
    queue: list[Scan] = field(default_factory=list)
    ways: Counter[str] = field(default_factory=Counter)

    async def show(self, client: httpx.AsyncClient, bases: Sequence[str], scan: Scan) -> None:
        """A badge is held before it: first what waits, in its order."""
        self.sent[scan["id"]] = scan
        if await self.flush(client, bases) and await self.ask(client, bases, [scan]):
            return
        self.alone.add(scan["id"])
        self.queue.append(scan | {"offline": True, "told": "admitted"})

    async def flush(self, client: httpx.AsyncClient, bases: Sequence[str]) -> bool:
        """Send what waits; whether nothing waits any more."""
        while self.queue:
            if not await self.ask(client, bases, self.queue[:50]):
                return False
            self.queue = self.queue[50:]
        return True

    async def ask(self, client: httpx.AsyncClient, bases: Sequence[str], scans: Sequence[Scan]) -> bool:
        """The relay, then the server if there is a line to it. Only 200 counts."""
        for base in bases if self.line else bases[:1]:
            with suppress(httpx.HTTPError):
                answer = await client.post(
                    f"{base}/api/v1/checkin/scans",
                    content=json.dumps({"scans": scans}),
                    headers={"authorization": f"Bearer {self.token}"},
                )
                if answer.status_code == 200:
                    self.answers |= {result["id"]: result for result in answer.json()["results"]}
                    self.ways["relay" if base == bases[0] else "server"] += len(scans)
                    return True
        return False


@dataclass
class Played:
    """What came of it."""

    scanners: list[Scanner]
    cuts: int
    kills: int
    seconds: float


def _next(fair: Fair, rng: random.Random) -> Scan:
    return {
        "id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "gate": rng.choices(GATES, weights=(6, 3, 1))[0],
        "code": rng.choice(fair.codes),
        "direction": rng.choices(("in", "out"), weights=(4, 1))[0],
        "scanned_at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


async def play(
    fair: Fair,
    server: str,
    wire: Wire,
    relay: RelayProcess,
    *,
    each: int,
    kills: int,
    meanwhile: Callable[[], Awaitable[None]],
    seed: int = 1,
    pace: float = 0.02,
) -> Played:
    """The day. `meanwhile` is awaited while the relay is cut off: badges are revoked."""
    began, rng = time.perf_counter(), random.Random(seed)
    await relay.start()
    wire.down()
    await meanwhile()
    scanners = [Scanner(number, token, line=number % 3 == 2) for number, token in enumerate(fair.tokens)]
    bases, over = (relay.url, server), asyncio.Event()

    async def scan(scanner: Scanner, client: httpx.AsyncClient) -> None:
        chance = random.Random(seed * 100 + scanner.number)
        for _ in range(each):
            await scanner.show(client, bases, _next(fair, chance))
            await asyncio.sleep(chance.uniform(0, 2 * pace))

    async def cut() -> None:
        while not over.is_set():
            await asyncio.sleep(rng.uniform(0.1, 1.5))
            if wire.up:
                wire.down()
            else:
                wire.up, wire.cutting = True, rng.random() < 0.7

    async def kill() -> None:
        for _ in range(kills):
            await asyncio.sleep(rng.uniform(0.3, 2.0))
            relay.kill()
            await asyncio.sleep(rng.uniform(0, 0.5))
            await relay.start()

    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        cutting, killing = asyncio.create_task(cut()), asyncio.create_task(kill())
        await asyncio.gather(*(scan(scanner, client) for scanner in scanners))
        await killing
        over.set()
        await cutting
        wire.up, wire.cutting = True, False
        for scanner in scanners:
            while not await scanner.flush(client, bases):
                await asyncio.sleep(0.1)
    return Played(scanners, wire.cuts, relay.kills, time.perf_counter() - began)


async def settled(dsn: str, played: Played, seconds: float = 90) -> None:
    """Wait until the server has every acknowledged scan. Raises TimeoutError."""
    wanted = {uuid.UUID(one) for scanner in played.scanners for one in scanner.answers}
    connection = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(seconds):
            while await connection.fetchval(_ARRIVED, list(wanted)) < len(wanted):
                await asyncio.sleep(0.2)
    finally:
        await connection.close()


def _world(fair: Fair, revoked: set[str]) -> Any:
    from tests.checkin.gate_model import Model
    from tests.checkin.vectors.worlds import badge, gate, world

    badges = [badge(at, state="revoked" if code in revoked else "valid") for at, code in enumerate(fair.codes)]
    gates = [
        gate("main-in", room="hall", capacity=fair.capacity),
        gate("west", room="hall", kind="zone", capacity=fair.capacity),
        gate("gift", kind="zone", rule="once", ways="both"),
    ]
    return Model(world("relay", rooms={"hall": None}, gates=gates, badges=badges, scans=[]))


@dataclass
class Comparison:
    """`wrong`: what differs; `conflicts`: by the replay; `beside`: of people let in although a lost answer said otherwise."""

    wrong: list[str] = field(default_factory=list)
    conflicts: int = 0
    beside: int = 0


def compare(
    fair: Fair, played: Played, stored: Sequence[Any], at_relay: Sequence[Any], admissions: set[Any], revoked: set[str]
) -> Comparison:
    """The server's rows, in their order, against the model; the relay's too."""
    found = Comparison()
    sent = {one: scan for scanner in played.scanners for one, scan in scanner.sent.items()}
    alone = {one for scanner in played.scanners for one in scanner.alone}
    # Let in alone although an answer, which was lost, said otherwise: a scan of its own.
    beside = {str(uuid.uuid5(uuid.UUID(one), LET_IN)): one for one in alone}
    sent |= {own: sent[one] for own, one in beside.items()}
    alone |= set(beside)
    answered = {one for scanner in played.scanners for one in scanner.answers}
    times = Counter(str(row["uuid"]) for row in stored)
    found.wrong += [f"{one} is stored {times[one]} times" for one in answered if times[one] != 1]
    if set(times) - set(beside) != answered:
        found.wrong.append(f"{len(set(times) - set(beside) - answered)} stored that nobody was told of")
    found.beside = len(set(times) & set(beside))
    numbers = {code: at for at, code in enumerate(fair.codes)}
    told = {
        str(row["uuid"]): ("admitted" if row["conflict"] else row["outcome"], row["reason"])
        for row in at_relay
        if not row["pulled"]
    }
    _replay(found, _world(fair, revoked), stored, sent, alone, told, numbers)
    _replay_relay(found, _world(fair, set()), at_relay, sent, numbers, revoked)
    mine = {
        (_place(row["gate"]), row["registration"], row["day"])
        for row in (dict(row) | {"day": row["scanned_at"].date()} for row in stored)
        if row["outcome"] == "admitted" and row["direction"] == "in"
    }
    theirs = {(_place(gate), registration) for gate, registration, _ in admissions}
    if {(gate, registration) for gate, registration, _ in mine} != theirs:
        found.wrong.append(f"admissions differ: {len(mine)} by the scans, {len(theirs)} stored")
    return found


def _place(gate: str) -> str:
    return "hall" if gate in {"main-in", "west"} else gate


def _said(scan: Scan, numbers: dict[str, int], device: int, **more: Any) -> Scan:
    return {
        "gate": scan["gate"],
        "badge": numbers[scan["code"]],
        "direction": scan["direction"],
        "genuine": True,
        "at": scan["scanned_at"],
        "device": device,
        "told": None,
        "told_reason": None,
        "offline": False,
        **more,
    }


def _differs(found: Comparison, where: str, row: Any, wanted: Scan, scan: Scan) -> None:
    says = {name: row[name] for name in ("outcome", "reason", "conflict")}
    if says != {name: wanted[name] for name in says}:
        found.wrong.append(f"{where} {scan}: {says}, the model says {wanted}")


def _replay(
    found: Comparison,
    model: Any,
    stored: Sequence[Any],
    sent: dict[str, Scan],
    alone: set[str],
    told: dict[str, tuple[str, str | None]],
    numbers: dict[str, int],
) -> None:
    """A scan that came by the relay has what the relay said, one that a scanner kept what the scanner said, others nothing."""
    for row in stored:
        one = str(row["uuid"])
        says = [told[one]] if one in told else []
        says += [("admitted", None)] if one in alone else []
        wanted: Scan = {}
        for said, reason in says if row["offline"] else [(None, None)]:
            more = {"offline": bool(row["offline"]), "told": said, "told_reason": reason}
            before = len(model.passages)
            wanted = model.say(_said(sent[one], numbers, row["device_id"], **more))
            if all(row[name] == wanted[name] for name in ("outcome", "reason", "conflict")):
                break
            del model.passages[before:]
        _differs(found, "server", row, wanted, sent[one])
        found.conflicts += bool(wanted["conflict"])


def _replay_relay(
    found: Comparison,
    model: Any,
    at_relay: Sequence[Any],
    sent: dict[str, Scan],
    numbers: dict[str, int],
    revoked: set[str],
) -> None:
    """In the relay's order; what came from the server is taken as it is, and so are badges whose end it learnt of meanwhile."""
    for row in at_relay:
        one = str(row["uuid"])
        scan = sent[one]
        more = {"offline": True, "told": "admitted"} if row["offline"] and not row["pulled"] else {}
        said = _said(scan, numbers, row["device_id"], **more)
        if row["pulled"] or scan["code"] in revoked:
            if row["outcome"] == "admitted":
                model._let_through(said)
            continue
        _differs(found, "relay", row, model.say(said), scan)


async def build(people: int, scanners: int) -> tuple[Fair, str]:
    """The fair of the trial of scanners, with more scanners and the token of a relay."""
    from tests import fair
    from tests.cast import make_actor

    from benchmarks.trials import offline_devices
    from fairs.accounts.tokens import issue_token
    from fairs.core import db
    from fairs.core.scopes import Scope

    made, _ = await offline_devices.build(people)
    event = await db.fetchval("SELECT id FROM event WHERE slug = $1", made.slug)
    for number in range(len(made.tokens), scanners):
        made.tokens.append((await fair.scanner(event, f"door {number}"))[0])
    organiser = await make_actor("organiser", email="relay@example.org")
    account = organiser.account_id
    token = await issue_token("api", "hall", by=organiser, account_id=account, event_id=event, scopes=[Scope.RELAY])
    return made, token


async def rows_of(dsn: str) -> list[Any]:
    """What the relay stored."""
    connection = await asyncpg.connect(dsn)
    try:
        return list(await connection.fetch(AT_RELAY))
    finally:
        await connection.close()


def main() -> None:
    """Run it, print the numbers; 1 when anything differs."""
    from benchmarks.serving import serving
    from fairs.cli import database, load_settings

    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--scans", type=int, default=400, help="of each scanner")
    options.add_argument("--scanners", type=int, default=9)
    options.add_argument("--people", type=int, default=400)
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    with ExitStack() as ending:
        pid, port, made = ending.enter_context(serving(lambda: build(given.people, given.scanners)))
        line = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
        data = Path(dict(itertools.pairwise(line))["--data"])
        found = ending.enter_context(database(load_settings(data), migrate=False))
        folder = Path(
            ending.enter_context(tempfile.TemporaryDirectory(prefix="fairs-relay-", ignore_cleanup_errors=True))
        )
        folder.chmod(0o711)
        status = asyncio.run(_run(made, port, found.database_url, folder, given))
    sys.exit(status)


async def _run(made: tuple[Fair, str], port: int, dsn: str, folder: Path, given: argparse.Namespace) -> int:
    from fairs.cli import database, load_settings

    fair, token = made
    revoked = set(fair.codes[::20])
    connection = await asyncpg.connect(dsn)

    async def meanwhile() -> None:
        await connection.execute("UPDATE badge SET revoked_at = now() WHERE code = ANY($1)", list(revoked))

    async with Wire(port, random.Random(given.seed)).open() as wire:
        relay = RelayProcess(f"http://127.0.0.1:{wire.port}", token, folder / "relay", _free_port())
        server = f"http://127.0.0.1:{port}"
        played = await play(
            fair, server, wire, relay, each=given.scans, kills=given.kills, meanwhile=meanwhile, seed=given.seed
        )
        waited = time.perf_counter()
        await settled(dsn, played)
        waited = time.perf_counter() - waited
        relay.stop()
    with database(load_settings(folder / "relay"), migrate=False) as own:
        at_relay = await rows_of(own.database_url)
    stored = await connection.fetch(STORED)
    admissions = {tuple(row) for row in await connection.fetch(ADMISSIONS)}
    await connection.close()
    outcome = compare(fair, played, stored, at_relay, admissions, revoked)
    ways: Counter[str] = sum((scanner.ways for scanner in played.scanners), Counter())
    alone = sum(len(scanner.alone) for scanner in played.scanners)
    print(
        f"{len(stored)} scans of {len(played.scanners)} scanners in {played.seconds:.0f} s; acknowledged by {dict(ways)}"
    )
    print(f"relay killed {played.kills} times, {played.cuts} cuts in the middle; decided by a scanner alone: {alone}")
    print(f"after the last scan the server had all within {waited:.1f} s")
    print(f"conflicts: {sum(row['conflict'] for row in stored)}, by the replay {outcome.conflicts}")
    print(f"let in by a scanner alone although an answer that was lost said otherwise: {outcome.beside}")
    print(f"differing from the replay: {len(outcome.wrong)}")
    print(*outcome.wrong[:5], sep="\n")
    return int(bool(outcome.wrong))


def _free_port() -> int:
    from benchmarks.trials.failover import free_port

    return free_port()


if __name__ == "__main__":
    main()
