"""Runs a case: through the rules in Python, and as the snapshot of a device for the rules in the browser."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from fairs.checkin.rules import BatchState, GateRules, Passage, Result, Scan, ScanContext, decide
from tests.checkin.gate_model import Model, Said, World, moment


def answers(world: World) -> list[Said]:
    """What the rules say of the scans of a case, as one batch."""
    model, state = Model(world), BatchState()
    for item in world["scans"]:
        code, day = item["gate"], _day(world, item["at"])
        if code in model.gates and (_area(model, code), day) not in state.inside:
            state.inside[_area(model, code), day] = model.inside(item)
    return [plain(decide(_scan(model, item), _context(model, item), state)) for item in world["scans"]]


def _day(world: World, text: str) -> date:
    return moment(text).astimezone(ZoneInfo(world["timezone"])).date()


def _area(model: Model, code: str) -> int:
    codes = list(model.gates)
    return codes.index(model.place(code)[0]) + 1


def _scan(model: Model, item: Said) -> Scan:
    badge = None if item["badge"] is None else model.world["badges"][item["badge"]]
    only, codes = model.world["only_gates"], list(model.gates)
    offline = item["offline"]
    return Scan(
        None,
        uuid4(),
        item["gate"],
        "code",
        moment(item["at"]),
        item["direction"],
        offline,
        item["device"],
        uid=None if badge is None else bytes.fromhex(badge["uid"]),
        gates=None if only is None else frozenset(codes.index(code) + 1 for code in only),
        told=item["told"] if offline else None,
        told_reason=item["told_reason"] if offline else None,
    )


def _gate(model: Model, code: str, at: datetime) -> GateRules | None:
    """The gate as the database gives it: none that is switched off, or of an event that has ended."""
    gate, ended = model.gates.get(code), model.world["ended_at"]
    if gate is None or (ended and at >= moment(ended)):
        return None
    if gate["inactive_since"] and at >= moment(gate["inactive_since"]):
        return None
    codes = list(model.gates)
    opens_at, closes_at = (None if gate[name] is None else moment(gate[name]) for name in ("opens_at", "closes_at"))
    zone = tuple(codes.index(other) + 1 for other in model.place(code))
    return GateRules(codes.index(code) + 1, opens_at, closes_at, model.capacity(gate), gate["rule"], gate["ways"], zone)


def _context(model: Model, item: Said) -> ScanContext:
    """What the database would know before the batch."""
    gate, day = _gate(model, item["gate"], moment(item["at"])), _day(model.world, item["at"])
    if item["badge"] is None:
        return ScanContext(gate=gate, day=day)
    badge = model.world["badges"][item["badge"]]
    if badge["state"] == "unknown" or not item["genuine"]:
        return ScanContext(gate=gate, genuine=item["genuine"], day=day)
    found = ScanContext(
        gate=gate,
        genuine=True,
        badge=item["badge"],
        registration=item["badge"],
        revoked=badge["state"] == "revoked",
        here=badge["state"] != "other_event",
        confirmed=badge["state"] != "not_confirmed",
        day=day,
    )
    if gate is not None:
        found.barred = model._barred(model.gates[item["gate"]], badge, moment(item["at"]))
        entries = [known for known in model.of(item, day=gate.rule != "once") if known["direction"] == "in"]
        if entries:
            found.first_at, found.first_device = moment(entries[0]["at"]), entries[0]["device"]
        today = [Passage(moment(known["at"]), known["direction"]) for known in model.of(item)]
        before = [known for known in today if known.at <= moment(item["at"])]
        after = [known for known in today if known.at > moment(item["at"])]
        found.last = max(reversed(before), key=lambda known: known.at, default=None)
        found.later = max(reversed(after), key=lambda known: known.at, default=None)
    return found


def plain(result: Result) -> Said:
    """An answer as the table writes it."""
    first = result.first_scanned_at
    return {
        "outcome": str(result.outcome),
        "reason": None if result.reason is None else str(result.reason),
        "first_at": None if first is None else first.isoformat().replace("+00:00", "Z"),
        "conflict": result.conflict,
    }


def snapshot(world: World) -> dict[str, Any]:
    """A case as a device knows it: the snapshot, and scans with what the code says of itself."""
    model = Model(world)
    codes = list(model.gates)
    shown = [code for code in codes if world["only_gates"] is None or code in world["only_gates"]]
    gates = []
    for code in shown:
        gate, own = model.gates[code], None
        if gate["session"] is not None:
            own = next(item for item in world["sessions"] if item["code"] == gate["session"])
        gates.append(
            gate
            | {
                "area": _area(model, code),
                "capacity": model.capacity(gate),
                "sign_up": own is not None and own["sign_up"],
            }
        )
    days = sorted({(item["gate"], _day(world, item["at"])) for item in world["scans"] if item["gate"] in codes})
    inside = {
        (_area(model, code), day.isoformat()): model.inside({"gate": code, "at": _noon(world, day)})
        for code, day in days
    }
    return {
        "event": {"id": 1, "timezone": world["timezone"], "ended_at": world["ended_at"]},
        "gates": gates,
        "sessions": world["sessions"],
        "inside": [{"area": area, "day": day, "count": count} for (area, day), count in inside.items()],
        "badges": [
            badge
            | {
                "registration": at,
                "passages": [
                    [_area(model, item["gate"]), item["at"], item["direction"], item["device"]]
                    for item in world["passed"]
                    if item["badge"] == at
                ],
            }
            for at, badge in enumerate(world["badges"])
            if badge["state"] not in ("unknown", "other_event")
        ],
        "scans": [_sent(world, item) for item in world["scans"]],
    }


def _noon(world: World, day: date) -> str:
    return datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(world["timezone"])).isoformat()


def _sent(world: World, item: Said) -> dict[str, Any]:
    badge = None if item["badge"] is None else world["badges"][item["badge"]]
    return item | {
        "uid": None if badge is None else badge["uid"],
        "event": 2 if badge is not None and badge["state"] == "other_event" else 1,
        "told": item["told"] if item["offline"] else None,
    }


def on_device(world: World) -> list[Said | None]:
    """What a device says of the scans. None: it differs by design, and so may the rest of the case, because a genuine badge
    that it does not know is let in there."""
    found: list[Said | None] = []
    for said in world["expected"]:
        if said["reason"] == "unknown":
            return [*found, *[None] * (len(world["scans"]) - len(found))]
        found.append(said)
    return found
