"""When and how people register for an event, and people who are registered by somebody else: without an address, with the
name on the badge and their days.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ENTERING = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE event ADD COLUMN IF NOT EXISTS registration_opens_at timestamptz;
ALTER TABLE event ADD COLUMN IF NOT EXISTS registration_closes_at timestamptz;
ALTER TABLE event ADD COLUMN IF NOT EXISTS sessions_until timestamptz;
ALTER TABLE event ADD COLUMN IF NOT EXISTS waiting_list boolean NOT NULL DEFAULT true;
ALTER TABLE event ADD COLUMN IF NOT EXISTS own_categories varchar(12)[] NOT NULL DEFAULT '{}';
ALTER TABLE event DROP CONSTRAINT IF EXISTS ck_event_registration;
ALTER TABLE event ADD CONSTRAINT ck_event_registration CHECK (registration_closes_at > registration_opens_at);
ALTER TABLE registration ADD COLUMN IF NOT EXISTS entered_by bigint
    REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE registration ADD COLUMN IF NOT EXISTS badge_name varchar(120) NOT NULL DEFAULT '';
ALTER TABLE registration ADD COLUMN IF NOT EXISTS days date[] NOT NULL DEFAULT '{}';
CREATE INDEX IF NOT EXISTS registration_entered_by ON registration (entered_by);
CREATE UNIQUE INDEX IF NOT EXISTS uq_registration_address ON registration (event, email)
    WHERE state <> 'cancelled' AND email <> '';
DROP INDEX IF EXISTS uq_registration_live;
"""

ID = "2026-11-28T21:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "settings of registration, and people registered by somebody else"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(ENTERING)

    manager.add_raw(run)
    return manager
