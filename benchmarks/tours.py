"""The tour planner: each tour in a process of its own, from the file to the written plan; gap to the proved bound, time, memory.

    python -m benchmarks.tours [--quick]

Tours are drawn: cities on a plane some 300 km wide, stops of 1 to 2.5 hours on one to three days, people of a few fields. A visit is worth
`least` of 1,000 to everybody, the rest by the match: much in the own field, less in a near one, nothing in others.
"""

import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SEED = 1


@dataclass(frozen=True)
class Drawn:
    """How large, how many groups of how many seats, and the share of stops that must be visited."""

    people: int
    stops: int
    cities: int
    days: int
    groups: int
    seats: int
    fields: int = 8
    musts: int = 2
    away: float = 0.1
    least: int = 300


TOURS = {
    "12 people, 8 stops, 4 cities, 3 days, 2 groups of 7": Drawn(12, 8, 4, 3, 2, 7, fields=3, musts=1),
    "60 people, 40 stops, 12 cities, 5 days, 2 groups of 33": Drawn(60, 40, 12, 5, 2, 33),
    "the same, nothing outside the own and near fields": Drawn(60, 40, 12, 5, 2, 33, least=0),
    "60 people, 120 stops, 6 cities, 5 days, 2 groups of 33": Drawn(60, 120, 6, 5, 2, 33),
}
LARGE = {
    "200 people, 120 stops, 12 cities, 5 days, 6 groups of 35": Drawn(200, 120, 12, 5, 6, 35),
    "500 people, 800 stops, 18 cities, 7 days, 15 groups of 35": Drawn(500, 800, 18, 7, 15, 35, musts=5),
}


def drawn(size: Drawn, seed: int = _SEED) -> dict[str, Any]:
    """A tour in the form of the contract."""
    chance = random.Random(seed)
    where = [(chance.uniform(0, 300), chance.uniform(0, 300)) for _ in range(size.cities)]
    travel = {
        f"c{i}": {f"c{j}": round(math.dist(where[i], where[j]) * 1.3 / 75, 2) for j in range(i + 1, size.cities)}
        for i in range(size.cities - 1)
    }
    near = [
        [1.0 if f == g else chance.choice((0.0, 0.0, 0.35, 0.6)) for g in range(size.fields)]
        for f in range(size.fields)
    ]
    people, stops, scores, wants = [], [], [], []
    for s in range(size.stops):
        wants.append((chance.randrange(size.fields), chance.uniform(0.5, 1.0)))
        first = chance.randrange(size.days)
        stops.append(
            {
                "id": f"s{s}",
                "city": f"c{min(int(chance.expovariate(3 / size.cities)), size.cities - 1)}",
                "hours": chance.choice((1, 1.5, 1.5, 2, 2.5)),
                "places": chance.choice((20, 35, 40, 60)),
                "days": sorted({first, (first + 1) % size.days, chance.randrange(size.days)}),
                "must": s < size.musts,
            }
        )
    for p in range(size.people):
        field = chance.randrange(size.fields)
        days = list(range(size.days))
        if chance.random() < size.away:
            days = days[chance.randrange(2) : size.days - chance.randrange(2)]
        people.append({"id": f"p{p}", "languages": ["en"], "days": days})
        for s, (other, level) in enumerate(wants):
            match = level * near[field][other] * chance.uniform(0.7, 1.0)
            score = size.least + int((1000 - size.least) * match)
            if score:
                scores.append({"person": f"p{p}", "stop": f"s{s}", "score": score})
    return {
        "days": size.days,
        "hours": [9, 18],
        "travel": travel,
        "pace": {"per_day": 3},
        "people": people,
        "stops": stops,
        "scores": scores,
        "groups": {"max": size.groups, "seats": size.seats},
        "start": "c0",
        "end": "c0",
    }


def planned(size: Drawn, folder: Path) -> dict[str, Any]:
    """One tour through the shell command: what the plan says, checked, and what it cost."""
    problem, plan = folder / "tour.json", folder / "plan.json"
    problem.write_text(json.dumps(drawn(size)))
    begin = time.perf_counter()
    fairs = Path(sys.executable).with_name("fairs")
    child = subprocess.Popen([fairs, "tours", "plan", problem, "--out", plan], stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    took = time.perf_counter() - begin
    if status:
        raise RuntimeError(f"the planner ended with {status}")
    found = json.loads(plan.read_text())
    return {
        "gap": found["gap"],
        "objective": found["objective"],
        "groups": len(found["groups"]),
        "unmet": len(found["unmet"]),
        "seconds": round(took, 2),
        "cpu_s": round(used.ru_utime + used.ru_stime, 2),
        "rss_mb": used.ru_maxrss // 1024,
    }


def run(*, with_large: bool = False) -> dict[str, Any]:
    """All tours by name."""
    with tempfile.TemporaryDirectory() as name:
        return {title: planned(size, Path(name)) for title, size in (TOURS | (LARGE if with_large else {})).items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without the two large tours")
    print(json.dumps(run(with_large=not parser.parse_args().quick), indent=1))
