from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

# Whether a person has a key that begins with a word is read from the index alone; it still serves the foreign key.
WITH_KEYS = """
DROP INDEX IF EXISTS registration_key_registration;
CREATE INDEX registration_key_registration ON registration_key (registration, key);
"""

ID = "2026-11-27T15:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the keys of one person are in an index, to be asked for further words"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(WITH_KEYS)

    manager.add_raw(run)
    return manager
