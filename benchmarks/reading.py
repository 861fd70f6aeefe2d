"""What is read while a fair runs: open dashboards, gate counters, the list of listings; each with ten times the data.

python -m benchmarks reading
"""

import argparse
import asyncio
import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.load import load
from benchmarks.pages import get
from benchmarks.serving import serving

SCANS, LISTINGS = 20_000, 3_000
VIEWERS, RATE, SECONDS = 300, 1_000, 8
NOW = datetime.now(UTC)


async def build(scans: int, listings: int) -> dict[str, Any]:
    """A fair with people scanned once each and published listings; a scanner's token and sessions of organisers."""
    from tests import factories, fair
    from tests.cast import make_actor, session_of

    from fairs.core import db

    unit = await db.fetchval("SELECT id FROM unit ORDER BY id LIMIT 1")
    times = {"starts_at": NOW - timedelta(days=1), "ends_at": NOW + timedelta(days=2)}
    event = await factories.event(slug="bench-fair", **times)
    gate = await factories.gate(event)
    token, _ = await fair.scanner(event)
    device = await db.fetchval("SELECT max(id) FROM access_token")
    await db.execute(
        "INSERT INTO registration (number, event, category, state, email, name_passport, name_native, nationality,"
        " organisation_name, phone, lang, search_key, demo, created_at, updated_at)"
        " SELECT 'B' || n, $1, 'candidate', 'confirmed', 'p' || n || '@example.org', 'Maria ' || n, '', 'ES', '', '',"
        " 'en', '', false, now(), now() FROM generate_series(1, $2) n",
        event,
        scans,
    )
    await _scan(event, gate, device)
    await _offer(event, unit, listings)
    organiser = await make_actor("organiser")
    cookies = [await session_of(organiser) for _ in range(VIEWERS)]
    await db.execute("VACUUM ANALYZE")
    return {"token": token, "cookies": cookies, "gate": gate, "device": device, "event": event}


async def _scan(event: int, gate: int, device: int) -> None:
    from fairs.core import db

    await db.execute(
        "INSERT INTO scan (uuid, gate, device_id, registration, direction, outcome, scanned_at, received_at, offline,"
        " conflict, code_seen) SELECT gen_random_uuid(), $1, $2, id, 'in', 'admitted', $3::timestamptz"
        " + (id % 600) * interval '1 second', now(), false, false, '' FROM registration WHERE event = $4",
        gate,
        device,
        NOW - timedelta(minutes=15),
        event,
    )
    await db.execute(
        "INSERT INTO admission (gate, registration, day, first_scanned_at) SELECT gate, registration,"
        " (scanned_at AT TIME ZONE 'Asia/Shanghai')::date, scanned_at FROM scan"
    )


