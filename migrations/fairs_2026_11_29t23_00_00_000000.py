"""The family of a part of an edition.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

FAMILY = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE event ADD COLUMN IF NOT EXISTS family varchar(20) NOT NULL DEFAULT '';
"""

ID = "2026-11-29T23:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "families of parts of an edition"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(FAMILY)

    manager.add_raw(run)
    return manager
