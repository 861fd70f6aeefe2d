"""Files that people upload, and the columns that refer to them: an employer's licence, a person's photo, a step's evidence.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

FILES = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS file (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    purpose character varying(12) DEFAULT '' NOT NULL,
    state character varying(8) DEFAULT 'held' NOT NULL,
    name character varying(200) DEFAULT '' NOT NULL,
    type character varying(100) DEFAULT '' NOT NULL,
    size bigint DEFAULT 0 NOT NULL,
    sha256 bytea DEFAULT ''::bytea NOT NULL,
    key character varying(60) DEFAULT '' NOT NULL,
    uploaded_by bigint,
    at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT file_pkey PRIMARY KEY (id),
    CONSTRAINT file_key_key UNIQUE (key),
    CONSTRAINT ck_file_purpose CHECK (purpose IN ('licence', 'photo', 'evidence')),
    CONSTRAINT ck_file_state CHECK (state IN ('held', 'kept')),
    CONSTRAINT ck_file_size CHECK (size > 0),
    CONSTRAINT file_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL
);
CREATE INDEX IF NOT EXISTS file_uploaded_by ON file USING btree (uploaded_by);
CREATE INDEX IF NOT EXISTS file_at ON file USING btree (at);

ALTER TABLE organisation ADD COLUMN IF NOT EXISTS licence uuid
    CONSTRAINT organisation_licence_key UNIQUE
    CONSTRAINT organisation_licence_fkey REFERENCES file(id) ON UPDATE CASCADE ON DELETE RESTRICT;
ALTER TABLE talent ADD COLUMN IF NOT EXISTS photo uuid
    CONSTRAINT talent_photo_key UNIQUE
    CONSTRAINT talent_photo_fkey REFERENCES file(id) ON UPDATE CASCADE ON DELETE RESTRICT;
ALTER TABLE agreement_transition ADD COLUMN IF NOT EXISTS file uuid
    CONSTRAINT agreement_transition_file_key UNIQUE
    CONSTRAINT agreement_transition_file_fkey REFERENCES file(id) ON UPDATE CASCADE ON DELETE RESTRICT;
"""

ID = "2026-11-28T05:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "files that people upload"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(FILES)

    manager.add_raw(run)
    return manager
