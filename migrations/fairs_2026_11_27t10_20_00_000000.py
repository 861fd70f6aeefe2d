from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.base import OnDelete, OnUpdate
from piccolo.columns.column_types import BigInt, BigSerial, ForeignKey, SmallInt, Text
from piccolo.columns.indexes import IndexMethod
from piccolo.engine import engine_finder
from piccolo.table import Table

# The lines of a search key are: text for LIKE, keys that begin a name, keys within one, other keys, marks of the phone.
KEYS = r"""
ALTER TABLE registration_key ALTER COLUMN key TYPE text COLLATE "C";
CREATE INDEX ix_registration_key_prefix ON registration_key (event, part, key, registration);
CREATE INDEX ix_registration_marks ON registration
    USING gin (string_to_array(split_part(search_key, E'\n', 5), ' ')) WITH (fastupdate = off);
CREATE FUNCTION registration_keys(id bigint, event bigint, number text, search_key text)
RETURNS TABLE (registration bigint, event_id bigint, part smallint, key text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT $1, $2, (line.at - 2)::smallint, left(found.key, 60)
    FROM unnest(string_to_array($4, E'\n')) WITH ORDINALITY AS line (keys, at)
    CROSS JOIN LATERAL unnest(string_to_array(line.keys, '|')) AS found (key)
    WHERE line.at BETWEEN 2 AND 4 AND found.key <> ''
    UNION ALL
    SELECT $1, $2, 2::smallint, spelt.key FROM (
        SELECT lower(regexp_replace($3, '[^A-Za-z0-9]', '', 'g')) AS key
        UNION SELECT substring($3 FROM '[0-9]+$')
        UNION SELECT ltrim(substring($3 FROM '[0-9]+$'), '0')
    ) spelt WHERE spelt.key <> ''
$$;
CREATE FUNCTION key_new_registrations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO registration_key (registration, event, part, key)
    SELECT k.* FROM fresh f CROSS JOIN LATERAL registration_keys(f.id, f.event, f.number, f.search_key) k;
    RETURN NULL;
END $$;
CREATE FUNCTION key_registration() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM registration_key WHERE registration = NEW.id;
    INSERT INTO registration_key (registration, event, part, key)
    SELECT k.* FROM registration_keys(NEW.id, NEW.event, NEW.number, NEW.search_key) k;
    RETURN NULL;
END $$;
CREATE TRIGGER tg_registration_keys_new AFTER INSERT ON registration REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION key_new_registrations();
CREATE TRIGGER tg_registration_keys AFTER UPDATE OF search_key, event, number ON registration FOR EACH ROW
    WHEN (OLD.search_key <> NEW.search_key OR OLD.event <> NEW.event OR OLD.number <> NEW.number)
    EXECUTE FUNCTION key_registration();
"""


class TableFirst(MigrationManager):
    """Raw statements usually come first; these need the table."""

    async def run(self, backwards=False):
        await super().run(backwards)
        await engine_finder().current_transaction.get().connection.execute(KEYS)


class Registration(Table, tablename="registration", schema=None):
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


ID = "2026-11-27T10:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "people are looked for by the beginning of their names' keys; the keys themselves are made at the start"


async def forwards():
    manager = TableFirst(
        migration_id=ID, app_name="fairs", description=DESCRIPTION
    )

    manager.add_table(
        class_name="RegistrationKey", tablename="registration_key", schema=None, columns=None
    )

    manager.add_column(
        table_class_name="RegistrationKey",
        tablename="registration_key",
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
        table_class_name="RegistrationKey",
        tablename="registration_key",
        column_name="registration",
        db_column_name="registration",
        column_class_name="ForeignKey",
        column_class=ForeignKey,
        params={
            "references": Registration,
            "on_delete": OnDelete.cascade,
            "on_update": OnUpdate.cascade,
            "target_column": None,
            "index": True,
            "null": False,
            "primary_key": False,
            "unique": False,
            "index_method": IndexMethod.btree,
            "choices": None,
            "db_column_name": None,
            "secret": False,
        },
        schema=None,
    )

    manager.add_column(
        table_class_name="RegistrationKey",
        tablename="registration_key",
        column_name="event",
        db_column_name="event",
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
        table_class_name="RegistrationKey",
        tablename="registration_key",
        column_name="part",
        db_column_name="part",
        column_class_name="SmallInt",
        column_class=SmallInt,
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
        table_class_name="RegistrationKey",
        tablename="registration_key",
        column_name="key",
        db_column_name="key",
        column_class_name="Text",
        column_class=Text,
        params={
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

    return manager
