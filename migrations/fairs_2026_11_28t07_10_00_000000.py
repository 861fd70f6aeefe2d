"""An agreement can be sent back for correction.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

RETURNED = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE agreement DROP CONSTRAINT IF EXISTS ck_agreement_state;
ALTER TABLE agreement ADD CONSTRAINT ck_agreement_state
    CHECK (state IN ('lead', 'talks', 'intent', 'signed_intent', 'returned', 'contract', 'permit', 'arrived', 'landed', 'funded',
    'evaluated', 'lapsed', 'terminated'));
"""

ID = "2026-11-28T07:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "agreements sent back"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(RETURNED)

    manager.add_raw(run)
    return manager
