"""Offers of places with a deadline to the waiting list.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

OFFERS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE event ADD COLUMN IF NOT EXISTS offer_hours integer;
ALTER TABLE event DROP CONSTRAINT IF EXISTS ck_event_offer_hours;
ALTER TABLE event ADD CONSTRAINT ck_event_offer_hours CHECK (offer_hours BETWEEN 1 AND 720);
CREATE TABLE IF NOT EXISTS place_offer (
    id bigserial PRIMARY KEY NOT NULL,
    registration bigint NOT NULL REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    state varchar(10) NOT NULL DEFAULT 'open',
    made_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    until timestamptz NOT NULL,
    made_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    ended_at timestamptz,
    CONSTRAINT ck_place_offer_state CHECK (state IN ('open', 'accepted', 'declined', 'lapsed', 'withdrawn')),
    CONSTRAINT ck_place_offer_ended CHECK ((state = 'open') = (ended_at IS NULL))
);
CREATE INDEX IF NOT EXISTS place_offer_registration ON place_offer (registration);
CREATE INDEX IF NOT EXISTS place_offer_made_by ON place_offer (made_by);
CREATE UNIQUE INDEX IF NOT EXISTS uq_place_offer_open ON place_offer (registration) WHERE state = 'open';
CREATE INDEX IF NOT EXISTS ix_place_offer_until ON place_offer (until) WHERE state = 'open';
"""

ID = "2026-11-29T14:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "offers of places"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(OFFERS)

    manager.add_raw(run)
    return manager
