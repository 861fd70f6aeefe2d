"""Parts ask the registration forms of the event above.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

FORMS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE event ADD COLUMN IF NOT EXISTS forms_above boolean NOT NULL DEFAULT false;
"""

ID = "2026-11-29T24:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "forms of the event above"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(FORMS)

    manager.add_raw(run)
    return manager
