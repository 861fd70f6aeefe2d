from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.base import OnDelete, OnUpdate
from piccolo.columns.column_types import BigInt, BigSerial, Date, ForeignKey, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Unique
from piccolo.engine import engine_finder
from piccolo.table import Table

INDEXES = """
CREATE INDEX ix_scan_gate_id ON scan (gate, id);
CREATE INDEX ix_access_token_account ON access_token (account);
CREATE INDEX ix_access_token_event ON access_token (event_id);
CREATE INDEX ix_agreement_listing ON agreement (listing);
CREATE INDEX ix_agreement_meeting ON agreement (meeting);
CREATE INDEX ix_agreement_signature_account ON agreement_signature (account);
CREATE INDEX ix_booth_organisation ON booth (organisation);
CREATE INDEX ix_meeting_listing ON meeting (listing);
CREATE INDEX ix_meeting_hall_table ON meeting (hall_table);
CREATE INDEX ix_meeting_table_organisation ON meeting_table (organisation);
CREATE INDEX ix_membership_unit ON membership (unit);
CREATE INDEX ix_preference_event ON preference (event);
CREATE INDEX ix_registration_organisation ON registration (organisation);
CREATE INDEX ix_sign_in_link_account ON sign_in_link (account);
CREATE INDEX ix_talent_unit ON talent (unit);
CREATE INDEX ix_listing_open ON listing (event, urgent DESC, published_at DESC NULLS LAST, id DESC)
    WHERE state = 'published';
CREATE INDEX ix_listing_open_new ON listing (event, published_at DESC NULLS LAST, id DESC) WHERE state = 'published';
CREATE INDEX ix_listing_open_pay ON listing (event, coalesce(pay_max, pay_min) DESC NULLS LAST, id DESC)
    WHERE state = 'published';
CREATE INDEX ix_listing_open_heads ON listing (event, headcount DESC, id DESC) WHERE state = 'published';
CREATE INDEX ix_listing_open_closing ON listing (event, valid_to, id) WHERE state = 'published';
CREATE INDEX ix_listing_event_updated ON listing (event, updated_at);
CREATE INDEX ix_organisation_decided ON organisation (decided_at);
"""


class Gate(Table, tablename="gate", schema=None):
    id = BigSerial(
        null=False,
        primary_key=True,
        unique=False,
        index=False,
        index_method=IndexMethod.btree,
        choices=None,
        db_column_name=None,
        secret=False,
    )


ID = "2026-11-27T09:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "gates are counted as they are read; foreign keys that are read by have an index"


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="fairs", description=DESCRIPTION
    )

    manager.add_table(
        class_name="GateCount", tablename="gate_count", schema=None, columns=None
    )

    manager.add_table(
        class_name="ScanTally", tablename="scan_tally", schema=None, columns=None
    )

    manager.add_table(
        class_name="GateMinute",
        tablename="gate_minute",
        schema=None,
        columns=None,
    )

    manager.add_column(
        table_class_name="GateCount",
        tablename="gate_count",
        column_name="id",
        db_column_name="id",
        column_class_name="BigSerial",
        column_class=BigSerial,
        params={
            "null": False,
            "primary_key": True,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="GateCount",
        tablename="gate_count",
        column_name="gate",
        db_column_name="gate",
        column_class_name="ForeignKey",
        column_class=ForeignKey,
        params={
            "references": Gate,
            "on_delete": OnDelete.cascade,
            "on_update": OnUpdate.cascade,
            "target_column": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="GateCount",
        tablename="gate_count",
        column_name="day",
        db_column_name="day",
        column_class_name="Date",
        column_class=Date,
        params={
            "default": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="GateCount",
        tablename="gate_count",
        column_name="what",
        db_column_name="what",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 40,
            "default": "",
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="GateCount",
        tablename="gate_count",
        column_name="number",
        db_column_name="number",
        column_class_name="BigInt",
        column_class=BigInt,
        params={
            "default": 0,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="ScanTally",
        tablename="scan_tally",
        column_name="gate",
        db_column_name="gate",
        column_class_name="ForeignKey",
        column_class=ForeignKey,
        params={
            "references": Gate,
            "on_delete": OnDelete.cascade,
            "on_update": OnUpdate.cascade,
            "target_column": None,
            "null": False,
            "primary_key": True,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="ScanTally",
        tablename="scan_tally",
        column_name="through",
        db_column_name="through",
        column_class_name="BigInt",
        column_class=BigInt,
        params={
            "default": 0,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="ScanTally",
        tablename="scan_tally",
        column_name="zone",
        db_column_name="zone",
        column_class_name="Varchar",
        column_class=Varchar,
        params={
            "length": 64,
            "default": "",
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="GateMinute",
        tablename="gate_minute",
        column_name="id",
        db_column_name="id",
        column_class_name="BigSerial",
        column_class=BigSerial,
        params={
            "null": False,
            "primary_key": True,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="GateMinute",
        tablename="gate_minute",
        column_name="gate",
        db_column_name="gate",
        column_class_name="ForeignKey",
        column_class=ForeignKey,
        params={
            "references": Gate,
            "on_delete": OnDelete.cascade,
            "on_update": OnUpdate.cascade,
            "target_column": None,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="GateMinute",
        tablename="gate_minute",
        column_name="minute",
        db_column_name="minute",
        column_class_name="Timestamptz",
        column_class=Timestamptz,
        params={
            "default": TimestamptzNow(),
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="GateMinute",
        tablename="gate_minute",
        column_name="number",
        db_column_name="number",
        column_class_name="BigInt",
        column_class=BigInt,
        params={
            "default": 0,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_constraint(
        table_class_name="GateCount",
        tablename="gate_count",
        constraint_name="uq_gate_count",
        constraint_class=Unique,
        params={"columns": ["gate", "day", "what"], "nulls_distinct": True},
        schema=None,
    )

    manager.add_constraint(
        table_class_name="GateMinute",
        tablename="gate_minute",
        constraint_name="uq_gate_minute",
        constraint_class=Unique,
        params={"columns": ["gate", "minute"], "nulls_distinct": True},
        schema=None,
    )

    manager.alter_column(
        table_class_name="Scan",
        tablename="scan",
        column_name="gate",
        db_column_name="gate",
        params={"index": False},
        old_params={"index": True},
        column_class=ForeignKey,
        old_column_class=ForeignKey,
        schema=None,
    )

    async def run():
        await engine_finder().current_transaction.get().connection.execute(INDEXES)

    manager.add_raw(run)
    return manager
