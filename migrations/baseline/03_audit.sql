-- Audit.

CREATE TABLE audit_entry (
    id bigserial,
    at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    actor_account_id bigint,
    actor_label character varying(200) DEFAULT '' NOT NULL,
    action character varying(80) DEFAULT '' NOT NULL,
    object_kind character varying(60) DEFAULT '' NOT NULL,
    object_id character varying(60) DEFAULT '' NOT NULL,
    before jsonb,
    after jsonb,
    request_id character varying(64) DEFAULT '' NOT NULL,
    ip text DEFAULT '' NOT NULL,
    CONSTRAINT audit_entry_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_entry_action ON audit_entry USING btree (action);
CREATE INDEX audit_entry_actor_account_id ON audit_entry USING btree (actor_account_id);
CREATE INDEX audit_entry_at ON audit_entry USING btree (at);

-- Append-only tables refuse every change, also by hand.
CREATE OR REPLACE FUNCTION refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END;
$function$;

CREATE TRIGGER tg_audit_entry_append_only BEFORE DELETE OR UPDATE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tg_audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
