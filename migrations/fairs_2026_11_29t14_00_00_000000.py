"""Pools of places that categories and sessions share.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

POOLS = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS place_pool (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    name_zh varchar(80) NOT NULL DEFAULT '',
    name_en varchar(80) NOT NULL DEFAULT '',
    capacity integer NOT NULL DEFAULT 0,
    categories varchar(12)[] NOT NULL DEFAULT '{}',
    waits boolean NOT NULL DEFAULT true,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_place_pool_capacity CHECK (capacity >= 0)
);
CREATE INDEX IF NOT EXISTS place_pool_event ON place_pool (event);
CREATE TABLE IF NOT EXISTS place_pool_session (
    id bigserial PRIMARY KEY NOT NULL,
    pool bigint NOT NULL REFERENCES place_pool (id) ON DELETE CASCADE ON UPDATE CASCADE,
    session bigint NOT NULL REFERENCES event_session (id) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT uq_place_pool_session UNIQUE (pool, session)
);
CREATE INDEX IF NOT EXISTS place_pool_session_session ON place_pool_session (session);
ALTER TABLE registration DROP CONSTRAINT IF EXISTS ck_registration_state;
ALTER TABLE registration ADD CONSTRAINT ck_registration_state
    CHECK (state IN ('pending', 'confirmed', 'waitlisted', 'offered', 'cancelled'));
"""

ID = "2026-11-29T14:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "pools of places"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(POOLS)

    manager.add_raw(run)
    return manager
