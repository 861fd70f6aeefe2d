"""Photos that a desk takes, and gates that show none.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

PHOTOS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE gate ADD COLUMN IF NOT EXISTS show_photo boolean NOT NULL DEFAULT true;
CREATE TABLE IF NOT EXISTS registration_photo (
    id bigserial PRIMARY KEY,
    registration bigint NOT NULL UNIQUE REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    photo uuid NOT NULL UNIQUE REFERENCES file (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    taken_at timestamp with time zone NOT NULL,
    taken_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE
);
"""

ID = "2026-11-29T17:03:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "photos of the desk"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(PHOTOS)

    manager.add_raw(run)
    return manager
