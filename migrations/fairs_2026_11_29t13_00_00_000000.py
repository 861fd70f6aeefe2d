"""Search keys of people that say of themselves what a search of several words, and a count, would have to look up.

Rows of earlier versions are made anew at the next start (`core.keying`): until then they are found as before, and a
person may be counted once for each of their keys.

Frozen once released: it imports nothing from the product.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.engine import engine_finder

KEYS = r"""
SET LOCAL lock_timeout = '5s';
ALTER TABLE registration_key ADD COLUMN IF NOT EXISTS shared smallint NOT NULL DEFAULT 0;
ALTER TABLE registration_key ADD COLUMN IF NOT EXISTS starts bigint NOT NULL DEFAULT -1;
ALTER TABLE registration_key ADD COLUMN IF NOT EXISTS longer bigint NOT NULL DEFAULT -1;
CREATE INDEX IF NOT EXISTS ix_registration_key_found
    ON registration_key (event, part, key, registration) INCLUDE (shared, starts, longer);
DROP INDEX IF EXISTS ix_registration_key_prefix;

-- Bits of the first letters of a key, as `core.search_keys.starts_of`: two and three letters; four and five.
CREATE OR REPLACE FUNCTION key_starts(key text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
    SELECT CASE WHEN length($1) > 1 THEN 1::bigint << ((ascii($1) * 7 + ascii(substr($1, 2)) * 19) % 61) ELSE 0 END
        | CASE WHEN length($1) > 2 THEN
            1::bigint << ((ascii($1) * 11 + ascii(substr($1, 2)) * 23 + ascii(substr($1, 3)) * 41) % 61) ELSE 0 END
$function$;
CREATE OR REPLACE FUNCTION key_longer(key text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
    SELECT CASE WHEN length($1) > 3 THEN 1::bigint << ((ascii($1) * 13 + ascii(substr($1, 2)) * 29
            + ascii(substr($1, 3)) * 37 + ascii(substr($1, 4)) * 53) % 61) ELSE 0 END
        | CASE WHEN length($1) > 4 THEN 1::bigint << ((ascii($1) * 5 + ascii(substr($1, 2)) * 17 + ascii(substr($1, 3)) * 31
            + ascii(substr($1, 4)) * 43 + ascii(substr($1, 5)) * 47) % 61) ELSE 0 END
$function$;

-- `shared`: how many first letters of a key are those of an earlier key of the person, by part and key: a beginning longer
-- than that is met once for each person. `starts`, `longer`: how all keys of the person begin.
DROP FUNCTION IF EXISTS registration_keys(bigint, bigint, text, text);
CREATE FUNCTION registration_keys(id bigint, event bigint, number text, search_key text)
 RETURNS TABLE(registration bigint, event_id bigint, part smallint, key text, shared smallint, starts bigint, longer bigint)
 LANGUAGE sql
 IMMUTABLE
AS $function$
    WITH every AS (
        SELECT min(found.part)::smallint AS part, found.key COLLATE "C" AS key FROM (
            SELECT line.at - 2 AS part, left(one.key, 60) AS key
            FROM unnest(string_to_array($4, E'\n')) WITH ORDINALITY AS line (keys, at)
            CROSS JOIN LATERAL unnest(string_to_array(line.keys, '|')) AS one (key)
            WHERE line.at BETWEEN 2 AND 4
            UNION ALL SELECT 2, lower(regexp_replace($3, '[^A-Za-z0-9]', '', 'g'))
            UNION ALL SELECT 2, substring($3 FROM '[0-9]+$')
            UNION ALL SELECT 2, ltrim(substring($3 FROM '[0-9]+$'), '0')
        ) found WHERE found.key <> '' GROUP BY 2
    ), begun AS (
        SELECT e.part, e.key, row_number() OVER (PARTITION BY left(e.key, n) ORDER BY e.part, e.key) AS nth
        FROM every e CROSS JOIN LATERAL generate_series(1, length(e.key)) n
    )
    SELECT $1, $2, b.part, b.key, (length(b.key) - count(*) FILTER (WHERE b.nth = 1))::smallint,
        (SELECT bit_or(key_starts(e.key)) FROM every e), (SELECT bit_or(key_longer(e.key)) FROM every e)
    FROM begun b GROUP BY b.part, b.key
$function$;

CREATE OR REPLACE FUNCTION key_new_registrations()
 RETURNS trigger
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
AS $function$
BEGIN
    INSERT INTO registration_key (registration, event, part, key, shared, starts, longer)
    SELECT k.* FROM fresh f CROSS JOIN LATERAL registration_keys(f.id, f.event, f.number, f.search_key) k;
    RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION key_registration()
 RETURNS trigger
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
AS $function$
BEGIN
    DELETE FROM registration_key WHERE registration = NEW.id;
    INSERT INTO registration_key (registration, event, part, key, shared, starts, longer)
    SELECT k.* FROM registration_keys(NEW.id, NEW.event, NEW.number, NEW.search_key) k;
    RETURN NULL;
END $function$;
"""

ID = "2026-11-29T13:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "search keys that hold how the other keys of their person begin"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="fairs", description=DESCRIPTION)

    async def run():
        await engine_finder().current_transaction.get().connection.execute(KEYS)

    manager.add_raw(run)
    return manager
