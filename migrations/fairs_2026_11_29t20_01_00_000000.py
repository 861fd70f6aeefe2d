"""Visits of experts to counties: requests, experts, days, follow-ups.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

SERVICE = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE file DROP CONSTRAINT IF EXISTS ck_file_purpose;
ALTER TABLE file ADD CONSTRAINT ck_file_purpose CHECK (purpose IN
    ('licence', 'photo', 'evidence', 'speaker', 'logo', 'answer', 'poster', 'exhibit', 'service', 'badges', 'export'));
CREATE TABLE IF NOT EXISTS service_request (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    unit bigint NOT NULL REFERENCES unit (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    state varchar(10) NOT NULL DEFAULT 'asked',
    place_zh varchar(120) NOT NULL DEFAULT '',
    place_en varchar(120) NOT NULL DEFAULT '',
    topic_zh varchar(200) NOT NULL DEFAULT '',
    topic_en varchar(200) NOT NULL DEFAULT '',
    problem_zh text NOT NULL DEFAULT '',
    problem_en text NOT NULL DEFAULT '',
    discipline varchar(10) NOT NULL DEFAULT '',
    people integer NOT NULL DEFAULT 0,
    experts integer NOT NULL DEFAULT 1,
    from_day date NOT NULL,
    to_day date NOT NULL,
    receiver varchar(120) NOT NULL DEFAULT '',
    reason varchar(500) NOT NULL DEFAULT '',
    asked_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    decided_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    asked_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    decided_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_service_request_state CHECK (state IN ('asked', 'returned', 'accepted', 'closed', 'cancelled')),
    CONSTRAINT ck_service_request_days CHECK (to_day >= from_day),
    CONSTRAINT ck_service_request_numbers CHECK (people >= 0 AND experts BETWEEN 1 AND 50),
    CONSTRAINT ck_service_request_topic CHECK (topic_zh <> '' OR topic_en <> '')
);
CREATE INDEX IF NOT EXISTS service_request_event ON service_request (event);
CREATE INDEX IF NOT EXISTS service_request_unit ON service_request (unit);
CREATE INDEX IF NOT EXISTS service_request_asked_by ON service_request (asked_by);
CREATE INDEX IF NOT EXISTS service_request_decided_by ON service_request (decided_by);
CREATE TABLE IF NOT EXISTS service_expert (
    id bigserial PRIMARY KEY NOT NULL,
    request bigint NOT NULL REFERENCES service_request (id) ON DELETE CASCADE ON UPDATE CASCADE,
    talent bigint NOT NULL REFERENCES talent (id) ON DELETE CASCADE ON UPDATE CASCADE,
    state varchar(10) NOT NULL DEFAULT 'asked',
    why varchar(500) NOT NULL DEFAULT '',
    asked_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    answered_at timestamptz,
    CONSTRAINT uq_service_expert UNIQUE (request, talent),
    CONSTRAINT ck_service_expert_state CHECK (state IN ('asked', 'agreed', 'declined', 'withdrawn'))
);
CREATE INDEX IF NOT EXISTS service_expert_talent ON service_expert (talent);
CREATE TABLE IF NOT EXISTS service_day (
    id bigserial PRIMARY KEY NOT NULL,
    expert bigint NOT NULL REFERENCES service_expert (id) ON DELETE CASCADE ON UPDATE CASCADE,
    day date NOT NULL,
    place varchar(120) NOT NULL DEFAULT '',
    task varchar(500) NOT NULL DEFAULT '',
    people integer NOT NULL DEFAULT 0,
    note varchar(1000) NOT NULL DEFAULT '',
    evidence uuid REFERENCES file (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    done_at timestamptz,
    done_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT uq_service_day UNIQUE (expert, day),
    CONSTRAINT ck_service_day_people CHECK (people >= 0)
);
CREATE INDEX IF NOT EXISTS service_day_evidence ON service_day (evidence);
CREATE INDEX IF NOT EXISTS service_day_done_by ON service_day (done_by);
CREATE TABLE IF NOT EXISTS service_follow_up (
    id bigserial PRIMARY KEY NOT NULL,
    request bigint NOT NULL REFERENCES service_request (id) ON DELETE CASCADE ON UPDATE CASCADE,
    came varchar(10) NOT NULL DEFAULT '',
    text varchar(1000) NOT NULL DEFAULT '',
    by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_service_follow_up_came CHECK (came IN ('solved', 'goes_on', 'nothing'))
);
CREATE INDEX IF NOT EXISTS service_follow_up_request ON service_follow_up (request);
CREATE INDEX IF NOT EXISTS service_follow_up_by ON service_follow_up (by);
"""

ID = "2026-11-29T20:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "experts for counties"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(SERVICE)

    manager.add_raw(run)
    return manager
