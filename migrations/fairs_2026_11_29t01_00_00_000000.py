"""Decisions about conflicts of scans: rows of their own, so that scans stay as they are.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

DECISIONS = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS conflict_decision (
    id bigserial PRIMARY KEY NOT NULL,
    scan bigint NOT NULL REFERENCES scan (id) ON DELETE CASCADE ON UPDATE CASCADE,
    number smallint NOT NULL DEFAULT 0,
    verdict varchar(20) NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    account bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    scanned_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_conflict_decision UNIQUE (scan, number)
);
CREATE INDEX IF NOT EXISTS conflict_decision_account ON conflict_decision (account);
DROP TRIGGER IF EXISTS tg_conflict_decision_append_only ON conflict_decision;
CREATE TRIGGER tg_conflict_decision_append_only BEFORE DELETE OR UPDATE ON conflict_decision
    FOR EACH ROW EXECUTE FUNCTION refuse_change_before_expiry('scanned_at');
"""

ID = "2026-11-29T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "decisions about conflicts of scans"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(DECISIONS)

    manager.add_raw(run)
    return manager
