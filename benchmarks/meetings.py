"""Employers who answer requests, book tables and cancel meetings at the same moment, on pages, one server process.

python -m benchmarks.meetings
"""

import json
import random
import re
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.load import load
from benchmarks.serving import counted, serving

EMPLOYERS, PEOPLE, SLOTS, TABLES = 64, 200, 16, 2
ASKED_REQUESTS, BOOKABLE, HELD = 4, 16, 4  # of each employer: requests to answer, pairs to book, meetings to cancel
ASKED_P99_MS = 1000


@dataclass(frozen=True)
class Employer:
    """An employer's session and what it will do."""

    cookie: str
    listing: int
    requests: list[int]  # people to be answered
    bookable: list[int]  # people who want, and are wanted
    meetings: list[int]  # to be cancelled


async def build() -> list[Employer]:
    """A published fair with a hall, employers, people and their wishes."""
    from tests import factories, fair

    from fairs.core import db

    starts = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    event = await factories.event(slug="bench-hall", starts_at=starts, ends_at=starts + timedelta(hours=9))
    people = await db.fetch(
        "INSERT INTO talent (email, name_passport, name_native, nationality, residence_country, degree, institution,"
        " discipline, headline, summary, summary_lang, visibility, consent_version, consent_at)"
        " SELECT 't' || n || '@example.org', 'Maria Fernandez ' || n, '玛丽亚', 'ES', 'ES', 'doctor', 'UPC', '0812',"
        " 'Machine learning', 'Deep learning', 'en', 'employers', '2026-11', now() FROM generate_series(1, $1) n"
        " RETURNING id",
        PEOPLE,
    )
    employers = [await _employer(event, number) for number in range(EMPLOYERS)]
    await fair.hall(event, starts, slots=SLOTS, tables=TABLES)
    made = await _wishes(event, [row["id"] for row in people], employers)
    await db.execute("ANALYZE")
    return made


async def _employer(event: int, number: int) -> tuple[str, int, int]:
    """(session cookie, organisation, listing)."""
    from tests import factories, fair
    from tests.cast import session_of

    names = {"name_zh": f"公司{number}", "name_en": f"Employer {number}"}
    made = await fair.employer(f"e{number}@example.org", f"Employer {number}", **names)
    titles = {"title_zh": "研究员", "title_en": "Researcher", "description_zh": ""}
    listing = await factories.listing(made.organisation, event, headcount=9, **titles)
    return await session_of(made.actor), made.organisation, listing


async def _wishes(event: int, people: list[int], employers: list[tuple[str, int, int]]) -> list[Employer]:
    """Wishes and meetings that stand, so that what clients send can be prepared."""
    from fairs.core import db

    chance, made = random.Random(7), []
    slots = await db.fetch("SELECT starts_at, ends_at FROM meeting_slot WHERE event = $1 ORDER BY starts_at", event)
    for number, (cookie, organisation, listing) in enumerate(employers):
        chosen = chance.sample(people, ASKED_REQUESTS + BOOKABLE)
        sitting = [people[(number + at * EMPLOYERS // 2) % PEOPLE] for at in range(HELD)]
        chosen = [person for person in chosen if person not in sitting]
        requests, bookable = chosen[:ASKED_REQUESTS], chosen[ASKED_REQUESTS:]
        sides = [("talent", person) for person in {*chosen, *sitting}]
        sides += [("employer", person) for person in {*bookable, *sitting}]
        await db.execute(
            "INSERT INTO preference (event, talent, listing, side, level)"
            " SELECT $1, t.talent, $2, t.side, 'meet' FROM unnest($3::text[], $4::bigint[]) AS t (side, talent)",
            event,
            listing,
            [side for side, _ in sides],
            [person for _, person in sides],
        )
        table = await db.fetchval("SELECT min(id) FROM meeting_table WHERE organisation = $1", organisation)
        meetings = []
        for at, person in enumerate(sitting):
            slot = slots[(at + number) % len(slots)]
            found = await db.fetchval(
                "INSERT INTO meeting (event, listing, organisation, talent, hall_table, starts_at, ends_at)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id",
                *(event, listing, organisation, person, table, slot["starts_at"], slot["ends_at"]),
            )
            meetings += [found] if found else []
        made.append(Employer(cookie, listing, requests, bookable, meetings))
    return made


def with_form_token(port: int, cookie: str) -> tuple[str, str]:
    """(cookies, form token) as a browser holds them after opening the employer's page."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/employer/meetings", headers={"cookie": f"fairs_session={cookie}"}
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        token = re.search(r'name="_csrf_token" value="([^"]+)"', answer.read().decode())
        pairs = [header.partition(";")[0] for header in answer.headers.get_all("set-cookie", [])]
    assert token is not None
    return "; ".join([f"fairs_session={cookie}", *pairs]), token.group(1)


def post(port: int, path: str, cookies: str, token: str, **fields: object) -> bytes:
    """A form as it goes over the wire."""
    body = urllib.parse.urlencode({"_csrf_token": token, **fields}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncookie: {cookies}\r\naccept: text/html\r\n"
        f"accept-language: en\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def prepared(port: int, employers: list[Employer]) -> list[bytes]:
    """Answers, bookings (each sent twice: the second is refused) and cancellations of everybody, shuffled."""
    calls = []
    for employer in employers:
        cookies, token = with_form_token(port, employer.cookie)
        for person in employer.requests:
            wish = {"listing": employer.listing, "talent": person, "level": "meet"}
            calls.append(post(port, "/preferences", cookies, token, **wish))
        for person in employer.bookable:
            pair = {"listing": employer.listing, "talent": person, "slot": ""}
            calls += [post(port, "/meetings", cookies, token, **pair)] * 2
        calls += [post(port, f"/meetings/{meeting}/cancel", cookies, token) for meeting in employer.meetings]
    random.Random(7).shuffle(calls)
    return calls


def run() -> dict[str, Any]:
    """64 clients, beside what is asked."""
    with serving(build) as (pid, port, employers):
        calls = prepared(port, employers)
        found: dict[str, Any] = {"requests": len(calls)}
        with counted(pid, found):
            found |= load(port, calls, 64, fine=("303", "409"))
        page = f"GET /employer/meetings HTTP/1.1\r\nhost: x\r\ncookie: fairs_session={employers[0].cookie}\r\n\r\n"
        shown: dict[str, Any] = {"requests": 100}
        with counted(pid, shown):
            shown |= load(port, [page.encode()] * 100, 4)
        return {"answer, book, cancel, 64": found | {"asked_p99_ms": ASKED_P99_MS}, "employer's page, 4": shown}


if __name__ == "__main__":
    for title, row in run().items():
        print(f"{title:28}", json.dumps(row))
