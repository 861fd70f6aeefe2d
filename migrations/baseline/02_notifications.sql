-- Notifications.

CREATE TABLE installation (
    id smallint DEFAULT 1 NOT NULL,
    calendar_domain character varying(255) DEFAULT '' NOT NULL,
    CONSTRAINT installation_pkey PRIMARY KEY (id),
    CONSTRAINT ck_installation_one CHECK (id = 1)
);

CREATE TABLE outgoing_mail (
    id bigserial,
    kind character varying(60) DEFAULT '' NOT NULL,
    lang character varying(2) DEFAULT '' NOT NULL,
    to_email character varying(254) DEFAULT '' NOT NULL,
    to_name character varying(200) DEFAULT '' NOT NULL,
    account_id bigint,
    subject text DEFAULT '' NOT NULL,
    body_text text DEFAULT '' NOT NULL,
    body_html text DEFAULT '' NOT NULL,
    state character varying(12) DEFAULT 'queued' NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    last_error text DEFAULT '' NOT NULL,
    dedupe_key character varying(120) DEFAULT NULL::character varying,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    sent_at timestamp with time zone,
    sealed text DEFAULT '' NOT NULL,
    CONSTRAINT outgoing_mail_pkey PRIMARY KEY (id),
    CONSTRAINT outgoing_mail_dedupe_key_key UNIQUE (dedupe_key),
    CONSTRAINT ck_outgoing_mail_states CHECK (state IN ('held', 'queued', 'sending', 'sent', 'kept', 'retry', 'failed'))
);
CREATE INDEX ix_outgoing_mail_waiting ON outgoing_mail USING btree (id) WHERE (state IN ('queued', 'retry'));
CREATE INDEX outgoing_mail_account_id ON outgoing_mail USING btree (account_id);
CREATE INDEX outgoing_mail_created_at ON outgoing_mail USING btree (created_at);
CREATE INDEX outgoing_mail_kind ON outgoing_mail USING btree (kind);
CREATE INDEX outgoing_mail_state ON outgoing_mail USING btree (state);
CREATE INDEX outgoing_mail_to_email ON outgoing_mail USING btree (to_email);

CREATE TABLE mail_attachment (
    id bigserial,
    mail bigint NOT NULL,
    filename character varying(120) DEFAULT '' NOT NULL,
    content_type character varying(120) DEFAULT '' NOT NULL,
    content bytea,
    generator character varying(60) DEFAULT '' NOT NULL,
    argument character varying(120) DEFAULT '' NOT NULL,
    CONSTRAINT mail_attachment_pkey PRIMARY KEY (id),
    CONSTRAINT ck_mail_attachment_content CHECK ((content IS NOT NULL) OR (generator <> '')),
    CONSTRAINT mail_attachment_mail_fkey FOREIGN KEY (mail) REFERENCES outgoing_mail(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX mail_attachment_mail ON mail_attachment USING btree (mail);
