"""Brings a database to the schema of this version; one process migrates at a time."""

import contextlib
import importlib.util
import io
import os
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import asyncpg

from fairs import paths
from fairs.core.db import CONNECT_TIMEOUT, DB
from fairs.core.locks import MIGRATIONS

os.environ.setdefault("PICCOLO_CONF", "fairs.piccolo_conf")  # where Piccolo looks for the engine


class MigrationFailed(RuntimeError):
    """A migration failed; the message contains Piccolo's output."""


def known() -> list[str]:
    """The migrations of this version, by file stem, oldest first."""
    return sorted(path.stem for path in Path(paths.MIGRATIONS).glob("fairs_*.py"))


@lru_cache
def replaced() -> frozenset[str]:
    """The migrations of the time before the first release: the first of `known` has their schema in one step."""
    spec = importlib.util.spec_from_file_location("baseline", Path(paths.MIGRATIONS) / f"{known()[0]}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return frozenset(module.REPLACES)


def as_known(names: Iterable[str]) -> list[str]:
    """Names of migrations as this version counts them: all of the replaced ones together are the first of `known`."""
    given = set(names)
    if replaced() and replaced() <= given:
        given = given - replaced() | {known()[0]}
    return sorted(given)


async def names(dsn: str) -> list[str]:
    """The migrations applied to the database, named as in `known`, oldest first; none for an empty one."""
    connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT)
    try:
        if await connection.fetchval("SELECT to_regclass('migration')") is None:
            return []
        rows = await connection.fetch("SELECT name FROM migration WHERE app_name = 'fairs'")
        return as_known(_stem(row["name"]) for row in rows)
    finally:
        await connection.close()


def _stem(name: str) -> str:
    """The file of a migration that the database has recorded."""
    return f"fairs_{re.sub('[^0-9a-z]', '_', name.lower())}"


async def applied(dsn: str) -> int:
    """The number of migrations applied to the database; 0 for an empty one."""
    return len(await names(dsn))


async def migrate(dsn: str) -> int:
    """Apply missing migrations; returns how many were applied. Raises MigrationFailed."""
    DB.configure(dsn)
    guard = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT)
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", MIGRATIONS)
        await _record_baseline(guard)
        if await applied(dsn) == len(known()):
            return 0
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                return await _apply_missing()
        except Exception as error:
            raise MigrationFailed(f"{error}\n{printed.getvalue()}") from error
    finally:
        await guard.close()


async def _record_baseline(connection: asyncpg.Connection) -> None:
    """Record a database of the time before the first release as one that begins with the baseline; its schema is the same.

    Raises MigrationFailed for one that has seen some of the replaced migrations only.
    """
    if await connection.fetchval("SELECT to_regclass('migration')") is None:
        return
    rows = await connection.fetch("SELECT name FROM migration WHERE app_name = 'fairs'")
    old = [row["name"] for row in rows if _stem(row["name"]) in replaced()]
    if not old:
        return
    if len(old) < len(replaced()):
        raise MigrationFailed(
            f"the database is of an unreleased version ({len(old)} of {len(replaced())} steps before 0.1.0): start the last"
            " version before 0.1.0 on it once, then this one"
        )
    async with connection.transaction():
        await connection.execute("DELETE FROM migration WHERE app_name = 'fairs' AND name = ANY($1::text[])", old)
        await connection.execute(
            "INSERT INTO migration (name, app_name, ran_on) VALUES ($1, 'fairs', now())", _recorded(known()[0])
        )


def _recorded(stem: str) -> str:
    """The name that the database records for a file: `2026-11-28T00:00:00:000000`."""
    year, month, day, hour, minute, second, rest = stem.removeprefix("fairs_").replace("t", "_").split("_")
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}:{rest}"


async def _apply_missing() -> int:
    """Each migration and the row that records it commit together: a kill in between leaves neither."""
    from piccolo.apps.migrations.auto.migration_manager import MigrationManager
    from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager  # these import a code formatter
    from piccolo.apps.migrations.tables import Migration

    manager = ForwardsMigrationManager(app_name="fairs", migration_id="all")
    await manager.create_migration_table()
    modules = manager.get_migration_modules(str(paths.MIGRATIONS))
    ran = set(await Migration.get_migrations_which_ran(app_name="fairs"))
    missing = sorted(set(manager.get_migration_ids(modules)) - ran)
    for name in missing:
        async with DB.transaction():
            migration = await modules[name].forwards()
            if isinstance(migration, MigrationManager):
                migration.wrap_in_transaction = False
                await migration.run()
            await Migration.insert().add(Migration(name=name, app_name="fairs")).run()
    return len(missing)
