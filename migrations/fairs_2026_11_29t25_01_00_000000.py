"""What a tour cost, with receipts; meetings at its stops; when its people were thanked.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

RESULTS = """
SET LOCAL lock_timeout = '5s';
ALTER TABLE file DROP CONSTRAINT IF EXISTS ck_file_purpose;
ALTER TABLE file ADD CONSTRAINT ck_file_purpose CHECK (purpose IN
    ('licence', 'photo', 'evidence', 'speaker', 'logo', 'answer', 'portrait', 'poster', 'exhibit', 'service', 'receipt', 'badges',
     'export'));
ALTER TABLE tour_member ADD COLUMN IF NOT EXISTS thanked_at timestamptz,
    ADD COLUMN IF NOT EXISTS no_letter varchar(300) NOT NULL DEFAULT '';
CREATE TABLE IF NOT EXISTS tour_expense (
    id bigserial PRIMARY KEY NOT NULL,
    event bigint NOT NULL REFERENCES event (id) ON DELETE CASCADE ON UPDATE CASCADE,
    day date NOT NULL,
    kind varchar(12) NOT NULL DEFAULT '',
    amount bigint NOT NULL DEFAULT 0,
    currency varchar(3) NOT NULL DEFAULT 'CNY',
    unit bigint REFERENCES unit (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    host bigint REFERENCES unit (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    stop bigint REFERENCES tour_stop (id) ON DELETE SET NULL ON UPDATE CASCADE,
    vehicle bigint REFERENCES tour_vehicle (id) ON DELETE SET NULL ON UPDATE CASCADE,
    hotel bigint REFERENCES tour_hotel (id) ON DELETE SET NULL ON UPDATE CASCADE,
    note varchar(300) NOT NULL DEFAULT '',
    receipt uuid REFERENCES file (id) ON DELETE RESTRICT ON UPDATE CASCADE,
    by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT ck_tour_expense_kind CHECK (kind IN
        ('vehicle', 'travel', 'hotel', 'meal', 'interpreter', 'venue', 'sight', 'insurance', 'print', 'other')),
    CONSTRAINT ck_tour_expense_amount CHECK (amount > 0),
    CONSTRAINT ck_tour_expense_currency CHECK (currency ~ '^[A-Z]{3}$')
);
CREATE INDEX IF NOT EXISTS tour_expense_event ON tour_expense (event);
CREATE INDEX IF NOT EXISTS tour_expense_unit ON tour_expense (unit);
CREATE INDEX IF NOT EXISTS tour_expense_host ON tour_expense (host);
CREATE INDEX IF NOT EXISTS tour_expense_stop ON tour_expense (stop);
CREATE INDEX IF NOT EXISTS tour_expense_vehicle ON tour_expense (vehicle);
CREATE INDEX IF NOT EXISTS tour_expense_hotel ON tour_expense (hotel);
CREATE INDEX IF NOT EXISTS tour_expense_receipt ON tour_expense (receipt);
CREATE INDEX IF NOT EXISTS tour_expense_by ON tour_expense (by);
CREATE TABLE IF NOT EXISTS tour_talk (
    id bigserial PRIMARY KEY NOT NULL,
    stop bigint NOT NULL REFERENCES tour_stop (id) ON DELETE CASCADE ON UPDATE CASCADE,
    meeting bigint UNIQUE NOT NULL REFERENCES meeting (id) ON DELETE CASCADE ON UPDATE CASCADE,
    by bigint REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE,
    at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS tour_talk_stop ON tour_talk (stop);
CREATE INDEX IF NOT EXISTS tour_talk_by ON tour_talk (by);
"""

ID = "2026-11-29T25:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "results of tours"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(RESULTS)

    manager.add_raw(run)
    return manager