async def _offer(event: int, unit: int, count: int) -> None:
    from fairs.core import db

    await db.execute(
        "INSERT INTO organisation (uscc, name_zh, name_en, kind, unit, industry, intro_zh, intro_en, contact_name,"
        " contact_phone, state, decided_at, decision_note, search_key, demo, created_at) SELECT lpad(n::text, 18, '0'), '单位' || n,"
        " 'Employer ' || n, 'university', $1, '', '', '', 'C', '', 'approved', now(), '', 'employer ' || n, false, now()"
        " FROM generate_series(1, $2) n",
        unit,
        max(1, count // 10),
    )
    await db.execute(
        "INSERT INTO listing (organisation, event, kind, state, title_zh, title_en, description_zh, description_en,"
        " discipline, degree, engagement, city, languages, headcount, pay_min, pay_max, urgent, urgent_reason,"
        " search_key, demo, created_at, updated_at, published_at) SELECT (SELECT min(id) FROM organisation) + n % $2,"
        " $1, (ARRAY['people', 'project'])[1 + n % 2], 'published', '研究员' || n, 'Researcher ' || n, '', '',"
        " (ARRAY['0812', '0835', '1002', '0901'])[1 + n % 4], (ARRAY['doctor', 'master'])[1 + n % 2],"
        " ARRAY['full_time'], (ARRAY['410100', '410300', '410700'])[1 + n % 3], '{}', 1 + n % 7, n % 90, 10 + n % 90,"
        " n % 11 = 0, 'soon', 'researcher ' || n, false, now(), now(), now() - n * interval '1 second'"
        " FROM generate_series(1, $3) n",
        event,
        max(1, count // 10),
        count,
    )


def counters(port: int, token: str) -> dict[str, Any]:
    """The head line of a scanner, one after the other."""
    asked = get(port, "/api/v1/checkin/gates/main-in/counters", token)
    first = load(port, [asked], 1)["p50_ms"]
    return {"first_ms": first, **_short(load(port, [asked] * 300, 1))}


def lists(port: int) -> dict[str, Any]:
    """The list as it opens, in another order, and filtered in a hundred ways, one after the other."""
    opened = get(port, "/e/bench-fair/listings")
    load(port, [opened] * 5, 1)
    filtered = [
        get(port, f"/e/bench-fair/listings?city={city}&degree={degree}&discipline={field}&sort=pay")
        for city in ("410100", "410300", "410700", "")
        for degree in ("doctor", "master", "")
        for field in ("0812", "0835", "1002", "0901", "")
    ]
    return {
        "opened": _short(load(port, [opened] * 100, 1)),
        "by pay": _short(load(port, [get(port, "/e/bench-fair/listings?sort=pay")] * 100, 1)),
        "filtered, each once": _short(load(port, filtered, 1)),
    }


def _short(found: dict[str, Any]) -> dict[str, Any]:
    return {key: found[key] for key in ("requests_per_second", "p50_ms", "p99_ms", "errors")}


async def _watch(port: int, cookie: str, times: list[float], stop: asyncio.Event) -> None:
    """One open dashboard: when each message came."""
    from fairs.accounts.middleware import SESSION_COOKIE

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"GET /e/bench-fair/dashboard/stream HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: {SESSION_COOKIE}={cookie}\r\n\r\n"
    )
    writer.write(head.encode())
    while not stop.is_set():
        line = await reader.readline()
        if not line:
            break
        if line.startswith((b"event:", b":")):  # numbers, or that nothing moved
            times.append(time.monotonic())
    writer.close()


async def _dashboards(port: int, made: dict[str, Any]) -> dict[str, Any]:
    """So many open dashboards while scans come: messages to each, and computations of the server, a second."""
    stop = asyncio.Event()
    seen: list[list[float]] = [[] for _ in made["cookies"]]
    tasks = [
        asyncio.create_task(_watch(port, cookie, into, stop))
        for cookie, into in zip(made["cookies"], seen, strict=True)
    ]
    deadline = time.monotonic() + 60
    while not all(seen) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    connected = sum(map(bool, seen))
    before = await asyncio.to_thread(_computed, port)
    begun = time.monotonic()
    sent = await _publish(made)
    took = time.monotonic() - begun
    after = await asyncio.to_thread(_computed, port)
    stop.set()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    counts = [sum(moment >= begun for moment in moments) for moments in seen]
    return {
        "viewers": connected,
        "changes_per_second": round(sent / took),
        "computations_per_second": round((after - before) / took, 2),
        "messages_per_viewer_and_second": round(statistics.fmean(counts) / took, 2),
    }


async def _publish(made: dict[str, Any]) -> int:
    """Scans of people who are in already, RATE a second in transactions of ten, each telling the dashboards."""
    import asyncpg

    connection = await asyncpg.connect(made["dsn"])
    begun, sent = time.monotonic(), 0
    try:
        while (passed := time.monotonic() - begun) < SECONDS:
            if sent >= passed * RATE:
                await asyncio.sleep(0.002)
                continue
            async with connection.transaction():
                await connection.execute(
                    "INSERT INTO scan (uuid, gate, device_id, direction, outcome, reason, scanned_at, received_at, offline,"
                    " conflict, code_seen) SELECT gen_random_uuid(), $1, $2, 'in', 'refused', 'unknown', now(), now(),"
                    " false, false, '' FROM generate_series(1, 10)",
                    made["gate"],
                    made["device"],
                )
                told = json.dumps({"topic": f"event:{made['event']}", "data": {"what": "scan"}})
                await connection.execute("SELECT pg_notify('fairs', $1)", told)
            sent += 10
    finally:
        await connection.close()
    return sent


def _computed(port: int) -> float:
    """How many dashboards the server has computed."""
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith('fairs_shared_computations_total{of="dashboard"}'):
                return float(line.rsplit(" ", 1)[1])
    return 0.0


def measure(scans: int, listings: int, *, with_dashboards: bool) -> dict[str, Any]:
    """All of it on one server."""

    async def made() -> dict[str, Any]:
        from fairs.core import db

        found = await build(scans, listings)
        return {**found, "dsn": db.DB.config["dsn"]}

    with serving(made) as (_, port, fair):
        found: dict[str, Any] = {"scans": scans, "listings": listings, "gate counters": counters(port, fair["token"])}
        found |= {f"listings, {name}": row for name, row in lists(port).items()}
        if with_dashboards:
            found[f"{VIEWERS} dashboards"] = asyncio.run(_dashboards(port, fair))
        return found


def run() -> dict[str, Any]:
    """Numbers at once and ten times the data, and how much the times grow."""
    small = measure(SCANS, LISTINGS, with_dashboards=True)
    large = measure(SCANS * 10, LISTINGS * 10, with_dashboards=False)
    growth = {
        name: round(large[name]["p50_ms"] / max(small[name]["p50_ms"], 0.1), 2)
        for name in small
        if isinstance(small[name], dict) and "p50_ms" in small[name]
    }
    return {"1×": small, "10×": large, "growth of p50": growth}


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    print(json.dumps(run(), indent=1, ensure_ascii=False))
