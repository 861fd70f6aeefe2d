"""A batch of scans in two statements: what is known of them, and their storing if nobody has stored since.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.base import OnDelete, OnUpdate
from piccolo.columns.column_types import BigInt, BigSerial, ForeignKey
from piccolo.columns.indexes import IndexMethod
from piccolo.engine import engine_finder
from piccolo.table import Table

# Planning costs more than running: one plan is kept, and it is told to walk indexes, because it was made when the
# tables were still empty and reading them whole looked cheap. The settings hold for what the functions run, the checks
# of foreign keys included, and behind a pooler too, where a statement of the client's is planned each time.
SETTINGS = """
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
    SET enable_mergejoin = off SET enable_bitmapscan = off SET jit = off
"""

# One row a scan, in the order sent. Every look-up is a LATERAL of one row and `+ 0` keeps the planner off the index of
# a whole gate: it plans while scans and admissions are empty, and a fair fills them within minutes. So the plan has no
# choice but one index look-up a scan. The last two run only where they can matter. STABLE: everything, the turn too, is
# read as of one moment.
STATE = f"""
CREATE FUNCTION scan_state(bigint, uuid[], text[], bytea[], text[], timestamptz[], boolean[])
RETURNS TABLE (turn bigint, known boolean, gate bigint, opens_at timestamptz, closes_at timestamptz, capacity integer,
    session bigint, badge bigint, revoked boolean, same boolean, registration bigint, here boolean, confirmed boolean,
    signed_up boolean, name_passport text, name_native text, category text, organisation text, day date,
    first_at timestamptz, first_device bigint, last_at timestamptz, last_direction text)
LANGUAGE plpgsql STABLE ROWS 10 {SETTINGS} AS $function$
#variable_conflict use_column
BEGIN
RETURN QUERY
WITH sent AS (
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::bytea[], $5::text[], $6::timestamptz[], $7::boolean[])
        WITH ORDINALITY AS t (uuid, gate, uid, token, at, offline, n)
)
SELECT coalesce((SELECT version FROM scan_turn WHERE event = $1), 0), z.id IS NOT NULL, g.id AS gate, g.opens_at, g.closes_at, v.capacity, v.session,
    b.id AS badge, b.revoked_at IS NOT NULL AS revoked, right(b.code, length(i.token)) = i.token AS same,
    r.id AS registration, r.event = $1 AS here, r.state = 'confirmed' AS confirmed,
    v.session IS NULL OR NOT v.sign_up OR signed.id IS NOT NULL AS signed_up,
    r.name_passport::text, r.name_native::text, r.category::text, coalesce(nullif(r.organisation_name, ''), o.name_zh, '')::text,
    d.day, a.first_scanned_at AS first_at, first_pass.device_id AS first_device,
    last_pass.scanned_at, last_pass.direction::text
