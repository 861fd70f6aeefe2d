"""Brings a database to the schema of this version; one process migrates at a time."""

import contextlib
import io
import os
import re
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


async def names(dsn: str) -> list[str]:
    """The migrations applied to the database, named as in `known`, oldest first; none for an empty one."""
    connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT)
    try:
        if await connection.fetchval("SELECT to_regclass('migration')") is None:
            return []
        rows = await connection.fetch("SELECT name FROM migration WHERE app_name = 'fairs' ORDER BY name")
        return [f"fairs_{re.sub('[^0-9a-z]', '_', row['name'].lower())}" for row in rows]
    finally:
        await connection.close()


async def applied(dsn: str) -> int:
    """The number of migrations applied to the database; 0 for an empty one."""
    return len(await names(dsn))


async def migrate(dsn: str) -> int:
    """Apply missing migrations; returns how many were applied. Raises MigrationFailed."""
    DB.configure(dsn)
    guard = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT)
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", MIGRATIONS)
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
