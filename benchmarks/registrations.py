"""Registration through the API: a rush for a hundred places, and a steady stream, one server process.

python -m benchmarks.registrations [--people 2000]
"""

import argparse
import json
import urllib.request
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.load import load
from benchmarks.serving import counted, serving

RUSH, STREAM = "bench-rush", "bench-stream"
PLACES, CROWD = 100, 300
ASKED = {"rush_seconds": 2.0, "requests_per_second": 250}


async def build() -> str:
    """Two published fairs, one with a hundred places; the token of an organiser's integration."""
    from tests import factories, fair
    from tests.cast import make_actor

    from fairs.core import db

    starts = datetime.now(UTC) + timedelta(days=30)
    for slug, capacity in ((RUSH, PLACES), (STREAM, None)):
        await factories.event(slug=slug, capacity=capacity, starts_at=starts, ends_at=starts + timedelta(hours=9))
    token = await fair.token_of(await make_actor("organiser"))
    await db.execute("ANALYZE")
    return token


def request(port: int, token: str, slug: str, number: int, *, once: bool = False) -> bytes:
    """One call as it goes over the wire; `once` gives it an Idempotency-Key."""
    person = {
        "email": f"p{number}@example.org",
        "name_passport": f"Maria Fernandez {number}",
        "name_native": "玛丽亚",
        "nationality": "ES",
        "organisation": "Universitat Politècnica de Catalunya",
        "phone": f"+34 600 {number:06d}",
    }
    body = json.dumps({"event": slug, "category": "candidate", "person": person}).encode()
    key = f"idempotency-key: {uuid.uuid4()}\r\n" if once else ""
    head = (
        f"POST /api/v1/registrations HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\n{key}"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def settled(port: int, token: str) -> dict[str, Any]:
    """What became of the rush: how many have a place, and whether the positions of the others are 1, 2, 3 …"""
    states: list[tuple[str, int | None]] = []
    for page in (1, 2, 3):
        address = f"http://127.0.0.1:{port}/api/v1/registrations?event={RUSH}&page_size=100&page={page}"
        asked = urllib.request.Request(address, headers={"authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            items = json.load(answer)["items"]
        states += [(item["state"], item.get("position")) for item in sorted(items, key=lambda item: item["id"])]
    positions = sorted(position for _, position in states if position is not None)
    return {
        "confirmed": sum(state == "confirmed" for state, _ in states),
        "in_order": positions == list(range(1, CROWD - PLACES + 1)),
    }


def run(people: int = 2000) -> dict[str, Any]:
    """The rush and the stream, each beside what is asked of it."""
    with serving(build) as (pid, port, token):

        def send(slug: str, numbers: range, concurrency: int, *, once: bool = False) -> dict[str, Any]:
            calls = [request(port, token, slug, number, once=once) for number in numbers]
            found: dict[str, Any] = {"requests": len(calls)}
            with counted(pid, found):
                found |= load(port, calls, concurrency, fine=("201",))
            return found

        send(STREAM, range(200), 8)  # warm up
        rush = send(RUSH, range(CROWD), CROWD)
        rush |= settled(port, token) | {"asked_seconds": ASKED["rush_seconds"]}
        asked = {"asked_per_second": ASKED["requests_per_second"]}
        found = {"300 at once for 100 places": rush}
        begin = 1000
        for name, concurrency, once in (("stream, 1", 1, False), ("stream, 32", 32, False), ("with key, 32", 32, True)):
            count = people if concurrency > 1 else people // 10
            found[name] = send(STREAM, range(begin, begin + count), concurrency, once=once) | asked
            begin += count
        return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=2000)
    for title, row in run(parser.parse_args().people).items():
        print(f"{title:28}", json.dumps(row))
