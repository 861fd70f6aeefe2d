"""The demo edition, built to its end by the command, against a real database."""

import json
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from fairs.core.embedded import EmbeddedPostgres
from tests.conftest import SECRET, create_database

COUNTS = {
    "SELECT count(*) FROM event WHERE parent IS NOT NULL AND family IN ('city', 'industry', 'online')": (5, 5),
    "SELECT count(*) FROM unit": (30, 30),
    "SELECT count(*) FROM organisation WHERE state = 'approved'": (55, 65),
    "SELECT count(DISTINCT unit) FROM organisation": (29, 29),
    "SELECT count(*) FROM listing WHERE state = 'published'": (200, 240),
    "SELECT count(*) FROM listing WHERE kind = 'project'": (50, 70),
    "SELECT count(*) FROM talent": (400, 400),
    "SELECT count(DISTINCT nationality) FROM talent": (40, 250),
    "SELECT count(*) FROM registration": (2500, 2600),
    "SELECT count(*) FROM registration WHERE state = 'waitlisted'": (1, 50),
    "SELECT count(*) FROM badge WHERE revoked_at IS NULL": (2450, 2600),
    "SELECT count(*) FROM scan WHERE outcome = 'admitted'": (4000, 8000),
    "SELECT count(DISTINCT (s.scanned_at AT TIME ZONE 'Asia/Shanghai')::date) FROM scan s JOIN gate g ON g.id = s.gate"
    " JOIN event e ON e.id = g.event WHERE e.slug = 'hnzcyz-2018'": (2, 2),
    "SELECT count(DISTINCT (s.scanned_at AT TIME ZONE 'Asia/Shanghai')::date) FROM scan s JOIN gate g ON g.id = s.gate"
    " JOIN event e ON e.id = g.event WHERE e.kind = 'tour'": (5, 5),
    "SELECT count(*) FROM scan WHERE outcome = 'refused'": (1, 50),
    "SELECT count(*) FROM meeting WHERE state = 'held'": (200, 700),
    "SELECT count(*) FROM meeting WHERE state = 'scheduled'": (1, 100),
    "SELECT count(*) FROM text_vector": (640, 1000),
    "SELECT count(*) FROM target t JOIN unit u ON u.id = t.unit AND u.code = '410000' WHERE t.value IN (2000, 3300, 2)": (
        3,
        3,
    ),
    "SELECT count(*) FROM target WHERE year = 2018 AND document_number <> '' AND document_date IS NOT NULL": (3, 3),
    "SELECT count(DISTINCT unit) FROM target WHERE measure = 'overseas_talents'": (29, 30),
    "SELECT count(*) FROM invitation WHERE accepted_at IS NOT NULL": (31, 31),
    "SELECT count(*) FROM registration WHERE category = 'employer' AND organisation IS NOT NULL": (58, 180),
    "SELECT count(*) FROM registration WHERE category = 'employer' AND organisation IS NULL": (0, 0),
    "SELECT count(*) FROM device_link WHERE used_at IS NULL": (0, 0),
    "SELECT count(*) FROM sign_in_session": (0, 0),
}
MAILS = {
    ("agreement_ended", "kept"),
    ("agreement_lapsed", "kept"),
    ("agreement_signed", "kept"),
    ("agreement_to_sign", "kept"),
    ("agreement_verified", "kept"),
    ("confirm_address", "kept"),
    ("exhibit_released", "kept"),
    ("interest_mutual", "kept"),
    ("meeting_scheduled", "kept"),
    ("organisation_approved", "kept"),
    ("organisation_received", "kept"),
    ("organisation_rejected", "kept"),
    ("registration_confirmed", "held"),
    ("registration_confirmed", "kept"),
    ("registration_waitlisted", "kept"),
    ("service_asked", "kept"),
    ("tour_invited", "kept"),
    ("tour_news", "kept"),
    ("tour_stop_asked", "kept"),
    ("tour_thanks", "kept"),
}
STATES = [
    "talks",
    "intent",
    "signed_intent",
    "contract",
    "permit",
    "arrived",
    "landed",
    "funded",
    "evaluated",
    "lapsed",
    "terminated",
]


