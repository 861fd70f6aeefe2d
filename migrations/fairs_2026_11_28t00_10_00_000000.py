"""Kinds of sessions and of employers and the categories of registrations are entries of catalogues, which forms check.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

CATALOGUES_DECIDE = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE event_session DROP CONSTRAINT IF EXISTS ck_event_session_kind;
ALTER TABLE organisation DROP CONSTRAINT IF EXISTS ck_organisation_kind;
ALTER TABLE registration DROP CONSTRAINT IF EXISTS ck_registration_category;
"""

ID = "2026-11-28T00:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "catalogues say which kinds and categories there are"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(CATALOGUES_DECIDE)

    manager.add_raw(run)
    return manager