FROM sent i
JOIN event e ON e.id = $1
CROSS JOIN LATERAL (SELECT (i.at AT TIME ZONE e.timezone)::date AS day) d
LEFT JOIN LATERAL (SELECT id FROM scan WHERE uuid = i.uuid LIMIT 1) z ON true
LEFT JOIN LATERAL (SELECT * FROM gate WHERE event = $1 AND code = i.gate LIMIT 1) g ON true
LEFT JOIN LATERAL (
    SELECT s.id AS session, s.capacity, s.sign_up FROM event_session s WHERE s.id = g.session LIMIT 1
) v ON true
LEFT JOIN LATERAL (SELECT * FROM badge WHERE uid = i.uid LIMIT 1) b ON true
LEFT JOIN LATERAL (SELECT * FROM registration WHERE id = b.registration LIMIT 1) r ON true
LEFT JOIN LATERAL (SELECT name_zh FROM organisation WHERE id = r.organisation LIMIT 1) o ON true
LEFT JOIN LATERAL (
    SELECT id FROM registration_session WHERE registration = r.id AND session = v.session AND v.sign_up LIMIT 1
) signed ON true
LEFT JOIN LATERAL (
    SELECT q.* FROM admission q WHERE q.gate = g.id AND q.registration = r.id AND q.day = d.day LIMIT 1
) a ON true
LEFT JOIN LATERAL (
    SELECT p.device_id FROM scan p
    WHERE a.id IS NOT NULL AND i.offline AND p.registration = a.registration AND p.gate + 0 = a.gate
        AND p.outcome = 'admitted' AND p.direction = 'in' AND (p.scanned_at AT TIME ZONE e.timezone)::date = d.day
    ORDER BY p.scanned_at, p.id LIMIT 1
) first_pass ON true
LEFT JOIN LATERAL (
    SELECT p.scanned_at, p.direction FROM scan p
    WHERE a.id IS NOT NULL AND p.registration = a.registration AND p.gate + 0 = a.gate AND p.outcome = 'admitted'
        AND p.scanned_at <= i.at AND (p.scanned_at AT TIME ZONE e.timezone)::date = d.day
    ORDER BY p.scanned_at DESC, p.id DESC LIMIT 1
) last_pass ON true
ORDER BY i.n;
END
$function$;
"""

# False: the turn is another than the one that was read, nothing is stored. The row of the event is held until the
# transaction ends, so that one batch of an event is stored after the other, and ids are given in that order.
STORE = f"""
CREATE FUNCTION scan_store(of_event bigint, seen bigint, uuids uuid[], gates bigint[], devices bigint[],
    badges bigint[], registrations bigint[], directions text[], outcomes text[], reasons text[], times timestamptz[],
    offlines boolean[], conflicts boolean[], firsts timestamptz[], codes text[], admitted_gates bigint[],
    admitted bigint[], admitted_days date[], admitted_at timestamptz[], arrived timestamptz, channel text, told text)
RETURNS boolean LANGUAGE plpgsql {SETTINGS} AS $function$
BEGIN
INSERT INTO scan_turn AS t (event, version) VALUES (of_event, 1)
    ON CONFLICT (event) DO UPDATE SET version = t.version + 1 WHERE t.version = seen;
IF NOT FOUND THEN
    RETURN false;
END IF;
INSERT INTO scan (uuid, gate, device_id, badge, registration, direction, outcome, reason, scanned_at, received_at,
    offline, conflict, first_scanned_at, code_seen)
SELECT t.uuid, t.gate, t.device, t.badge, t.registration, t.direction, t.outcome, t.reason, t.at, arrived, t.offline,
    t.conflict, t.first_at, t.code
FROM unnest(uuids, gates, devices, badges, registrations, directions, outcomes, reasons, times, offlines, conflicts,
    firsts, codes)
    AS t (uuid, gate, device, badge, registration, direction, outcome, reason, at, offline, conflict, first_at, code);
IF cardinality(admitted) > 0 THEN
    INSERT INTO admission (gate, registration, day, first_scanned_at)
    SELECT * FROM unnest(admitted_gates, admitted, admitted_days, admitted_at);
END IF;
PERFORM pg_notify(channel, told);
RETURN true;
END
$function$;
"""


class Event(Table, tablename="event", schema=None):
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


ID = "2026-11-27T11:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a batch of scans is read and stored in two statements"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    manager.add_table(class_name="ScanTurn", tablename="scan_turn", schema=None, columns=None)

    manager.add_column(
        table_class_name="ScanTurn",
        tablename="scan_turn",
        column_name="event",
        db_column_name="event",
        column_class_name="ForeignKey",
        column_class=ForeignKey,
        params={
            "references": Event,
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
        table_class_name="ScanTurn",
        tablename="scan_turn",
        column_name="version",
        db_column_name="version",
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

    async def run():
        for statement in (STATE, STORE):
            await engine_finder().current_transaction.get().connection.execute(statement)

    manager.add_raw(run)
    return manager
