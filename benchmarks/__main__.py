"""`make bench`: every benchmark, a table on the screen, all numbers in build/bench.json (written after each part).

python -m benchmarks [checkin registrations meetings pages programme reading matching hall tours] [--quick] [--set DIR]
"""

import argparse
import json
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import checkin, hall, matching, meetings, pages, programme, reading, registrations, tours

OUT = Path("build/bench.json")


def machine() -> dict[str, Any]:
    """What it ran on: numbers mean nothing without."""
    return {
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
    }


def show(name: str, value: Any, depth: int = 0) -> None:
    """One line a number or a small row; nested tables are indented."""
    if isinstance(value, dict) and any(isinstance(item, dict) for item in value.values()):
        print(f"{'  ' * depth}{name}")
        for key, item in value.items():
            show(key, item, depth + 1)
    elif isinstance(value, dict):
        row = "  ".join(f"{key} {item}" for key, item in value.items())
        print(f"{'  ' * depth}{name:28} {row}")
    else:
        print(f"{'  ' * depth}{name:28} {value}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "which",
        nargs="*",
        default=["checkin", "registrations", "meetings", "pages", "programme", "reading", "matching", "hall", "tours"],
    )
    parser.add_argument("--set", type=Path, dest="measured", help="folder of a judged set for the ranking quality")
    parser.add_argument(
        "--quick", action="store_true", help="leave out what takes minutes: whole runs, pgvector, large halls"
    )
    arguments = parser.parse_args()
    known: dict[str, Callable[[], dict[str, Any]]] = {
        "checkin": checkin.run,
        "registrations": registrations.run,
        "meetings": meetings.run,
        "pages": pages.run,
        "programme": programme.run,
        "reading": reading.run,
        "matching": lambda: matching.run(with_large=not arguments.quick, measured=arguments.measured),
        "hall": lambda: hall.run(with_large=not arguments.quick),
        "tours": lambda: tours.run(with_large=not arguments.quick),
    }
    found: dict[str, Any] = {"machine": machine()}
    show("machine", found["machine"])
    for name in arguments.which:
        if name not in known:
            parser.error(f"no benchmark is called {name}: choose among {', '.join(known)}")
        found[name] = known[name]()
        show(name, found[name])
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f"all numbers: {OUT}")


if __name__ == "__main__":
    main()
