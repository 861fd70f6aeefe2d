"""Leads of employers at their booths, the consent of visitors, the employer of a booth's gate, and a scope of tokens.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

LEADS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE access_token DROP CONSTRAINT IF EXISTS ck_access_token_scopes;
ALTER TABLE access_token ADD CONSTRAINT ck_access_token_scopes
    CHECK (scopes <@ ARRAY['read', 'register', 'check_in', 'report', 'manage', 'leads']::varchar[]);
CREATE TABLE IF NOT EXISTS lead_consent (
    id bigserial PRIMARY KEY NOT NULL,
    registration bigint NOT NULL REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    organisation bigint NOT NULL REFERENCES organisation (id) ON DELETE CASCADE ON UPDATE CASCADE,
    answer varchar(10) NOT NULL DEFAULT '',
    contact boolean NOT NULL DEFAULT false,
    asked_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    answered_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_lead_consent UNIQUE (registration, organisation),
    CONSTRAINT ck_lead_consent_answer CHECK (answer IN ('given', 'refused', 'withdrawn')),
    CONSTRAINT ck_lead_consent_contact CHECK (NOT contact OR answer = 'given')
);
CREATE INDEX IF NOT EXISTS lead_consent_organisation ON lead_consent (organisation);
CREATE TABLE IF NOT EXISTS lead (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    organisation bigint NOT NULL REFERENCES organisation (id) ON DELETE CASCADE ON UPDATE CASCADE,
    registration bigint NOT NULL REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    listing bigint REFERENCES listing (id) ON DELETE SET NULL ON UPDATE CASCADE,
    stars smallint NOT NULL DEFAULT 0,
    tags varchar(40)[] NOT NULL DEFAULT '{}',
    note text NOT NULL DEFAULT '',
    follow_up varchar(8) NOT NULL DEFAULT 'nothing',
    follow_up_on date,
    seen_by varchar(8) NOT NULL DEFAULT 'badge',
    recorded_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    seen_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_seen_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    deleted_at timestamptz,
    deleted_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_lead UNIQUE (organisation, registration),
    CONSTRAINT ck_lead_stars CHECK (stars BETWEEN 0 AND 5),
    CONSTRAINT ck_lead_follow_up CHECK (follow_up IN ('nothing', 'open', 'done')),
    CONSTRAINT ck_lead_seen_by CHECK (seen_by IN ('badge', 'number', 'gate'))
);
CREATE INDEX IF NOT EXISTS lead_event ON lead (event);
CREATE INDEX IF NOT EXISTS lead_registration ON lead (registration);
CREATE INDEX IF NOT EXISTS lead_listing ON lead (listing);
CREATE TABLE IF NOT EXISTS booth_gate (
    id bigserial PRIMARY KEY NOT NULL,
    gate bigint NOT NULL UNIQUE REFERENCES gate (id) ON DELETE CASCADE ON UPDATE CASCADE,
    organisation bigint NOT NULL REFERENCES organisation (id) ON DELETE CASCADE ON UPDATE CASCADE,
    through bigint NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS booth_gate_organisation ON booth_gate (organisation);
"""

ID = "2026-11-29T02:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "leads of employers, the consent of visitors, the employers of booths' gates"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(LEADS)

    manager.add_raw(run)
    return manager
