-- Units.

CREATE TABLE unit (
    id bigserial,
    code character varying(12) DEFAULT '' NOT NULL,
    kind character varying(12) DEFAULT '' NOT NULL,
    name_zh character varying(80) DEFAULT '' NOT NULL,
    name_en character varying(120) DEFAULT '' NOT NULL,
    pinyin text DEFAULT '' NOT NULL,
    position smallint DEFAULT 0 NOT NULL,
    parent bigint,
    CONSTRAINT unit_pkey PRIMARY KEY (id),
    CONSTRAINT unit_code_key UNIQUE (code),
    CONSTRAINT ck_unit_kind CHECK (kind IN ('province', 'city', 'county', 'zone')),
    CONSTRAINT unit_parent_fkey FOREIGN KEY (parent) REFERENCES unit(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
