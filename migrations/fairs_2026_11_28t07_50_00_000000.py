"""The period of an engagement that a step of an agreement funds.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

PERIOD = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE agreement_transition ADD COLUMN IF NOT EXISTS period_from date, ADD COLUMN IF NOT EXISTS period_to date;
ALTER TABLE agreement_transition DROP CONSTRAINT IF EXISTS ck_agreement_transition_period;
ALTER TABLE agreement_transition ADD CONSTRAINT ck_agreement_transition_period
    CHECK (period_to IS NULL OR period_to >= period_from);
"""

ID = "2026-11-28T07:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "funded periods"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(PERIOD)

    manager.add_raw(run)
    return manager
