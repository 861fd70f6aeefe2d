"""The number that an employer gives to a listing in its own spreadsheet.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

REFERENCE = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE listing ADD COLUMN IF NOT EXISTS reference varchar(40) NOT NULL DEFAULT '';
CREATE UNIQUE INDEX IF NOT EXISTS uq_listing_reference ON listing (organisation, event, lower(reference)) WHERE reference <> '';
"""

ID = "2026-11-29T12:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "own number of a listing"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(REFERENCE)

    manager.add_raw(run)
    return manager
