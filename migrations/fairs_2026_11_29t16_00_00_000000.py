"""Tours: plan, groups, stops, members, what they are told, proposals of a route.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

TOURS = """
CREATE TABLE IF NOT EXISTS tour_plan (
    event bigint PRIMARY KEY NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    start bigint REFERENCES unit (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    finish bigint REFERENCES unit (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    begins smallint NOT NULL DEFAULT 9,
    ends smallint NOT NULL DEFAULT 18,
    per_day smallint NOT NULL DEFAULT 3,
    seats integer NOT NULL DEFAULT 45,
    most_groups smallint NOT NULL DEFAULT 1,
    reply_by date,
    released_at timestamptz,
    released_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_tour_plan_hours CHECK (begins BETWEEN 0 AND 23 AND ends BETWEEN 1 AND 24 AND ends > begins),
    CONSTRAINT ck_tour_plan_sizes CHECK (per_day BETWEEN 1 AND 8 AND seats BETWEEN 1 AND 500 AND most_groups BETWEEN 1 AND 12)
);
CREATE INDEX IF NOT EXISTS tour_plan_start ON tour_plan (start);
CREATE INDEX IF NOT EXISTS tour_plan_finish ON tour_plan (finish);
CREATE INDEX IF NOT EXISTS tour_plan_released_by ON tour_plan (released_by);
CREATE TABLE IF NOT EXISTS tour_group (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    name varchar(40) NOT NULL DEFAULT '',
    CONSTRAINT uq_tour_group UNIQUE (event, name)
);
CREATE TABLE IF NOT EXISTS tour_quota (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    unit bigint REFERENCES unit (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    discipline varchar(10) NOT NULL DEFAULT '',
    places integer NOT NULL DEFAULT 0,
    CONSTRAINT uq_tour_quota UNIQUE (event, unit, discipline),
    CONSTRAINT ck_tour_quota_one CHECK ((unit IS NULL) <> (discipline = '')),
    CONSTRAINT ck_tour_quota_places CHECK (places BETWEEN 1 AND 10000)
);
CREATE INDEX IF NOT EXISTS tour_quota_unit ON tour_quota (unit);
CREATE TABLE IF NOT EXISTS tour_stop (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    kind varchar(10) NOT NULL DEFAULT '',
    state varchar(10) NOT NULL DEFAULT 'planned',
    starts_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ends_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    unit bigint REFERENCES unit (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    organisation bigint REFERENCES organisation (id) ON DELETE SET NULL ON UPDATE CASCADE,
    title_zh varchar(200) NOT NULL DEFAULT '',
    title_en varchar(200) NOT NULL DEFAULT '',
    place_zh varchar(200) NOT NULL DEFAULT '',
    place_en varchar(200) NOT NULL DEFAULT '',
    host_name varchar(120) NOT NULL DEFAULT '',
    host_phone varchar(40) NOT NULL DEFAULT '',
    host_email varchar(254) NOT NULL DEFAULT '',
    interpreters varchar(8)[] NOT NULL DEFAULT '{}',
    places integer,
    bring_zh varchar(300) NOT NULL DEFAULT '',
    bring_en varchar(300) NOT NULL DEFAULT '',
    note_zh text NOT NULL DEFAULT '',
    note_en text NOT NULL DEFAULT '',
    pinned boolean NOT NULL DEFAULT false,
    gate bigint UNIQUE REFERENCES gate (id) ON DELETE SET NULL ON UPDATE CASCADE,
    asked_at timestamptz,
    answered_at timestamptz,
    answered_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    reason varchar(300) NOT NULL DEFAULT '',
    revision integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_tour_stop_kind CHECK (kind IN ('visit', 'talk', 'briefing', 'park', 'lab', 'meal', 'sight', 'transfer')),
    CONSTRAINT ck_tour_stop_state CHECK (state IN ('planned', 'asked', 'confirmed', 'declined', 'cancelled')),
    CONSTRAINT ck_tour_stop_span CHECK (ends_at > starts_at),
    CONSTRAINT ck_tour_stop_places CHECK (places IS NULL OR places >= 0)
);
CREATE INDEX IF NOT EXISTS tour_stop_event ON tour_stop (event);
CREATE INDEX IF NOT EXISTS tour_stop_unit ON tour_stop (unit);
CREATE INDEX IF NOT EXISTS tour_stop_organisation ON tour_stop (organisation);
CREATE INDEX IF NOT EXISTS tour_stop_answered_by ON tour_stop (answered_by);
CREATE TABLE IF NOT EXISTS tour_stop_group (
    id bigserial PRIMARY KEY NOT NULL,
    stop bigint NOT NULL REFERENCES tour_stop (id) ON DELETE CASCADE ON UPDATE CASCADE,
    grp bigint NOT NULL REFERENCES tour_group (id) ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT uq_tour_stop_group UNIQUE (stop, grp)
);
CREATE INDEX IF NOT EXISTS tour_stop_group_grp ON tour_stop_group (grp);
CREATE TABLE IF NOT EXISTS tour_member (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    registration bigint UNIQUE REFERENCES registration (id) ON DELETE CASCADE ON UPDATE CASCADE,
    talent bigint REFERENCES talent (id) ON DELETE SET NULL ON UPDATE CASCADE,
    unit bigint REFERENCES unit (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    grp bigint REFERENCES tour_group (id) ON DELETE SET NULL ON UPDATE CASCADE,
    state varchar(12) NOT NULL DEFAULT '',
    origin varchar(12) NOT NULL DEFAULT '',
    email varchar(254) NOT NULL DEFAULT '',
    name_passport varchar(120) NOT NULL DEFAULT '',
    name_native varchar(120) NOT NULL DEFAULT '',
    phone text NOT NULL DEFAULT '',
    discipline varchar(10) NOT NULL DEFAULT '',
    lang varchar(2) NOT NULL DEFAULT 'en',
    instead_of bigint,
    reply_by date,
    why varchar(300) NOT NULL DEFAULT '',
    invited_at timestamptz,
    answered_at timestamptz,
    state_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_tour_member_state CHECK (state IN ('substitute', 'invited', 'accepted', 'approved', 'confirmed', 'travelling',
        'came', 'declined', 'withdrawn')),
    CONSTRAINT ck_tour_member_origin CHECK (origin IN ('registration', 'hand', 'table', 'match')),
    CONSTRAINT ck_tour_member_email CHECK (email = lower(email))
);
CREATE INDEX IF NOT EXISTS tour_member_event ON tour_member (event);
CREATE INDEX IF NOT EXISTS tour_member_talent ON tour_member (talent);
CREATE INDEX IF NOT EXISTS tour_member_unit ON tour_member (unit);
CREATE INDEX IF NOT EXISTS tour_member_grp ON tour_member (grp);
CREATE UNIQUE INDEX IF NOT EXISTS uq_tour_member_email ON tour_member (event, email) WHERE email <> '';
CREATE TABLE IF NOT EXISTS tour_news (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    stop bigint REFERENCES tour_stop (id) ON DELETE CASCADE ON UPDATE CASCADE,
    kind varchar(10) NOT NULL DEFAULT '',
    before jsonb NOT NULL DEFAULT '{}',
    after jsonb NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT ck_tour_news_kind CHECK (kind IN ('released', 'new', 'changed', 'cancelled', 'group'))
);
CREATE INDEX IF NOT EXISTS tour_news_event ON tour_news (event);
CREATE INDEX IF NOT EXISTS tour_news_stop ON tour_news (stop);
CREATE INDEX IF NOT EXISTS tour_news_by ON tour_news (by);
CREATE TABLE IF NOT EXISTS tour_told (
    id bigserial PRIMARY KEY NOT NULL,
    news bigint NOT NULL REFERENCES tour_news (id) ON DELETE CASCADE ON UPDATE CASCADE,
    member bigint NOT NULL REFERENCES tour_member (id) ON DELETE CASCADE ON UPDATE CASCADE,
    read_at timestamptz,
    CONSTRAINT uq_tour_told UNIQUE (news, member)
);
CREATE INDEX IF NOT EXISTS tour_told_member ON tour_told (member);
CREATE TABLE IF NOT EXISTS tour_route (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    state varchar(10) NOT NULL DEFAULT 'waiting',
    asked jsonb NOT NULL DEFAULT '{}',
    plan jsonb NOT NULL DEFAULT '{}',
    phase varchar(40) NOT NULL DEFAULT '',
    share real NOT NULL DEFAULT 0.0,
    gap double precision,
    error varchar(20) NOT NULL DEFAULT '',
    attempt integer NOT NULL DEFAULT 0,
    asked_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    asked_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    seen_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    ended_at timestamptz,
    CONSTRAINT ck_tour_route_state CHECK (state IN ('waiting', 'running', 'done', 'accepted', 'failed', 'cancelled'))
);
CREATE INDEX IF NOT EXISTS tour_route_event ON tour_route (event);
CREATE INDEX IF NOT EXISTS tour_route_asked_by ON tour_route (asked_by);
CREATE UNIQUE INDEX IF NOT EXISTS uq_tour_route_live ON tour_route (event) WHERE state IN ('waiting', 'running');
"""

ID = "2026-11-29T16:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "tours"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(TOURS)

    manager.add_raw(run)
    return manager
