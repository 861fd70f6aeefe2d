"""The queue's tables, frozen in a migration, are those that the installed pgqueuer would make; another version is told."""

import tomllib
from pathlib import Path

import asyncpg
import pytest
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from fairs.commands import doctor
from fairs.commands.runtime import database, errors
from fairs.core import queue_version
from fairs.core.embedded import EmbeddedPostgres
from fairs.settings import Settings
from tests.conftest import create_database

ROOT = Path(__file__).parents[2]
NAMED = "LIKE 'pgqueuer%'"
CATALOGUE = {
    "columns": (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        f" WHERE table_schema = 'public' AND table_name {NAMED} ORDER BY 1, 2"
    ),
    "constraints": (
        "SELECT conrelid::regclass::text, contype::text, pg_get_constraintdef(oid) FROM pg_constraint"
        f" WHERE conrelid::regclass::text {NAMED} AND contype <> 'n' ORDER BY 1, 2, 3"
    ),
    "indexes": f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename {NAMED} ORDER BY 1",
    "triggers": f"SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname {NAMED} ORDER BY 1",
    "functions": f"SELECT proname, prosrc FROM pg_proc WHERE proname {NAMED} ORDER BY 1",
    "words": (
        "SELECT t.typname, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid"
        f" WHERE t.typname {NAMED} ORDER BY 1, e.enumsortorder"
    ),
}


async def _catalogue(connection: asyncpg.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {what: [tuple(row) for row in await connection.fetch(sql)] for what, sql in CATALOGUE.items()}


async def test_frozen_tables_are_those_of_the_installed_version(
    server: EmbeddedPostgres, test_settings: object
) -> None:
    await create_database(server, "queue_made_by_itself", "template0")
    theirs = await asyncpg.connect(server.dsn("queue_made_by_itself"))
    await Queries(AsyncpgDriver(theirs)).install()
    ours = await asyncpg.connect(server.dsn("fairs_template"))
    try:
        found, wanted = await _catalogue(ours), await _catalogue(theirs)
    finally:
        await ours.close()
        await theirs.close()
    assert all(wanted.values()) or not wanted["triggers"]
    assert found == wanted


def test_declared_and_checked_versions_are_one() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    major, minor = queue_version.SERIES.split(".")
    assert f"pgqueuer>={queue_version.SERIES},<{major}.{int(minor) + 1}" in declared
    assert queue_version.mismatch() == ""


@pytest.mark.parametrize("installed", ["1.5.9", "1.7.0", "2.6", "1.60"])
def test_another_version_is_told(installed: str) -> None:
    assert queue_version.mismatch(installed) == (
        f"the queue's tables are those of pgqueuer 1.6, installed is {installed}: install what requirements.txt lists"
    )


async def test_start_is_refused_and_doctor_says_why(
    server: EmbeddedPostgres, test_settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    monkeypatch.setattr(queue_version, "version", lambda _: "1.7.2")
    found = Settings(database_url=server.dsn("fairs_template"))
    with pytest.raises(errors.Problem, match=r"those of pgqueuer 1\.6, installed is 1\.7\.2"):
        await asyncio.to_thread(database.bring_up_to_date, found)
    [told] = doctor._queue(found)
    assert (told.verdict, told.subject) == ("wrong", "queue")
