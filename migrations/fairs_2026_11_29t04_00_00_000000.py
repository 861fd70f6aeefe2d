"""Venue relays: how they stand, what a relay's own database keeps beside the usual tables, and a scope of tokens.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

RELAYS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE access_token DROP CONSTRAINT IF EXISTS ck_access_token_scopes;
ALTER TABLE access_token ADD CONSTRAINT ck_access_token_scopes
    CHECK (scopes <@ ARRAY['read', 'register', 'check_in', 'report', 'manage', 'leads', 'relay']::varchar[]);
CREATE TABLE IF NOT EXISTS scan_relay (
    token bigint PRIMARY KEY NOT NULL REFERENCES access_token (id) ON DELETE CASCADE ON UPDATE CASCADE,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    queued integer NOT NULL DEFAULT 0,
    oldest_queued_at timestamptz,
    version varchar(40) NOT NULL DEFAULT '',
    data_at timestamptz,
    skew_seconds integer,
    address varchar(200) NOT NULL DEFAULT '',
    CONSTRAINT ck_scan_relay_queued CHECK (queued >= 0)
);
CREATE INDEX IF NOT EXISTS scan_relay_event ON scan_relay (event);
CREATE TABLE IF NOT EXISTS relay_state (
    id smallint PRIMARY KEY NOT NULL DEFAULT 1,
    url varchar(400) NOT NULL DEFAULT '',
    event bigint REFERENCES event (id) ON DELETE SET NULL ON UPDATE CASCADE,
    since varchar(40) NOT NULL DEFAULT '',
    part_since varchar(40) NOT NULL DEFAULT '',
    part_first varchar(40) NOT NULL DEFAULT '',
    part_after bigint NOT NULL DEFAULT 0,
    sent_through bigint NOT NULL DEFAULT 0,
    synced_at timestamptz,
    keep_until timestamptz,
    ahead_ms bigint NOT NULL DEFAULT 0,
    CONSTRAINT ck_relay_state_single CHECK (id = 1)
);
CREATE INDEX IF NOT EXISTS relay_state_event ON relay_state (event);
CREATE TABLE IF NOT EXISTS relay_badge (
    badge bigint PRIMARY KEY NOT NULL REFERENCES badge (id) ON DELETE CASCADE ON UPDATE CASCADE,
    sealed text NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS relay_pulled (
    scan bigint PRIMARY KEY NOT NULL REFERENCES scan (id) ON DELETE CASCADE ON UPDATE CASCADE
);
"""

ID = "2026-11-29T04:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "venue relays"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(RELAYS)

    manager.add_raw(run)
    return manager
