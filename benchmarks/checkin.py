"""Check-in: durable scans a second through the whole system, one server process, load generator on the same machine.

    python -m benchmarks.checkin [--badges 20000] [--out FILE]

The generator is a process of its own with bare sockets and prepared requests, so that it costs little of what it
measures; it prints its own share of the processor.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvloop

NOW = datetime.now(UTC)
EVENT, GATE = "bench-fair", "main-in"


# The data: people, badges with real signatures, a gate, a scanner.


async def build(badges: int) -> tuple[str, list[str]]:
    """The scanner's token and every badge's code."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from fairs.accounts.actor import SYSTEM
    from fairs.accounts.services import issue_token
    from fairs.badges import tokens
    from fairs.core import db

    async with db.DB.transaction():
        unit = await db.fetchval("SELECT id FROM unit ORDER BY id LIMIT 1")
        event = await db.fetchval(
            "INSERT INTO event (slug, kind, state, unit, title_zh, title_en, timezone, starts_at, ends_at, created_at,"
            " updated_at, summary_zh, summary_en, place_zh, place_en, demo) VALUES ($1, 'conference', 'published', $2,"
            " '大会', 'Fair', 'Asia/Shanghai', $3, $4, $3, $3, '', '', '', '', false) RETURNING id",
            EVENT,
            unit,
            NOW - timedelta(days=1),
            NOW + timedelta(days=2),
        )
        await db.execute(
            "INSERT INTO gate (event, code, kind, name_zh, name_en) VALUES ($1, $2, 'entry', '主入口', 'Main')",
            event,
            GATE,
        )
        key = Ed25519PrivateKey.generate()
        key_id = await db.fetchval(
            "INSERT INTO badge_key (number, public_key, private_key_sealed, created_at)"
            " VALUES (0, $1, '', now()) RETURNING id",
            key.public_key().public_bytes_raw(),
        )
        await db.execute(
            "INSERT INTO registration (number, event, category, state, email, name_passport, name_native, nationality,"
            " organisation_name, phone, lang, search_key, demo, created_at, updated_at)"
            " SELECT 'B' || n, $1, 'candidate', 'confirmed', 'p' || n || '@example.org', 'Maria Fernandez ' || n, '玛丽亚',"
            " 'ES', 'Universitat Politècnica de Catalunya', '', 'en', '', false, now(), now() FROM generate_series(1, $2) n",
            event,
            badges,
        )
        people = [row["id"] for row in await db.fetch("SELECT id FROM registration ORDER BY id")]
        uids = [os.urandom(tokens.UID) for _ in people]
        codes = [tokens.encode(tokens.Token(event, uid, NOW + timedelta(days=3), 0), key) for uid in uids]
        await db.execute(
            "INSERT INTO badge (uid, registration, key, code, issued_at, revoked_reason)"
            " SELECT t.uid, t.registration, $3, t.code, now(), ''"
            " FROM unnest($1::bytea[], $2::bigint[], $4::text[]) AS t (uid, registration, code)",
            uids,
            people,
            key_id,
            codes,
        )
        token = await issue_token("device", "bench", by=SYSTEM, event_id=event)
    await db.execute("ANALYZE")
    return token, codes


# The server, and what it holds in memory.


