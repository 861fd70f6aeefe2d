"""The table of cases for gates: the rules in Python and the database say what it says; tests/e2e runs it in the browser."""

import json
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from fairs.checkin import queries, services, snapshot
from fairs.checkin.forms import read_scans
from fairs.checkin.tables import Outcome, Reason
from fairs.core import clock
from fairs.core import db as database
from tests import factories
from tests.checkin.hall import Hall, open_hall
from tests.checkin.vectors import making, running
from tests.checkin.vectors.written import cases
from tests.fair import scanner

VECTORS = making.vectors()


def test_the_table_is_what_the_cases_make() -> None:
    assert making.FILE.read_text(encoding="utf-8") == making.text(), "run python -m tests.checkin.vectors"
    assert len(VECTORS) >= 300
    assert len(cases()) >= 100


def test_the_plain_model_says_what_was_written_down() -> None:
    for world, said in cases():
        model = making.Model(world)
        assert [model.say(item) for item in world["scans"]] == [making.expected(line) for line in said], world["name"]


def test_every_answer_occurs() -> None:
    said = {item["reason"] or item["outcome"] for world in VECTORS for item in world["expected"]}
    not_of_rules = {"keyboard"}  # tests/checkin/test_keyboards.py
    assert said == {*Outcome, *Reason} - {"refused"} - not_of_rules


@pytest.mark.parametrize("world", VECTORS, ids=lambda world: world["name"])
def test_the_rules_say_the_same(world: dict[str, Any]) -> None:
    assert running.answers(world) == world["expected"]


SAMPLE = [world for at, world in enumerate(VECTORS) if at % 4 == 0 or world["name"].startswith("late")]


