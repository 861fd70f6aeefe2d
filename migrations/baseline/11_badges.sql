-- Badges.

CREATE TABLE badge_key (
    id bigserial,
    number smallint DEFAULT 0 NOT NULL,
    public_key bytea DEFAULT '\x'::bytea NOT NULL,
    private_key_sealed bytea DEFAULT '\x'::bytea NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    retired_at timestamp with time zone,
    CONSTRAINT badge_key_pkey PRIMARY KEY (id),
    CONSTRAINT badge_key_number_key UNIQUE (number)
);

CREATE TABLE badge (
    id bigserial,
    uid bytea DEFAULT '\x'::bytea NOT NULL,
    registration bigint NOT NULL,
    key bigint NOT NULL,
    code character varying(400) DEFAULT '' NOT NULL,
    issued_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    revoked_at timestamp with time zone,
    revoked_reason character varying(200) DEFAULT '' NOT NULL,
    CONSTRAINT badge_pkey PRIMARY KEY (id),
    CONSTRAINT badge_uid_key UNIQUE (uid),
    CONSTRAINT badge_key_fkey FOREIGN KEY (key) REFERENCES badge_key(id) ON UPDATE CASCADE ON DELETE RESTRICT,
    CONSTRAINT badge_registration_fkey FOREIGN KEY (registration) REFERENCES registration(id) ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX badge_registration ON badge USING btree (registration);
CREATE UNIQUE INDEX uq_badge_live ON badge USING btree (registration) WHERE (revoked_at IS NULL);
