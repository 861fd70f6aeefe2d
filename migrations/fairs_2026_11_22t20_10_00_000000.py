"""At most one scheduling of an event waits or runs: a partial index, for which Piccolo has no declarative form.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ID = "2026-11-22T20:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "one live scheduling an event"
INDEX = "CREATE UNIQUE INDEX uq_schedule_run_live ON schedule_run (event) WHERE state IN ('waiting', 'running')"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run() -> None:
        await engine_finder().current_transaction.get().connection.execute(INDEX)

    manager.add_raw(run)
    return manager
