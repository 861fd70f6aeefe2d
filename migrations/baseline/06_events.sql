-- Events.

CREATE TABLE event (
    id bigserial,
    slug character varying(60) DEFAULT '' NOT NULL,
    kind character varying(16) DEFAULT '' NOT NULL,
    state character varying(12) DEFAULT 'draft' NOT NULL,
    parent bigint,
    unit bigint NOT NULL,
    title_zh character varying(200) DEFAULT '' NOT NULL,
    title_en character varying(200) DEFAULT '' NOT NULL,
    summary_zh text DEFAULT '' NOT NULL,
    summary_en text DEFAULT '' NOT NULL,
    place_zh character varying(200) DEFAULT '' NOT NULL,
    place_en character varying(200) DEFAULT '' NOT NULL,
    timezone character varying(64) DEFAULT 'Asia/Shanghai' NOT NULL,
    starts_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    ends_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    capacity integer,
    demo boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (id),
    CONSTRAINT event_slug_key UNIQUE (slug),
    CONSTRAINT ck_event_capacity CHECK ((capacity IS NULL) OR (capacity >= 0)),
    CONSTRAINT ck_event_kind CHECK (kind IN ('conference', 'session', 'tour', 'negotiation', 'exhibition', 'outreach', 'delegation')),
    CONSTRAINT ck_event_span CHECK (ends_at > starts_at),
    CONSTRAINT ck_event_state CHECK (state IN ('draft', 'published', 'closed')),
    CONSTRAINT event_parent_fkey FOREIGN KEY (parent) REFERENCES event(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT event_unit_fkey FOREIGN KEY (unit) REFERENCES unit(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX event_state ON event USING btree (state);
CREATE INDEX event_updated_at ON event USING btree (updated_at);
ALTER TABLE access_token ADD CONSTRAINT fk_access_token_event FOREIGN KEY (event_id) REFERENCES event(id) ON DELETE CASCADE;
ALTER TABLE membership ADD CONSTRAINT fk_membership_event FOREIGN KEY (event_id) REFERENCES event(id) ON DELETE CASCADE;

CREATE TABLE room (
    id bigserial,
    event bigint NOT NULL,
    code character varying(40) DEFAULT '' NOT NULL,
    name_zh character varying(120) DEFAULT '' NOT NULL,
    name_en character varying(120) DEFAULT '' NOT NULL,
    capacity integer,
    CONSTRAINT room_pkey PRIMARY KEY (id),
    CONSTRAINT uq_room_event_code UNIQUE (event, code),
    CONSTRAINT room_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE event_session (
    id bigserial,
    event bigint NOT NULL,
    unit bigint,
    room bigint,
    code character varying(40) DEFAULT '' NOT NULL,
    kind character varying(20) DEFAULT '' NOT NULL,
    title_zh character varying(200) DEFAULT '' NOT NULL,
    title_en character varying(200) DEFAULT '' NOT NULL,
    starts_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    ends_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    capacity integer,
    sign_up boolean DEFAULT false NOT NULL,
    changes_until timestamp with time zone,
    CONSTRAINT event_session_pkey PRIMARY KEY (id),
    CONSTRAINT uq_event_session_code UNIQUE (event, code),
    CONSTRAINT ck_event_session_kind CHECK (kind IN ('opening', 'forum', 'policy_briefing', 'project_pitch', 'roadshow', 'product_launch', 'showcase', 'signing', 'negotiation', 'city_session', 'tour_stop')),
    CONSTRAINT ck_event_session_span CHECK (ends_at > starts_at),
    CONSTRAINT event_session_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT event_session_room_fkey FOREIGN KEY (room) REFERENCES room(id) ON UPDATE CASCADE ON DELETE SET NULL,
    CONSTRAINT event_session_unit_fkey FOREIGN KEY (unit) REFERENCES unit(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX event_session_event ON event_session USING btree (event);

CREATE TABLE gate (
    id bigserial,
    event bigint NOT NULL,
    session bigint,
    code character varying(40) DEFAULT '' NOT NULL,
    kind character varying(12) DEFAULT '' NOT NULL,
    name_zh character varying(120) DEFAULT '' NOT NULL,
    name_en character varying(120) DEFAULT '' NOT NULL,
    opens_at timestamp with time zone,
    closes_at timestamp with time zone,
    CONSTRAINT gate_pkey PRIMARY KEY (id),
    CONSTRAINT uq_gate_event_code UNIQUE (event, code),
    CONSTRAINT ck_gate_kind CHECK (kind IN ('entry', 'zone', 'session', 'booth', 'table', 'signing')),
    CONSTRAINT gate_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT gate_session_fkey FOREIGN KEY (session) REFERENCES event_session(id) ON UPDATE CASCADE ON DELETE CASCADE
);
