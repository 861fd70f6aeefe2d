"""Gates whose staff may let in whom they refuse.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

FORCE = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE gate ADD COLUMN IF NOT EXISTS may_force boolean NOT NULL DEFAULT false;
"""

ID = "2026-11-29T12:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "staff may let in"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(FORCE)

    manager.add_raw(run)
    return manager
