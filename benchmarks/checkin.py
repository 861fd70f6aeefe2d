"""Check-in: durable scans a second through the whole system, one server process, load generator on the same machine.

    python -m benchmarks.checkin [--badges 20000] [--out FILE]

The load comes from a process of its own (load.py), which prints its share of the processor.
"""

import argparse
import json
import os
import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.load import load
from benchmarks.serving import counted, memory, serving

NOW = datetime.now(UTC)
EVENT, GATE = "bench-fair", "main-in"
ASKED: dict[str, dict[str, float]] = {
    "distinct, 1": {"asked_p50_ms": 1.5},
    "distinct, 32": {"asked_per_second": 3000, "asked_p99_ms": 30},
    "fresh, 1,000 a call, 2": {"asked_scans_per_second": 20_000},
    "repeated, 1,000 a call, 2": {"asked_scans_per_second": 20_000},
}


# The data: people, badges with real signatures, a gate, a scanner.


async def build(badges: int) -> tuple[str, list[str]]:
    """The scanner's token and every badge's code."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from tests import factories, fair

    from fairs.badges import tokens
    from fairs.core import db

    async with db.DB.transaction():
        times = {"starts_at": NOW - timedelta(days=1), "ends_at": NOW + timedelta(days=2)}
        event = await factories.event(slug=EVENT, **times)
        await factories.gate(event, code=GATE)
        key = Ed25519PrivateKey.generate()
        key_id = await factories.badge_key(0, key.public_key().public_bytes_raw())
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
        token, _ = await fair.scanner(event)
    await db.execute("ANALYZE")
    return token, codes


# The server, and what it holds in memory.


# The load.


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


WORDS = {word: f'"outcome":"{word}"' for word in ("admitted", "already", "refused")}


def scan(pid: int, port: int, token: str, calls: list[list[str]], concurrency: int) -> dict[str, Any]:
    """Send calls with these codes."""
    found: dict[str, Any] = {"requests": len(calls)}
    prepared = [request(port, token, codes) for codes in calls]
    with counted(pid, found):
        found |= load(port, prepared, concurrency, list(WORDS.values()))
    found["outcomes"] = {word: found["outcomes"].get(text, 0) for word, text in WORDS.items()}
    return found


def measure(badges: int) -> dict[str, dict[str, Any]]:
    """All measures on one server."""
    with serving(lambda: build(badges)) as (pid, port, (token, codes)):
        random.Random(7).shuffle(codes)
        share = badges // 20
        fresh = iter(codes)

        def take(count: int) -> list[list[str]]:
            return [[next(fresh)] for _ in range(count)]

        scan(pid, port, token, take(share), 8)  # warm up
        found = {f"distinct, {c}": scan(pid, port, token, take(share * n), c) for c, n in ((1, 1), (8, 3), (32, 6))}
        found["repeated, 32"] = scan(pid, port, token, [[code] for code in codes[: share * 10]], 32)
        left = list(fresh)
        for name, these in (("fresh", left), ("repeated", codes)):
            calls = [these[n : n + 1000] for n in range(0, len(these), 1000)]
            row = scan(pid, port, token, calls, 2)
            found[f"{name}, 1,000 a call, 2"] = row | {"scans_per_second": round(len(these) / row["seconds"])}
        for name, asked in ASKED.items():
            found[name] |= asked
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
    arguments = parser.parse_args()
    found = run(arguments.badges)
    for name, row in found["large"].items():
        print(f"{name:18}", {key: value for key, value in row.items() if key != "concurrency"})
    print("cost of a scan with 10× the badges:", found["cost_growth_10x"])


if __name__ == "__main__":
    main()
