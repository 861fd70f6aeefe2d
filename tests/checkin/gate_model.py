"""A plain model of gates, written from docs/checkin.md alone: one list of passages, read from the beginning for each scan.

A world is JSON: rooms, sessions, gates and badges of an event, passages of earlier scans, and scans in the order in which
they reach the server. What the model says of them is compared with the rules in Python, with the rules in the browser and
with the database.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

SOON = timedelta(minutes=30)
World = dict[str, Any]
Said = dict[str, Any]


@cache
def moment(text: str) -> datetime:
    """A time of a world."""
    return datetime.fromisoformat(text)


@dataclass
class Model:
    """`passages`: everybody who was let through, in the order in which the server learnt of it."""

    world: World
    passages: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.world["timezone"])
        self.gates = {gate["code"]: gate for gate in self.world["gates"]}
        self.passages = [dict(item) for item in self.world["passed"]]

    def day(self, text: str) -> str:
        """The day of the event's zone."""
        return moment(text).astimezone(self.zone).date().isoformat()

    def place(self, code: str) -> tuple[str, ...]:
        """The gates that count people together with this one: entries and zone gates of one room."""
        gate = self.gates[code]
        if gate["room"] is None or gate["kind"] not in ("entry", "zone"):
            return (code,)
        alike = [
            item["code"]
            for item in self.world["gates"]
            if item["room"] == gate["room"] and item["kind"] in ("entry", "zone")
        ]
        return tuple(alike)

    def of(self, scan: Said, *, day: bool = True) -> list[dict[str, Any]]:
        """A person's passages in the place of a scan."""
        place = self.place(scan["gate"])
        return [
            item
            for item in self.passages
            if item["badge"] == scan["badge"]
            and item["gate"] in place
            and (not day or self.day(item["at"]) == self.day(scan["at"]))
        ]

    def inside(self, scan: Said) -> int:
        """People whose latest passage of the day in this place is a coming in."""
        place = self.place(scan["gate"])
        latest: dict[int, Said] = {}
        for item in self.passages:
            if item["gate"] in place and self.day(item["at"]) == self.day(scan["at"]):
                before = latest.get(item["badge"])
                if before is None or moment(item["at"]) >= moment(before["at"]):
                    latest[item["badge"]] = item
        return sum(item["direction"] == "in" for item in latest.values())

    def capacity(self, gate: Said) -> int | None:
        """Its own number, else the seats of its session, else those of its room."""
        if gate["capacity"] is not None:
            return int(gate["capacity"])
        session = next((item for item in self.world["sessions"] if item["code"] == gate["session"]), None)
        if session is not None and session["capacity"] is not None:
            return int(session["capacity"])
        seats = self.world["rooms"].get(gate["room"]) if gate["room"] else None
        return None if seats is None else int(seats)

    def asked(self, gate: Said, at: datetime) -> str | None:
        """The session whose sign-up a gate asks for."""
        if gate["session"] is not None:
            own = next(item for item in self.world["sessions"] if item["code"] == gate["session"])
            return str(own["code"]) if own["sign_up"] else None
        on = [
            item
            for item in self.world["sessions"]
            if gate["room"] is not None
            and item["room"] == gate["room"]
            and moment(item["starts_at"]) - SOON <= at < moment(item["ends_at"])
        ]
        begun = [item for item in on if moment(item["starts_at"]) <= at]
        first = min(begun or on, key=lambda item: moment(item["starts_at"]), default=None)
        return str(first["code"]) if first is not None and first["sign_up"] else None

    def _barred(self, gate: Said, badge: Said, at: datetime) -> str | None:
        if gate["categories"] and badge["category"] not in gate["categories"]:
            return "wrong_category"
        asked = self.asked(gate, at)
        if asked is None or asked in badge["sessions"]:
            return None
        rooms = {item["code"]: item["room"] for item in self.world["sessions"]}
        hall = gate["room"] or rooms.get(gate["session"])
        for item in self.world["sessions"]:
            on = moment(item["starts_at"]) - SOON <= at < moment(item["ends_at"])
            if item["code"] in badge["sessions"] and on and hall and item["room"] and item["room"] != hall:
                return "wrong_room"
        return "not_signed_up"

    def _refusal(self, scan: Said) -> str | None:
        gate, at, ended = self.gates.get(scan["gate"]), moment(scan["at"]), self.world["ended_at"]
        only = self.world["only_gates"]
        if gate is None or (ended and at >= moment(ended)) or (only is not None and scan["gate"] not in only):
            return "wrong_gate"
        if gate["inactive_since"] and at >= moment(gate["inactive_since"]):
            return "wrong_gate"
        if scan["badge"] is None:
            return "malformed"
        if not scan["genuine"]:
            return "forged"
        badge = self.world["badges"][scan["badge"]]
        if badge["state"] in ("unknown", "other_event", "revoked", "not_confirmed"):
            return "wrong_event" if badge["state"] == "other_event" else str(badge["state"])
        if scan["direction"] == "out":
            return "wrong_way" if gate["ways"] == "in" else None
        if gate["opens_at"] and at < moment(gate["opens_at"]):
            return "too_early"
        if gate["closes_at"] and at >= moment(gate["closes_at"]):
            return "too_late"
        return self._barred(gate, badge, at)

    def say(self, scan: Said) -> Said:
        """The answer to the next scan that reaches the server."""
        told = scan["told"] if scan["offline"] else None
        reason = self._refusal(scan)
        if reason is None and told == "refused":
            reason = str(scan["told_reason"])
        if reason is not None:
            return _said("refused", reason, None, told == "admitted")
        gate, at = self.gates[scan["gate"]], moment(scan["at"])
        before = [item for item in self.of(scan) if moment(item["at"]) <= at]
        last = max(before, key=lambda item: (moment(item["at"]), self.passages.index(item)), default=None)
        is_inside = last is not None and last["direction"] == "in"
        if scan["direction"] == "out" or (gate["rule"] == "many" and is_inside):
            return self._let_through(scan)
        entries = [item for item in self.of(scan, day=gate["rule"] != "once") if item["direction"] == "in"]
        left = last is not None and not is_inside
        if entries and gate["rule"] != "many" and not (left and gate["rule"] == "day"):
            first = entries[0]
            elsewhere = scan["offline"] and told is None and first["device"] != scan["device"]
            return _said("already", None, first["at"], elsewhere or told == "admitted")
        capacity = self.capacity(gate)
        if capacity is not None and self.inside(scan) >= capacity:
            return _said("refused", "full", None, told == "admitted")
        return self._let_through(scan)

    def _let_through(self, scan: Said) -> Said:
        self.passages.append({name: scan[name] for name in ("gate", "badge", "direction", "at", "device")})
        return _said("admitted", None, None, False)


def _said(outcome: str, reason: str | None, first_at: str | None, conflict: bool) -> Said:
    return {"outcome": outcome, "reason": reason, "first_at": first_at, "conflict": conflict}
