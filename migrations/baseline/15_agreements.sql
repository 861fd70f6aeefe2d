-- Agreements.

CREATE TABLE agreement (
    id bigserial,
    number character varying(24) DEFAULT '' NOT NULL,
    event bigint NOT NULL,
    unit bigint NOT NULL,
    organisation bigint NOT NULL,
    talent bigint NOT NULL,
    listing bigint,
    meeting bigint,
    state character varying(16) DEFAULT '' NOT NULL,
    state_since timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    engagement character varying(20) DEFAULT '' NOT NULL,
    title_zh character varying(200) DEFAULT '' NOT NULL,
    title_en character varying(200) DEFAULT '' NOT NULL,
    content_zh text DEFAULT '' NOT NULL,
    content_en text DEFAULT '' NOT NULL,
    heads smallint DEFAULT 1 NOT NULL,
    amount_cny bigint,
    months_per_year smallint,
    next_step_by date,
    revision smallint DEFAULT 1 NOT NULL,
    verified_by bigint,
    verified_at timestamp with time zone,
    created_by bigint,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT agreement_pkey PRIMARY KEY (id),
    CONSTRAINT agreement_number_key UNIQUE (number),
    CONSTRAINT ck_agreement_amount CHECK ((amount_cny IS NULL) OR (amount_cny >= 0)),
    CONSTRAINT ck_agreement_heads CHECK ((heads >= 1) AND (heads <= 999)),
    CONSTRAINT ck_agreement_state CHECK (state IN ('lead', 'talks', 'intent', 'signed_intent', 'contract', 'permit', 'arrived', 'landed', 'funded', 'evaluated', 'lapsed', 'terminated')),
    CONSTRAINT agreement_created_by_fkey FOREIGN KEY (created_by) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL,
    CONSTRAINT agreement_event_fkey FOREIGN KEY (event) REFERENCES event(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT agreement_listing_fkey FOREIGN KEY (listing) REFERENCES listing(id) ON UPDATE CASCADE ON DELETE SET NULL,
    CONSTRAINT agreement_meeting_fkey FOREIGN KEY (meeting) REFERENCES meeting(id) ON UPDATE CASCADE ON DELETE SET NULL,
    CONSTRAINT agreement_organisation_fkey FOREIGN KEY (organisation) REFERENCES organisation(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT agreement_talent_fkey FOREIGN KEY (talent) REFERENCES talent(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT agreement_unit_fkey FOREIGN KEY (unit) REFERENCES unit(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT agreement_verified_by_fkey FOREIGN KEY (verified_by) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL
);
CREATE INDEX agreement_event ON agreement USING btree (event);
CREATE INDEX agreement_organisation ON agreement USING btree (organisation);
CREATE INDEX agreement_state ON agreement USING btree (state);
CREATE INDEX agreement_talent ON agreement USING btree (talent);
CREATE INDEX agreement_unit ON agreement USING btree (unit);
CREATE INDEX agreement_updated_at ON agreement USING btree (updated_at);
CREATE INDEX ix_agreement_listing ON agreement USING btree (listing);
CREATE INDEX ix_agreement_meeting ON agreement USING btree (meeting);
CREATE INDEX ix_agreement_unit_state ON agreement USING btree (unit, state);

CREATE TABLE agreement_revision (
    id bigserial,
    agreement bigint NOT NULL,
    revision smallint DEFAULT 0 NOT NULL,
    document text DEFAULT '' NOT NULL,
    document_hash bytea DEFAULT '\x'::bytea NOT NULL,
    made_by bigint,
    made_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT agreement_revision_pkey PRIMARY KEY (id),
    CONSTRAINT agreement_revision_document_hash_key UNIQUE (document_hash),
    CONSTRAINT uq_agreement_revision UNIQUE (agreement, revision),
    CONSTRAINT agreement_revision_agreement_fkey FOREIGN KEY (agreement) REFERENCES agreement(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT agreement_revision_made_by_fkey FOREIGN KEY (made_by) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL
);

CREATE TABLE agreement_signature (
    id bigserial,
    agreement bigint NOT NULL,
    revision smallint DEFAULT 0 NOT NULL,
    party character varying(8) DEFAULT '' NOT NULL,
    account bigint NOT NULL,
    name_signed character varying(120) DEFAULT '' NOT NULL,
    document_hash bytea DEFAULT '\x'::bytea NOT NULL,
    signed_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    ip text DEFAULT '' NOT NULL,
    confirmed_by character varying(12) DEFAULT '' NOT NULL,
    CONSTRAINT agreement_signature_pkey PRIMARY KEY (id),
    CONSTRAINT uq_agreement_signature UNIQUE (agreement, revision, party),
    CONSTRAINT ck_agreement_signature_confirmed CHECK (confirmed_by IN ('', 'password', 'code')),
    CONSTRAINT ck_agreement_signature_party CHECK (party IN ('employer', 'talent', 'bureau')),
    CONSTRAINT agreement_signature_account_fkey FOREIGN KEY (account) REFERENCES account(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT agreement_signature_agreement_fkey FOREIGN KEY (agreement) REFERENCES agreement(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX ix_agreement_signature_account ON agreement_signature USING btree (account);

CREATE TABLE agreement_transition (
    id bigserial,
    agreement bigint NOT NULL,
    from_state character varying(16) DEFAULT '' NOT NULL,
    to_state character varying(16) DEFAULT '' NOT NULL,
    by_account bigint,
    evidence text DEFAULT '' NOT NULL,
    reason character varying(60) DEFAULT '' NOT NULL,
    at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT agreement_transition_pkey PRIMARY KEY (id),
    CONSTRAINT agreement_transition_agreement_fkey FOREIGN KEY (agreement) REFERENCES agreement(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT agreement_transition_by_account_fkey FOREIGN KEY (by_account) REFERENCES account(id) ON UPDATE CASCADE ON DELETE SET NULL
);
CREATE INDEX agreement_transition_agreement ON agreement_transition USING btree (agreement);
CREATE INDEX agreement_transition_at ON agreement_transition USING btree (at);

CREATE TRIGGER tg_agreement_revision_append_only BEFORE DELETE OR UPDATE ON agreement_revision FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tg_agreement_signature_append_only BEFORE DELETE OR UPDATE ON agreement_signature FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tg_agreement_transition_append_only BEFORE DELETE OR UPDATE ON agreement_transition FOR EACH ROW EXECUTE FUNCTION refuse_change();
