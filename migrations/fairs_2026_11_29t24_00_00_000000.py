"""Photos as answers: their purpose, and whether one is the photo of the badge.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

PHOTOS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE file DROP CONSTRAINT IF EXISTS ck_file_purpose;
ALTER TABLE file ADD CONSTRAINT ck_file_purpose CHECK (purpose IN
    ('licence', 'photo', 'evidence', 'speaker', 'logo', 'answer', 'portrait', 'poster', 'exhibit', 'service', 'receipt', 'badges',
     'export'));
ALTER TABLE registration_file ADD COLUMN IF NOT EXISTS on_badge boolean NOT NULL DEFAULT false;
"""

ID = "2026-11-29T24:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "photos as answers"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(PHOTOS)

    manager.add_raw(run)
    return manager
