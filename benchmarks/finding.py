"""Looking for people: at the gate and in the organiser's list, among as many people as asked for.

python -m benchmarks.finding [PEOPLE]
"""

import json
import statistics
import sys
import time
from typing import Any

from benchmarks.load import load
from benchmarks.pages import SLUG, get
from benchmarks.serving import counted, serving

GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂淑华建国晓东文博宇轩子涵梓萱浩然欣怡"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
PLACES = ("河南农业大学", "郑州大学", "Technical University of Munich", "开封人民医院", "University of Leeds", "")
TYPED = (
    "xu",
    "徐",
    "xusf",
    "wang",
    "wangwei",
    "zhang min",
    "li",
    "smith john",
    "daxue",
    "munich",
    "nobody here",
    "B-1999",
)


async def build(people: int) -> tuple[str, str]:
    """A fair with so many people; the tokens of a scanner and of an organiser's integration."""
    from benchmarks import pages
    from fairs.accounts import services as accounts
    from fairs.accounts.actor import SYSTEM
    from fairs.core import db
    from fairs.registrations import phones

    pages.PEOPLE = 0
    organiser = await pages.build()
    event = await db.fetchval("SELECT id FROM event WHERE slug = $1", SLUG)
    for start in range(0, people, 5_000):
        rows = [_person(n) for n in range(start, min(start + 5_000, people))]
        await db.execute(
            "INSERT INTO registration (number, event, category, state, email, name_native, name_passport,"
            " organisation_name, search_key) SELECT 'B-' || lpad(n::text, 6, '0'), $1, 'visitor', 'confirmed',"
            " 'p' || n || '@example.org', native, passport, place, key"
            " FROM unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[]) AS t (n, native, passport, place, key)",
            event,
            *([row[at] for row in rows] for at in range(4)),
            [phones.search_text(*row[1:4], "", "") for row in rows],
        )
    await db.execute("VACUUM ANALYZE")
    return await accounts.issue_token("device", "bench", by=SYSTEM, event_id=event), organiser


def _person(n: int) -> tuple[int, str, str, str]:
    if n % 10 == 0:
        return (
            n,
            "",
            ("John Smith", "Maria Fernandez", "Łukasz Nowak")[n // 10 % 3] + f" {chr(65 + n % 26)}",
            PLACES[n % 6],
        )
    native = SURNAMES[(n * 7 + n // 10) % len(SURNAMES)] + GIVEN[n * 11 % len(GIVEN)] + GIVEN[n * 13 // 7 % len(GIVEN)]
    return n, native, f"Person {n}", PLACES[n % 6]


def run(people: int) -> dict[str, Any]:
    """Requests a second and percentiles in ms."""
    from urllib.parse import quote

    found: dict[str, Any] = {"people": people}
    with serving(lambda: build(people)) as (pid, port, (scanner, organiser)):
        gate = [get(port, f"/api/v1/checkin/people?q={quote(typed)}", scanner) for typed in TYPED]
        page = [
            get(port, f"/api/v1/registrations?event={SLUG}&q={quote(typed)}&page_size=10", organiser) for typed in TYPED
        ]
        for name, requests in (("gate", gate), ("list", page)):
            load(port, requests * 40, 32)  # warm up: each connection to the database keeps plans of its own
            found[f"{name}, 1"] = load(port, requests * 20, 1)
            with counted(pid, found.setdefault(f"{name}, 32", {"requests": len(requests) * 120})):
                found[f"{name}, 32"] |= load(port, requests * 120, 32)
        for typed, one in zip(TYPED, gate, strict=True):
            took = []
            for _ in range(9):
                began = time.perf_counter()
                load_one(port, one)
                took.append(1000 * (time.perf_counter() - began))
            found[f"gate: {typed}"] = round(statistics.median(took), 1)
    return found


def load_one(port: int, request: bytes) -> None:
    """One request on a connection of its own."""
    import socket

    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(request.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
        while line.recv(65536):
            pass


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000), indent=1, ensure_ascii=False))
