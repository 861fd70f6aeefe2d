"""The organiser's working list with 20,000 people: its pages with all counts, and its exports.

python -m benchmarks.working_list
"""

import http.client
import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.finding import GIVEN, PLACES, SURNAMES
from benchmarks.serving import memory, serving
from fairs.accounts.middleware import SESSION_COOKIE

SLUG = "bench-list"
PEOPLE = 20_000
STATES = ("confirmed",) * 7 + ("waitlisted", "pending", "cancelled")
CATEGORIES = ("candidate",) * 6 + ("expert", "visitor", "employer", "media")
COUNTRIES = ("CN", "US", "DE", "GB", "JP", "RU", "FR", "AU", "CA", "KR", "SG", "")
DEGREES = ("doctor", "master", "bachelor", "")
LISTS = {
    "all": "",
    "page 200": "page=200",
    "two states": "state=confirmed,waitlisted",
    "category and country": "category=candidate&country=DE,US",
    "unit": "unit=410100",
    "session": "session=s3",
    "arrived": "arrived=yes",
    "not printed, degree": "printed=no&degree=doctor",
    "field": "field=0812",
    "tag": "tag=VIP",
    "by name": "sort=name",
    "by country and name": "sort=country,-name",
    "search": "q=wang",
    "search, filtered": "q=zhang&state=confirmed&arrived=no",
}


async def build() -> str:
    """A fair with 20,000 people of every state, half of them with a profile; the cookie of an organiser."""
    from tests import factories, fair
    from tests.cast import make_actor, session_of

    from fairs.core import db
    from fairs.registrations import phones

    starts = datetime.now(UTC) - timedelta(hours=3)
    times = {"starts_at": starts, "ends_at": starts + timedelta(hours=9)}
    event = await factories.event(slug=SLUG, **times)
    other = await factories.event(slug="bench-other", **times)
    gate = await factories.gate(event)
    for number in range(12):
        begins = starts + timedelta(minutes=30 * number)
        await fair.session(event, f"s{number}", begins, ends_at=begins + timedelta(minutes=30))
    people = [_person(n) for n in range(PEOPLE)]
    await db.execute(
        "INSERT INTO talent (email, name_passport, name_native, degree, discipline, unit, search_key) SELECT 'p' || n || '@example.org',"
        " passport, native, degree, discipline, (SELECT id FROM unit u WHERE u.code = c) , ''"
        " FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])"
        " AS t (n, passport, native, degree, discipline, c)",
        *([row[at] for row in people[::2]] for at in (0, 2, 1, 5, 6, 7)),
    )
    for target in (event, other):
        await db.execute(
            "INSERT INTO registration (number, event, category, state, queue, email, name_native, name_passport, organisation_name,"
            " nationality, search_key, phone, talent, confirmed_at, days) SELECT 'B' || $1::bigint || '-' || lpad(n::text, 6, '0'), $1, category, state,"
            " CASE WHEN state = 'waitlisted' THEN n END, 'p' || n || '@example.org', native, passport, place, country, key, phone,"
            " (SELECT id FROM talent t WHERE t.email = 'p' || n || '@example.org'), CASE WHEN state = 'confirmed' THEN now() END,"
            " CASE WHEN n % 5 = 0 THEN ARRAY[current_date] ELSE '{}' END"
            " FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])"
            " AS t (n, native, passport, place, country, category, state, key, phone)",
            target,
            *([row[at] for row in people] for at in (0, 1, 2, 3, 4, 8, 9)),
            [
                phones.search_text(
                    row[1], row[2], row[3], f"p{row[0]}@example.org", f"+86 138 0000 {row[0] % 10_000:04}"
                )
                for row in people
            ],
            [phones.seal(f"+86 138 0000 {row[0] % 10_000:04}") for row in people],
        )
    await db.execute(
        "INSERT INTO registration_session (registration, session) SELECT r.id, s.id FROM registration r JOIN event_session s"
        " ON s.event = r.event WHERE (r.id + s.id) % 6 = 0"
    )
    await db.execute("INSERT INTO badge_key (number, public_key, private_key_sealed) VALUES (200, 'x', 'x')")
    await db.execute(
        "INSERT INTO badge (uid, registration, key, code) SELECT decode(lpad(to_hex(r.id), 32, '0'), 'hex'), r.id,"
        " (SELECT id FROM badge_key WHERE number = 200), 'c' || r.id FROM registration r WHERE r.state = 'confirmed'"
    )
    await db.execute(
        "INSERT INTO badge_print (badge, way) SELECT id, 'batch' FROM badge WHERE id % 3 > 0 UNION ALL SELECT id, 'desk' FROM badge WHERE id % 9 = 1"
    )
    await db.execute(
        "INSERT INTO admission (gate, registration, day, first_scanned_at) SELECT $1, id, current_date, now() FROM registration"
        " WHERE event = $2 AND state = 'confirmed' AND id % 2 = 0",
        gate,
        event,
    )
    await db.execute(
        "INSERT INTO registration_tag (registration, tag) SELECT id, 'VIP' FROM registration WHERE id % 40 = 0"
    )
    await db.execute(
        "INSERT INTO registration_tag (registration, tag) SELECT id, 'Bus' FROM registration WHERE id % 11 = 0"
    )
    await db.execute("VACUUM ANALYZE")
    return await session_of(await make_actor("organiser"), proved=True)


