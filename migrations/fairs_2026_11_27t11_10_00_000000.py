from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Timestamptz
from piccolo.engine import engine_finder

# Gates were counted by the time of arrival once; now by (gate, id). Only the ledger of conflicts is still in that order.
INDEXES = """
DROP INDEX ix_scan_gate_received;
CREATE INDEX ix_scan_conflict ON scan (gate, received_at) WHERE conflict;
"""

ID = "2026-11-27T11:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a scan is not entered into indexes that nobody reads"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    manager.alter_column(
        table_class_name="Scan",
        tablename="scan",
        column_name="received_at",
        db_column_name="received_at",
        params={"index": False},
        old_params={"index": True},
        column_class=Timestamptz,
        old_column_class=Timestamptz,
        schema=None,
    )

    async def run():
        await engine_finder().current_transaction.get().connection.execute(INDEXES)

    manager.add_raw(run)
    return manager
