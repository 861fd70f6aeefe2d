"""People whom a desk registered without a network: the key of the call, and the code on the paper slip.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

KEPT = """
CREATE TABLE IF NOT EXISTS desk_entry (
    id bigserial PRIMARY KEY,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    key uuid NOT NULL,
    slip varchar(8) NOT NULL,
    registration bigint REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    entered_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    CONSTRAINT uq_desk_entry_key UNIQUE (event, key)
);
CREATE INDEX IF NOT EXISTS desk_entry_registration ON desk_entry (registration);
"""

ID = "2026-11-29T17:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "people registered without a network"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(KEPT)

    manager.add_raw(run)
    return manager
