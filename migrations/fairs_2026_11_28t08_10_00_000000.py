"""Frozen months: what was counted, under which rules, and the rows that explain a later difference. Append-only.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

MONTHS = """
CREATE TABLE IF NOT EXISTS snapshot (
    id bigserial,
    event bigint NOT NULL,
    month date DEFAULT '2000-01-01' NOT NULL,
    number smallint DEFAULT 1 NOT NULL,
    reason text DEFAULT '' NOT NULL,
    rules_version character varying(16) DEFAULT '' NOT NULL,
    complete boolean DEFAULT true NOT NULL,
    taken_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    taken_by bigint,
    taken_label character varying(200) DEFAULT '' NOT NULL,
    CONSTRAINT snapshot_pkey PRIMARY KEY (id),
    CONSTRAINT uq_snapshot UNIQUE (event, month, number),
    CONSTRAINT ck_snapshot_month CHECK (extract(day FROM month) = 1),
    CONSTRAINT ck_snapshot_reason CHECK (number = 1 OR (number > 1 AND reason <> '')),
    CONSTRAINT snapshot_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE TABLE IF NOT EXISTS snapshot_rule (
    id bigserial,
    snapshot bigint NOT NULL,
    measure character varying(40) DEFAULT '' NOT NULL,
    version character varying(16) DEFAULT '' NOT NULL,
    name_zh text DEFAULT '' NOT NULL,
    name_en text DEFAULT '' NOT NULL,
    counted character varying(16) DEFAULT '' NOT NULL,
    rule_zh text DEFAULT '' NOT NULL,
    rule_en text DEFAULT '' NOT NULL,
    CONSTRAINT snapshot_rule_pkey PRIMARY KEY (id),
    CONSTRAINT uq_snapshot_rule UNIQUE (snapshot, measure),
    CONSTRAINT snapshot_rule_snapshot_fkey FOREIGN KEY (snapshot) REFERENCES snapshot(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE TABLE IF NOT EXISTS snapshot_number (
    id bigserial,
    snapshot bigint NOT NULL,
    measure character varying(40) DEFAULT '' NOT NULL,
    whole boolean DEFAULT false NOT NULL,
    unit character varying(12) DEFAULT '' NOT NULL,
    in_month bigint DEFAULT 0 NOT NULL,
    so_far bigint DEFAULT 0 NOT NULL,
    CONSTRAINT snapshot_number_pkey PRIMARY KEY (id),
    CONSTRAINT uq_snapshot_number UNIQUE (snapshot, measure, whole, unit),
    CONSTRAINT snapshot_number_snapshot_fkey FOREIGN KEY (snapshot) REFERENCES snapshot(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE TABLE IF NOT EXISTS snapshot_row (
    id bigserial,
    snapshot bigint NOT NULL,
    measure character varying(40) DEFAULT '' NOT NULL,
    whole boolean DEFAULT false NOT NULL,
    unit character varying(12) DEFAULT '' NOT NULL,
    identity text DEFAULT '' NOT NULL,
    mark text DEFAULT '' NOT NULL,
    at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    value bigint DEFAULT 0 NOT NULL,
    CONSTRAINT snapshot_row_pkey PRIMARY KEY (id),
    CONSTRAINT uq_snapshot_row UNIQUE (snapshot, measure, whole, unit, identity),
    CONSTRAINT snapshot_row_snapshot_fkey FOREIGN KEY (snapshot) REFERENCES snapshot(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE OR REPLACE TRIGGER tg_snapshot_append_only BEFORE DELETE OR UPDATE ON snapshot
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER tg_snapshot_rule_append_only BEFORE DELETE OR UPDATE ON snapshot_rule
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER tg_snapshot_number_append_only BEFORE DELETE OR UPDATE ON snapshot_number
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE OR REPLACE TRIGGER tg_snapshot_row_append_only BEFORE DELETE OR UPDATE ON snapshot_row
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

ID = "2026-11-28T08:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "frozen months"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(MONTHS)

    manager.add_raw(run)
    return manager
