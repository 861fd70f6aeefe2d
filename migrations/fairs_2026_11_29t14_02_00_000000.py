"""Access codes and their uses.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

CODES = """
CREATE TABLE IF NOT EXISTS access_code (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    name varchar(80) NOT NULL DEFAULT '',
    code varchar(40) NOT NULL DEFAULT '',
    mark varchar(40) NOT NULL DEFAULT '',
    pool bigint REFERENCES place_pool (id) ON DELETE NO ACTION ON UPDATE CASCADE,
    category varchar(12) NOT NULL DEFAULT '',
    reserves boolean NOT NULL DEFAULT false,
    uses integer NOT NULL DEFAULT 1,
    email varchar(254) NOT NULL DEFAULT '',
    expires_at timestamptz,
    passed_on boolean NOT NULL DEFAULT false,
    revoked_at timestamptz,
    made_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    made_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_access_code UNIQUE (event, mark),
    CONSTRAINT ck_access_code_uses CHECK (uses >= 1)
);
CREATE INDEX IF NOT EXISTS access_code_pool ON access_code (pool);
CREATE INDEX IF NOT EXISTS access_code_made_by ON access_code (made_by);
CREATE TABLE IF NOT EXISTS access_code_use (
    id bigserial PRIMARY KEY NOT NULL,
    registration bigint NOT NULL REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    code bigint NOT NULL REFERENCES access_code (id) ON DELETE CASCADE ON UPDATE CASCADE,
    took boolean NOT NULL DEFAULT false,
    CONSTRAINT access_code_use_registration_key UNIQUE (registration)
);
CREATE INDEX IF NOT EXISTS access_code_use_code ON access_code_use (code);
"""

ID = "2026-11-29T14:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "access codes"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(CODES)

    manager.add_raw(run)
    return manager
