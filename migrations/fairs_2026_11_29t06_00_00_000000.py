"""Forms of registration that organisers build, their versions, answers, and what is typed and not sent.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

FORMS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE file DROP CONSTRAINT IF EXISTS ck_file_purpose;
ALTER TABLE file ADD CONSTRAINT ck_file_purpose CHECK (purpose IN ('licence', 'photo', 'evidence', 'speaker', 'logo', 'answer', 'badges', 'export'));
CREATE TABLE IF NOT EXISTS registration_form (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    category varchar(12) NOT NULL DEFAULT '',
    draft jsonb NOT NULL DEFAULT '{}',
    in_use boolean NOT NULL DEFAULT false,
    answers_until timestamptz,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_registration_form UNIQUE (event, category)
);
CREATE TABLE IF NOT EXISTS registration_form_version (
    id bigserial PRIMARY KEY NOT NULL,
    form bigint NOT NULL REFERENCES registration_form (id) ON DELETE CASCADE ON UPDATE CASCADE,
    number integer NOT NULL DEFAULT 0,
    content jsonb NOT NULL DEFAULT '{}',
    published_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    published_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT uq_registration_form_version UNIQUE (form, number)
);
CREATE INDEX IF NOT EXISTS registration_form_version_published_by ON registration_form_version (published_by);
CREATE OR REPLACE FUNCTION registration_form_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.content IS DISTINCT FROM OLD.content OR NEW.number <> OLD.number OR NEW.form <> OLD.form THEN
        RAISE EXCEPTION 'a published version of a form never changes' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER IF EXISTS registration_form_version_stays ON registration_form_version;
CREATE TRIGGER registration_form_version_stays BEFORE UPDATE ON registration_form_version
    FOR EACH ROW EXECUTE FUNCTION registration_form_version_stays();
CREATE TABLE IF NOT EXISTS registration_answers (
    id bigserial PRIMARY KEY NOT NULL,
    registration bigint NOT NULL UNIQUE REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    version bigint NOT NULL REFERENCES registration_form_version (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    given jsonb NOT NULL DEFAULT '{}',
    brief jsonb NOT NULL DEFAULT '{}',
    sealed text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS registration_answers_version ON registration_answers (version);
CREATE TABLE IF NOT EXISTS registration_file (
    id bigserial PRIMARY KEY NOT NULL,
    registration bigint NOT NULL REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    question varchar(40) NOT NULL DEFAULT '',
    brief boolean NOT NULL DEFAULT false,
    file uuid NOT NULL REFERENCES file (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT uq_registration_file UNIQUE (registration, question)
);
CREATE INDEX IF NOT EXISTS registration_file_file ON registration_file (file);
CREATE TABLE IF NOT EXISTS registration_option (
    id bigserial PRIMARY KEY NOT NULL,
    registration bigint NOT NULL REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    form bigint NOT NULL REFERENCES registration_form (id) ON DELETE CASCADE ON UPDATE CASCADE,
    question varchar(40) NOT NULL DEFAULT '',
    option varchar(40) NOT NULL DEFAULT '',
    CONSTRAINT uq_registration_option UNIQUE (registration, form, question, option)
);
CREATE INDEX IF NOT EXISTS registration_option_form ON registration_option (form);
CREATE TABLE IF NOT EXISTS registration_draft (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    typed text NOT NULL DEFAULT '',
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_registration_draft UNIQUE (event, account)
);
CREATE INDEX IF NOT EXISTS registration_draft_account ON registration_draft (account);
"""

ID = "2026-11-29T06:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "forms of registration"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(FORMS)

    manager.add_raw(run)
    return manager
