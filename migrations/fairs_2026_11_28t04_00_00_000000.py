"""The programme has one draft, released versions with their changes, and speakers.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

PROGRAMME = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE event_session ADD COLUMN IF NOT EXISTS cancelled_at timestamp with time zone;
ALTER TABLE event_session ADD COLUMN IF NOT EXISTS cancel_reason character varying(300) DEFAULT '' NOT NULL;

CREATE TABLE IF NOT EXISTS speaker (
    id bigserial,
    event bigint NOT NULL,
    code character varying(40) DEFAULT '' NOT NULL,
    name_zh character varying(120) DEFAULT '' NOT NULL,
    name_en character varying(120) DEFAULT '' NOT NULL,
    affiliation_zh character varying(200) DEFAULT '' NOT NULL,
    affiliation_en character varying(200) DEFAULT '' NOT NULL,
    bio_zh text DEFAULT '' NOT NULL,
    bio_en text DEFAULT '' NOT NULL,
    CONSTRAINT speaker_pkey PRIMARY KEY (id),
    CONSTRAINT uq_speaker_event_code UNIQUE (event, code),
    CONSTRAINT speaker_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS session_speaker (
    id bigserial,
    session bigint NOT NULL,
    speaker bigint NOT NULL,
    position smallint DEFAULT 0 NOT NULL,
    role character varying(12) DEFAULT '' NOT NULL,
    CONSTRAINT session_speaker_pkey PRIMARY KEY (id),
    CONSTRAINT uq_session_speaker UNIQUE (session, speaker),
    CONSTRAINT ck_session_speaker_role CHECK (role IN ('speaker', 'host')),
    CONSTRAINT session_speaker_session_fkey FOREIGN KEY (session) REFERENCES event_session(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT session_speaker_speaker_fkey FOREIGN KEY (speaker) REFERENCES speaker(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX IF NOT EXISTS session_speaker_speaker ON session_speaker USING btree (speaker);

CREATE TABLE IF NOT EXISTS session_draft (
    id bigserial,
    event bigint NOT NULL,
    session bigint,
    unit bigint,
    room bigint,
    code character varying(40) DEFAULT '' NOT NULL,
    kind character varying(20) DEFAULT '' NOT NULL,
    title_zh character varying(200) DEFAULT '' NOT NULL,
    title_en character varying(200) DEFAULT '' NOT NULL,
    starts_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    ends_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    capacity integer,
    sign_up boolean DEFAULT false NOT NULL,
    changes_until timestamp with time zone,
    speakers text DEFAULT '' NOT NULL,
    removed boolean DEFAULT false NOT NULL,
    reason character varying(300) DEFAULT '' NOT NULL,
    CONSTRAINT session_draft_pkey PRIMARY KEY (id),
    CONSTRAINT session_draft_session_key UNIQUE (session),
    CONSTRAINT uq_session_draft_code UNIQUE (event, code),
    CONSTRAINT ck_session_draft_span CHECK (ends_at > starts_at),
    CONSTRAINT ck_session_draft_removed CHECK ((NOT removed) OR (session IS NOT NULL)),
    CONSTRAINT session_draft_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT session_draft_session_fkey FOREIGN KEY (session) REFERENCES event_session(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT session_draft_unit_fkey FOREIGN KEY (unit) REFERENCES unit(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT session_draft_room_fkey FOREIGN KEY (room) REFERENCES room(id) ON UPDATE CASCADE ON DELETE SET NULL
);

CREATE TABLE IF NOT EXISTS programme_release (
    id bigserial,
    event bigint NOT NULL,
    number integer DEFAULT 0 NOT NULL,
    released_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    released_by bigint,
    told integer DEFAULT 0 NOT NULL,
    CONSTRAINT programme_release_pkey PRIMARY KEY (id),
    CONSTRAINT uq_programme_release_number UNIQUE (event, number),
    CONSTRAINT programme_release_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT programme_release_released_by_fkey FOREIGN KEY (released_by) REFERENCES account(id) ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE TABLE IF NOT EXISTS release_change (
    id bigserial,
    release bigint NOT NULL,
    session bigint NOT NULL,
    kind character varying(12) DEFAULT '' NOT NULL,
    before jsonb,
    after jsonb,
    people integer DEFAULT 0 NOT NULL,
    CONSTRAINT release_change_pkey PRIMARY KEY (id),
    CONSTRAINT ck_release_change_kind CHECK (kind IN ('new', 'moved', 'cancelled', 'changed')),
    CONSTRAINT release_change_release_fkey FOREIGN KEY (release) REFERENCES programme_release(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT release_change_session_fkey FOREIGN KEY (session) REFERENCES event_session(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS release_change_release ON release_change USING btree (release);
CREATE INDEX IF NOT EXISTS release_change_session ON release_change USING btree (session);
CREATE OR REPLACE TRIGGER tg_release_change_frozen BEFORE UPDATE ON release_change FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

ID = "2026-11-28T04:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the programme has a draft, released versions and speakers"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(PROGRAMME)

    manager.add_raw(run)
    return manager
