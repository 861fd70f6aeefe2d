"""The public event page and the organiser's search, through one server process.

python -m benchmarks.pages
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.load import load
from benchmarks.serving import memory, serving

SLUG = "bench-fair"
PEOPLE = 20_000
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"


async def build() -> str:
    """A published fair with a programme and 20,000 people; the token of an organiser's integration."""
    from tests import factories, fair
    from tests.cast import make_actor

    from fairs.core import db
    from fairs.core.search_keys import person_key

    starts = datetime.now(UTC) + timedelta(days=30)
    times = {"starts_at": starts, "ends_at": starts + timedelta(hours=9)}
    event = await factories.event(slug=SLUG, place_zh="", place_en="", **times)
    for number in range(16):
        begins = starts + timedelta(minutes=30 * number)
        await fair.session(event, f"s{number}", begins, ends_at=begins + timedelta(minutes=30))
    names = [SURNAMES[n % 20] + chr(0x4E00 + n * 7 % 5000) + chr(0x4E00 + n * 13 % 5000) for n in range(PEOPLE)]
    await db.execute(
        "INSERT INTO registration (number, event, category, state, email, name_passport, name_native, search_key)"
        " SELECT 'B-' || n, $1, 'visitor', 'confirmed', 'p' || n || '@example.org', 'Person ' || n, name, key"
        " FROM unnest($2::int[], $3::text[], $4::text[]) AS t (n, name, key)",
        event,
        list(range(PEOPLE)),
        names,
        [person_key(name, f"Person {n}") for n, name in enumerate(names)],
    )
    return await fair.token_of(await make_actor("organiser"))


def get(port: int, path: str, token: str = "") -> bytes:
    """One request as it goes over the wire."""
    credential = f"authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept-language: en\r\n{credential}\r\n".encode()


def run() -> dict[str, Any]:
    """Requests a second and percentiles in ms."""
    with serving(build) as (pid, port, token):
        load(port, [get(port, f"/e/{SLUG}")] * 200, 8)  # warm up
        page = load(port, [get(port, f"/e/{SLUG}")] * 5000, 32)
        queries = [f"/api/v1/registrations?event={SLUG}&q={word}" for word in ("wang", "zw", "Person%201999", "li")]
        search = load(port, [get(port, path, token) for path in queries] * 100, 32)
        return {"event page, 32": page, "search among 20,000, 32": search, "memory_mb": round(memory(pid), 1)}


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
