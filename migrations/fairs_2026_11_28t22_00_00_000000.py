"""Passkeys (WebAuthn) beside the authenticator app, and what they are asked to sign.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

PASSKEYS = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS passkey (
    id bigserial PRIMARY KEY NOT NULL,
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    credential_id bytea NOT NULL DEFAULT ''::bytea,
    public_key bytea NOT NULL DEFAULT ''::bytea,
    sign_count bigint NOT NULL DEFAULT 0,
    handle bytea NOT NULL DEFAULT ''::bytea,
    rp_id varchar(253) NOT NULL DEFAULT '',
    transports varchar(12)[] NOT NULL DEFAULT '{}',
    name varchar(80) NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_used_at timestamptz,
    stopped_at timestamptz,
    CONSTRAINT uq_passkey_credential UNIQUE (credential_id)
);
CREATE INDEX IF NOT EXISTS passkey_account ON passkey (account);
CREATE TABLE IF NOT EXISTS passkey_challenge (
    id bigserial PRIMARY KEY NOT NULL,
    challenge_hash bytea NOT NULL DEFAULT ''::bytea UNIQUE,
    use varchar(8) NOT NULL DEFAULT '',
    account bigint REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    bound bigint NOT NULL DEFAULT 0,
    handle bytea NOT NULL DEFAULT ''::bytea,
    expires_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_passkey_challenge_use CHECK (use IN ('add', 'second', 'presence', 'alone'))
);
CREATE INDEX IF NOT EXISTS passkey_challenge_account ON passkey_challenge (account);
"""

ID = "2026-11-28T22:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "passkeys, and what they are asked to sign"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(PASSKEYS)

    manager.add_raw(run)
    return manager
