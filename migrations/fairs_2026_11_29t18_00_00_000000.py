"""Groups that one registers for many, companions of a registration, and which events allow both.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

GROUPS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE event
    ADD COLUMN IF NOT EXISTS groups_from character varying(12)[] NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS companions integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS companion_categories character varying(12)[] NOT NULL DEFAULT '{}';
ALTER TABLE registration
    ADD COLUMN IF NOT EXISTS companion_of bigint REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    ADD COLUMN IF NOT EXISTS relation character varying(40) NOT NULL DEFAULT '';
CREATE INDEX IF NOT EXISTS registration_companion_of ON registration USING btree (companion_of);
CREATE TABLE IF NOT EXISTS registration_group (
    id bigserial PRIMARY KEY,
    event bigint NOT NULL REFERENCES event (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    name character varying(120) NOT NULL,
    organisation bigint REFERENCES organisation (id) ON DELETE SET NULL ON UPDATE CASCADE,
    unit bigint REFERENCES unit (id) ON DELETE SET NULL ON UPDATE CASCADE,
    contact_email character varying(254) NOT NULL,
    made_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    made_at timestamp with time zone NOT NULL,
    CONSTRAINT ck_registration_group_email CHECK (contact_email = lower(contact_email))
);
CREATE INDEX IF NOT EXISTS registration_group_event ON registration_group USING btree (event);
CREATE INDEX IF NOT EXISTS registration_group_organisation ON registration_group USING btree (organisation);
CREATE INDEX IF NOT EXISTS registration_group_unit ON registration_group USING btree (unit);
CREATE INDEX IF NOT EXISTS registration_group_contact_email ON registration_group USING btree (contact_email);
CREATE INDEX IF NOT EXISTS registration_group_made_by ON registration_group USING btree (made_by);
CREATE TABLE IF NOT EXISTS registration_group_member (
    id bigserial PRIMARY KEY,
    of_group bigint NOT NULL REFERENCES registration_group (id) ON DELETE CASCADE ON UPDATE CASCADE,
    registration bigint NOT NULL UNIQUE REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    to_tell boolean NOT NULL
);
CREATE INDEX IF NOT EXISTS registration_group_member_of_group ON registration_group_member USING btree (of_group);
CREATE TABLE IF NOT EXISTS registration_group_run (
    id bigserial PRIMARY KEY,
    of_group bigint NOT NULL REFERENCES registration_group (id) ON DELETE CASCADE ON UPDATE CASCADE,
    key uuid NOT NULL,
    state character varying(8) NOT NULL,
    rows text NOT NULL,
    total integer NOT NULL,
    done integer NOT NULL,
    added integer NOT NULL,
    changed integer NOT NULL,
    problems jsonb NOT NULL,
    told boolean NOT NULL,
    lang character varying(2) NOT NULL,
    asked_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    asked_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT uq_registration_group_run UNIQUE (key),
    CONSTRAINT ck_registration_group_run_state CHECK (state IN ('running', 'done'))
);
CREATE INDEX IF NOT EXISTS registration_group_run_of_group ON registration_group_run USING btree (of_group);
CREATE INDEX IF NOT EXISTS registration_group_run_asked_by ON registration_group_run USING btree (asked_by);
"""

ID = "2026-11-29T18:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "groups and companions"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(GROUPS)

    manager.add_raw(run)
    return manager
