"""People and rights: invitations with their links, roles of reviewers and interpreters, staff limited to gates.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

PEOPLE_AND_RIGHTS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE account ADD COLUMN IF NOT EXISTS last_sign_in_at timestamp with time zone;
ALTER TABLE account ADD COLUMN IF NOT EXISTS search_key text DEFAULT '' NOT NULL;
ALTER TABLE membership ADD COLUMN IF NOT EXISTS limited boolean DEFAULT false NOT NULL;
ALTER TABLE membership DROP CONSTRAINT IF EXISTS ck_membership_scope;
ALTER TABLE membership ADD CONSTRAINT ck_membership_scope CHECK (
    (role = 'bureau' AND unit IS NOT NULL) OR (role = 'employer' AND organisation_id IS NOT NULL)
    OR (role IN ('staff', 'reviewer', 'interpreter') AND event_id IS NOT NULL)
    OR role IN ('admin', 'organiser', 'candidate'));

CREATE TABLE IF NOT EXISTS membership_gate (
    id bigserial PRIMARY KEY,
    membership bigint NOT NULL REFERENCES membership(id) ON UPDATE CASCADE ON DELETE CASCADE,
    gate_id bigint DEFAULT 0 NOT NULL,
    CONSTRAINT uq_membership_gate UNIQUE (membership, gate_id),
    CONSTRAINT fk_membership_gate_gate FOREIGN KEY (gate_id) REFERENCES gate(id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS membership_gate_gate_id ON membership_gate USING btree (gate_id);

CREATE TABLE IF NOT EXISTS invitation (
    id bigserial PRIMARY KEY,
    email character varying(254) DEFAULT '' NOT NULL,
    name character varying(200) DEFAULT '' NOT NULL,
    lang character varying(2) DEFAULT 'zh' NOT NULL,
    role character varying(12) DEFAULT '' NOT NULL,
    unit bigint REFERENCES unit(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    organisation_id bigint,
    event_id bigint,
    limited boolean DEFAULT false NOT NULL,
    replaces bigint REFERENCES membership(id) ON UPDATE CASCADE ON DELETE SET NULL,
    invited_by bigint REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    accepted_at timestamp with time zone,
    accepted_by bigint REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL,
    withdrawn_at timestamp with time zone,
    CONSTRAINT ck_invitation_scope CHECK (
        (role = 'bureau' AND unit IS NOT NULL) OR (role = 'employer' AND organisation_id IS NOT NULL)
        OR (role IN ('staff', 'reviewer', 'interpreter') AND event_id IS NOT NULL)
        OR role IN ('admin', 'organiser', 'candidate')),
    CONSTRAINT ck_invitation_lang CHECK (lang IN ('zh', 'en')),
    CONSTRAINT ck_invitation_ended CHECK (accepted_at IS NULL OR withdrawn_at IS NULL),
    CONSTRAINT fk_invitation_organisation FOREIGN KEY (organisation_id) REFERENCES organisation(id) ON DELETE CASCADE,
    CONSTRAINT fk_invitation_event FOREIGN KEY (event_id) REFERENCES event(id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS invitation_email ON invitation USING btree (email);
CREATE INDEX IF NOT EXISTS invitation_unit ON invitation USING btree (unit);
CREATE INDEX IF NOT EXISTS invitation_organisation_id ON invitation USING btree (organisation_id);
CREATE INDEX IF NOT EXISTS invitation_event_id ON invitation USING btree (event_id);
CREATE INDEX IF NOT EXISTS invitation_replaces ON invitation USING btree (replaces);
CREATE UNIQUE INDEX IF NOT EXISTS uq_invitation_open ON invitation USING btree (email, role, COALESCE(unit, (0)::bigint),
    COALESCE(organisation_id, (0)::bigint), COALESCE(event_id, (0)::bigint))
    WHERE accepted_at IS NULL AND withdrawn_at IS NULL;

CREATE TABLE IF NOT EXISTS invitation_gate (
    id bigserial PRIMARY KEY,
    invitation bigint NOT NULL REFERENCES invitation(id) ON UPDATE CASCADE ON DELETE CASCADE,
    gate_id bigint DEFAULT 0 NOT NULL,
    CONSTRAINT uq_invitation_gate UNIQUE (invitation, gate_id),
    CONSTRAINT fk_invitation_gate_gate FOREIGN KEY (gate_id) REFERENCES gate(id) ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS invitation_gate_gate_id ON invitation_gate USING btree (gate_id);

CREATE TABLE IF NOT EXISTS invitation_link (
    id bigserial PRIMARY KEY,
    token_hash bytea DEFAULT '\\x'::bytea NOT NULL,
    invitation bigint NOT NULL REFERENCES invitation(id) ON UPDATE CASCADE ON DELETE CASCADE,
    mailed boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    replaced_at timestamp with time zone,
    CONSTRAINT invitation_link_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX IF NOT EXISTS invitation_link_invitation ON invitation_link USING btree (invitation);

-- A gate that staff lose, by hand or with the gate, is heard by every process at once.
CREATE OR REPLACE TRIGGER tg_membership_gate_ended AFTER INSERT OR DELETE OR UPDATE ON membership_gate
    FOR EACH ROW EXECUTE FUNCTION tell_revocation();
"""

ID = "2026-11-28T01:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "people and rights"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(PEOPLE_AND_RIGHTS)

    manager.add_raw(run)
    return manager