def _person(n: int) -> tuple[Any, ...]:
    """Number, both names, place, country, degree, field, unit, category, state."""
    native = SURNAMES[(n * 7 + n // 10) % len(SURNAMES)] + GIVEN[n * 11 % len(GIVEN)] + GIVEN[n * 13 // 7 % len(GIVEN)]
    country, degree = COUNTRIES[n * 7 % 12], DEGREES[n // 2 % 4]
    fields = ("0812", "1405", "0703", "0817", "0808", "0805", "1401", "")
    units = ("410100", "410300", "410700", "411300", "410200", "410500")
    return (
        n, "" if n % 10 == 0 else native, f"Person {n}", PLACES[n % 6][0], country, degree, fields[n // 2 % 8], units[n // 2 % 6],
        CATEGORIES[n * 3 % 10], STATES[n * 7 // 3 % 10],
    )  # fmt: skip


def _get(port: int, path: str, cookie: str) -> tuple[float, float, int]:
    """Milliseconds until the first byte and until the last one, and the number of bytes."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    began = time.perf_counter()
    line.request("GET", path, headers={"cookie": f"{SESSION_COOKIE}={cookie}", "accept-language": "en"})
    answer = line.getresponse()
    first = 1000 * (time.perf_counter() - began)
    size = 0
    while part := answer.read(65536):
        size += len(part)
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} for {path}")
    return first, 1000 * (time.perf_counter() - began), size


def run(rounds: int = 15) -> dict[str, Any]:
    """Medians in ms of whole pages, all counts included; exports in seconds, and the memory that they take."""
    found: dict[str, Any] = {"people": PEOPLE}
    base = f"/organise/editions/{SLUG}/registrations"
    with serving(build) as (pid, port, cookie):
        for _ in range(8):  # each connection to the database keeps plans of its own
            for query in LISTS.values():
                _get(port, f"{base}?{query or 'view=0'}", cookie)
        for name, query in LISTS.items():
            took = sorted(_get(port, f"{base}?{query or 'view=0'}", cookie)[1] for _ in range(rounds))
            found[name] = {"p50_ms": round(statistics.median(took), 1), "worst_ms": round(took[-1], 1)}
        before = memory(pid)
        for form in ("csv", "xlsx"):
            sent = [_get(port, f"{base}.{form}", cookie) for _ in range(3)]
            first, whole, size = sorted(sent, key=lambda one: one[1])[1]
            found[form] = {"s": round(whole / 1000, 2), "first_byte_s": round(first / 1000, 2), "bytes": size}
        found["memory_mb"] = {"before": round(before, 1), "after": round(memory(pid), 1)}
    return found


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
