"""A database made by the migrations is the one that the tables describe."""

import contextlib
import io
from pathlib import Path

import asyncpg
import pytest

from fairs import paths
from fairs.core import migrations
from fairs.core.db import DB
from fairs.core.embedded import EmbeddedPostgres
from fairs.core.services import Services
from tests.conftest import create_database

COLUMNS = """
SELECT table_name, column_name, data_type, is_nullable, character_maximum_length, udt_name
FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'pgqueuer%' AND table_name <> 'migration'
ORDER BY 1, 2
"""
CONSTRAINTS = """
SELECT conrelid::regclass::text AS table_name, conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype IN ('u', 'c', 'p', 'f')
AND conrelid::regclass::text NOT LIKE 'pgqueuer%' AND conrelid::regclass::text <> 'migration' ORDER BY 1, 2
"""
# Foreign keys that point upwards between slices, and therefore stand in the migration only.
UPWARD = {
    "fk_membership_organisation",
    "fk_membership_event",
    "fk_access_token_event",
    "fk_scan_device",
    "fk_sign_in_session_event",
    "fk_invitation_organisation",
    "fk_invitation_event",
    "fk_invitation_gate_gate",
    "fk_membership_gate_gate",
    "fk_device_gate_gate",
}


async def _described(dsn: str) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    connection = await asyncpg.connect(dsn)
    try:
        columns = [tuple(row) for row in await connection.fetch(COLUMNS)]
        constraints = [tuple(row) for row in await connection.fetch(CONSTRAINTS) if row["conname"] not in UPWARD]
        return columns, constraints
    finally:
        await connection.close()


async def test_migrations_equal_the_tables(server: EmbeddedPostgres, test_settings: object) -> None:
    from piccolo.table import create_db_tables

    from fairs.piccolo_app import APP_CONFIG

    await create_database(server, "from_tables", "template1")
    with Services().entered():
        DB.configure(server.dsn("from_tables"))
        await create_db_tables(*APP_CONFIG.table_classes, if_not_exists=False)
    assert await _described(server.dsn("fairs_template")) == await _described(server.dsn("from_tables"))


async def test_migrating_twice_changes_nothing(server: EmbeddedPostgres, test_settings: object) -> None:
    await create_database(server, "twice", "template1")
    with Services().entered(), contextlib.redirect_stdout(io.StringIO()):
        first = await migrations.migrate(server.dsn("twice"))
        second = await migrations.migrate(server.dsn("twice"))
    assert (first, second) == (len(migrations.known()), 0)


async def _record(dsn: str, names: list[str]) -> None:
    """As a database of the time before the first release has recorded its steps."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("DELETE FROM migration")
        for name in names:
            year, month, day, *rest = name.removeprefix("fairs_").replace("t", "_").split("_")
            recorded = f"{year}-{month}-{day}T{':'.join(rest)}"
            await connection.execute(
                "INSERT INTO migration (name, app_name, ran_on) VALUES ($1, 'fairs', now())", recorded
            )
    finally:
        await connection.close()


async def test_a_database_from_before_the_baseline_is_recorded_anew_and_keeps_its_rows(
    server: EmbeddedPostgres,
) -> None:
    await create_database(server, "before_baseline")
    dsn = server.dsn("before_baseline")
    await _record(dsn, sorted(migrations.replaced()))
    assert await migrations.names(dsn) == migrations.known()[:1]
    with Services().entered():
        assert await migrations.migrate(dsn) == len(migrations.known()) - 1
    connection = await asyncpg.connect(dsn)
    try:
        recorded = await connection.fetchval("SELECT array_agg(name ORDER BY name) FROM migration")
        assert recorded[0] == "2026-11-28T00:00:00:000000"
        assert len(recorded) == len(migrations.known())
        assert await connection.fetchval("SELECT count(*) FROM unit") > 10
    finally:
        await connection.close()
    with Services().entered():
        assert await migrations.migrate(dsn) == 0


async def test_a_database_half_way_before_the_baseline_is_refused_and_left_alone(server: EmbeddedPostgres) -> None:
    await create_database(server, "half_way")
    dsn, some = server.dsn("half_way"), sorted(migrations.replaced())[:5]
    await _record(dsn, some)
    with Services().entered(), pytest.raises(migrations.MigrationFailed, match=r"5 of \d+ steps before 0\.1\.0"):
        await migrations.migrate(dsn)
    assert await migrations.names(dsn) == some


def test_a_backup_from_before_the_baseline_is_of_a_known_schema() -> None:
    old = sorted(migrations.replaced())
    assert migrations.as_known(old) == migrations.known()[:1]
    assert migrations.as_known([*old, "fairs_later"]) == sorted([migrations.known()[0], "fairs_later"])
    assert migrations.as_known(old[1:]) == old[1:]


@pytest.mark.parametrize("path", sorted(paths.MIGRATIONS.glob("*.py")), ids=lambda path: path.stem)
def test_migration_stands_alone(path: Path) -> None:
    assert "fairs." not in path.read_text(encoding="utf-8").replace("fairs.piccolo", "")


@pytest.mark.parametrize(
    "table",
    ["audit_entry", "scan", "agreement_transition", "agreement_signature", "conflict_decision", "scan_correction"],
)
async def test_append_only_table_refuses_change(db: None, dsn: str, table: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        triggers = await connection.fetch(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = $1::text::regclass AND tgname LIKE '%append_only'", table
        )
        assert len(triggers) == 1
        await connection.execute(
            "INSERT INTO audit_entry (actor_label, action, object_kind, object_id) VALUES ('a', 'b', 'c', 'd')"
        )
        for statement in ("UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"):
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await connection.execute(statement)
    finally:
        await connection.close()
