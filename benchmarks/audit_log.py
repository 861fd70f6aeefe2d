"""An audit log of many rows: its first page, and each filter of it, opened as pages. Not a part of `make bench`: it takes minutes.

python -m benchmarks.audit_log [--rows 2000000]
"""

import argparse
import http.client
import json
import statistics
import time
from typing import Any

from benchmarks.serving import serving

ROWS, PEOPLE, OBJECTS, DAYS, OPENED = 2_000_000, 300, 40_000, 400, 13
FILL = (
    "INSERT INTO audit_entry (at, actor_account_id, actor_label, action, object_kind, object_id, after)"
    " SELECT now() - make_interval(secs => (:rows - n) * :days * 86400.0 / :rows), nullif(n % :people, 0),"
    " 'Person ' || n % :people || ' <p' || n % :people || '@example.org>',"
    " (ARRAY['registration.create', 'listing.update', 'meeting.book', 'agreement.step', 'session.open'])[1 + n % 5],"
    " (ARRAY['registration', 'listing', 'meeting', 'agreement', 'account'])[1 + n % 5], (n % :objects)::text,"
    ' \'{"state": "confirmed"}\' FROM generate_series(1, :rows) AS n'
)


async def build(rows: int) -> tuple[str, float]:
    """An organiser's cookie, and the seconds that it took to make the rows."""
    from tests.cast import make_actor, session_of

    from fairs.core import db
    from fairs.core.rows import execute

    begun = time.perf_counter()
    for number in range(PEOPLE):
        sql = "INSERT INTO account (email, name) VALUES (:email, :name)"
        await execute(sql, email=f"p{number}@example.org", name=f"Person {number}")
    indexes = await db.fetch(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'audit_entry' AND indexname LIKE 'ix_%'"
    )
    for index in indexes:  # made again afterwards, which is faster than keeping them up to date
        await db.execute(f"DROP INDEX {index['indexname']}")
    await execute(FILL, rows=rows, people=PEOPLE, objects=OBJECTS, days=DAYS)
    for index in indexes:
        await db.execute(index["indexdef"])
    await execute("ANALYZE audit_entry")
    return await session_of(await make_actor("organiser")), time.perf_counter() - begun


def run(rows: int = ROWS) -> dict[str, Any]:
    """Milliseconds of each page, opened one after the other; the first three are not counted."""
    from fairs.accounts.middleware import SESSION_COOKIE

    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 200 * 86400))
    asked = {
        "first page": "",
        "a person": "?account=17",
        "a person by name": "?q=person+17",
        "nobody (the system)": "?account=0",
        "an object": "?kind=meeting&object=1202",
        "a kind": "?kind=agreement",
        "an act": "?action=listing.update",
        "a day": f"?from={day}&to={day}",
        "a person on a day": f"?account=17&from={day}&to={day}",
        "a kind by a person": "?account=17&kind=registration",
        "nothing found": "?account=17&kind=badge_key",
    }
    with serving(lambda: build(rows)) as (_, port, (cookie, seconds)):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        found: dict[str, Any] = {"rows": {"number": rows, "made_in_s": round(seconds, 1)}}
        for name, query in asked.items():
            times = []
            for _ in range(OPENED):
                begun = time.perf_counter()
                headers = {"cookie": f"{SESSION_COOKIE}={cookie}"}
                connection.request("GET", f"/organise/audit{query}", headers=headers)
                answer = connection.getresponse()
                answer.read()
                times.append((time.perf_counter() - begun) * 1000)
                assert answer.status == 200, (name, answer.status)
            found[name] = {"p50_ms": round(statistics.median(times[3:]), 1), "worst_ms": round(max(times[3:]), 1)}
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    print(json.dumps(run(parser.parse_args().rows), indent=1))
