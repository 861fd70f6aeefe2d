"""Addresses of personal calendars and what they have shown. Frozen once released: it imports nothing from the product."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

TABLES = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS calendar_feed (
    id bigserial PRIMARY KEY NOT NULL,
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    name varchar(60) NOT NULL DEFAULT '',
    token_hash bytea NOT NULL DEFAULT '',
    lang varchar(2) NOT NULL DEFAULT 'en',
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    changed_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_read_at timestamptz,
    CONSTRAINT calendar_feed_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX IF NOT EXISTS calendar_feed_account ON calendar_feed (account);
CREATE TABLE IF NOT EXISTS calendar_line (
    id bigserial PRIMARY KEY NOT NULL,
    feed bigint NOT NULL REFERENCES calendar_feed (id) ON DELETE CASCADE ON UPDATE CASCADE,
    uid varchar(160) NOT NULL DEFAULT '',
    sequence integer NOT NULL DEFAULT 0,
    content jsonb NOT NULL DEFAULT '{}',
    changed_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    gone_at timestamptz,
    CONSTRAINT uq_calendar_line UNIQUE (feed, uid)
);
"""

ID = "2026-11-29T15:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "personal calendars"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(TABLES)

    manager.add_raw(run)
    return manager
