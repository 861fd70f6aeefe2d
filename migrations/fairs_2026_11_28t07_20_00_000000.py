"""A cancelled registration or meeting says who cancelled it, when and why, so that it can be told and undone.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

CANCELLED = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE registration ADD COLUMN IF NOT EXISTS cancelled_by bigint,
    ADD COLUMN IF NOT EXISTS cancelled_from character varying(12) NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS cancel_reason character varying(200) NOT NULL DEFAULT '';
ALTER TABLE registration DROP CONSTRAINT IF EXISTS registration_cancelled_by_fkey;
ALTER TABLE registration ADD CONSTRAINT registration_cancelled_by_fkey
    FOREIGN KEY (cancelled_by) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE meeting ADD COLUMN IF NOT EXISTS cancelled_by bigint,
    ADD COLUMN IF NOT EXISTS cancelled_at timestamp with time zone,
    ADD COLUMN IF NOT EXISTS cancel_reason character varying(200) NOT NULL DEFAULT '';
ALTER TABLE meeting DROP CONSTRAINT IF EXISTS meeting_cancelled_by_fkey;
ALTER TABLE meeting ADD CONSTRAINT meeting_cancelled_by_fkey
    FOREIGN KEY (cancelled_by) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL;
"""

ID = "2026-11-28T07:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "who cancelled, when and why"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(CANCELLED)

    manager.add_raw(run)
    return manager
