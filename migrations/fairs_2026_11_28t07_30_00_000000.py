"""Urgent and scarce is set by the province: employers ask for it. Listings that are urgent stay so.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

URGENT = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE listing ADD COLUMN IF NOT EXISTS urgent_asked boolean NOT NULL DEFAULT false,
    ADD COLUMN IF NOT EXISTS urgent_note character varying(300) NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS urgent_by bigint,
    ADD COLUMN IF NOT EXISTS urgent_at timestamp with time zone;
ALTER TABLE listing DROP CONSTRAINT IF EXISTS listing_urgent_by_fkey;
ALTER TABLE listing ADD CONSTRAINT listing_urgent_by_fkey
    FOREIGN KEY (urgent_by) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL;
UPDATE listing SET urgent_asked = true WHERE urgent AND NOT urgent_asked;
"""

ID = "2026-11-28T07:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "urgent and scarce set by the province"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(URGENT)

    manager.add_raw(run)
    return manager
