"""Corrections of scans: an undone one counts for nothing, an admission by hand says who and why. Scans stay as they are.

`scan_state` leaves undone scans out, however it reads them: its present text is taken and each look at admitted scans gets
one more condition. Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

CORRECTIONS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE scan ALTER COLUMN device_id DROP NOT NULL;
ALTER TABLE scan ALTER COLUMN device_id DROP DEFAULT;
CREATE TABLE IF NOT EXISTS scan_correction (
    id bigserial PRIMARY KEY NOT NULL,
    scan bigint NOT NULL REFERENCES scan (id) ON DELETE CASCADE ON UPDATE CASCADE,
    kind varchar(8) NOT NULL DEFAULT '',
    reason varchar(20) NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    account bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    device_id bigint,
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    scanned_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_scan_correction UNIQUE (scan, kind),
    CONSTRAINT ck_scan_correction_kind CHECK (kind IN ('undone', 'by_hand'))
);
CREATE INDEX IF NOT EXISTS scan_correction_account ON scan_correction (account);
DROP TRIGGER IF EXISTS tg_scan_correction_append_only ON scan_correction;
CREATE TRIGGER tg_scan_correction_append_only BEFORE DELETE OR UPDATE ON scan_correction
    FOR EACH ROW EXECUTE FUNCTION refuse_change_before_expiry('scanned_at');
"""
ADMITTED = "p.outcome = 'admitted'"
STANDING = (
    ADMITTED + " AND (SELECT c.id FROM scan_correction c WHERE c.scan = p.id AND c.kind = 'undone' LIMIT 1) IS NULL"
)
DEFINITION = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'scan_state'"

ID = "2026-11-29T01:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "corrections of scans"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        connection = engine_finder().current_transaction.get().connection
        await connection.execute(CORRECTIONS)
        definition = await connection.fetchval(DEFINITION)
        if "scan_correction" not in definition:
            if ADMITTED not in definition:
                raise RuntimeError("scan_state reads admitted scans in an unknown way")
            await connection.execute(definition.replace(ADMITTED, STANDING))

    manager.add_raw(run)
    return manager
