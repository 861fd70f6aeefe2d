-- Matching.

CREATE TABLE preference (
    id bigserial,
    event bigint NOT NULL,
    talent bigint NOT NULL,
    listing bigint NOT NULL,
    side character varying(8) DEFAULT '' NOT NULL,
    level character varying(8) DEFAULT '' NOT NULL,
    set_by bigint,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    told_at timestamp with time zone,
    CONSTRAINT preference_pkey PRIMARY KEY (id),
    CONSTRAINT uq_preference_side UNIQUE (side, talent, listing),
    CONSTRAINT ck_preference_level CHECK (level IN ('must', 'meet', 'no')),
    CONSTRAINT ck_preference_side CHECK (side IN ('talent', 'employer')),
    CONSTRAINT preference_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT preference_listing_fkey FOREIGN KEY (listing) REFERENCES listing(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT preference_set_by_fkey FOREIGN KEY (set_by) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL,
    CONSTRAINT preference_talent_fkey FOREIGN KEY (talent) REFERENCES talent(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX ix_preference_event ON preference USING btree (event);
CREATE INDEX preference_listing ON preference USING btree (listing);
CREATE INDEX preference_talent ON preference USING btree (talent);

CREATE TABLE text_vector (
    id bigserial,
    owner_kind character varying(8) DEFAULT '' NOT NULL,
    owner_id bigint DEFAULT 0 NOT NULL,
    lang character varying(2) DEFAULT '' NOT NULL,
    model character varying(60) DEFAULT '' NOT NULL,
    text_hash bytea DEFAULT '\x'::bytea NOT NULL,
    vector bytea DEFAULT '\x'::bytea NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT text_vector_pkey PRIMARY KEY (id),
    CONSTRAINT uq_text_vector_owner UNIQUE (owner_kind, owner_id, lang),
    CONSTRAINT ck_text_vector_owner CHECK (owner_kind IN ('talent', 'listing'))
);