@pytest.fixture(scope="module")
def built(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The address of a database with the demo in it, and the data folder."""
    import asyncio

    asyncio.run(create_database(server, "demo_edition", "template1"))
    data = tmp_path_factory.mktemp("demo")
    environment = os.environ | {"FAIRS_DATABASE_URL": server.dsn("demo_edition"), "FAIRS_SECRET_KEY": SECRET}
    command = [sys.executable, "-m", "fairs.cli", "demo", "--no-serve", "--dates-of-2018", "--data", str(data)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return server.dsn("demo_edition"), data


async def _check_counts(built: tuple[str, Path]) -> None:
    connection = await asyncpg.connect(built[0])
    found = {sql: await connection.fetchval(sql) for sql in COUNTS}
    states = {row["state"] for row in await connection.fetch("SELECT DISTINCT state FROM agreement")}
    await connection.close()
    assert {sql: count for sql, count in found.items() if not COUNTS[sql][0] <= count <= COUNTS[sql][1]} == {}
    assert states == set(STATES)


async def _check_mails(built: tuple[str, Path]) -> None:
    """Nothing leaves; held is what goes to addresses that nobody has proved, and each of those is asked once."""
    connection = await asyncpg.connect(built[0])
    mails = [tuple(row) for row in await connection.fetch("SELECT kind, state, to_email FROM outgoing_mail")]
    proved = {
        row["email"] for row in await connection.fetch("SELECT email FROM account WHERE email_confirmed_at < now()")
    }
    confirmed = await connection.fetch(
        "SELECT email FROM registration r WHERE state IN ('confirmed', 'cancelled')"
        " AND NOT EXISTS (SELECT 1 FROM registration_group_member m WHERE m.registration = r.id)"  # gets no mails
    )
    tasks = await connection.fetch("SELECT DISTINCT entrypoint, execute_after <= now() AS due FROM pgqueuer")
    await connection.close()
    unproved = sorted(row["email"] for row in confirmed if row["email"] not in proved)
    assert unproved
    assert sorted(to for _, state, to in mails if state == "held") == unproved
    assert sorted(to for kind, _, to in mails if kind == "confirm_address" and to not in proved) == unproved
    assert {to for kind, state, to in mails if state == "kept" and kind != "confirm_address"} - proved == set()
    assert {(kind, state) for kind, state, _ in mails} == MAILS
    waiting = {tuple(row) for row in tasks}  # the look for proved addresses may have been done already
    assert {("meetings.tell_wishes", False)} <= waiting <= {("meetings.tell_wishes", False), ("mail.held", False)}


async def _check_rows(built: tuple[str, Path]) -> None:
    connection = await asyncpg.connect(built[0])
    for table in ("event", "organisation", "talent", "listing", "registration"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table} WHERE NOT demo") == 0, table
    dates = await connection.fetchrow("SELECT min(scanned_at) AS first, max(scanned_at) AS last FROM scan")
    await connection.close()
    assert dates is not None
    assert (dates["first"].date().isoformat(), dates["last"].date().isoformat()) == ("2018-10-27", "2018-11-02"), (
        "the conference, then the tour"
    )


def _check_access(built: tuple[str, Path]) -> None:
    path = built[1] / "demo.json"
    assert path.stat().st_mode & 0o777 == 0o600
    access = json.loads(path.read_text(encoding="utf-8"))
    roles = [account["role"] for account in access["accounts"]]
    assert {role: roles.count(role) for role in sorted(set(roles))} == {
        "admin": 1,
        "bureau": 2,
        "candidate": 2,
        "employer": 2,
        "organiser": 1,
        "staff": 1,
    }
    units = {account["unit"] for account in access["accounts"] if account["role"] == "bureau"}
    assert len(units) == 2
    assert [event["slug"] for event in access["events"]] == ["hnzcyz-2018", "zyx-2018"]
    assert {"event": "hnzcyz-2018", "code": "main-in", "kind": "entry"} in access["gates"]
    assert access["api_token"].startswith("fapi_")
    assert access["device_token"].startswith("fdev_")


async def test_edition_is_built_to_its_end(built: tuple[str, Path]) -> None:
    """One test, because building takes half a minute: what a fair has, whose rows they are, the access file."""
    await _check_counts(built)
    await _check_mails(built)
    await _check_rows(built)
    _check_access(built)
