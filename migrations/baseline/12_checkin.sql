-- Check-in: scans, admissions and counters; the two functions that a batch of scans goes through (docs/checkin.md).

CREATE TABLE admission (
    id bigserial,
    gate bigint NOT NULL,
    registration bigint NOT NULL,
    day date NOT NULL,
    first_scanned_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT admission_pkey PRIMARY KEY (id),
    CONSTRAINT uq_admission UNIQUE (gate, registration, day),
    CONSTRAINT admission_gate_fkey FOREIGN KEY (gate) REFERENCES gate(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT admission_registration_fkey FOREIGN KEY (registration) REFERENCES registration(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX admission_registration ON admission USING btree (registration);

CREATE TABLE gate_count (
    id bigserial,
    gate bigint NOT NULL,
    day date NOT NULL,
    what character varying(40) DEFAULT '' NOT NULL,
    number bigint DEFAULT 0 NOT NULL,
    CONSTRAINT gate_count_pkey PRIMARY KEY (id),
    CONSTRAINT uq_gate_count UNIQUE (gate, day, what),
    CONSTRAINT gate_count_gate_fkey FOREIGN KEY (gate) REFERENCES gate(id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE gate_minute (
    id bigserial,
    gate bigint NOT NULL,
    minute timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    number bigint DEFAULT 0 NOT NULL,
    CONSTRAINT gate_minute_pkey PRIMARY KEY (id),
    CONSTRAINT uq_gate_minute UNIQUE (gate, minute),
    CONSTRAINT gate_minute_gate_fkey FOREIGN KEY (gate) REFERENCES gate(id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE scan (
    id bigserial,
    uuid uuid DEFAULT gen_random_uuid() NOT NULL,
    gate bigint,
    device_id bigint DEFAULT 0 NOT NULL,
    badge bigint,
    registration bigint,
    direction character varying(3) DEFAULT 'in' NOT NULL,
    outcome character varying(10) DEFAULT '' NOT NULL,
    reason character varying(20) DEFAULT NULL::character varying,
    scanned_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    received_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    offline boolean DEFAULT false NOT NULL,
    conflict boolean DEFAULT false NOT NULL,
    first_scanned_at timestamp with time zone,
    code_seen text DEFAULT '' NOT NULL,
    CONSTRAINT scan_pkey PRIMARY KEY (id),
    CONSTRAINT scan_uuid_key UNIQUE (uuid),
    CONSTRAINT ck_scan_direction CHECK (direction IN ('in', 'out')),
    CONSTRAINT ck_scan_outcome CHECK (outcome IN ('admitted', 'already', 'refused')),
    CONSTRAINT ck_scan_refused_reason CHECK ((outcome = 'refused') = (reason IS NOT NULL)),
    CONSTRAINT fk_scan_device FOREIGN KEY (device_id) REFERENCES access_token(id),
    CONSTRAINT scan_badge_fkey FOREIGN KEY (badge) REFERENCES badge(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT scan_gate_fkey FOREIGN KEY (gate) REFERENCES gate(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT scan_registration_fkey FOREIGN KEY (registration) REFERENCES registration(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX ix_scan_conflict ON scan USING btree (gate, received_at) WHERE conflict;
CREATE INDEX ix_scan_gate_id ON scan USING btree (gate, id);
CREATE INDEX scan_registration ON scan USING btree (registration);

CREATE TABLE scan_tally (
    gate bigint NOT NULL,
    through bigint DEFAULT 0 NOT NULL,
    zone character varying(64) DEFAULT '' NOT NULL,
    CONSTRAINT scan_tally_pkey PRIMARY KEY (gate),
    CONSTRAINT scan_tally_gate_fkey FOREIGN KEY (gate) REFERENCES gate(id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE scan_turn (
    event bigint NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    CONSTRAINT scan_turn_pkey PRIMARY KEY (event),
    CONSTRAINT scan_turn_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE
);

-- What is known of a batch of scans. Its settings make a plan of index look-ups, whatever the statistics say: a plan made when
-- a table was small would read all of it later. Each look-up names the columns that it needs: unused ones of a LATERAL with a
-- LIMIT are still set up. What few scans need is a subquery in the list of columns, which is not entered for the others.
CREATE OR REPLACE FUNCTION scan_state(bigint, uuid[], text[], bytea[], text[], timestamp with time zone[], boolean[])
 RETURNS TABLE(turn bigint, known boolean, gate bigint, opens_at timestamp with time zone, closes_at timestamp with time zone, capacity integer, session bigint, badge bigint, revoked boolean, same boolean, registration bigint, here boolean, confirmed boolean, signed_up boolean, name_passport text, name_native text, category text, organisation text, day date, first_at timestamp with time zone, first_device bigint, last_at timestamp with time zone, last_direction text)
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

-- Stores a batch and everything that is counted of it, unless another batch of the event was stored meanwhile.
CREATE OR REPLACE FUNCTION scan_store(of_event bigint, seen bigint, uuids uuid[], gates bigint[], devices bigint[], badges bigint[], registrations bigint[], directions text[], outcomes text[], reasons text[], times timestamp with time zone[], offlines boolean[], conflicts boolean[], firsts timestamp with time zone[], codes text[], admitted_gates bigint[], admitted bigint[], admitted_days date[], admitted_at timestamp with time zone[], arrived timestamp with time zone, channel text, told text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_bitmapscan TO 'off'
 SET jit TO 'off'
AS $function$
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

CREATE TRIGGER tg_scan_append_only BEFORE DELETE OR UPDATE ON scan FOR EACH ROW EXECUTE FUNCTION refuse_change();
