"""Webhooks, their deliveries, and how far a webhook has been told of scans.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

WEBHOOKS = """
CREATE TABLE IF NOT EXISTS webhook (
    id bigserial,
    name character varying(120) DEFAULT '' NOT NULL,
    url text DEFAULT '' NOT NULL,
    secret_sealed text DEFAULT '' NOT NULL,
    topics character varying(40)[] DEFAULT '{}'::character varying[] NOT NULL,
    event bigint,
    made_by bigint,
    active boolean DEFAULT true NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    paused_at timestamp with time zone,
    ended_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT webhook_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT webhook_made_by_fkey FOREIGN KEY (made_by) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL,
    CONSTRAINT ck_webhook_topics CHECK (topics <@ ARRAY['registration.made', 'registration.cancelled',
        'registration.promoted', 'check_in.scans', 'agreement.step', 'listing.published', 'listing.closed']::varchar[])
);
CREATE INDEX IF NOT EXISTS webhook_event ON webhook USING btree (event);
CREATE TABLE IF NOT EXISTS webhook_delivery (
    id bigserial,
    webhook bigint NOT NULL,
    topic character varying(40) DEFAULT '' NOT NULL,
    body jsonb DEFAULT '{}' NOT NULL,
    state character varying(10) DEFAULT 'waiting' NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    status smallint,
    milliseconds integer,
    error text DEFAULT '' NOT NULL,
    next_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT webhook_delivery_pkey PRIMARY KEY (id),
    CONSTRAINT webhook_delivery_webhook_fkey FOREIGN KEY (webhook) REFERENCES webhook(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT ck_webhook_delivery_state CHECK (state IN ('waiting', 'retry', 'sent', 'failed'))
);
CREATE INDEX IF NOT EXISTS webhook_delivery_webhook ON webhook_delivery USING btree (webhook, id);
CREATE TABLE IF NOT EXISTS webhook_scan_place (
    id bigserial,
    webhook bigint NOT NULL,
    event bigint NOT NULL,
    through bigint DEFAULT 0 NOT NULL,
    CONSTRAINT webhook_scan_place_pkey PRIMARY KEY (id),
    CONSTRAINT uq_webhook_scan_place UNIQUE (webhook, event),
    CONSTRAINT webhook_scan_place_webhook_fkey FOREIGN KEY (webhook) REFERENCES webhook(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT webhook_scan_place_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS webhook_scan_place_event ON webhook_scan_place USING btree (event);
"""

ID = "2026-11-28T06:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "webhooks"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(WEBHOOKS)

    manager.add_raw(run)
    return manager
