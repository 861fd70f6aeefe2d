"""The gates where a scanner may be used, chosen by who runs the event.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

GATES = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE access_token ADD COLUMN IF NOT EXISTS limited boolean NOT NULL DEFAULT false;
CREATE TABLE IF NOT EXISTS device_gate (
    id bigserial PRIMARY KEY NOT NULL,
    token bigint NOT NULL REFERENCES access_token (id) ON DELETE CASCADE ON UPDATE CASCADE,
    gate_id bigint NOT NULL DEFAULT 0,
    CONSTRAINT uq_device_gate UNIQUE (token, gate_id),
    CONSTRAINT fk_device_gate_gate FOREIGN KEY (gate_id) REFERENCES gate (id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS device_gate_gate_id ON device_gate (gate_id);
"""

ID = "2026-11-29T01:03:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "gates of a scanner"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(GATES)

    manager.add_raw(run)
    return manager
