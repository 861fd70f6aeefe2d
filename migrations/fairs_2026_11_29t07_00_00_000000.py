"""The working list of registrations: tags, notes, saved views, and acts on many at once.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

WORKING = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS registration_tag (
    id bigserial PRIMARY KEY,
    registration bigint NOT NULL REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    tag varchar(40) NOT NULL,
    account bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_registration_tag UNIQUE (registration, tag)
);
CREATE INDEX IF NOT EXISTS registration_tag_account ON registration_tag (account);
CREATE TABLE IF NOT EXISTS registration_note (
    id bigserial PRIMARY KEY,
    registration bigint NOT NULL REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    account bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    text text NOT NULL,
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS registration_note_registration ON registration_note (registration);
CREATE INDEX IF NOT EXISTS registration_note_account ON registration_note (account);
CREATE TABLE IF NOT EXISTS registration_view (
    id bigserial PRIMARY KEY,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    name varchar(60) NOT NULL,
    shared boolean NOT NULL DEFAULT false,
    query text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_registration_view UNIQUE (event, account, name)
);
CREATE INDEX IF NOT EXISTS registration_view_account ON registration_view (account);
CREATE TABLE IF NOT EXISTS registration_list_setting (
    id bigserial PRIMARY KEY,
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    columns varchar(60)[] NOT NULL DEFAULT '{}',
    view bigint REFERENCES registration_view (id) ON DELETE SET NULL ON UPDATE CASCADE,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_registration_list_setting UNIQUE (account, event)
);
CREATE INDEX IF NOT EXISTS registration_list_setting_event ON registration_list_setting (event);
CREATE INDEX IF NOT EXISTS registration_list_setting_view ON registration_list_setting (view);
CREATE TABLE IF NOT EXISTS registration_bulk (
    id bigserial PRIMARY KEY,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    kind varchar(10) NOT NULL,
    state varchar(10) NOT NULL DEFAULT 'drafted',
    argument varchar(40) NOT NULL DEFAULT '',
    reason varchar(200) NOT NULL DEFAULT '',
    lang varchar(2) NOT NULL DEFAULT 'en',
    undoes bigint UNIQUE REFERENCES registration_bulk (id) ON DELETE CASCADE ON UPDATE CASCADE,
    asked_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    asked_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ended_at timestamptz,
    back text NOT NULL DEFAULT '',
    CONSTRAINT ck_registration_bulk_kind CHECK (kind IN ('confirm', 'cancel', 'tag', 'untag', 'category', 'print', 'export')),
    CONSTRAINT ck_registration_bulk_state CHECK (state IN ('drafted', 'running', 'done'))
);
CREATE INDEX IF NOT EXISTS registration_bulk_event ON registration_bulk (event);
CREATE INDEX IF NOT EXISTS registration_bulk_asked_by ON registration_bulk (asked_by);
CREATE TABLE IF NOT EXISTS registration_bulk_row (
    id bigserial PRIMARY KEY,
    bulk bigint NOT NULL REFERENCES registration_bulk (id) ON DELETE CASCADE ON UPDATE CASCADE,
    registration bigint NOT NULL REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    outcome varchar(8) NOT NULL DEFAULT 'waiting',
    why text NOT NULL DEFAULT '',
    before varchar(40) NOT NULL DEFAULT '',
    CONSTRAINT uq_registration_bulk_row UNIQUE (bulk, registration),
    CONSTRAINT ck_registration_bulk_row_outcome CHECK (outcome IN ('waiting', 'done', 'same', 'refused'))
);
CREATE INDEX IF NOT EXISTS registration_bulk_row_registration ON registration_bulk_row (registration);
ALTER TABLE badge_batch ADD COLUMN IF NOT EXISTS selection bigint
    REFERENCES registration_bulk (id) ON DELETE CASCADE ON UPDATE CASCADE;
CREATE INDEX IF NOT EXISTS badge_batch_selection ON badge_batch (selection);
CREATE INDEX IF NOT EXISTS ix_registration_working ON registration (event, id)
    INCLUDE (state, category, nationality, talent, organisation);
CREATE INDEX IF NOT EXISTS ix_badge_worn ON badge (registration) INCLUDE (id) WHERE revoked_at IS NULL AND until IS NULL;
"""

ID = "2026-11-29T07:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the working list of registrations"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(WORKING)

    manager.add_raw(run)
    return manager
