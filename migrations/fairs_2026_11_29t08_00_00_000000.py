"""Addresses without mailings, own texts of mails, mailings and their recipients.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

TOLD = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE outgoing_mail ADD COLUMN IF NOT EXISTS unsubscribe text NOT NULL DEFAULT '';
ALTER TABLE outgoing_mail DROP CONSTRAINT IF EXISTS ck_outgoing_mail_states;
ALTER TABLE outgoing_mail ADD CONSTRAINT ck_outgoing_mail_states CHECK (state IN
    ('held', 'queued', 'sending', 'sent', 'kept', 'retry', 'failed', 'bounced', 'aborted'));
CREATE TABLE IF NOT EXISTS mail_suppression (
    id bigserial PRIMARY KEY,
    address varchar(254) NOT NULL DEFAULT '',
    kind varchar(12) NOT NULL DEFAULT '',
    note varchar(500) NOT NULL DEFAULT '',
    mail bigint REFERENCES outgoing_mail (id) ON DELETE SET NULL ON UPDATE CASCADE,
    created_at timestamptz NOT NULL DEFAULT current_timestamp,
    CONSTRAINT ck_mail_suppression_kind CHECK (kind IN ('bounced', 'complaint', 'newsletter', 'by_hand')),
    CONSTRAINT ck_mail_suppression_lower CHECK (address = lower(address)),
    CONSTRAINT uq_mail_suppression UNIQUE (address, kind)
);
CREATE INDEX IF NOT EXISTS mail_suppression_mail ON mail_suppression (mail);
CREATE TABLE IF NOT EXISTS mail_wording (
    id bigserial PRIMARY KEY,
    kind varchar(60) NOT NULL DEFAULT '',
    event bigint REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    version integer NOT NULL DEFAULT 0,
    subject_zh text NOT NULL DEFAULT '',
    subject_en text NOT NULL DEFAULT '',
    text_zh text NOT NULL DEFAULT '',
    text_en text NOT NULL DEFAULT '',
    made_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    created_at timestamptz NOT NULL DEFAULT current_timestamp,
    CONSTRAINT ck_mail_wording_version CHECK (version > 0)
);
CREATE UNIQUE INDEX IF NOT EXISTS uq_mail_wording ON mail_wording (kind, coalesce(event, 0), version);
CREATE INDEX IF NOT EXISTS mail_wording_event ON mail_wording (event);
CREATE TABLE IF NOT EXISTS mailing (
    id bigserial PRIMARY KEY,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    kind varchar(12) NOT NULL DEFAULT 'service',
    trigger varchar(12) NOT NULL DEFAULT '',
    days smallint NOT NULL DEFAULT 0,
    hour smallint NOT NULL DEFAULT 9,
    subject_zh text NOT NULL DEFAULT '',
    subject_en text NOT NULL DEFAULT '',
    text_zh text NOT NULL DEFAULT '',
    text_en text NOT NULL DEFAULT '',
    filters jsonb NOT NULL DEFAULT '{}',
    per_minute smallint NOT NULL DEFAULT 60,
    state varchar(12) NOT NULL DEFAULT 'draft',
    turn integer NOT NULL DEFAULT 0,
    next_at timestamptz,
    made_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    created_at timestamptz NOT NULL DEFAULT current_timestamp,
    started_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT ck_mailing_kind CHECK (kind IN ('service', 'newsletter')),
    CONSTRAINT ck_mailing_trigger CHECK (trigger IN ('', 'before', 'after', 'state', 'absent', 'meeting')),
    CONSTRAINT ck_mailing_state CHECK (state IN ('draft', 'sending', 'paused', 'done', 'aborted')),
    CONSTRAINT ck_mailing_per_minute CHECK (per_minute BETWEEN 1 AND 1000)
);
CREATE INDEX IF NOT EXISTS mailing_event ON mailing (event);
CREATE INDEX IF NOT EXISTS mailing_state ON mailing (state);
CREATE TABLE IF NOT EXISTS mailing_recipient (
    id bigserial PRIMARY KEY,
    mailing bigint NOT NULL REFERENCES mailing (id) ON DELETE CASCADE ON UPDATE CASCADE,
    registration bigint NOT NULL REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    address varchar(254) NOT NULL DEFAULT '',
    state varchar(10) NOT NULL DEFAULT 'waiting',
    reason varchar(14) NOT NULL DEFAULT '',
    mail bigint,
    unsubscribe_hash bytea,
    created_at timestamptz NOT NULL DEFAULT current_timestamp,
    CONSTRAINT ck_mailing_recipient_state CHECK (state IN ('waiting', 'written', 'excluded', 'aborted')),
    CONSTRAINT ck_mailing_recipient_reason CHECK (reason IN
        ('', 'no_address', 'same_address', 'bounced', 'complaint', 'newsletter', 'by_hand', 'withdrew', 'earlier')),
    CONSTRAINT ck_mailing_recipient_excluded CHECK ((state = 'excluded') = (reason <> ''))
);
CREATE UNIQUE INDEX IF NOT EXISTS uq_mailing_recipient_registration ON mailing_recipient (mailing, registration);
CREATE UNIQUE INDEX IF NOT EXISTS uq_mailing_recipient_address ON mailing_recipient (mailing, address) WHERE state <> 'excluded';
CREATE INDEX IF NOT EXISTS mailing_recipient_waiting ON mailing_recipient (mailing, id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS mailing_recipient_registration ON mailing_recipient (registration);
CREATE INDEX IF NOT EXISTS mailing_recipient_mail ON mailing_recipient (mail);
CREATE INDEX IF NOT EXISTS mailing_recipient_unsubscribe_hash ON mailing_recipient (unsubscribe_hash);
"""

ID = "2026-11-29T08:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "people are told"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(TOLD)

    manager.add_raw(run)
    return manager
