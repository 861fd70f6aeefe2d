"""Passports, invitation letters with their texts, and links to sheets of a tour.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

PAPERS = """
SET LOCAL lock_timeout = '5s';
CREATE TABLE IF NOT EXISTS tour_passport (
    id bigserial PRIMARY KEY NOT NULL,
    member bigint UNIQUE NOT NULL REFERENCES tour_member (id) ON DELETE CASCADE ON UPDATE CASCADE,
    data text NOT NULL DEFAULT '',
    updated_at timestamptz NOT NULL DEFAULT current_timestamp
);
CREATE TABLE IF NOT EXISTS tour_letter (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    member bigint NOT NULL REFERENCES tour_member (id) ON DELETE CASCADE ON UPDATE CASCADE,
    kind varchar(12) NOT NULL DEFAULT '',
    state varchar(10) NOT NULL DEFAULT 'requested',
    number varchar(32) UNIQUE,
    digest bytea UNIQUE,
    document text NOT NULL DEFAULT '',
    initials varchar(12) NOT NULL DEFAULT '',
    valid_until date,
    reason varchar(300) NOT NULL DEFAULT '',
    asked_at timestamptz NOT NULL DEFAULT current_timestamp,
    decided_at timestamptz,
    decided_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT ck_tour_letter_state CHECK (state IN ('requested', 'issued', 'refused', 'revoked'))
);
CREATE INDEX IF NOT EXISTS tour_letter_event ON tour_letter (event);
CREATE INDEX IF NOT EXISTS tour_letter_member ON tour_letter (member);
CREATE INDEX IF NOT EXISTS tour_letter_decided_by ON tour_letter (decided_by);
CREATE TABLE IF NOT EXISTS tour_letter_text (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    kind varchar(12) NOT NULL DEFAULT '',
    body_zh text NOT NULL DEFAULT '',
    body_en text NOT NULL DEFAULT '',
    CONSTRAINT uq_tour_letter_text UNIQUE (event, kind)
);
CREATE TABLE IF NOT EXISTS tour_sheet_link (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    vehicle bigint REFERENCES tour_vehicle (id) ON DELETE CASCADE ON UPDATE CASCADE,
    interpreter bigint REFERENCES tour_interpreter (id) ON DELETE CASCADE ON UPDATE CASCADE,
    token_hash bytea UNIQUE NOT NULL DEFAULT '',
    expires_at timestamptz NOT NULL DEFAULT current_timestamp,
    revoked_at timestamptz,
    made_at timestamptz NOT NULL DEFAULT current_timestamp,
    made_by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    opened_at timestamptz,
    CONSTRAINT ck_tour_sheet_link_one CHECK ((vehicle IS NULL) <> (interpreter IS NULL))
);
CREATE INDEX IF NOT EXISTS tour_sheet_link_event ON tour_sheet_link (event);
CREATE INDEX IF NOT EXISTS tour_sheet_link_vehicle ON tour_sheet_link (vehicle);
CREATE INDEX IF NOT EXISTS tour_sheet_link_interpreter ON tour_sheet_link (interpreter);
CREATE INDEX IF NOT EXISTS tour_sheet_link_made_by ON tour_sheet_link (made_by);
"""

ID = "2026-11-29T19:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "papers of a tour"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(PAPERS)

    manager.add_raw(run)
    return manager
