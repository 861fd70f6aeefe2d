from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

# Kinds of sessions and of employers and the categories of registrations are entries of catalogues, which forms check.
CATALOGUES_DECIDE = (
    ("Session", "event_session", "ck_event_session_kind"),
    ("Organisation", "organisation", "ck_organisation_kind"),
    ("Registration", "registration", "ck_registration_category"),
)

ID = "2026-11-27T15:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "catalogues say which kinds and categories there are"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute("SET LOCAL lock_timeout = '5s'")

    manager.add_raw(run)
    for table, tablename, constraint in CATALOGUES_DECIDE:
        manager.drop_constraint(table_class_name=table, tablename=tablename, constraint_name=constraint, schema=None)
    return manager
