"""Fifty power cuts while scans pour in: `python -m benchmarks.trials.crashes [--kills 50] [--scans 300]`.

`fairs serve` with its own database. Sixteen scanners send three scans a call; after some hundred acknowledged scans the database, or the
server, or both are killed (SIGKILL) in a random order and moment, and everything starts again on the same folder. A scanner sends a call
that nobody acknowledged again, under the same ids, as a phone does. At the end every acknowledged scan must be stored, once, with the
answer that was told, and each badge must have been let in once.
"""

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from benchmarks.checkin import GATE, build
from benchmarks.serving import family, wait_until_ready
from benchmarks.trials.failover import free_port

SCANNERS, A_CALL, BADGES = 16, 3, 300
STORED = "SELECT uuid, outcome, coalesce(reason, '') AS reason FROM scan"


@dataclass
class Seen:
    """What the scanners were told: scan → (outcome, reason); calls that still wait for an answer, by scanner."""

    told: dict[str, tuple[str, str]] = field(default_factory=dict)
    waiting: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    again: int = 0
    contradicted: int = 0


async def pour(port: int, token: str, codes: list[str], seen: Seen) -> None:
    """All scanners, until the server is gone for each."""
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10, headers=headers) as client:
        await asyncio.gather(*(_scanner(client, number, codes, seen) for number in range(SCANNERS)))


async def _scanner(client: httpx.AsyncClient, number: int, codes: list[str], seen: Seen) -> None:
    refused = 0
    while refused < 3:
        seen.again += number in seen.waiting
        call = seen.waiting.setdefault(number, [_scan(random.choice(codes)) for _ in range(A_CALL)])
        try:
            answer = await client.post("/api/v1/checkin/scans", json={"scans": call})
        except httpx.HTTPError:
            return
        if answer.status_code != 200:  # the database is gone, its server not yet
            refused += 1
            await asyncio.sleep(0.05)
            continue
        for result in answer.json()["results"]:
            said = (result["outcome"], result["reason"] or "")
            seen.contradicted += seen.told.setdefault(result["id"], said) != said
        del seen.waiting[number]


def _scan(code: str) -> dict[str, Any]:
    moment = datetime.now(UTC).isoformat()
    rest = {"code": code, "scanned_at": moment, "direction": "in", "offline": False}
    return {"id": str(uuid.uuid4()), "gate": GATE, **rest}


def kill(pid: int, data: Path) -> str:
    """Database, server, or both in either order; what is left afterwards is killed too, so that the next start is a cold one."""
    (found,) = data.rglob("postmaster.pid")
    postgres = int(found.read_text().split()[0])
    left = family(pid)
    first = random.choice(("database", "server"))
    order = [postgres, pid] if first == "database" else [pid, postgres]
    os.kill(order[0], signal.SIGKILL)
    time.sleep(random.choice((0, 0, 0.02, 0.2)))
    for victim in [order[1], *left]:
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue
    return first


async def _until(tasks: asyncio.Task[None], seen: Seen, more: int) -> None:
    """Some hundred scans more were acknowledged."""
    target = len(seen.told) + random.randint(more // 3, more)
    while len(seen.told) < target and not tasks.done():
        await asyncio.sleep(0.005)


async def turn(data: Path, hall: tuple[str, list[str]], seen: Seen, more: int) -> str:
    """One start, load, and the kill."""
    port = free_port()
    line = [sys.executable, "-m", "fairs.cli", "serve", "--data", str(data), "--port", str(port)]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await asyncio.to_thread(wait_until_ready, port)
        pouring = asyncio.create_task(pour(port, *hall, seen))
        await _until(pouring, seen, more)
        first = kill(process.pid, data)
        await asyncio.wait_for(pouring, 60)
    finally:
        process.kill()
        process.wait()
    return first


async def missing(url: str, seen: Seen) -> dict[str, int]:
    """What the database does not hold as it was told, and people who were let in twice."""
    connection = await asyncpg.connect(url)
    stored = {str(row["uuid"]): (row["outcome"], row["reason"]) for row in await connection.fetch(STORED)}
    admitted = "SELECT count(*) - count(DISTINCT registration) FROM scan WHERE outcome = 'admitted'"
    twice = await connection.fetchval(admitted)
    await connection.close()
    lost = [scan for scan in seen.told if scan not in stored]
    other = [scan for scan, said in seen.told.items() if scan in stored and stored[scan] != said]
    return {"lost": len(lost), "stored with another answer": len(other), "let in twice": twice, "stored": len(stored)}


def main() -> None:
    """Run it; 1 when anything is lost."""
    from fairs.cli import database, load_settings, run_in_database

    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--kills", type=int, default=50)
    options.add_argument("--scans", type=int, default=300, help="acknowledged at most between two kills")
    options.add_argument("--minutes", type=float, default=60, help="no further kill after so long")
    given = options.parse_args()
    began, seen = time.monotonic(), Seen()
    with tempfile.TemporaryDirectory(prefix="fairs-crashes-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o711)
        data = Path(folder) / "data"
        with database(load_settings(data)) as found:
            hall = run_in_database(found, build(BADGES))
        firsts = []
        for number in range(1, given.kills + 1):
            firsts.append(asyncio.run(turn(data, hall, seen, given.scans)))
            if time.monotonic() - began > given.minutes * 60:
                break
            print(f"kill {number}: {len(seen.told)} acknowledged so far", file=sys.stderr, flush=True)
        with database(load_settings(data)) as found:
            result = asyncio.run(missing(found.database_url, seen))
    print(f"{len(firsts)} kills ({firsts.count('database')} of the database first) in {time.monotonic() - began:.0f} s")
    print(
        f"acknowledged {len(seen.told)}, calls sent again {seen.again}, told otherwise the second time {seen.contradicted}"
    )
    print(", ".join(f"{name} {number}" for name, number in result.items()))
    bad = result["lost"] + result["stored with another answer"] + result["let in twice"] + seen.contradicted
    sys.exit(int(bool(bad)))


if __name__ == "__main__":
    main()
