"""Gates whose scanners hold names for looking people up without a network.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

NAMES = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE gate ADD COLUMN IF NOT EXISTS offline_names boolean NOT NULL DEFAULT false;
"""

ID = "2026-11-29T17:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "names on scanners without a network"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(NAMES)

    manager.add_raw(run)
    return manager