class Fair:
    """A case in the database: the event of a hall with its rooms, sessions, gates and badges."""

    def __init__(self, hall: Hall, world: dict[str, Any]) -> None:
        self.hall, self.world, self.codes, self.devices = hall, world, list[str](), dict[int, int]()

    async def build(self) -> None:
        world, event = self.world, self.hall.event
        await database.execute("DELETE FROM gate WHERE event = $1", event)
        await database.execute("UPDATE event SET timezone = $2 WHERE id = $1", event, world["timezone"])
        sql = (
            "INSERT INTO room (event, code, name_zh, name_en, capacity) VALUES ($1, $2, '厅', 'Hall', $3) RETURNING id"
        )
        rooms = {code: await database.fetchval(sql, event, code, seats) for code, seats in world["rooms"].items()}
        sessions = {}
        for item in world["sessions"]:
            hours = {name: _time(item[name]) for name in ("starts_at", "ends_at")}
            given = {**hours, "room": rooms.get(item["room"]), "capacity": item["capacity"], "sign_up": item["sign_up"]}
            sessions[item["code"]] = await factories.session(event, item["code"], **given)
        for item in world["gates"]:
            hours = {name: _time(item[name]) for name in ("opens_at", "closes_at", "inactive_since")}
            given = {name: item[name] for name in ("code", "kind", "categories", "capacity", "rule", "ways")}
            places = {"room": rooms.get(item["room"]), "session": sessions.get(item["session"])}
            await factories.gate(event, **given, **hours, **places)
        for item in world["badges"]:
            await self._badge(item, sessions)

    async def _badge(self, item: dict[str, Any], sessions: dict[str, int]) -> None:
        other = await factories.event() if item["state"] == "other_event" else None
        state = {"state": "waitlisted", "queue": 1} if item["state"] == "not_confirmed" else {}
        code = await self.hall.badge(
            event=other, revoked=item["state"] == "revoked", category=item["category"], **state
        )
        for session in item["sessions"]:
            sql = "INSERT INTO registration_session (registration, session) VALUES ($1, $2)"
            await database.execute(sql, self.hall.people[code], sessions[session])
        if item["state"] == "unknown":
            await database.execute("DELETE FROM badge WHERE code = $1", code)
        self.codes.append(code)

    async def say(self, scans: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The answers of the database to scans of several devices, in one batch."""
        read = []
        for item in scans:
            code = "nothing of ours" if item["badge"] is None else self.codes[item["badge"]]
            code = (
                code
                if item["genuine"] or item["badge"] is None
                else code[:-4] + ("AAAA" if code[-4] != "A" else "BBBB")
            )
            sent = {"id": str(uuid4()), "gate": item["gate"], "code": code, "scanned_at": item["at"]}
            sent |= {"direction": item["direction"], "offline": item.get("offline", False)}
            sent |= {"told": item.get("told") or "", "reason": item.get("told_reason") or ""}
            if item["device"] not in self.devices:
                self.devices[item["device"]] = (await scanner(self.hall.event, f"device {item['device']}"))[1].token_id
            device = self.devices[item["device"]]
            read += read_scans(json.dumps({"scans": [sent]}).encode(), device_id=device, now=clock.now())
        if self.world["only_gates"] is not None:
            sql = "SELECT id FROM gate WHERE event = $1 AND code = ANY($2)"
            rows = await database.fetch(sql, self.hall.event, self.world["only_gates"])
            for scan in read:
                scan.gates = frozenset(row["id"] for row in rows)
        return [running.plain(result) for result in await services.record_batch(self.hall.event, read)]


def _time(text: str | None) -> datetime | None:
    return None if text is None else making.moment(text)


@pytest.mark.parametrize("at_once", [True, False], ids=["one batch", "one by one"])
async def test_the_database_says_the_same(db: None, at_once: bool) -> None:
    for world in SAMPLE[:: 1 if at_once else 3]:
        fair = Fair(await open_hall(), world)
        await fair.build()
        before = [item | {"genuine": True} for item in world["passed"]]
        assert {item["outcome"] for item in await fair.say(before)} <= {"admitted"}, world["name"]
        ended = _time(world["ended_at"])
        await database.execute("UPDATE event SET ended_at = $2 WHERE id = $1", fair.hall.event, ended)
        if at_once:
            found = await fair.say(world["scans"])
        else:
            found = [(await fair.say([item]))[0] for item in world["scans"]]
        assert found == world["expected"], world["name"]


async def test_the_snapshot_of_a_device_is_the_case(db: None) -> None:
    """What the rules in the browser are tried with is what the server sends."""
    compared = 0
    for world in SAMPLE:
        morning = {
            moment.date() for moment in (_local(world, item["at"]) for item in [*world["passed"], *world["scans"]])
        }
        if not world["passed"] or len(morning) > 1 or world["ended_at"]:
            continue
        fair = Fair(await open_hall(), world)
        await fair.build()
        await fair.say([item | {"genuine": True} for item in world["passed"]])
        event = await queries.device_event(fair.hall.device)
        gates = await queries.gates_of(fair.hall.device)
        now = making.moment(world["scans"][-1]["at"])
        _, told = await snapshot.sealed(event, fair.hall.device, gates, after=0, since=None, now=now, limit=2000)
        wanted = running.snapshot(world)
        names = {
            area: min(code for code, one in told["areas"].items() if one == area) for area in told["areas"].values()
        }
        own: dict[int, str] = {}
        for gate in wanted["gates"]:
            if gate["code"] in told["areas"]:
                own.setdefault(gate["area"], names[told["areas"][gate["code"]]])
        found = [[(names[area], at, way) for area, at, way, _ in badge["passages"]] for badge in told["badges"]]
        assert found == [
            [(own[area], making.moment(at), way) for area, at, way, _ in badge["passages"] if area in own]
            for badge in wanted["badges"]
        ], world["name"]
        assert [badge["sessions"] for badge in told["badges"]] == [sorted(one["sessions"]) for one in wanted["badges"]]
        inside = {own[item["area"]]: item["count"] for item in wanted["inside"] if item["area"] in own}
        for item in told["inside"]:
            assert inside.get(names[item["area"]], item["count"]) == item["count"], world["name"]
        compared += 1
    assert compared > 10


def _local(world: dict[str, Any], text: str) -> datetime:
    return making.moment(text).astimezone(ZoneInfo(world["timezone"]))
