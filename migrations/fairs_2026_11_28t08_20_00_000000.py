"""How employers of an event get a table, and who asked for one.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

TABLES = """
CREATE TABLE IF NOT EXISTS table_rule (
    id bigserial,
    event bigint NOT NULL,
    kind character varying(8) DEFAULT 'request' NOT NULL,
    each smallint DEFAULT 1 NOT NULL,
    CONSTRAINT table_rule_pkey PRIMARY KEY (id),
    CONSTRAINT table_rule_event_key UNIQUE (event),
    CONSTRAINT ck_table_rule_kind CHECK (kind IN ('own', 'pool', 'request')),
    CONSTRAINT ck_table_rule_each CHECK (each BETWEEN 1 AND 20),
    CONSTRAINT table_rule_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS table_request (
    id bigserial,
    event bigint NOT NULL,
    organisation bigint NOT NULL,
    state character varying(8) DEFAULT 'waiting' NOT NULL,
    note text DEFAULT '' NOT NULL,
    answer text DEFAULT '' NOT NULL,
    asked_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    answered_at timestamp with time zone,
    CONSTRAINT table_request_pkey PRIMARY KEY (id),
    CONSTRAINT uq_table_request UNIQUE (event, organisation),
    CONSTRAINT ck_table_request_state CHECK (state IN ('waiting', 'given', 'refused')),
    CONSTRAINT table_request_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT table_request_organisation_fkey FOREIGN KEY (organisation) REFERENCES organisation(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS ix_table_request_organisation ON table_request (organisation);
"""

ID = "2026-11-28T08:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "rules and requests of tables"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(TABLES)

    manager.add_raw(run)
    return manager
