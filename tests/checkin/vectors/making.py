"""The table of cases: those written by hand, and drawn ones with the answers of the plain model. The same on every machine."""

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.checkin.gate_model import Model, World, moment
from tests.checkin.vectors.worlds import DAY_ONE, at, badge, gate, scan, session, slim, whole, world
from tests.checkin.vectors.written import cases

FILE = Path(__file__).parent / "gate-vectors.json"
DRAWN = 240
CATEGORIES = ("candidate", "expert", "visitor")


def expected(text: str) -> dict[str, Any]:
    """`already 09:00 conflict` as an answer."""
    word, *rest = text.split()
    conflict = rest[-1:] == ["conflict"]
    if word in ("admitted", "already"):
        first = at(" ".join(rest[:1])) if word == "already" else None
        return {"outcome": word, "reason": None, "first_at": first, "conflict": conflict}
    return {"outcome": "refused", "reason": word, "first_at": None, "conflict": conflict}


def _gates(rng: random.Random) -> list[dict[str, Any]]:
    found = []
    for code in ("main-in", "west", "north")[: rng.choice((1, 1, 2, 3))]:
        place: dict[str, Any] = rng.choice(({"room": None}, {"room": "hall"}, {"room": "hall"}, {"room": "other"}))
        if rng.random() < 0.15:
            place = {"room": None, "session": "talk"}
        found.append(
            gate(
                code,
                kind=rng.choice(("entry", "zone", "zone", "session")),
                rule=rng.choice(("day", "day", "day", "once", "many")),
                ways="in" if rng.random() < 0.1 else "both",
                capacity=rng.choice((None, None, None, 1, 2, 3)),
                categories=rng.choice(([], [], [], ["expert"], ["candidate", "expert"])),
                opens_at=rng.choice((None, None, None, "09:00")),
                closes_at=rng.choice((None, None, None, "2 17:00")),
                inactive_since=rng.choice((None,) * 9 + ("15:00",)),
                **place,
            )
        )
    return found


def _scan(rng: random.Random, minute: float, gates: list[str], people: int) -> dict[str, Any]:
    late = rng.random() < 0.35
    when = DAY_ONE + timedelta(hours=8, minutes=minute - (rng.randrange(1, 240) if late else 0))
    found = scan(
        None if rng.random() < 0.02 else rng.randrange(people),
        "00:00",
        gate=rng.choice(gates) if rng.random() > 0.02 else "none",
        direction=rng.choice(("in", "in", "in", "out")),
        genuine=rng.random() > 0.02,
        device=rng.randrange(1, 4),
        offline=late,
    )
    if late:
        found["told"] = rng.choice((None, "admitted", "admitted", "admitted", "already", "refused"))
        found["told_reason"] = rng.choice(("full", "revoked")) if found["told"] == "refused" else None
    return found | {"at": when.isoformat().replace("+00:00", "Z")}


def drawn(number: int) -> World:
    """A world with random gates, badges and scans; those who were let through first become passages of before."""
    rng = random.Random(number)
    talk = session("talk", "09:00", "11:00", room="hall", sign_up=rng.random() < 0.6, capacity=rng.choice((None, 2)))
    there = session("there", "10:30", "12:00", room="other")
    then = session("then", "11:00", "13:00", room="hall", sign_up=rng.random() < 0.5)
    people = rng.randrange(2, 5)
    states = ("valid",) * 12 + ("revoked", "not_confirmed", "other_event", "unknown")
    made = world(
        f"drawn {number}",
        timezone=rng.choice(("Asia/Shanghai", "Asia/Shanghai", "Europe/Berlin", "America/New_York")),
        rooms={"hall": rng.choice((None, None, 2)), "other": None},
        sessions=[talk, there, then],
        gates=_gates(rng),
        badges=[
            badge(
                at + 1,
                state=rng.choice(states),
                category=rng.choice(CATEGORIES),
                sessions=rng.choice(([], ["talk"], ["there"], ["talk", "then"])),
            )
            for at in range(people)
        ],
        ended_at=DAY_ONE.replace(day=27, hour=14).isoformat().replace("+00:00", "Z") if rng.random() < 0.05 else None,
        scans=[],
    )
    codes, minutes = [item["code"] for item in made["gates"]], 0.0
    scans = []
    for _ in range(rng.randrange(4, 13)):
        minutes += rng.choice((0, 1, 5, 30, 90, 240))
        scans.append(_scan(rng, minutes, codes, people))
    cut = rng.randrange(0, len(scans) // 2 + 1)
    early = Model(made)
    for item in scans[:cut]:
        early.say(item)
    return made | {"passed": early.passages, "scans": scans[cut:]}


def everything() -> list[World]:
    """Every case with its answers."""
    found = [item | {"expected": [expected(line) for line in said]} for item, said in cases()]
    for number in range(DRAWN):
        made = drawn(number)
        model = Model(made)
        found.append(made | {"expected": [model.say(item) for item in made["scans"]]})
    return found


def text() -> str:
    """The table, a case a line."""
    lines = ",\n".join(json.dumps(slim(item), separators=(",", ":")) for item in everything())
    return f"[\n{lines}\n]\n"


def vectors() -> list[World]:
    """The table as it is stored."""
    return [whole(item) for item in json.loads(FILE.read_text(encoding="utf-8"))]


__all__ = ["FILE", "Model", "everything", "expected", "moment", "text", "vectors"]
