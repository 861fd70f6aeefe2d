"""How each scanner stands, by its own report.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

STATUS = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS scan_device_status (
    device bigint PRIMARY KEY NOT NULL REFERENCES access_token (id) ON DELETE CASCADE ON UPDATE CASCADE,
    gate bigint REFERENCES gate (id) ON DELETE SET NULL ON UPDATE CASCADE,
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    battery smallint,
    charging boolean,
    queued integer NOT NULL DEFAULT 0,
    oldest_queued_at timestamptz,
    version varchar(40) NOT NULL DEFAULT '',
    data_at timestamptz,
    skew_seconds integer,
    camera boolean,
    CONSTRAINT ck_scan_device_status_battery CHECK (battery BETWEEN 0 AND 100),
    CONSTRAINT ck_scan_device_status_queued CHECK (queued >= 0)
);
CREATE INDEX IF NOT EXISTS scan_device_status_gate ON scan_device_status (gate);
"""

ID = "2026-11-29T01:02:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "reports of scanners"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(STATUS)

    manager.add_raw(run)
    return manager
