"""A second factor beside the password: authenticator apps, recovery codes, and roles for which it is demanded.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

SECOND = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE sign_in_session ADD COLUMN IF NOT EXISTS proved_at timestamptz;
CREATE TABLE IF NOT EXISTS two_factor (
    id bigserial PRIMARY KEY NOT NULL,
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    secret text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    confirmed_at timestamptz,
    last_step bigint NOT NULL DEFAULT 0,
    CONSTRAINT uq_two_factor_account UNIQUE (account)
);
CREATE TABLE IF NOT EXISTS recovery_code (
    id bigserial PRIMARY KEY NOT NULL,
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    code_hash bytea NOT NULL DEFAULT ''::bytea,
    used_at timestamptz,
    CONSTRAINT uq_recovery_code UNIQUE (account, code_hash)
);
CREATE TABLE IF NOT EXISTS half_sign_in (
    id bigserial PRIMARY KEY NOT NULL,
    token_hash bytea NOT NULL DEFAULT ''::bytea UNIQUE,
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    by_link boolean NOT NULL DEFAULT false,
    target text NOT NULL DEFAULT '',
    tries smallint NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS half_sign_in_account ON half_sign_in (account);
CREATE TABLE IF NOT EXISTS two_factor_demand (
    id bigserial PRIMARY KEY NOT NULL,
    role varchar(12) NOT NULL DEFAULT '' UNIQUE,
    since date NOT NULL DEFAULT CURRENT_DATE
);
"""

ID = "2026-11-28T12:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a second factor, and the roles for which it is demanded"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(SECOND)

    manager.add_raw(run)
    return manager
