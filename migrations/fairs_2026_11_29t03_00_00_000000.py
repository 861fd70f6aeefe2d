"""Designs of badges, and files for logos and for printed badges.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

DESIGNS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE file DROP CONSTRAINT IF EXISTS ck_file_purpose;
ALTER TABLE file ADD CONSTRAINT ck_file_purpose CHECK (purpose IN ('licence', 'photo', 'evidence', 'speaker', 'logo', 'badges'));
CREATE TABLE IF NOT EXISTS badge_design (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    name varchar(80) NOT NULL DEFAULT '',
    categories varchar(12)[] NOT NULL DEFAULT '{}',
    size varchar(12) NOT NULL DEFAULT '',
    height double precision NOT NULL DEFAULT 0.0,
    sheet varchar(12) NOT NULL DEFAULT '',
    sides varchar(8) NOT NULL DEFAULT '',
    boxes jsonb NOT NULL DEFAULT '[]',
    logo uuid REFERENCES file (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_badge_design_name UNIQUE (event, name),
    CONSTRAINT ck_badge_design_sides CHECK (sides IN ('one', 'two', 'folded')),
    CONSTRAINT ck_badge_design_height CHECK (height > 0)
);
CREATE INDEX IF NOT EXISTS badge_design_event ON badge_design (event);
CREATE INDEX IF NOT EXISTS badge_design_logo ON badge_design (logo);
"""

ID = "2026-11-29T03:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "designs of badges"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(DESIGNS)

    manager.add_raw(run)
    return manager
