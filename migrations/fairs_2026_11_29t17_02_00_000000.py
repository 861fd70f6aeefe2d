"""Gates that stand at one table of the hall.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

TABLES = """
CREATE TABLE IF NOT EXISTS table_gate (
    id bigserial PRIMARY KEY,
    gate bigint NOT NULL UNIQUE REFERENCES gate (id) ON DELETE CASCADE ON UPDATE CASCADE,
    hall_table bigint NOT NULL REFERENCES meeting_table (id) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX IF NOT EXISTS table_gate_hall_table ON table_gate (hall_table);
"""

ID = "2026-11-29T17:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "gates of single tables"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(TABLES)

    manager.add_raw(run)
    return manager
