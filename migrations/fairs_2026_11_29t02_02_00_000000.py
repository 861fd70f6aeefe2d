"""A kind of gate at which materials are picked up.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

PICKUP = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE gate DROP CONSTRAINT IF EXISTS ck_gate_kind;
ALTER TABLE gate ADD CONSTRAINT ck_gate_kind
    CHECK (kind IN ('entry', 'zone', 'session', 'booth', 'table', 'signing', 'pickup'));
"""

ID = "2026-11-29T02:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a kind of gate at which materials are picked up"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(PICKUP)

    manager.add_raw(run)
    return manager
