-- Accounts.

CREATE TABLE account (
    id bigserial,
    email character varying(254) DEFAULT '' NOT NULL,
    name character varying(200) DEFAULT '' NOT NULL,
    password_hash text,
    lang character varying(2) DEFAULT 'en' NOT NULL,
    timezone character varying(64) DEFAULT 'Asia/Shanghai' NOT NULL,
    active boolean DEFAULT true NOT NULL,
    email_confirmed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    closed_at timestamp with time zone,
    review_since timestamp with time zone,
    CONSTRAINT account_pkey PRIMARY KEY (id),
    CONSTRAINT account_email_key UNIQUE (email),
    CONSTRAINT ck_account_email_lower CHECK ((email)::text = lower((email)::text)),
    CONSTRAINT ck_account_lang CHECK (lang IN ('zh', 'en'))
);

CREATE TABLE access_token (
    id bigserial,
    kind character varying(8) DEFAULT '' NOT NULL,
    name character varying(120) DEFAULT '' NOT NULL,
    token_hash bytea DEFAULT '\x'::bytea NOT NULL,
    account bigint,
    event_id bigint,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    last_used_at timestamp with time zone,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT access_token_pkey PRIMARY KEY (id),
    CONSTRAINT access_token_token_hash_key UNIQUE (token_hash),
    CONSTRAINT ck_access_token_kind CHECK (((kind = 'api') AND (account IS NOT NULL)) OR ((kind = 'device') AND (event_id IS NOT NULL))),
    CONSTRAINT access_token_account_fkey FOREIGN KEY (account) REFERENCES account(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX ix_access_token_account ON access_token USING btree (account);
CREATE INDEX ix_access_token_event ON access_token USING btree (event_id);

CREATE TABLE confirmation_code (
    id bigserial,
    account bigint NOT NULL,
    purpose character varying(80) DEFAULT '' NOT NULL,
    code_hash bytea DEFAULT '\x'::bytea NOT NULL,
    tries smallint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT confirmation_code_pkey PRIMARY KEY (id),
    CONSTRAINT uq_confirmation_code UNIQUE (account, purpose),
    CONSTRAINT confirmation_code_account_fkey FOREIGN KEY (account) REFERENCES account(id) ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE kept_form (
    id bigserial,
    token_hash bytea DEFAULT '\x'::bytea NOT NULL,
    browser_hash bytea DEFAULT '\x'::bytea NOT NULL,
    sealed bytea DEFAULT '\x'::bytea NOT NULL,
    expires_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT kept_form_pkey PRIMARY KEY (id),
    CONSTRAINT kept_form_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX kept_form_browser_hash ON kept_form USING btree (browser_hash);
CREATE INDEX kept_form_expires_at ON kept_form USING btree (expires_at);

CREATE TABLE membership (
    id bigserial,
    account bigint NOT NULL,
    role character varying(12) DEFAULT '' NOT NULL,
    unit bigint,
    organisation_id bigint,
    event_id bigint,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT membership_pkey PRIMARY KEY (id),
    CONSTRAINT ck_membership_scope CHECK (((role = 'bureau') AND (unit IS NOT NULL)) OR ((role = 'employer') AND (organisation_id IS NOT NULL)) OR ((role = 'staff') AND (event_id IS NOT NULL)) OR (role IN ('admin', 'organiser', 'candidate'))),
    CONSTRAINT membership_account_fkey FOREIGN KEY (account) REFERENCES account(id) ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT membership_unit_fkey FOREIGN KEY (unit) REFERENCES unit(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
CREATE INDEX ix_membership_unit ON membership USING btree (unit);
CREATE INDEX membership_account ON membership USING btree (account);
CREATE INDEX membership_event_id ON membership USING btree (event_id);
CREATE INDEX membership_organisation_id ON membership USING btree (organisation_id);
CREATE UNIQUE INDEX uq_membership_role ON membership USING btree (account, role, COALESCE(unit, (0)::bigint), COALESCE(organisation_id, (0)::bigint), COALESCE(event_id, (0)::bigint));

CREATE TABLE rate_limit (
    key character varying(200) DEFAULT '' NOT NULL,
    hits integer DEFAULT 0 NOT NULL,
    ends_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    next_at timestamp with time zone,
    CONSTRAINT rate_limit_pkey PRIMARY KEY (key)
);
CREATE INDEX rate_limit_ends_at ON rate_limit USING btree (ends_at);

CREATE TABLE sign_in_link (
    id bigserial,
    token_hash bytea DEFAULT '\x'::bytea NOT NULL,
    account bigint,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    used_at timestamp with time zone,
    target text DEFAULT '' NOT NULL,
    email character varying(254) DEFAULT '' NOT NULL,
    kind character varying(12) DEFAULT 'sign_in' NOT NULL,
    CONSTRAINT sign_in_link_pkey PRIMARY KEY (id),
    CONSTRAINT sign_in_link_token_hash_key UNIQUE (token_hash),
    CONSTRAINT ck_sign_in_link_kind CHECK (((kind = 'confirm') AND (email <> '')) OR ((kind = 'address') AND (email <> '') AND (account IS NOT NULL)) OR ((kind IN ('sign_in', 'reset')) AND (account IS NOT NULL))),
    CONSTRAINT sign_in_link_account_fkey FOREIGN KEY (account) REFERENCES account(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX ix_sign_in_link_account ON sign_in_link USING btree (account);
CREATE INDEX sign_in_link_email ON sign_in_link USING btree (email);

CREATE TABLE sign_in_session (
    id bigserial,
    token_hash bytea DEFAULT '\x'::bytea NOT NULL,
    account bigint NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    last_seen_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    expires_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    ip text DEFAULT '' NOT NULL,
    user_agent text DEFAULT '' NOT NULL,
    by_link boolean DEFAULT false NOT NULL,
    CONSTRAINT sign_in_session_pkey PRIMARY KEY (id),
    CONSTRAINT sign_in_session_token_hash_key UNIQUE (token_hash),
    CONSTRAINT sign_in_session_account_fkey FOREIGN KEY (account) REFERENCES account(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX sign_in_session_account ON sign_in_session USING btree (account);

CREATE TABLE stored_answer (
    id bigserial,
    token bigint NOT NULL,
    key character varying(200) DEFAULT '' NOT NULL,
    body_hash bytea DEFAULT '\x'::bytea NOT NULL,
    status smallint DEFAULT 0 NOT NULL,
    body jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT stored_answer_pkey PRIMARY KEY (id),
    CONSTRAINT uq_stored_answer_token_key UNIQUE (token, key),
    CONSTRAINT stored_answer_token_fkey FOREIGN KEY (token) REFERENCES access_token(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX stored_answer_created_at ON stored_answer USING btree (created_at);

-- What ends a credential is heard by every process at once.
CREATE OR REPLACE FUNCTION tell_revocation()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM pg_notify('fairs', '{"topic": "tokens", "data": {}}');
    RETURN NULL;
END;
$function$;

CREATE TRIGGER tg_access_token_ended AFTER DELETE OR UPDATE OF revoked_at, expires_at, account ON access_token FOR EACH ROW EXECUTE FUNCTION tell_revocation();
CREATE TRIGGER tg_account_closed AFTER UPDATE OF active ON account FOR EACH ROW WHEN ((old.active AND (NOT new.active))) EXECUTE FUNCTION tell_revocation();
CREATE TRIGGER tg_membership_ended AFTER DELETE OR UPDATE ON membership FOR EACH ROW WHEN ((old.role IN ('admin', 'organiser', 'staff'))) EXECUTE FUNCTION tell_revocation();
