"""Printers of the desks, the badges that they print, and a scope of their tokens.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

PRINTERS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE access_token DROP CONSTRAINT IF EXISTS ck_access_token_scopes;
ALTER TABLE access_token ADD CONSTRAINT ck_access_token_scopes
    CHECK (scopes <@ ARRAY['read', 'register', 'check_in', 'report', 'manage', 'leads', 'relay', 'print']::varchar[]);
CREATE TABLE IF NOT EXISTS desk_printer (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    name varchar(60) NOT NULL DEFAULT '',
    token bigint NOT NULL UNIQUE REFERENCES access_token (id) ON DELETE CASCADE ON UPDATE CASCADE,
    agent varchar(40) NOT NULL DEFAULT '',
    version varchar(20) NOT NULL DEFAULT '',
    address varchar(200) NOT NULL DEFAULT '',
    reason varchar(200) NOT NULL DEFAULT '',
    seen_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ended_at timestamptz
);
CREATE INDEX IF NOT EXISTS desk_printer_event ON desk_printer (event);
CREATE UNIQUE INDEX IF NOT EXISTS uq_desk_printer_name ON desk_printer (event, lower(name)) WHERE ended_at IS NULL;
CREATE TABLE IF NOT EXISTS print_job (
    id bigserial PRIMARY KEY NOT NULL,
    printer bigint NOT NULL REFERENCES desk_printer (id) ON DELETE CASCADE ON UPDATE CASCADE,
    badge bigint NOT NULL REFERENCES badge (id) ON DELETE CASCADE ON UPDATE CASCADE,
    state varchar(10) NOT NULL DEFAULT 'waiting',
    agent varchar(40) NOT NULL DEFAULT '',
    reason varchar(200) NOT NULL DEFAULT '',
    asked_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    asked_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    taken_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT ck_print_job_state CHECK (state IN ('waiting', 'printing', 'printed', 'failed', 'cancelled'))
);
CREATE INDEX IF NOT EXISTS print_job_printer ON print_job (printer);
CREATE INDEX IF NOT EXISTS print_job_badge ON print_job (badge);
CREATE INDEX IF NOT EXISTS print_job_asked_by ON print_job (asked_by);
CREATE UNIQUE INDEX IF NOT EXISTS uq_print_job_live ON print_job (badge) WHERE state IN ('waiting', 'printing');
CREATE INDEX IF NOT EXISTS print_job_queue ON print_job (printer, id) WHERE state IN ('waiting', 'printing');
ALTER TABLE badge_print ADD COLUMN IF NOT EXISTS printer bigint REFERENCES desk_printer (id) ON DELETE SET NULL ON UPDATE CASCADE;
CREATE INDEX IF NOT EXISTS badge_print_printer ON badge_print (printer);
ALTER TABLE badge_print DROP CONSTRAINT IF EXISTS ck_badge_print_way;
ALTER TABLE badge_print ADD CONSTRAINT ck_badge_print_way CHECK (way IN ('batch', 'desk', 'printer'));
"""

ID = "2026-11-29T05:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "printers of the desks"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(PRINTERS)

    manager.add_raw(run)
    return manager
