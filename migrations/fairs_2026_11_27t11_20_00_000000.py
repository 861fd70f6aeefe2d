from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

# A registration's keys, some twenty, are each checked against their registration. The plan of that check is made once in
# a connection; made while the table was small it read the whole table, and went on to when the table had grown.
WALK_THE_INDEX = """
ALTER FUNCTION key_new_registrations() SET enable_seqscan = off;
ALTER FUNCTION key_registration() SET enable_seqscan = off;
"""

ID = "2026-11-27T11:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "keys of registrations are checked by an index from the first one on"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(WALK_THE_INDEX)

    manager.add_raw(run)
    return manager
