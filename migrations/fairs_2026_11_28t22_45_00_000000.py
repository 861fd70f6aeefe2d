"""Rehearsals of an event's gates.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

REHEARSAL = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS rehearsal (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    asked_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    asked_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ended_at timestamptz,
    state varchar(8) NOT NULL DEFAULT 'waiting',
    day date NOT NULL,
    people integer NOT NULL DEFAULT 0,
    lanes integer NOT NULL DEFAULT 0,
    desks integer NOT NULL DEFAULT 0,
    printers integer NOT NULL DEFAULT 0,
    seconds integer NOT NULL DEFAULT 0,
    played integer NOT NULL DEFAULT 0,
    given jsonb NOT NULL DEFAULT '{}',
    result jsonb,
    CONSTRAINT ck_rehearsal_state CHECK (state IN ('waiting', 'playing', 'done', 'failed')),
    CONSTRAINT ck_rehearsal_sizes CHECK (people > 0 AND lanes > 0 AND desks > 0 AND printers > 0 AND seconds > 0)
);
CREATE INDEX IF NOT EXISTS rehearsal_event ON rehearsal (event);
CREATE INDEX IF NOT EXISTS rehearsal_asked_by ON rehearsal (asked_by);
CREATE UNIQUE INDEX IF NOT EXISTS uq_rehearsal_live ON rehearsal (event) WHERE state IN ('waiting', 'playing');
"""

ID = "2026-11-28T22:45:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rehearsals of an event's gates"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(REHEARSAL)

    manager.add_raw(run)
    return manager