@contextmanager
def serving(badges: int) -> Iterator[tuple[int, int, str, list[str]]]:
    """(process id, port, token, codes) of `fairs serve` on a fresh folder with this many badges."""
    from fairs.cli import database, load_settings, run_in_database

    with tempfile.TemporaryDirectory(prefix="fairs-bench-") as folder:
        os.chmod(folder, 0o711)
        data = Path(folder) / "data"
        with database(load_settings(data)) as found:
            token, codes = run_in_database(found, build(badges))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "fairs.cli", "serve", "--data", str(data), "--port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            wait_until_ready(port)
            yield server.pid, port, token, codes
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def wait_until_ready(port: int) -> None:
    """Raises TimeoutError after 30 seconds."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the server did not become ready")


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting.extend(children.get(found[-1], []))
    return found


def memory(pid: int) -> float:
    """MB of the whole system, shared pages counted once (proportional set size)."""
    total = 0
    for member in family(pid):
        try:
            rollup = Path(f"/proc/{member}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


# The load generator.


def request(port: int, token: str, codes: list[str]) -> bytes:
    """One call as it goes over the wire."""
    moment = datetime.now(UTC).isoformat()
    scans = [
        {"id": str(uuid.uuid4()), "gate": GATE, "code": code, "scanned_at": moment, "direction": "in", "offline": False}
        for code in codes
    ]
    body = json.dumps({"scans": scans}).encode()
    head = (
        f"POST /api/v1/checkin/scans HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is complete."""

    def __init__(self, waiting: Iterator[bytes], times: list[float], words: Counter[str]) -> None:
        self.waiting, self.times, self.words = waiting, times, words
        self.buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._next()

    def _next(self) -> None:
        following = next(self.waiting, None)
        if following is None:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.started = time.perf_counter()
        self.transport.write(following)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        self.times.append(time.perf_counter() - self.started)
        self.buffer = b""
        if head.startswith(b"HTTP/1.1 200"):
            for word in ("admitted", "already", "refused"):
                self.words[word] += body.count(f'"outcome":"{word}"'.encode())
        else:
            self.words["errors"] += 1
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.words["errors"] += 1
            self.done.set_result(None)


async def drive(port: int, requests: list[bytes], concurrency: int) -> dict[str, Any]:
    """Send all requests over this many connections."""
    times: list[float] = []
    words: Counter[str] = Counter()
    waiting = iter(requests)
    loop = asyncio.get_running_loop()
    started, busy = time.perf_counter(), time.process_time()
    connections = []
    for _ in range(concurrency):
        _, connection = await loop.create_connection(lambda: Connection(waiting, times, words), "127.0.0.1", port)
        connections.append(connection)
    await asyncio.gather(*(connection.done for connection in connections))
    seconds = time.perf_counter() - started
    times.sort()
    return {
        "concurrency": concurrency,
        "requests": len(times),
        "requests_per_second": round(len(times) / seconds, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
        "generator_cpu": round((time.process_time() - busy) / seconds, 2),
        "outcomes": dict(words),
        "errors": words["errors"],
    }


def load(port: int, token: str, calls: list[list[str]], concurrency: int) -> dict[str, Any]:
    """Run the generator in a process of its own."""
    work = json.dumps({"port": port, "token": token, "calls": calls, "concurrency": concurrency})
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.checkin", "--generate"],
        input=work,
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def generate() -> None:
    """The generator's process: work on standard input, numbers on standard output."""
    work = json.load(sys.stdin)
    requests = [request(work["port"], work["token"], codes) for codes in work["calls"]]
    loop = uvloop.new_event_loop()
    print(json.dumps(loop.run_until_complete(drive(work["port"], requests, work["concurrency"]))))


def measure(badges: int) -> dict[str, dict[str, Any]]:
    """All measures on one server."""
    with serving(badges) as (pid, port, token, codes):
        random.Random(7).shuffle(codes)
        share = badges // 20
        fresh = iter(codes)

        def take(count: int) -> list[list[str]]:
            return [[next(fresh)] for _ in range(count)]

        load(port, token, take(share), 8)  # warm up
        found = {f"distinct, {c}": load(port, token, take(share * n), c) for c, n in ((1, 1), (8, 3), (32, 12))}
        found["repeated, 32"] = load(port, token, [[code] for code in codes[: share * 10]], 32)
        thousand = [codes[n : n + 1000] for n in range(0, len(codes), 1000)]
        found["1,000 a call, 2"] = load(port, token, thousand, 2)
        found["system"] = {"memory_mb": round(memory(pid), 1), "badges": badges}
    return found


def run(badges: int = 20_000) -> dict[str, Any]:
    """Numbers for the table and the file; growth is the cost of a scan with ten times the badges."""
    small, large = measure(badges // 10), measure(badges)
    key = "distinct, 8"
    growth = small[key]["requests_per_second"] / large[key]["requests_per_second"]
    return {"large": large, "small": small, "cost_growth_10x": round(growth, 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--badges", type=int, default=20_000)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--generate", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.generate:
        generate()
        return
    found = run(arguments.badges)
    for name, row in found["large"].items():
        print(f"{name:18}", {key: value for key, value in row.items() if key != "concurrency"})
    print("cost of a scan with 10× the badges:", found["cost_growth_10x"])
    if arguments.out:
        arguments.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
