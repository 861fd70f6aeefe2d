-- Reports.

CREATE TABLE target (
    id bigserial,
    unit bigint NOT NULL,
    year smallint DEFAULT 0 NOT NULL,
    measure character varying(40) DEFAULT '' NOT NULL,
    value integer DEFAULT 0 NOT NULL,
    counted_in character varying(8) DEFAULT '' NOT NULL,
    source text DEFAULT '' NOT NULL,
    CONSTRAINT target_pkey PRIMARY KEY (id),
    CONSTRAINT uq_target UNIQUE (unit, year, measure),
    CONSTRAINT ck_target_value CHECK (value >= 0),
    CONSTRAINT target_unit_fkey FOREIGN KEY (unit) REFERENCES unit(id) ON UPDATE CASCADE ON DELETE CASCADE
);
