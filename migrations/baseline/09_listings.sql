-- Listings.

CREATE TABLE listing (
    id bigserial,
    organisation bigint NOT NULL,
    event bigint NOT NULL,
    kind character varying(8) DEFAULT '' NOT NULL,
    state character varying(12) DEFAULT 'draft' NOT NULL,
    title_zh character varying(200) DEFAULT '' NOT NULL,
    title_en character varying(200) DEFAULT '' NOT NULL,
    description_zh text DEFAULT '' NOT NULL,
    description_en text DEFAULT '' NOT NULL,
    discipline character varying(8) DEFAULT '' NOT NULL,
    degree character varying(12) DEFAULT '' NOT NULL,
    engagement character varying(20)[] DEFAULT '{}'::character varying[] NOT NULL,
    city character varying(12) DEFAULT '' NOT NULL,
    languages character varying(20)[] DEFAULT '{}'::character varying[] NOT NULL,
    headcount smallint DEFAULT 1 NOT NULL,
    pay_min integer,
    pay_max integer,
    start_by date,
    valid_to date,
    urgent boolean DEFAULT false NOT NULL,
    urgent_reason text DEFAULT '' NOT NULL,
    search_key text DEFAULT '' NOT NULL,
    demo boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    published_at timestamp with time zone,
    sponsors_permit boolean,
    CONSTRAINT listing_pkey PRIMARY KEY (id),
    CONSTRAINT ck_listing_headcount CHECK ((headcount >= 1) AND (headcount <= 999)),
    CONSTRAINT ck_listing_kind CHECK (kind IN ('people', 'project')),
    CONSTRAINT ck_listing_pay CHECK ((pay_min IS NULL) OR (pay_max IS NULL) OR (pay_max >= pay_min)),
    CONSTRAINT ck_listing_state CHECK (state IN ('draft', 'published', 'closed')),
    CONSTRAINT ck_listing_urgent CHECK ((NOT urgent) OR (urgent_reason <> ''::text)),
    CONSTRAINT listing_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT listing_organisation_fkey FOREIGN KEY (organisation) REFERENCES organisation(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX ix_listing_event_updated ON listing USING btree (event, updated_at);
CREATE INDEX ix_listing_open ON listing USING btree (event, urgent DESC, published_at DESC NULLS LAST, id DESC) WHERE (state = 'published');
CREATE INDEX ix_listing_open_closing ON listing USING btree (event, valid_to, id) WHERE (state = 'published');
CREATE INDEX ix_listing_open_heads ON listing USING btree (event, headcount DESC, id DESC) WHERE (state = 'published');
CREATE INDEX ix_listing_open_new ON listing USING btree (event, published_at DESC NULLS LAST, id DESC) WHERE (state = 'published');
CREATE INDEX ix_listing_open_pay ON listing USING btree (event, COALESCE(pay_max, pay_min) DESC NULLS LAST, id DESC) WHERE (state = 'published');
CREATE INDEX listing_discipline ON listing USING btree (discipline);
CREATE INDEX listing_event ON listing USING btree (event);
CREATE INDEX listing_organisation ON listing USING btree (organisation);
CREATE INDEX listing_state ON listing USING btree (state);
CREATE INDEX listing_updated_at ON listing USING btree (updated_at);
