"""Badges for a day, and who has received a badge.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

DESK = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE badge ADD COLUMN IF NOT EXISTS until timestamptz;
ALTER TABLE badge ADD COLUMN IF NOT EXISTS handed_at timestamptz;
ALTER TABLE badge ADD COLUMN IF NOT EXISTS handed_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE;
CREATE INDEX IF NOT EXISTS badge_handed_by ON badge (handed_by);
DROP INDEX IF EXISTS uq_badge_live;
CREATE UNIQUE INDEX uq_badge_live ON badge (registration) WHERE revoked_at IS NULL AND until IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS uq_badge_temporary ON badge (registration) WHERE revoked_at IS NULL AND until IS NOT NULL;
"""

ID = "2026-11-29T03:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "badges at the desk"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(DESK)

    manager.add_raw(run)
    return manager
