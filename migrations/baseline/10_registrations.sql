-- Registrations.

CREATE TABLE registration (
    id bigserial,
    number character varying(20) DEFAULT '' NOT NULL,
    event bigint NOT NULL,
    talent bigint,
    organisation bigint,
    category character varying(12) DEFAULT '' NOT NULL,
    state character varying(12) DEFAULT '' NOT NULL,
    queue integer,
    email character varying(254) DEFAULT '' NOT NULL,
    name_passport character varying(120) DEFAULT '' NOT NULL,
    name_native character varying(120) DEFAULT '' NOT NULL,
    nationality character varying(2) DEFAULT '' NOT NULL,
    organisation_name character varying(200) DEFAULT '' NOT NULL,
    phone text DEFAULT ''::character varying NOT NULL,
    lang character varying(2) DEFAULT 'en' NOT NULL,
    search_key text DEFAULT '' NOT NULL,
    demo boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    confirmed_at timestamp with time zone,
    cancelled_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    registrant bigint,
    sequence integer DEFAULT 0 NOT NULL,
    CONSTRAINT registration_pkey PRIMARY KEY (id),
    CONSTRAINT registration_number_key UNIQUE (number),
    CONSTRAINT ck_registration_category CHECK (category IN ('candidate', 'employer', 'guest', 'expert', 'media', 'staff', 'visitor')),
    CONSTRAINT ck_registration_email_lower CHECK ((email)::text = lower((email)::text)),
    CONSTRAINT ck_registration_queue CHECK ((state = 'waitlisted') = (queue IS NOT NULL)),
    CONSTRAINT ck_registration_state CHECK (state IN ('pending', 'confirmed', 'waitlisted', 'cancelled')),
    CONSTRAINT registration_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT registration_organisation_fkey FOREIGN KEY (organisation) REFERENCES organisation(id) ON UPDATE CASCADE ON DELETE SET NULL,
    CONSTRAINT registration_registrant_fkey FOREIGN KEY (registrant) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL,
    CONSTRAINT registration_talent_fkey FOREIGN KEY (talent) REFERENCES talent(id) ON UPDATE CASCADE ON DELETE SET NULL
);
CREATE INDEX ix_registration_marks ON registration USING gin (string_to_array(split_part(search_key, '
'::text, 5), ' '::text)) WITH (fastupdate=off);
CREATE INDEX ix_registration_organisation ON registration USING btree (organisation);
CREATE INDEX ix_registration_queue ON registration USING btree (event, queue) WHERE (state = 'waitlisted');
CREATE INDEX registration_event ON registration USING btree (event);
CREATE INDEX registration_registrant ON registration USING btree (registrant);
CREATE INDEX registration_state ON registration USING btree (state);
CREATE INDEX registration_talent ON registration USING btree (talent);
CREATE INDEX registration_updated_at ON registration USING btree (updated_at);
CREATE UNIQUE INDEX uq_registration_live ON registration USING btree (event, email) WHERE (state <> 'cancelled');

CREATE TABLE registration_key (
    id bigserial,
    registration bigint NOT NULL,
    event bigint DEFAULT 0 NOT NULL,
    part smallint DEFAULT 0 NOT NULL,
    key text COLLATE "C" DEFAULT ''::text NOT NULL,
    CONSTRAINT registration_key_pkey PRIMARY KEY (id),
    CONSTRAINT registration_key_registration_fkey FOREIGN KEY (registration) REFERENCES registration(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX ix_registration_key_prefix ON registration_key USING btree (event, part, key, registration);
CREATE INDEX registration_key_registration ON registration_key USING btree (registration, key);

CREATE TABLE registration_session (
    id bigserial,
    registration bigint NOT NULL,
    session bigint NOT NULL,
    CONSTRAINT registration_session_pkey PRIMARY KEY (id),
    CONSTRAINT uq_registration_session UNIQUE (registration, session),
    CONSTRAINT registration_session_registration_fkey FOREIGN KEY (registration) REFERENCES registration(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT registration_session_session_fkey FOREIGN KEY (session) REFERENCES event_session(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX registration_session_session ON registration_session USING btree (session);

-- The keys by which a registration is looked up at the gate: names apart from the rest, each word a row.
CREATE OR REPLACE FUNCTION registration_keys(id bigint, event bigint, number text, search_key text)
 RETURNS TABLE(registration bigint, event_id bigint, part smallint, key text)
 LANGUAGE sql
 IMMUTABLE
AS $function$
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
$function$;

-- Keys of a burst of registrations, in one statement.
CREATE OR REPLACE FUNCTION key_new_registrations()
 RETURNS trigger
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
AS $function$
BEGIN
    INSERT INTO registration_key (registration, event, part, key)
    SELECT k.* FROM fresh f CROSS JOIN LATERAL registration_keys(f.id, f.event, f.number, f.search_key) k;
    RETURN NULL;
END $function$;

-- Keys follow their registration.
CREATE OR REPLACE FUNCTION key_registration()
 RETURNS trigger
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
AS $function$
BEGIN
    DELETE FROM registration_key WHERE registration = NEW.id;
    INSERT INTO registration_key (registration, event, part, key)
    SELECT k.* FROM registration_keys(NEW.id, NEW.event, NEW.number, NEW.search_key) k;
    RETURN NULL;
END $function$;

CREATE TRIGGER tg_registration_keys AFTER UPDATE OF search_key, event, number ON registration FOR EACH ROW WHEN (((old.search_key <> new.search_key) OR (old.event <> new.event) OR ((old.number)::text <> (new.number)::text))) EXECUTE FUNCTION key_registration();
CREATE TRIGGER tg_registration_keys_new AFTER INSERT ON registration REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION key_new_registrations();
