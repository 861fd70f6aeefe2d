"""A profile says where its person studied abroad, for the measure of returnees.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ABROAD = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE talent ADD COLUMN IF NOT EXISTS abroad_country character varying(2) NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS abroad_from date,
    ADD COLUMN IF NOT EXISTS abroad_to date,
    ADD COLUMN IF NOT EXISTS abroad_degree character varying(12) NOT NULL DEFAULT '';
"""

ID = "2026-11-28T07:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "studies abroad"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(ABROAD)

    manager.add_raw(run)
    return manager
