"""Exhibits: who shows what, the plan of booths, visits at them, and what visitors ask.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

EXHIBITS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE file DROP CONSTRAINT IF EXISTS ck_file_purpose;
ALTER TABLE file ADD CONSTRAINT ck_file_purpose CHECK (purpose IN
    ('licence', 'photo', 'evidence', 'speaker', 'logo', 'answer', 'poster', 'exhibit', 'badges', 'export'));
CREATE TABLE IF NOT EXISTS exhibition (
    event bigint PRIMARY KEY NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    closes_at timestamptz,
    call_zh text NOT NULL DEFAULT '',
    call_en text NOT NULL DEFAULT '',
    plan jsonb NOT NULL DEFAULT '[]',
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE IF NOT EXISTS exhibit (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    talent bigint REFERENCES talent (id) ON DELETE CASCADE ON UPDATE CASCADE,
    organisation bigint REFERENCES organisation (id) ON DELETE CASCADE ON UPDATE CASCADE,
    bureau bigint REFERENCES unit (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    kind varchar(10) NOT NULL DEFAULT '',
    state varchar(10) NOT NULL DEFAULT 'draft',
    title_zh varchar(200) NOT NULL DEFAULT '',
    title_en varchar(200) NOT NULL DEFAULT '',
    text_zh text NOT NULL DEFAULT '',
    text_en text NOT NULL DEFAULT '',
    stage varchar(10) NOT NULL DEFAULT '',
    looks_for varchar(12)[] NOT NULL DEFAULT '{}',
    discipline varchar(10) NOT NULL DEFAULT '',
    poster uuid REFERENCES file (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    search_key text NOT NULL DEFAULT '',
    reason varchar(500) NOT NULL DEFAULT '',
    submitted_at timestamptz,
    decided_at timestamptz,
    decided_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_exhibit_kind CHECK (kind IN ('work', 'patent', 'product', 'company')),
    CONSTRAINT ck_exhibit_state CHECK (state IN ('draft', 'submitted', 'returned', 'released')),
    CONSTRAINT ck_exhibit_stage CHECK (stage IN ('', 'idea', 'lab', 'prototype', 'pilot', 'market')),
    CONSTRAINT ck_exhibit_owner CHECK (num_nonnulls(talent, organisation, bureau) = 1),
    CONSTRAINT ck_exhibit_title CHECK (title_zh <> '' OR title_en <> ''),
    CONSTRAINT ck_exhibit_reason CHECK ((state = 'returned') = (reason <> ''))
);
CREATE INDEX IF NOT EXISTS exhibit_event ON exhibit (event);
CREATE INDEX IF NOT EXISTS exhibit_talent ON exhibit (talent);
CREATE INDEX IF NOT EXISTS exhibit_organisation ON exhibit (organisation);
CREATE INDEX IF NOT EXISTS exhibit_bureau ON exhibit (bureau);
CREATE INDEX IF NOT EXISTS exhibit_poster ON exhibit (poster);
CREATE INDEX IF NOT EXISTS exhibit_decided_by ON exhibit (decided_by);
CREATE TABLE IF NOT EXISTS exhibit_picture (
    id bigserial PRIMARY KEY NOT NULL,
    exhibit bigint NOT NULL REFERENCES exhibit (id) ON DELETE CASCADE ON UPDATE CASCADE,
    picture uuid NOT NULL UNIQUE REFERENCES file (id) ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX IF NOT EXISTS exhibit_picture_exhibit ON exhibit_picture (exhibit);
CREATE TABLE IF NOT EXISTS exhibit_score (
    id bigserial PRIMARY KEY NOT NULL,
    exhibit bigint NOT NULL REFERENCES exhibit (id) ON DELETE CASCADE ON UPDATE CASCADE,
    juror bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    points smallint NOT NULL DEFAULT 0,
    note varchar(500) NOT NULL DEFAULT '',
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT uq_exhibit_score UNIQUE (exhibit, juror),
    CONSTRAINT ck_exhibit_score_points CHECK (points BETWEEN 0 AND 100)
);
CREATE INDEX IF NOT EXISTS exhibit_score_juror ON exhibit_score (juror);
CREATE TABLE IF NOT EXISTS exhibit_booth (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    code varchar(8) NOT NULL DEFAULT '',
    place_row smallint NOT NULL DEFAULT 0,
    place_column smallint NOT NULL DEFAULT 0,
    gate bigint UNIQUE REFERENCES gate (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT uq_exhibit_booth_code UNIQUE (event, code)
);
CREATE TABLE IF NOT EXISTS exhibit_stand (
    id bigserial PRIMARY KEY NOT NULL,
    booth bigint NOT NULL REFERENCES exhibit_booth (id) ON DELETE CASCADE ON UPDATE CASCADE,
    exhibit bigint NOT NULL REFERENCES exhibit (id) ON DELETE CASCADE ON UPDATE CASCADE,
    since timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    until timestamptz
);
CREATE INDEX IF NOT EXISTS exhibit_stand_booth ON exhibit_stand (booth);
CREATE INDEX IF NOT EXISTS exhibit_stand_exhibit ON exhibit_stand (exhibit);
CREATE UNIQUE INDEX IF NOT EXISTS uq_exhibit_stand_booth ON exhibit_stand (booth) WHERE until IS NULL;
CREATE UNIQUE INDEX IF NOT EXISTS uq_exhibit_stand_exhibit ON exhibit_stand (exhibit) WHERE until IS NULL;
CREATE TABLE IF NOT EXISTS exhibit_request (
    id bigserial PRIMARY KEY NOT NULL,
    exhibit bigint NOT NULL REFERENCES exhibit (id) ON DELETE CASCADE ON UPDATE CASCADE,
    account bigint NOT NULL REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE,
    asks varchar(12) NOT NULL DEFAULT '',
    message varchar(1000) NOT NULL DEFAULT '',
    contact boolean NOT NULL DEFAULT false,
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    done_at timestamptz,
    CONSTRAINT uq_exhibit_request UNIQUE (exhibit, account),
    CONSTRAINT ck_exhibit_request_asks CHECK (asks IN ('interest', 'investment', 'partner', 'site', 'talk'))
);
CREATE INDEX IF NOT EXISTS exhibit_request_account ON exhibit_request (account);
"""

ID = "2026-11-29T20:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "exhibits"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(EXHIBITS)

    manager.add_raw(run)
    return manager
