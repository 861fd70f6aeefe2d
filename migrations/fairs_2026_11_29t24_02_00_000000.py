"""Views of the working list that are sent by mail.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

VIEWS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE registration_view
    ADD COLUMN IF NOT EXISTS mailed varchar(8) NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS mail_hour smallint NOT NULL DEFAULT 8,
    ADD COLUMN IF NOT EXISTS mail_day smallint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS mail_format varchar(4) NOT NULL DEFAULT 'xlsx',
    ADD COLUMN IF NOT EXISTS mailed_at timestamptz;
ALTER TABLE registration_view DROP CONSTRAINT IF EXISTS ck_registration_view_mailed;
ALTER TABLE registration_view ADD CONSTRAINT ck_registration_view_mailed CHECK (mailed IN ('', 'daily', 'weekly'));
ALTER TABLE registration_view DROP CONSTRAINT IF EXISTS ck_registration_view_format;
ALTER TABLE registration_view ADD CONSTRAINT ck_registration_view_format CHECK (mail_format IN ('xlsx', 'csv'));
"""

ID = "2026-11-29T24:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "views by mail"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(VIEWS)

    manager.add_raw(run)
    return manager
