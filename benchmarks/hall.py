"""The hall solver: each hall in a process of its own, from the file to the written plan; gap to the proved bound, time, memory.

    python -m benchmarks.hall [--quick]

Halls are drawn: 20 listed employers a person, the popular ones more often, scores 1 to 1,000, at most 6 meetings a person,
1 to 3 tables an employer.
"""

import argparse
import bisect
import itertools
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SEED = 1


@dataclass(frozen=True)
class Hall:
    """How large, in what share of the slots people are free, who must meet, and the minimums of people and employers."""

    people: int
    employers: int
    slots: int
    free: float = 1.0
    musts: float = 0.0
    least: tuple[int, int] = (0, 0)
    wishes: int = 20
    tables: tuple[int, ...] = (1, 2, 3)
    most: int = 6


HALLS = {
    "200 x 80 x 16": Hall(200, 80, 16),
    "2,000 x 500 x 24": Hall(2_000, 500, 24),
    "2,000 x 500 x 24, free 70 %": Hall(2_000, 500, 24, free=0.7),
    "2,000 x 500 x 24, free 70 %, musts 14 %, minimums 1 and 3": Hall(2_000, 500, 24, 0.7, 0.14, (1, 3)),
    "2,000 x 500 x 24, free 40 %, all tables full": Hall(2_000, 500, 24, 0.4, wishes=30, tables=(1,), most=12),
}
LARGE = {
    "10,000 x 2,000 x 32": Hall(10_000, 2_000, 32),
    "10,000 x 2,000 x 32, free 70 %, musts 14 %, minimums 1 and 3": Hall(10_000, 2_000, 32, 0.7, 0.14, (1, 3)),
}
GROWTH = {
    "1x": Hall(1_000, 250, 24, free=0.7),
    "3x": Hall(3_000, 750, 24, free=0.7),
    "10x": Hall(10_000, 2_500, 24, free=0.7),
}


def drawn(hall: Hall, seed: int = _SEED) -> dict[str, Any]:
    """A hall in the form of the contract."""
    chance = random.Random(seed)
    weights = list(itertools.accumulate((j + 1) ** -0.6 for j in range(hall.employers)))

    def hours() -> dict[str, list[int]]:
        if hall.free >= 1:
            return {}
        return {"available": [s for s in range(hall.slots) if chance.random() < hall.free] or [0]}

    people = [{"id": f"c{i}", "max": hall.most, "min": hall.least[0], **hours()} for i in range(hall.people)]
    employers = []
    for j in range(hall.employers):
        tables = chance.choice(hall.tables)
        limits = {"tables": tables, "max": tables * hall.slots, "min": hall.least[1]}
        employers.append({"id": f"e{j}", **limits, **hours()})
    pairs = []
    for person in people:
        wanted: set[int] = set()
        while len(wanted) < min(hall.wishes, hall.employers):
            wanted.add(bisect.bisect(weights, chance.random() * weights[-1]))
        must = chance.choice(sorted(wanted)) if chance.random() < hall.musts else None
        for j in sorted(wanted):
            pairs.append(
                {"candidate": person["id"], "employer": f"e{j}", "score": chance.randrange(1, 1001), "must": j == must}
            )
    return {"slots": hall.slots, "candidates": people, "employers": employers, "pairs": pairs, "pinned": []}


def solved(hall: Hall, folder: Path) -> dict[str, Any]:
    """One hall through the shell command: what the plan says, checked, and what it cost."""
    problem, plan = folder / "hall.json", folder / "plan.json"
    problem.write_text(json.dumps(drawn(hall)))
    begin = time.perf_counter()
    fairs = Path(sys.executable).with_name("fairs")
    child = subprocess.Popen([fairs, "meetings", "solve", problem, "--out", plan], stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    took = time.perf_counter() - begin
    if status:
        raise RuntimeError(f"the solver ended with {status}")
    found = json.loads(plan.read_text())
    return {
        "gap": found["gap"],
        "meetings": len(found["meetings"]),
        "unmet": len(found["unmet"]),
        "seconds": round(took, 2),
        "cpu_s": round(used.ru_utime + used.ru_stime, 2),
        "rss_mb": _megabytes(used),
        "us_a_pair": round(1e6 * (used.ru_utime + used.ru_stime) / (hall.people * hall.wishes), 1),
    }


def _megabytes(used: resource.struct_rusage) -> int:
    return used.ru_maxrss // 1024


def run(*, with_large: bool = False) -> dict[str, Any]:
    """All halls by name; the growth table has the cost of a listed pair as the hall grows tenfold."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for title, hall in (HALLS | (LARGE if with_large else {})).items():
            found[title] = solved(hall, folder)
        growth = {title: solved(hall, folder) for title, hall in GROWTH.items()} if with_large else {}
    if growth:
        found["growth"] = growth
        found["cost of a pair, 10x to 1x"] = round(growth["10x"]["us_a_pair"] / growth["1x"]["us_a_pair"], 2)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without 10,000 people and the growth table")
    print(json.dumps(run(with_large=not parser.parse_args().quick), indent=1))
