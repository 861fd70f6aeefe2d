-- Meetings.

CREATE TABLE meeting_slot (
    id bigserial,
    event bigint NOT NULL,
    starts_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    ends_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT meeting_slot_pkey PRIMARY KEY (id),
    CONSTRAINT uq_meeting_slot UNIQUE (event, starts_at),
    CONSTRAINT ck_meeting_slot_span CHECK (ends_at > starts_at),
    CONSTRAINT meeting_slot_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE meeting_table (
    id bigserial,
    event bigint NOT NULL,
    organisation bigint,
    number smallint DEFAULT 0 NOT NULL,
    CONSTRAINT meeting_table_pkey PRIMARY KEY (id),
    CONSTRAINT uq_meeting_table UNIQUE (event, number),
    CONSTRAINT meeting_table_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT meeting_table_organisation_fkey FOREIGN KEY (organisation) REFERENCES organisation(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX ix_meeting_table_organisation ON meeting_table USING btree (organisation);

CREATE TABLE meeting (
    id bigserial,
    event bigint NOT NULL,
    listing bigint NOT NULL,
    organisation bigint NOT NULL,
    talent bigint NOT NULL,
    hall_table bigint NOT NULL,
    starts_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    ends_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    state character varying(12) DEFAULT 'scheduled' NOT NULL,
    outcome character varying(12) DEFAULT '' NOT NULL,
    note text DEFAULT '' NOT NULL,
    sequence smallint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT meeting_pkey PRIMARY KEY (id),
    CONSTRAINT ck_meeting_outcome CHECK (outcome IN ('', 'intent', 'talks', 'none')),
    CONSTRAINT ck_meeting_span CHECK (ends_at > starts_at),
    CONSTRAINT ck_meeting_state CHECK (state IN ('scheduled', 'held', 'no_show', 'cancelled')),
    CONSTRAINT ex_meeting_table EXCLUDE USING gist (int8range(hall_table, hall_table, '[]'::text) WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE ((state IN ('scheduled', 'held'))),
    CONSTRAINT ex_meeting_talent EXCLUDE USING gist (int8range(talent, talent, '[]'::text) WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE ((state IN ('scheduled', 'held'))),
    CONSTRAINT meeting_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT meeting_hall_table_fkey FOREIGN KEY (hall_table) REFERENCES meeting_table(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT meeting_listing_fkey FOREIGN KEY (listing) REFERENCES listing(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT meeting_organisation_fkey FOREIGN KEY (organisation) REFERENCES organisation(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT meeting_talent_fkey FOREIGN KEY (talent) REFERENCES talent(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX ix_meeting_hall_table ON meeting USING btree (hall_table);
CREATE INDEX ix_meeting_listing ON meeting USING btree (listing);
CREATE INDEX meeting_event ON meeting USING btree (event);
CREATE INDEX meeting_organisation ON meeting USING btree (organisation);
CREATE INDEX meeting_talent ON meeting USING btree (talent);
CREATE UNIQUE INDEX uq_meeting_pair ON meeting USING btree (talent, listing) WHERE (state IN ('scheduled', 'held'));

CREATE TABLE schedule_run (
    id bigserial,
    event bigint NOT NULL,
    state character varying(10) DEFAULT 'waiting' NOT NULL,
    asked_by bigint,
    asked_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    seen_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    phase character varying(40) DEFAULT '' NOT NULL,
    share real DEFAULT 0.0 NOT NULL,
    pairs integer DEFAULT 0 NOT NULL,
    objective bigint DEFAULT 0 NOT NULL,
    bound bigint,
    gap double precision,
    made integer DEFAULT 0 NOT NULL,
    left_out integer DEFAULT 0 NOT NULL,
    unmet jsonb DEFAULT '[]'::jsonb NOT NULL,
    error character varying(20) DEFAULT '' NOT NULL,
    CONSTRAINT schedule_run_pkey PRIMARY KEY (id),
    CONSTRAINT ck_schedule_run_state CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    CONSTRAINT schedule_run_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL,
    CONSTRAINT schedule_run_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX schedule_run_event ON schedule_run USING btree (event);
CREATE UNIQUE INDEX uq_schedule_run_live ON schedule_run USING btree (event) WHERE (state IN ('waiting', 'running'));

CREATE TABLE wish_mail_off (
    id bigserial,
    account bigint NOT NULL,
    since timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT wish_mail_off_pkey PRIMARY KEY (id),
    CONSTRAINT wish_mail_off_account_key UNIQUE (account),
    CONSTRAINT wish_mail_off_account_fkey FOREIGN KEY (account) REFERENCES account(id) ON UPDATE CASCADE ON DELETE CASCADE
);
