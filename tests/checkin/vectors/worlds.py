"""Short ways to write worlds of gates: rooms, sessions, gates, badges and scans with what is usual left out."""

from datetime import UTC, datetime, timedelta
from typing import Any

DAY_ONE = datetime(2018, 10, 26, 16, 0, tzinfo=UTC)  # midnight in Zhengzhou
USUAL: dict[str, dict[str, Any]] = {  # what is left out in the table
    "worlds": {"timezone": "Asia/Shanghai", "rooms": {}, "sessions": [], "ended_at": None, "only_gates": None, "passed": []},
    "gates": {"kind": "entry", "room": None, "session": None, "opens_at": None, "closes_at": None, "categories": [],
              "capacity": None, "rule": "day", "ways": "both", "inactive_since": None},
    "sessions": {"room": None, "sign_up": True, "capacity": None},
    "badges": {"state": "valid", "category": "candidate", "sessions": []},
    "scans": {"gate": "main-in", "direction": "in", "genuine": True, "offline": False, "device": 1, "told": None,
              "told_reason": None},
    "passed": {"gate": "main-in", "direction": "in", "device": 2},
    "expected": {"reason": None, "first_at": None, "conflict": False},
}  # fmt: skip


def at(clock: str) -> str:
    """`09:30` of the first day in Zhengzhou, `2 09:30` of the second, as a time of the wire."""
    day, _, hours = clock.rpartition(" ")
    hour, minute = hours.split(":")
    when = DAY_ONE + timedelta(days=int(day or 1) - 1, hours=int(hour), minutes=int(minute))
    return when.isoformat().replace("+00:00", "Z")


def gate(code: str = "main-in", **given: Any) -> dict[str, Any]:
    """A gate; hours as for `at`."""
    for name in ("opens_at", "closes_at", "inactive_since"):
        if given.get(name):
            given[name] = at(given[name])
    return {"code": code} | USUAL["gates"] | given


def session(code: str, start: str, end: str, **given: Any) -> dict[str, Any]:
    """A session, for which people sign up."""
    return {"code": code, "starts_at": at(start), "ends_at": at(end)} | USUAL["sessions"] | given


def badge(number: int, **given: Any) -> dict[str, Any]:
    """A valid badge of a candidate."""
    return {"uid": f"{number:016x}"} | USUAL["badges"] | given


def scan(badge: int | None, clock: str, **given: Any) -> dict[str, Any]:
    """A scan at the main entrance by the first device, with the network."""
    return {"badge": badge, "at": at(clock)} | USUAL["scans"] | given


def passed(badge: int, clock: str, **given: Any) -> dict[str, Any]:
    """Somebody who went through before."""
    return {"badge": badge, "at": at(clock)} | USUAL["passed"] | given


def world(name: str, *, scans: list[dict[str, Any]], **given: Any) -> dict[str, Any]:
    """One case: by default one gate, and a valid badge."""
    usual = USUAL["worlds"] | {"gates": [gate()], "badges": [badge(1)]}
    return {"name": name} | usual | given | {"scans": scans}


LISTS = ("gates", "sessions", "badges", "scans", "passed", "expected")


def slim(item: dict[str, Any]) -> dict[str, Any]:
    """A case without what is usual."""

    def less(values: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name not in usual or value != usual[name]}

    return less(
        {name: [less(one, USUAL[name]) for one in value] if name in LISTS else value for name, value in item.items()},
        USUAL["worlds"],
    )


def whole(item: dict[str, Any]) -> dict[str, Any]:
    """A case of the table with what is usual."""
    full = USUAL["worlds"] | item
    return full | {name: [USUAL[name] | one for one in full[name]] for name in LISTS}
