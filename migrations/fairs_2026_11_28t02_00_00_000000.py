"""Periodic jobs and their runs, the demo's moved clock, who wants no morning mail; append-only rows may expire.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

CLOCK = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS periodic_job (
    name character varying(60) DEFAULT '' NOT NULL,
    since timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT periodic_job_pkey PRIMARY KEY (name)
);
CREATE TABLE IF NOT EXISTS periodic_run (
    id bigserial,
    name character varying(60) DEFAULT '' NOT NULL,
    due_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    asked_by bigint,
    state character varying(10) DEFAULT 'waiting' NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    done bigint,
    error text DEFAULT '' NOT NULL,
    CONSTRAINT periodic_run_pkey PRIMARY KEY (id),
    CONSTRAINT uq_periodic_run_due UNIQUE (name, due_at),
    CONSTRAINT ck_periodic_run_state CHECK (state IN ('waiting', 'running', 'retrying', 'done', 'failed')),
    CONSTRAINT ck_periodic_run_finished CHECK ((finished_at IS NOT NULL) = (state IN ('done', 'failed'))),
    CONSTRAINT periodic_run_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX IF NOT EXISTS periodic_run_asked_by ON periodic_run USING btree (asked_by);
CREATE UNIQUE INDEX IF NOT EXISTS uq_periodic_run_open ON periodic_run (name) WHERE state IN ('waiting', 'running', 'retrying');
CREATE TABLE IF NOT EXISTS moved_clock (
    id smallint DEFAULT 1 NOT NULL,
    seconds bigint DEFAULT 0 NOT NULL,
    CONSTRAINT moved_clock_pkey PRIMARY KEY (id),
    CONSTRAINT ck_moved_clock_one CHECK (id = 1)
);
CREATE TABLE IF NOT EXISTS work_mail_off (
    id bigserial,
    account bigint NOT NULL,
    since timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT work_mail_off_pkey PRIMARY KEY (id),
    CONSTRAINT work_mail_off_account_key UNIQUE (account),
    CONSTRAINT work_mail_off_account_fkey FOREIGN KEY (account) REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE
);
"""

# A purge says in its transaction how old a row must be to go (upkeep.expired_before); everything else is refused as before.
EXPIRY = """
CREATE OR REPLACE FUNCTION refuse_change_before_expiry()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
    before text := current_setting('upkeep.expired_before', true);
    happened timestamp with time zone;
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(before, '') <> '' THEN
        happened := (to_jsonb(OLD) ->> TG_ARGV[0])::timestamp with time zone;
        IF happened < before::timestamp with time zone THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END;
$function$;
DROP TRIGGER IF EXISTS tg_audit_entry_append_only ON audit_entry;
CREATE TRIGGER tg_audit_entry_append_only BEFORE DELETE OR UPDATE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change_before_expiry('at');
DROP TRIGGER IF EXISTS tg_scan_append_only ON scan;
CREATE TRIGGER tg_scan_append_only BEFORE DELETE OR UPDATE ON scan
    FOR EACH ROW EXECUTE FUNCTION refuse_change_before_expiry('scanned_at');
"""

ID = "2026-11-28T02:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "periodic jobs, and the expiry of append-only rows"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        connection = engine_finder().current_transaction.get().connection
        await connection.execute(CLOCK)
        await connection.execute(EXPIRY)

    manager.add_raw(run)
    return manager
