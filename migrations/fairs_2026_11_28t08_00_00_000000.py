"""A target names its document: title, number and date; when and by whom it was set is in the audit log.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

DOCUMENTS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE target
    ADD COLUMN IF NOT EXISTS document_number text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS document_date date;
"""

ID = "2026-11-28T08:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the document of a target"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(DOCUMENTS)

    manager.add_raw(run)
    return manager
