import asyncio
import uuid
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.accounts.services import revoke_token
from fairs.core import clock
from fairs.core import db as database
from tests import factories
from tests.checkin.hall import NINE, Hall, open_hall, outcomes, scan, send
from tests.fair import scanner

URL = "/api/v1/checkin/scans"


@pytest.fixture
async def hall(db: None) -> Hall:
    return await open_hall()


async def test_scan_admits_with_the_person(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge(name_passport="Li Wei", name_native="李伟", organisation_name="ETH Zürich")
    sent = scan(code)
    assert await send(client, hall.token, sent) == [
        {
            "id": sent["id"],
            "outcome": "admitted",
            "reason": None,
            "person": {
                "name": "Li Wei",
                "name_native": "李伟",
                "category": "candidate",
                "organisation": "ETH Zürich",
                "photo_url": None,
            },
            "first_scanned_at": None,
            "conflict": False,
        }
    ]


async def test_scan_repeated_says_when_it_was_first(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge()
    await send(client, hall.token, scan(code))
    (again,) = await send(client, hall.token, scan(code, at=NINE + timedelta(minutes=14)))
    assert (again["outcome"], again["reason"], again["conflict"]) == ("already", None, False)
    assert again["first_scanned_at"] == "2018-10-27T01:00:00Z"


async def test_scan_is_once_a_day_of_the_events_zone(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge()
    before_midnight = NINE + timedelta(hours=14, minutes=59)  # 23:59 in Zhengzhou
    results = await send(
        client,
        hall.token,
        scan(code, at=before_midnight - timedelta(hours=1)),
        scan(code, at=before_midnight),
        scan(code, at=before_midnight + timedelta(minutes=2)),
    )
    assert outcomes(results) == ["admitted", "already", "admitted"]


async def test_scan_accepts_the_code_as_address_and_in_lower_case(client: httpx.AsyncClient, hall: Hall) -> None:
    first, second = await hall.badge(), await hall.badge()
    results = await send(client, hall.token, scan(f"HTTPS://FAIRS.TEST/B/{first}"), scan(f" {second.lower()} "))
    assert outcomes(results) == ["admitted", "admitted"]


async def test_scan_refused_names_the_reason(client: httpx.AsyncClient, hall: Hall) -> None:
    other = await open_hall()
    good = await hall.badge()
    spoiled = good[:-3] + ("AAA" if good[-3:-1] != "AA" else "BBA")
    never_issued = await hall.badge()
    await database.execute("DELETE FROM badge WHERE code = $1", never_issued)
    results = await send(
        client,
        hall.token,
        scan(good, gate="no such gate"),
        scan("hello"),
        scan(spoiled),
        scan(never_issued),
        scan(await hall.badge(revoked=True, name_passport="Revoked Person")),
        scan(await other.badge()),
        scan(await hall.badge(state="waitlisted", queue=1)),
    )
    assert outcomes(results) == [
        "wrong_gate",
        "malformed",
        "forged",
        "unknown",
        "revoked",
        "wrong_event",
        "not_confirmed",
    ]
    assert [bool(result["person"]) for result in results] == [True, False, False, False, True, False, True]
    assert results[4]["person"]["name"] == "Revoked Person"
    stored = await database.fetch("SELECT outcome, reason FROM scan ORDER BY id")
    assert [row["reason"] for row in stored] == outcomes(results)


async def test_gate_of_another_event_is_a_wrong_gate(client: httpx.AsyncClient, hall: Hall) -> None:
    other = await factories.event()
    await factories.gate(other, code="their-gate")
    results = await send(client, hall.token, scan(await hall.badge(), gate="their-gate"))
    assert outcomes(results) == ["wrong_gate"]


async def test_gate_has_hours_for_coming_in(client: httpx.AsyncClient, hall: Hall) -> None:
    await factories.gate(
        hall.event, code="hall-a", opens_at=NINE + timedelta(hours=1), closes_at=NINE + timedelta(hours=2)
    )
    code = await hall.badge()
    results = await send(
        client,
        hall.token,
        scan(code, gate="hall-a"),
        scan(code, gate="hall-a", at=NINE + timedelta(minutes=60)),
        scan(code, gate="hall-a", at=NINE + timedelta(minutes=120)),
        scan(code, gate="hall-a", at=NINE + timedelta(minutes=121), direction="out"),
    )
    assert outcomes(results) == ["too_early", "admitted", "too_late", "admitted"]


async def _session(hall: Hall, *, sign_up: bool, capacity: int | None) -> int:
    session = await database.fetchval(
        "INSERT INTO event_session (event, code, kind, title_zh, title_en, starts_at, ends_at, sign_up, capacity)"
        " VALUES ($1, 's1', 'forum', '论坛', 'Forum', $2, $3, $4, $5) RETURNING id",
        hall.event,
        NINE,
        NINE + timedelta(hours=2),
        sign_up,
        capacity,
    )
    await factories.gate(hall.event, code="s1", kind="session", session=session)
    return int(session)


async def test_session_gate_takes_those_who_signed_up(client: httpx.AsyncClient, hall: Hall) -> None:
    session = await _session(hall, sign_up=True, capacity=None)
    signed, stranger = await hall.badge(), await hall.badge()
    await database.execute(
        "INSERT INTO registration_session (registration, session) VALUES ($1, $2)", hall.people[signed], session
    )
    results = await send(client, hall.token, scan(signed, gate="s1"), scan(stranger, gate="s1"))
    assert outcomes(results) == ["admitted", "not_signed_up"]


async def test_session_without_sign_up_fills_and_frees_places(client: httpx.AsyncClient, hall: Hall) -> None:
    await _session(hall, sign_up=False, capacity=2)
    a, b, c = [await hall.badge() for _ in range(3)]
    minutes = iter(range(100))

    def at(code: str, direction: str = "in") -> dict[str, Any]:
        return scan(code, gate="s1", direction=direction, at=NINE + timedelta(minutes=next(minutes)))

    assert outcomes(await send(client, hall.token, at(a), at(b), at(c))) == ["admitted", "admitted", "full"]
    assert outcomes(await send(client, hall.token, at(c), at(a, "out"))) == ["full", "admitted"]
    assert outcomes(await send(client, hall.token, at(c), at(a))) == ["admitted", "full"]


async def test_person_who_left_may_come_back(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge()
    moves = [
        scan(code, at=NINE + timedelta(minutes=n), direction=way) for n, way in enumerate(["in", "out", "in", "in"])
    ]
    assert outcomes(await send(client, hall.token, *moves)) == ["admitted", "admitted", "admitted", "already"]
    back = scan(code, at=NINE + timedelta(minutes=10), direction="out")
    assert outcomes(await send(client, hall.token, back)) == ["admitted"]
    assert outcomes(await send(client, hall.token, scan(code, at=NINE + timedelta(minutes=11)))) == ["admitted"]
    assert await database.fetchval("SELECT count(*) FROM admission") == 1


async def test_replay_returns_the_first_answer(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge()
    sent = [scan(code), scan(code, at=NINE + timedelta(minutes=1)), scan("hello"), scan(code, gate="nowhere")]
    first = await send(client, hall.token, *sent)
    await database.execute("UPDATE badge SET revoked_at = now()")
    assert await send(client, hall.token, *sent) == first
    assert await send(client, hall.token, *reversed(sent)) == first[::-1]
    assert await database.fetchval("SELECT count(*) FROM scan") == 4


async def test_same_id_twice_in_a_call_is_one_scan(client: httpx.AsyncClient, hall: Hall) -> None:
    sent = scan(await hall.badge())
    first, second = await send(client, hall.token, sent, sent)
    assert first == second
    assert first["outcome"] == "admitted"
    assert await database.fetchval("SELECT count(*) FROM scan") == 1


async def test_replay_by_a_stranger_learns_nothing(client: httpx.AsyncClient, hall: Hall) -> None:
    sent = scan(await hall.badge())
    await send(client, hall.token, sent)
    other = await open_hall()
    (result,) = await send(client, other.token, sent)
    assert (result["outcome"], result["reason"], result["person"]) == ("refused", "malformed", None)


async def test_offline_scan_that_collides_is_a_conflict(client: httpx.AsyncClient, hall: Hall) -> None:
    west, _ = await scanner(hall.event, "west gate")
    code = await hall.badge()
    await send(client, hall.token, scan(code, at=NINE + timedelta(minutes=5)))
    late, own, online = (
        scan(code, offline=True),
        scan(code, offline=True, at=NINE + timedelta(minutes=6)),
        scan(code, at=NINE + timedelta(minutes=7)),
    )
    results = await send(client, west, late, online) + await send(client, hall.token, own)
    assert [(result["outcome"], result["conflict"]) for result in results] == [
        ("already", True),
        ("already", False),
        ("already", False),
    ]


async def test_garbage_never_fails_the_others(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge()
    good = scan(code)
    without_code = {key: value for key, value in scan(code).items() if key != "code"}
    garbage: list[Any] = [
        None,
        7,
        [],
        "scan",
        {},
        scan(code, id="not a uuid"),
        scan(code, id=None),
        without_code,
        scan(code) | {"scanned_at": "yesterday"},
        scan(code) | {"scanned_at": "2018-10-27T09:00:00"},
        scan(code) | {"scanned_at": "0001-01-01T00:00:00+14:00"},
        scan(code, direction="sideways"),
        scan(code, gate="main\x00in"),
        scan("nul \x00 and \ud800"),
        scan("A" * 100_000),
        scan("🙂" * 500),
        scan(""),
        scan(code, offline="yes"),
    ]
    results = await send(client, hall.token, *garbage[:9], good, *garbage[9:])
    assert outcomes(results) == ["malformed"] * 9 + ["admitted"] + ["malformed"] * 9
    assert [result["id"] for result in results[:6]] == [None, None, None, None, None, "not a uuid"]
    stored = await database.fetch("SELECT outcome FROM scan")
    assert len(stored) == 12
    replay = await send(client, hall.token, without_code)
    assert replay == [results[7]]


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{}", b'{"scans": {}}', b'{"scans": null}', b"{", b'{"scans": [\xff]}', b"\xff"]
)
async def test_body_of_another_form_is_refused(client: httpx.AsyncClient, hall: Hall, body: bytes) -> None:
    answer = await client.post(URL, content=body, headers={"authorization": f"Bearer {hall.token}"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert list(answer.json()["errors"]) == ["scans"]


async def test_a_thousand_scans_in_one_call_keep_their_order(client: httpx.AsyncClient, hall: Hall) -> None:
    codes = [await hall.badge() for _ in range(100)]
    sent = [scan(code, at=NINE + timedelta(minutes=n)) for n in range(10) for code in codes]
    results = await send(client, hall.token, *sent)
    assert [result["id"] for result in results] == [item["id"] for item in sent]
    assert outcomes(results) == ["admitted"] * 100 + ["already"] * 900
    too_many = await client.post(
        URL, json={"scans": [*sent, sent[0]]}, headers={"authorization": f"Bearer {hall.token}"}
    )
    assert too_many.status_code == 422


async def test_five_hundred_at_once_admit_each_badge_once(client: httpx.AsyncClient, hall: Hall) -> None:
    codes = [await hall.badge() for _ in range(100)]
    answers = await asyncio.gather(*(send(client, hall.token, scan(code)) for code in codes for _ in range(5)))
    counted = Counter(result["outcome"] for (result,) in answers)
    assert counted == {"admitted": 100, "already": 400}
    assert await database.fetchval("SELECT count(*) FROM admission") == 100


async def test_token_revoked_is_refused_at_once(client: httpx.AsyncClient, hall: Hall) -> None:
    code = await hall.badge()
    await send(client, hall.token, scan(code))
    await revoke_token(hall.device.token_id, by=SYSTEM)
    await asyncio.sleep(0.05)
    answer = await client.post(URL, json={"scans": []}, headers={"authorization": f"Bearer {hall.token}"})
    assert answer.status_code == 401


async def test_without_a_scanners_token_nothing_is_told(client: httpx.AsyncClient, hall: Hall) -> None:
    for path in ("gates", "snapshot", "gates/main-in/counters"):
        assert (await client.get(f"/api/v1/checkin/{path}")).status_code == 401
    assert (await client.post(URL, json={"scans": []})).status_code == 401


async def test_counters_of_a_gate(client: httpx.AsyncClient, hall: Hall) -> None:
    a, b = await hall.badge(), await hall.badge()
    later = NINE + timedelta(minutes=3, seconds=20)
    await send(
        client,
        hall.token,
        scan(a),
        scan(b, at=later),
        scan(b, at=later),
        scan("x"),
        scan("y"),
        scan(a, at=later, direction="out"),
    )
    answer = await client.get(
        "/api/v1/checkin/gates/main-in/counters", headers={"authorization": f"Bearer {hall.token}"}
    )
    body = answer.json()
    body.pop("generated_at")
    assert body == {
        "gate": "main-in",
        "day": "2018-10-27",
        "admitted": 2,
        "present": 1,
        "already": 1,
        "conflicts": 0,
        "refused": {"malformed": 2},
        "per_minute": [
            {"minute": "2018-10-27T01:00:00Z", "admitted": 1},
            {"minute": "2018-10-27T01:03:00Z", "admitted": 1},
        ],
    }
    missing = await client.get("/api/v1/checkin/gates/x/counters", headers={"authorization": f"Bearer {hall.token}"})
    assert missing.status_code == 404


async def test_snapshot_is_complete_then_incremental(
    client: httpx.AsyncClient, hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"authorization": f"Bearer {hall.token}"}
    who = {"name_native": "爱达", "category": "expert", "organisation": "ETH"}
    a = await hall.badge(name_passport="Ada", name_native="爱达", category="expert", organisation_name="ETH")
    b = await hall.badge(revoked=True)
    monkeypatch.setattr(clock, "now", lambda: NINE + timedelta(hours=1))
    await send(client, hall.token, scan(a))
    uid = await database.fetchval("SELECT uid FROM badge WHERE code = $1", a)
    whole = (await client.get("/api/v1/checkin/snapshot?gate=main-in", headers=headers)).json()
    assert whole["badges"][0] == {
        "uid": uid.hex(),
        "state": "valid",
        "signed_up": True,
        "first_scanned_at": NINE.isoformat().replace("+00:00", "Z"),
        "person": {"name": "Ada", **who, "photo_url": None},
    }
    assert whole["badges"][1]["first_scanned_at"] is None
    assert [badge["state"] for badge in whole["badges"]] == ["valid", "revoked"]
    assert (whole["next_after"], [key["number"] for key in whole["keys"]]) == (None, [hall.number])
    assert [gate["code"] for gate in whole["gates"]] == ["main-in"]
    future = (NINE + timedelta(days=365 * 30)).isoformat().replace("+", "%2B")
    nothing = (await client.get(f"/api/v1/checkin/snapshot?gate=main-in&since={future}", headers=headers)).json()
    assert nothing["badges"] == []
    assert (await client.get("/api/v1/checkin/snapshot?since=soon", headers=headers)).status_code == 422
    assert b in hall.people


async def test_scanner_is_noted_as_used(client: httpx.AsyncClient, hall: Hall) -> None:
    await send(client, hall.token, scan("x"), {"id": str(uuid.uuid4())})
    used = await database.fetchval(
        "SELECT last_used_at IS NOT NULL FROM access_token WHERE id = $1", hall.device.token_id
    )
    assert used is True
