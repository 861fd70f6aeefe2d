"""An event has a life after it was published; a sign-in remembers the event that it looks at.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

LIFE = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE event ADD COLUMN IF NOT EXISTS cancel_reason text NOT NULL DEFAULT '';
ALTER TABLE event DROP CONSTRAINT IF EXISTS ck_event_state;
ALTER TABLE event ADD CONSTRAINT ck_event_state
    CHECK (state IN ('draft', 'published', 'closed', 'follow_up', 'archived', 'cancelled'));
ALTER TABLE sign_in_session ADD COLUMN IF NOT EXISTS event_id bigint,
    DROP CONSTRAINT IF EXISTS fk_sign_in_session_event,
    ADD CONSTRAINT fk_sign_in_session_event FOREIGN KEY (event_id) REFERENCES event (id) ON DELETE SET NULL;
CREATE INDEX IF NOT EXISTS ix_sign_in_session_event ON sign_in_session (event_id);
"""

ID = "2026-11-28T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the life of an event, the event chosen in a sign-in"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(LIFE)

    manager.add_raw(run)
    return manager
