"""People of a list who are chosen for a mailing.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

MAIL = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE registration_bulk DROP CONSTRAINT IF EXISTS ck_registration_bulk_kind;
ALTER TABLE registration_bulk ADD CONSTRAINT ck_registration_bulk_kind
    CHECK (kind IN ('confirm', 'cancel', 'tag', 'untag', 'category', 'print', 'export', 'mail'));
"""

ID = "2026-11-29T18:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "mailings to chosen people"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(MAIL)

    manager.add_raw(run)
    return manager
