"""The audit log is read by person, action, object and time: each an index that ends with the order of the page.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

READ_BY_PAGE = """
SET LOCAL lock_timeout = '5s';
CREATE INDEX IF NOT EXISTS ix_audit_entry_at ON audit_entry (at, id);
CREATE INDEX IF NOT EXISTS ix_audit_entry_actor ON audit_entry (actor_account_id, at, id);
CREATE INDEX IF NOT EXISTS ix_audit_entry_action ON audit_entry (action, at, id);
CREATE INDEX IF NOT EXISTS ix_audit_entry_kind ON audit_entry (object_kind, at, id);
CREATE INDEX IF NOT EXISTS ix_audit_entry_object ON audit_entry (object_kind, object_id, at, id);
DROP INDEX IF EXISTS audit_entry_at;
DROP INDEX IF EXISTS audit_entry_actor_account_id;
DROP INDEX IF EXISTS audit_entry_action;
"""

ID = "2026-11-28T06:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the audit log on pages"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(READ_BY_PAGE)

    manager.add_raw(run)
    return manager
