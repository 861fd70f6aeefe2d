"""Tokens have scopes: those of before keep all of their kind. A scanner is opened by a link that works once.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

SCOPES_AND_LINKS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE access_token ADD COLUMN IF NOT EXISTS scopes character varying(12)[] DEFAULT '{}'::character varying[] NOT NULL;
UPDATE access_token SET scopes = CASE kind WHEN 'device' THEN ARRAY['check_in']
    ELSE ARRAY['read', 'register', 'report', 'manage'] END;
ALTER TABLE access_token DROP CONSTRAINT IF EXISTS ck_access_token_scopes;
ALTER TABLE access_token ADD CONSTRAINT ck_access_token_scopes
    CHECK (scopes <@ ARRAY['read', 'register', 'check_in', 'report', 'manage']::varchar[]);
CREATE TABLE IF NOT EXISTS device_link (
    id bigserial,
    token bigint NOT NULL,
    code_hash bytea DEFAULT '\\x'::bytea NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT device_link_pkey PRIMARY KEY (id),
    CONSTRAINT device_link_code_hash_key UNIQUE (code_hash),
    CONSTRAINT device_link_token_fkey FOREIGN KEY (token) REFERENCES access_token(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS device_link_token ON device_link USING btree (token);
"""

ID = "2026-11-28T06:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "scopes of tokens, links of scanners"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(SCOPES_AND_LINKS)

    manager.add_raw(run)
    return manager
