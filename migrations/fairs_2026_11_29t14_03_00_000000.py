"""Registrations that the person withdrew, and those that were not accepted, told apart from the cancelled; answers to review.

What the person cancelled becomes withdrawn. Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

STATES = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE registration ADD COLUMN IF NOT EXISTS to_review boolean NOT NULL DEFAULT false;
ALTER TABLE registration DROP CONSTRAINT IF EXISTS ck_registration_state;
ALTER TABLE registration ADD CONSTRAINT ck_registration_state
    CHECK (state IN ('pending', 'confirmed', 'waitlisted', 'offered', 'cancelled', 'withdrawn', 'rejected'));
CREATE UNIQUE INDEX IF NOT EXISTS uq_registration_of_address ON registration (event, email)
    WHERE state NOT IN ('cancelled', 'withdrawn', 'rejected') AND email <> '';
DROP INDEX IF EXISTS uq_registration_address;
UPDATE registration r SET state = 'withdrawn' WHERE r.state = 'cancelled' AND r.cancelled_by IS NOT NULL
    AND (r.cancelled_by = r.registrant OR r.cancelled_by = (SELECT t.account FROM talent t WHERE t.id = r.talent)
    OR r.email = (SELECT a.email FROM account a WHERE a.id = r.cancelled_by AND a.email_confirmed_at IS NOT NULL));
"""

ID = "2026-11-29T14:03:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "withdrawn and rejected registrations"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(STATES)

    manager.add_raw(run)
    return manager
