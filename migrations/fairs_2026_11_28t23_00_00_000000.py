"""Gates of one place count people together: `scan_state` reads admissions and passages of the whole zone.

A zone is the entries and zone gates of one room. Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

# As in fairs_2026_11_28t20_00, with the zone of the gate, and the latest passage after a scan that arrives late.
SCAN_STATE = """
SET LOCAL lock_timeout = '5s';
DROP FUNCTION IF EXISTS scan_state(bigint, uuid[], text[], bytea[], text[], timestamp with time zone[], boolean[]);
CREATE OR REPLACE FUNCTION scan_state(bigint, uuid[], text[], bytea[], text[], timestamp with time zone[], boolean[])
 RETURNS TABLE(turn bigint, known boolean, gate bigint, opens_at timestamp with time zone, closes_at timestamp with time zone, capacity integer, session bigint, badge bigint, revoked boolean, same boolean, registration bigint, here boolean, confirmed boolean, barred text, name_passport text, name_native text, category text, organisation text, day date, first_at timestamp with time zone, first_device bigint, last_at timestamp with time zone, last_direction text, rule text, ways text, zone bigint[], later_at timestamp with time zone, later_direction text)
 LANGUAGE plpgsql
 STABLE ROWS 10
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_bitmapscan TO 'off'
 SET jit TO 'off'
AS $function$
#variable_conflict use_column
BEGIN
RETURN QUERY
WITH sent AS (
    SELECT * FROM unnest($2::uuid[], $3::text[], $4::bytea[], $5::text[], $6::timestamptz[], $7::boolean[])
        WITH ORDINALITY AS t (uuid, gate, uid, token, at, offline, n)
)
SELECT coalesce((SELECT version FROM scan_turn WHERE event = $1), 0),
    (SELECT id FROM scan WHERE uuid = i.uuid LIMIT 1) IS NOT NULL,
    g.id AS gate, g.opens_at, g.closes_at, g.capacity, g.session,
    b.id AS badge, b.revoked_at IS NOT NULL AS revoked, right(b.code, length(i.token)) = i.token AS same,
    r.id AS registration, r.event = $1 AS here, r.state = 'confirmed' AS confirmed,
    CASE
        WHEN cardinality(g.categories) > 0 AND NOT r.category = ANY(g.categories) THEN 'wrong_category'
        WHEN g.guarded IS NULL OR (
            SELECT id FROM registration_session WHERE registration = r.id AND session = g.guarded LIMIT 1
        ) IS NOT NULL THEN NULL
        WHEN EXISTS (
            SELECT 1 FROM registration_session x JOIN event_session o ON o.id = x.session
            WHERE x.registration = r.id AND o.room <> g.hall AND o.starts_at - interval '30 minutes' <= i.at
                AND o.ends_at > i.at
        ) THEN 'wrong_room'
        ELSE 'not_signed_up'
    END,
    r.name_passport::text, r.name_native::text, r.category::text,
    coalesce(
        nullif(r.organisation_name, ''), (SELECT name_zh FROM organisation WHERE id = r.organisation LIMIT 1), ''
    )::text,
    d.day, a.first_scanned_at AS first_at,
    CASE WHEN a.id IS NOT NULL AND i.offline THEN (
        SELECT p.device_id FROM scan p
        WHERE p.registration = a.registration AND (p.gate + 0 = g.id OR p.gate = ANY(g.zone))
            AND p.outcome = 'admitted' AND p.direction = 'in' AND (p.scanned_at AT TIME ZONE e.timezone)::date = a.day
        ORDER BY p.id LIMIT 1
    ) END,
    last_pass.scanned_at, last_pass.direction::text, g.rule::text, g.ways::text, g.zone,
    CASE WHEN i.offline THEN (
        SELECT p.scanned_at FROM scan p
        WHERE p.registration = r.id AND (p.gate + 0 = g.id OR p.gate = ANY(g.zone)) AND p.outcome = 'admitted'
            AND p.scanned_at > i.at AND (p.scanned_at AT TIME ZONE e.timezone)::date = d.day
        ORDER BY p.scanned_at DESC, p.id DESC LIMIT 1
    ) END,
    CASE WHEN i.offline THEN (
        SELECT p.direction::text FROM scan p
        WHERE p.registration = r.id AND (p.gate + 0 = g.id OR p.gate = ANY(g.zone)) AND p.outcome = 'admitted'
            AND p.scanned_at > i.at AND (p.scanned_at AT TIME ZONE e.timezone)::date = d.day
        ORDER BY p.scanned_at DESC, p.id DESC LIMIT 1
    ) END
FROM sent i
JOIN event e ON e.id = $1
CROSS JOIN LATERAL (SELECT (i.at AT TIME ZONE e.timezone)::date AS day) d
LEFT JOIN LATERAL (
    SELECT y.id, y.opens_at, y.closes_at, y.session, y.categories, y.rule, y.ways,
        CASE WHEN y.room IS NOT NULL AND y.kind IN ('entry', 'zone') THEN ARRAY(
            SELECT z.id FROM gate z WHERE z.event = $1 AND z.room = y.room AND z.kind IN ('entry', 'zone') ORDER BY z.id
        ) END AS zone, coalesce(y.room, s.room) AS hall,
        coalesce(y.capacity, s.capacity, CASE WHEN y.room IS NOT NULL THEN (SELECT capacity FROM room WHERE id = y.room) END)
            AS capacity,
        CASE WHEN s.sign_up THEN s.id WHEN y.session IS NULL AND y.room IS NOT NULL THEN (
            SELECT CASE WHEN n.sign_up THEN n.id END FROM event_session n
            WHERE n.event = $1 AND n.room = y.room AND n.starts_at - interval '30 minutes' <= i.at AND n.ends_at > i.at
            ORDER BY n.starts_at <= i.at DESC, n.starts_at LIMIT 1
        ) END AS guarded
    FROM gate y LEFT JOIN event_session s ON s.id = y.session
    WHERE y.event = $1 AND y.code = i.gate AND (y.inactive_since IS NULL OR i.at < y.inactive_since)
        AND (e.ended_at IS NULL OR i.at < e.ended_at) LIMIT 1
) g ON true
LEFT JOIN LATERAL (SELECT id, revoked_at, code, registration FROM badge WHERE uid = i.uid LIMIT 1) b ON true
LEFT JOIN LATERAL (
    SELECT id, event, state, name_passport, name_native, category, organisation, organisation_name
    FROM registration WHERE id = b.registration LIMIT 1
) r ON true
LEFT JOIN LATERAL (
    SELECT q.id, q.gate, q.registration, q.day, q.first_scanned_at FROM admission q
    WHERE q.registration = r.id AND (q.gate = g.id OR q.gate = ANY(g.zone)) AND (q.day = d.day OR g.rule = 'once')
    ORDER BY q.day, q.id LIMIT 1
) a ON true
LEFT JOIN LATERAL (
    SELECT p.scanned_at, p.direction FROM scan p
    WHERE p.registration = r.id AND (p.gate + 0 = g.id OR p.gate = ANY(g.zone)) AND p.outcome = 'admitted'
        AND p.scanned_at <= i.at AND (p.scanned_at AT TIME ZONE e.timezone)::date = d.day
    ORDER BY p.scanned_at DESC, p.id DESC LIMIT 1
) last_pass ON a.id IS NOT NULL OR i.offline
ORDER BY i.n;
END
$function$;
"""
ID = "2026-11-28T23:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "people are counted by zone"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(SCAN_STATE)

    manager.add_raw(run)
    return manager
