"""Consents apart, looks at contact data, exports of one's own data, forgetting; append-only rows may lose their person.

The consents to show a profile that are in force are taken over with their version and time. Frozen once released: it imports
nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

TABLES = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE file DROP CONSTRAINT IF EXISTS ck_file_purpose;
ALTER TABLE file ADD CONSTRAINT ck_file_purpose
    CHECK (purpose IN ('licence', 'photo', 'evidence', 'speaker', 'logo', 'answer', 'badges', 'export'));
ALTER TABLE talent ADD COLUMN IF NOT EXISTS matching boolean NOT NULL DEFAULT true;
ALTER TABLE talent ADD COLUMN IF NOT EXISTS keep_after boolean NOT NULL DEFAULT true;
CREATE TABLE IF NOT EXISTS consent (
    id bigserial PRIMARY KEY NOT NULL,
    account bigint NOT NULL REFERENCES account (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    kind varchar(16) NOT NULL DEFAULT '',
    given boolean NOT NULL DEFAULT false,
    version varchar(20) NOT NULL DEFAULT '',
    lang varchar(2) NOT NULL DEFAULT 'en',
    place varchar(20) NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_consent_kind CHECK (kind IN ('privacy', 'cross_border', 'sensitive', 'publication', 'matching', 'keep_after')),
    CONSTRAINT ck_consent_place CHECK (place IN ('registration', 'profile', 'consents', 'closing'))
);
CREATE INDEX IF NOT EXISTS consent_account ON consent (account);
CREATE TABLE IF NOT EXISTS contact_look (
    id bigserial PRIMARY KEY NOT NULL,
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    viewer bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    organisation_id bigint,
    place varchar(16) NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    day date NOT NULL,
    CONSTRAINT uq_contact_look UNIQUE (account, viewer, place, day),
    CONSTRAINT ck_contact_look_place CHECK (place IN ('profile', 'visitors', 'registration'))
);
CREATE INDEX IF NOT EXISTS contact_look_viewer ON contact_look (viewer);
CREATE TABLE IF NOT EXISTS data_export (
    id bigserial PRIMARY KEY NOT NULL,
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    state varchar(8) NOT NULL DEFAULT 'waiting',
    lang varchar(2) NOT NULL DEFAULT 'en',
    asked_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ended_at timestamptz,
    expires_at timestamptz,
    done integer NOT NULL DEFAULT 0,
    total integer NOT NULL DEFAULT 0,
    file uuid REFERENCES file (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT ck_data_export_state CHECK (state IN ('waiting', 'running', 'done', 'failed'))
);
CREATE INDEX IF NOT EXISTS data_export_account ON data_export (account);
CREATE INDEX IF NOT EXISTS data_export_file ON data_export (file);
CREATE UNIQUE INDEX IF NOT EXISTS uq_data_export_live ON data_export (account) WHERE state IN ('waiting', 'running');
CREATE TABLE IF NOT EXISTS forgetting (
    id bigserial PRIMARY KEY NOT NULL,
    number varchar(24) NOT NULL DEFAULT '',
    asked_for varchar(8) NOT NULL DEFAULT '',
    state varchar(8) NOT NULL DEFAULT 'waiting',
    asked_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ended_at timestamptz,
    subject text NOT NULL DEFAULT '',
    account bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    counts jsonb NOT NULL DEFAULT '{}',
    kept jsonb NOT NULL DEFAULT '[]',
    CONSTRAINT forgetting_number_key UNIQUE (number),
    CONSTRAINT forgetting_account_key UNIQUE (account),
    CONSTRAINT ck_forgetting_state CHECK (state IN ('waiting', 'running', 'mails', 'done')),
    CONSTRAINT ck_forgetting_asked_for CHECK (asked_for IN ('page', 'command')),
    CONSTRAINT ck_forgetting_subject CHECK ((state = 'done') = (subject = ''))
);

CREATE TABLE IF NOT EXISTS retention_period (
    key varchar(20) PRIMARY KEY NOT NULL,
    days integer NOT NULL DEFAULT 0,
    since timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_retention_period_days CHECK (days >= 1)
);
CREATE TABLE IF NOT EXISTS purge_request (
    id bigserial PRIMARY KEY NOT NULL,
    key varchar(20) NOT NULL DEFAULT '',
    days integer,
    would_go bigint NOT NULL DEFAULT 0,
    state varchar(10) NOT NULL DEFAULT 'waiting',
    asked_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    asked_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    decided_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    decided_at timestamptz,
    CONSTRAINT ck_purge_request_state CHECK (state IN ('waiting', 'confirmed', 'refused')),
    CONSTRAINT ck_purge_request_kind CHECK ((key = '') = (days IS NULL)),
    CONSTRAINT ck_purge_request_two CHECK (state <> 'confirmed' OR asked_by IS DISTINCT FROM decided_by OR asked_by IS NULL)
);
CREATE INDEX IF NOT EXISTS purge_request_asked_by ON purge_request (asked_by);
CREATE INDEX IF NOT EXISTS purge_request_decided_by ON purge_request (decided_by);
CREATE UNIQUE INDEX IF NOT EXISTS uq_purge_request_waiting ON purge_request (key) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS purge_report (
    id bigserial PRIMARY KEY NOT NULL,
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    seconds real NOT NULL DEFAULT 0,
    number bigint NOT NULL DEFAULT 0,
    lines jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX IF NOT EXISTS purge_report_at ON purge_report (at);
"""
TAKE_OVER = """
INSERT INTO consent (account, kind, given, version, lang, place, at)
SELECT t.account, k.kind, true, t.consent_version, a.lang, 'profile', t.consent_at
FROM talent t JOIN account a ON a.id = t.account, (VALUES ('publication'), ('matching')) AS k (kind)
WHERE t.consent_at IS NOT NULL AND t.consent_version <> '' AND t.visibility <> 'private'
AND NOT EXISTS (SELECT 1 FROM consent c WHERE c.account = t.account AND c.kind = k.kind);
"""
# While somebody is forgotten (privacy.forgets), the columns that the trigger names may change in append-only rows, and the rows
# of an agreement that nobody has signed may go. All else is refused as before.
TRIGGERS = """
CREATE OR REPLACE FUNCTION refuse_change_before_expiry()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    before text := current_setting('upkeep.expired_before', true);
    happened timestamp with time zone;
    open text[];
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(before, '') <> '' THEN
        happened := (to_jsonb(OLD) ->> TG_ARGV[0])::timestamp with time zone;
        IF happened < before::timestamp with time zone THEN
            RETURN OLD;
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND TG_NARGS > 1 AND coalesce(current_setting('privacy.forgets', true), '') = 'on' THEN
        open := string_to_array(TG_ARGV[1], ',');
        IF to_jsonb(NEW) - open = to_jsonb(OLD) - open THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END;
$function$;
CREATE OR REPLACE FUNCTION refuse_change_of_signed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(current_setting('privacy.forgets', true), '') = 'on'
            AND NOT EXISTS (SELECT 1 FROM agreement_signature s WHERE s.agreement = OLD.agreement) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END;
$function$;
DROP TRIGGER IF EXISTS tg_audit_entry_append_only ON audit_entry;
CREATE TRIGGER tg_audit_entry_append_only BEFORE DELETE OR UPDATE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change_before_expiry('at', 'actor_label,before,after,ip');
DROP TRIGGER IF EXISTS tg_conflict_decision_append_only ON conflict_decision;
CREATE TRIGGER tg_conflict_decision_append_only BEFORE DELETE OR UPDATE ON conflict_decision
    FOR EACH ROW EXECUTE FUNCTION refuse_change_before_expiry('scanned_at', 'note');
DROP TRIGGER IF EXISTS tg_scan_correction_append_only ON scan_correction;
CREATE TRIGGER tg_scan_correction_append_only BEFORE DELETE OR UPDATE ON scan_correction
    FOR EACH ROW EXECUTE FUNCTION refuse_change_before_expiry('scanned_at', 'note');
DROP TRIGGER IF EXISTS tg_agreement_revision_append_only ON agreement_revision;
CREATE TRIGGER tg_agreement_revision_append_only BEFORE DELETE OR UPDATE ON agreement_revision
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_signed();
DROP TRIGGER IF EXISTS tg_agreement_transition_append_only ON agreement_transition;
CREATE TRIGGER tg_agreement_transition_append_only BEFORE DELETE OR UPDATE ON agreement_transition
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_signed();
DROP TRIGGER IF EXISTS tg_consent_append_only ON consent;
CREATE TRIGGER tg_consent_append_only BEFORE DELETE OR UPDATE ON consent FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

ID = "2026-11-29T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "consents, looks, exports, forgetting, shortened periods"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        connection = engine_finder().current_transaction.get().connection
        await connection.execute(TABLES)
        await connection.execute(TAKE_OVER)
        await connection.execute(TRIGGERS)

    manager.add_raw(run)
    return manager
