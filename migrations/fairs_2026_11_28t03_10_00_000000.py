"""A bureau proposes a session of its own inside an edition, and the province releases it or returns it with a reason.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

RELEASE = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE event
    ADD COLUMN IF NOT EXISTS release character varying(10) DEFAULT '' NOT NULL
        CONSTRAINT ck_event_release CHECK (release IN ('', 'drawn_up', 'asked', 'returned', 'released')),
    ADD COLUMN IF NOT EXISTS release_note text DEFAULT '' NOT NULL;
"""
ID = "2026-11-28T03:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "release of the events of bureaus"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(RELEASE)

    manager.add_raw(run)
    return manager
