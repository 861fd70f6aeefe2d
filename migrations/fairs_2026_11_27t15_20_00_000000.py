"""What is known of a batch of scans, with fewer and narrower steps: setting a plan up costs a lone scan more than running it.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

# As in 2026-11-27T11:00, where they are explained.
SETTINGS = """
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
    SET enable_mergejoin = off SET enable_bitmapscan = off SET jit = off
"""

# The same look-ups and the same answers. Each names the columns that it needs, because unused ones of a LATERAL with a
# LIMIT are still set up, as nulls; and what few scans need is a subquery in the list of columns, which is not entered
# for the others.
STATE = f"""
CREATE OR REPLACE FUNCTION scan_state(bigint, uuid[], text[], bytea[], text[], timestamptz[], boolean[])
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
SELECT coalesce((SELECT version FROM scan_turn WHERE event = $1), 0),
    (SELECT id FROM scan WHERE uuid = i.uuid LIMIT 1) IS NOT NULL,
    g.id AS gate, g.opens_at, g.closes_at, g.capacity, g.session,
    b.id AS badge, b.revoked_at IS NOT NULL AS revoked, right(b.code, length(i.token)) = i.token AS same,
    r.id AS registration, r.event = $1 AS here, r.state = 'confirmed' AS confirmed,
    CASE WHEN g.session IS NULL OR NOT g.sign_up THEN true
        ELSE (
            SELECT id FROM registration_session WHERE registration = r.id AND session = g.session LIMIT 1
        ) IS NOT NULL END,
    r.name_passport::text, r.name_native::text, r.category::text,
    coalesce(
        nullif(r.organisation_name, ''), (SELECT name_zh FROM organisation WHERE id = r.organisation LIMIT 1), ''
    )::text,
    d.day, a.first_scanned_at AS first_at,
    CASE WHEN a.id IS NOT NULL AND i.offline THEN (
        SELECT p.device_id FROM scan p
        WHERE p.registration = a.registration AND p.gate + 0 = a.gate
            AND p.outcome = 'admitted' AND p.direction = 'in' AND (p.scanned_at AT TIME ZONE e.timezone)::date = d.day
        ORDER BY p.scanned_at, p.id LIMIT 1
    ) END,
    last_pass.scanned_at, last_pass.direction::text
FROM sent i
JOIN event e ON e.id = $1
CROSS JOIN LATERAL (SELECT (i.at AT TIME ZONE e.timezone)::date AS day) d
LEFT JOIN LATERAL (
    SELECT y.id, y.opens_at, y.closes_at, s.id AS session, s.capacity, s.sign_up FROM gate y
    LEFT JOIN event_session s ON s.id = y.session WHERE y.event = $1 AND y.code = i.gate LIMIT 1
) g ON true
LEFT JOIN LATERAL (SELECT id, revoked_at, code, registration FROM badge WHERE uid = i.uid LIMIT 1) b ON true
LEFT JOIN LATERAL (
    SELECT id, event, state, name_passport, name_native, category, organisation, organisation_name
    FROM registration WHERE id = b.registration LIMIT 1
) r ON true
LEFT JOIN LATERAL (
    SELECT q.id, q.gate, q.registration, q.first_scanned_at FROM admission q
    WHERE q.gate = g.id AND q.registration = r.id AND q.day = d.day LIMIT 1
) a ON true
LEFT JOIN LATERAL (
    SELECT p.scanned_at, p.direction FROM scan p
    WHERE p.registration = a.registration AND p.gate + 0 = a.gate AND p.outcome = 'admitted'
        AND p.scanned_at <= i.at AND (p.scanned_at AT TIME ZONE e.timezone)::date = d.day
    ORDER BY p.scanned_at DESC, p.id DESC LIMIT 1
) last_pass ON a.id IS NOT NULL
ORDER BY i.n;
END
$function$;
"""

ID = "2026-11-27T15:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the state of a batch of scans is read in fewer steps"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(STATE)

    manager.add_raw(run)
    return manager
