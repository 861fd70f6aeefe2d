"""Looking for people: at the gate and in the organiser's list, among as many people as asked for.

python -m benchmarks.finding [PEOPLE]
"""

import json
import random
import statistics
import sys
from typing import Any

from benchmarks.load import load
from benchmarks.pages import SLUG, get
from benchmarks.serving import counted, serving

GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂淑华建国晓东文博宇轩子涵梓萱浩然欣怡"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
FORENAMES = "John Maria James Anna Robert Elena Peter Laura Michael Sofia David Julia Daniel Eva Thomas Nina Łukasz Zoë"
FAMILIES = "Smith Fernandez Nowak Jones Müller Brown Rossi Martin Ivanova Silva Kowalski Johnson Meyer O'Brien Haddad"
PLACES = (
    ("河南农业大学", "henau.example.org"),
    ("郑州大学", "zzu.example.org"),
    ("Technical University of Munich", "tum.example.org"),
    ("开封人民医院", "kfyy.example.org"),
    ("University of Leeds", "leeds.example.org"),
    ("", "mail.example.org"),
)
KINDS = {  # kind → what is typed; each found by at least one person but for the last two
    "one prefix": ("xu", "徐", "wang", "li", "smi"),
    "one name": ("wangwei", "王伟", "john", "o'brien"),
    "two words": ("zhang min", "smith john", "john smith", "wei wang"),
    "surname and initials": ("xusf", "wangwf", "zhangl"),
    "rare and common": ("lukasz nowak", "zoe munich", "yan leeds"),
    "common and common": ("john munich", "wang daxue", "university smith", "john example"),
    "phone": ("13800001999", "0199"),
    "organisation": ("daxue", "munich", "农业大学", "leeds.example"),
    "number": ("B-001999", "1999"),
    "nothing found": ("nobody here", "zzzz"),
    "common, but nobody": ("daxue munich", "wang leeds"),
}


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
            " email, native, passport, place, key FROM"
            " unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])"
            " AS t (n, native, passport, place, email, key)",
            event,
            *([row[at] for row in rows] for at in range(5)),
            [phones.search_text(*row[1:]) for row in rows],
        )
    await db.execute("VACUUM ANALYZE")
    return await accounts.issue_token("device", "bench", by=SYSTEM, event_id=event), organiser


def _person(n: int) -> tuple[int, str, str, str, str, str]:
    """Number, native and Latin name, organisation, e-mail, phone (of every fourth)."""
    from fairs.core.search_keys import squash, syllables

    chance = random.Random(n)
    place, domain = chance.choice(PLACES)
    phone = f"+86 138 {n // 10_000:04} {n % 10_000:04}" if n % 4 == 3 else ""
    if n % 10 == 0:
        native, first, last = "", chance.choice(FORENAMES.split()), chance.choice(FAMILIES.split())
        passport = f"{first} {chance.choice('ABCDEFGHJKLM')} {last}" if n % 30 == 0 else f"{first} {last}"
    else:
        first, last = "".join(chance.choices(GIVEN, k=chance.choice((1, 2, 2)))), chance.choice(SURNAMES)
        native, passport = last + first, f"{''.join(syllables(last))} {''.join(syllables(first))}".upper()
        if n % 7 == 0:  # as people abroad write it
            passport = " ".join(reversed(passport.title().split()))
    return n, native, passport, place, f"{squash(passport)}{n}@{domain}", phone


def run(people: int) -> dict[str, Any]:
    """Requests a second and percentiles in ms; of each kind the middle and the slowest text at one client."""
    from urllib.parse import quote

    found: dict[str, Any] = {"people": people}
    typed = [text for texts in KINDS.values() for text in texts]
    with serving(lambda: build(people)) as (pid, port, (scanner, organiser)):
        at_gate = {text: get(port, f"/api/v1/checkin/people?q={quote(text)}", scanner) for text in typed}
        in_list = {
            text: get(port, f"/api/v1/registrations?event={SLUG}&q={quote(text)}&page_size=10", organiser)
            for text in typed
        }
        for name, requests in (("gate", at_gate), ("list", in_list)):
            mixed = list(requests.values())
            load(port, mixed * 15, 32)  # warm up: each connection to the database keeps plans of its own
            found[f"{name}, 1"] = load(port, mixed * 8, 1)
            with counted(pid, found.setdefault(f"{name}, 32", {"requests": len(mixed) * 50})):
                found[f"{name}, 32"] |= load(port, mixed * 50, 32)
            for kind, texts in KINDS.items():
                took = {text: _took(port, requests[text]) for text in texts}
                slowest = max(took, key=lambda text: took[text])
                found[f"{name}: {kind}"] = {"p50_ms": statistics.median(took.values()), slowest: took[slowest]}
    return found


def _took(port: int, request: bytes) -> float:
    """The median of some requests on one connection, in ms."""
    return float(load(port, [request] * 15, 1)["p50_ms"])


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000), indent=1, ensure_ascii=False))
