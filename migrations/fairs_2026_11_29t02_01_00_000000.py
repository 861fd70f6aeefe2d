"""Who was seen at the tables of a meeting, and how long an event waits for the second side.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

ATTENDANCE = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS attendance_rule (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL UNIQUE REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    wait_minutes smallint NOT NULL DEFAULT 5,
    before_minutes smallint NOT NULL DEFAULT 15,
    CONSTRAINT ck_attendance_rule_wait CHECK (wait_minutes BETWEEN 1 AND 60),
    CONSTRAINT ck_attendance_rule_before CHECK (before_minutes BETWEEN 0 AND 120)
);
CREATE TABLE IF NOT EXISTS meeting_attendance (
    id bigserial PRIMARY KEY NOT NULL,
    meeting bigint NOT NULL UNIQUE REFERENCES meeting (id) ON DELETE CASCADE ON UPDATE CASCADE,
    talent_at timestamptz,
    employer_at timestamptz,
    absent varchar(8) NOT NULL DEFAULT '',
    settled boolean NOT NULL DEFAULT false,
    decided_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_meeting_attendance_absent CHECK (absent IN ('', 'talent', 'employer'))
);
CREATE TABLE IF NOT EXISTS meeting_sighting (
    id bigserial PRIMARY KEY NOT NULL,
    meeting bigint NOT NULL REFERENCES meeting (id) ON DELETE CASCADE ON UPDATE CASCADE,
    side varchar(8) NOT NULL DEFAULT '',
    seen_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    seen_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT uq_meeting_sighting UNIQUE (meeting, side),
    CONSTRAINT ck_meeting_sighting_side CHECK (side IN ('talent', 'employer'))
);
"""

ID = "2026-11-29T02:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "who was seen at the tables of a meeting"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(ATTENDANCE)

    manager.add_raw(run)
    return manager
