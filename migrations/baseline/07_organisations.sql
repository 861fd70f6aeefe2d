-- Organisations.

CREATE TABLE organisation (
    id bigserial,
    uscc character varying(18) DEFAULT '' NOT NULL,
    name_zh character varying(120) DEFAULT '' NOT NULL,
    name_en character varying(160) DEFAULT '' NOT NULL,
    kind character varying(20) DEFAULT '' NOT NULL,
    unit bigint NOT NULL,
    industry character varying(8) DEFAULT '' NOT NULL,
    intro_zh text DEFAULT '' NOT NULL,
    intro_en text DEFAULT '' NOT NULL,
    contact_name character varying(80) DEFAULT '' NOT NULL,
    contact_phone text DEFAULT ''::character varying NOT NULL,
    state character varying(12) DEFAULT 'pending' NOT NULL,
    decided_by bigint,
    decided_at timestamp with time zone,
    decision_note text DEFAULT '' NOT NULL,
    search_key text DEFAULT '' NOT NULL,
    demo boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    signatory character varying(120) DEFAULT '' NOT NULL,
    signatory_latin character varying(120) DEFAULT '' NOT NULL,
    CONSTRAINT organisation_pkey PRIMARY KEY (id),
    CONSTRAINT organisation_uscc_key UNIQUE (uscc),
    CONSTRAINT ck_organisation_kind CHECK (kind IN ('university', 'institute', 'hospital', 'state_firm', 'private_firm', 'foreign_firm', 'park', 'government')),
    CONSTRAINT ck_organisation_state CHECK (state IN ('pending', 'approved', 'rejected')),
    CONSTRAINT organisation_decided_by_fkey FOREIGN KEY (decided_by) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL,
    CONSTRAINT organisation_unit_fkey FOREIGN KEY (unit) REFERENCES unit(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX ix_organisation_decided ON organisation USING btree (decided_at);
CREATE INDEX organisation_state ON organisation USING btree (state);
CREATE INDEX organisation_unit ON organisation USING btree (unit);
ALTER TABLE membership ADD CONSTRAINT fk_membership_organisation FOREIGN KEY (organisation_id) REFERENCES organisation(id) ON DELETE CASCADE;

CREATE TABLE booth (
    id bigserial,
    event bigint NOT NULL,
    organisation bigint NOT NULL,
    number character varying(20) DEFAULT '' NOT NULL,
    CONSTRAINT booth_pkey PRIMARY KEY (id),
    CONSTRAINT uq_booth_event_number UNIQUE (event, number),
    CONSTRAINT uq_booth_event_organisation UNIQUE (event, organisation),
    CONSTRAINT booth_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT booth_organisation_fkey FOREIGN KEY (organisation) REFERENCES organisation(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX ix_booth_organisation ON booth USING btree (organisation);
