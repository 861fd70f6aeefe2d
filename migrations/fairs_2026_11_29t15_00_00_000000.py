"""Pairs that may be one person, merges; rows that are append-only may be moved to another number of the same person.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

TABLES = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS duplicate_pair (
    id bigserial PRIMARY KEY NOT NULL,
    one bigint NOT NULL DEFAULT 0,
    other bigint NOT NULL DEFAULT 0,
    score smallint NOT NULL DEFAULT 0,
    reasons varchar(16)[] NOT NULL DEFAULT '{}',
    state varchar(8) NOT NULL DEFAULT 'open',
    found_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    decided_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    decided_at timestamptz,
    CONSTRAINT uq_duplicate_pair UNIQUE (one, other),
    CONSTRAINT ck_duplicate_pair_order CHECK (one < other),
    CONSTRAINT ck_duplicate_pair_state CHECK (state IN ('open', 'apart'))
);
CREATE INDEX IF NOT EXISTS duplicate_pair_decided_by ON duplicate_pair (decided_by);
CREATE INDEX IF NOT EXISTS duplicate_pair_other ON duplicate_pair (other);
CREATE TABLE IF NOT EXISTS person_merge (
    id bigserial PRIMARY KEY NOT NULL,
    kept bigint NOT NULL DEFAULT 0,
    gone bigint NOT NULL DEFAULT 0,
    score smallint NOT NULL DEFAULT 0,
    reasons varchar(16)[] NOT NULL DEFAULT '{}',
    moved jsonb NOT NULL DEFAULT '{}',
    images text NOT NULL DEFAULT '',
    photo uuid REFERENCES file (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    gone_email varchar(254) NOT NULL DEFAULT '',
    gone_account bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    merged_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    merged_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    undo_until timestamptz NOT NULL,
    undone_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    undone_at timestamptz
);
CREATE INDEX IF NOT EXISTS person_merge_kept ON person_merge (kept);
CREATE INDEX IF NOT EXISTS person_merge_gone ON person_merge (gone);
CREATE INDEX IF NOT EXISTS person_merge_photo ON person_merge (photo);
CREATE INDEX IF NOT EXISTS person_merge_gone_account ON person_merge (gone_account);
CREATE INDEX IF NOT EXISTS person_merge_merged_by ON person_merge (merged_by);
CREATE INDEX IF NOT EXISTS person_merge_undone_by ON person_merge (undone_by);
"""
# While records of one person are merged or taken apart (people.merges), one column of these rows may change: whose they are.
# The second argument: rows may expire by this column, as before.
TRIGGERS = """
CREATE OR REPLACE FUNCTION refuse_change_but_person()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    before text := current_setting('upkeep.expired_before', true);
BEGIN
    IF TG_OP = 'DELETE' AND TG_NARGS > 1 AND coalesce(before, '') <> '' THEN
        IF (to_jsonb(OLD) ->> TG_ARGV[1])::timestamp with time zone < before::timestamp with time zone THEN
            RETURN OLD;
        END IF;
    END IF;
    IF TG_OP = 'UPDATE' AND coalesce(current_setting('people.merges', true), '') = 'on'
            AND to_jsonb(NEW) - TG_ARGV[0] = to_jsonb(OLD) - TG_ARGV[0] THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END;
$function$;
DROP TRIGGER IF EXISTS tg_consent_append_only ON consent;
CREATE TRIGGER tg_consent_append_only BEFORE DELETE OR UPDATE ON consent
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_person('account');
DROP TRIGGER IF EXISTS tg_agreement_signature_append_only ON agreement_signature;
CREATE TRIGGER tg_agreement_signature_append_only BEFORE DELETE OR UPDATE ON agreement_signature
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_person('account');
DROP TRIGGER IF EXISTS tg_scan_append_only ON scan;
CREATE TRIGGER tg_scan_append_only BEFORE DELETE OR UPDATE ON scan
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_person('registration', 'scanned_at');
"""

ID = "2026-11-29T15:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "possible duplicates of people, merges"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        connection = engine_finder().current_transaction.get().connection
        await connection.execute(TABLES)
        await connection.execute(TRIGGERS)

    manager.add_raw(run)
    return manager
