"""Batches of badges and the print log.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

BATCHES = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS badge_batch (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    state varchar(10) NOT NULL DEFAULT 'waiting',
    category varchar(12) NOT NULL DEFAULT '',
    unit bigint REFERENCES unit (id) ON DELETE SET NULL ON UPDATE CASCADE,
    session bigint REFERENCES event_session (id) ON DELETE SET NULL ON UPDATE CASCADE,
    chosen varchar(10) NOT NULL DEFAULT 'all',
    ordered varchar(8) NOT NULL DEFAULT 'unit',
    asked_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    asked_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    started_at timestamptz,
    ended_at timestamptz,
    seen_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    attempt integer NOT NULL DEFAULT 0,
    total integer NOT NULL DEFAULT 0,
    done integer NOT NULL DEFAULT 0,
    file uuid REFERENCES file (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    error varchar(20) NOT NULL DEFAULT '',
    CONSTRAINT ck_badge_batch_state CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    CONSTRAINT ck_badge_batch_chosen CHECK (chosen IN ('all', 'new', 'unprinted')),
    CONSTRAINT ck_badge_batch_ordered CHECK (ordered IN ('unit', 'name', 'number'))
);
CREATE UNIQUE INDEX IF NOT EXISTS uq_badge_batch_live ON badge_batch (event) WHERE state IN ('waiting', 'running');
CREATE INDEX IF NOT EXISTS badge_batch_event ON badge_batch (event);
CREATE INDEX IF NOT EXISTS badge_batch_unit ON badge_batch (unit);
CREATE INDEX IF NOT EXISTS badge_batch_session ON badge_batch (session);
CREATE INDEX IF NOT EXISTS badge_batch_asked_by ON badge_batch (asked_by);
CREATE INDEX IF NOT EXISTS badge_batch_file ON badge_batch (file);
CREATE TABLE IF NOT EXISTS badge_print (
    id bigserial PRIMARY KEY NOT NULL,
    badge bigint NOT NULL REFERENCES badge (id) ON DELETE CASCADE ON UPDATE CASCADE,
    batch bigint REFERENCES badge_batch (id) ON DELETE SET NULL ON UPDATE CASCADE,
    way varchar(8) NOT NULL DEFAULT '',
    printed_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_badge_print_way CHECK (way IN ('batch', 'desk'))
);
CREATE INDEX IF NOT EXISTS badge_print_badge ON badge_print (badge);
CREATE INDEX IF NOT EXISTS badge_print_batch ON badge_print (batch);
CREATE INDEX IF NOT EXISTS badge_print_printed_by ON badge_print (printed_by);
"""

ID = "2026-11-29T03:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "batches of badges and the print log"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(BATCHES)

    manager.add_raw(run)
    return manager
