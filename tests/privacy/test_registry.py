"""Every column of the database that leads to a person is read by some kind of `personal_data.PERSONAL`, or left out for a reason."""

from fairs import personal_data
from fairs.core.db import fetch
from fairs.matching.retrieval.pgvector import TABLE
from fairs.privacy.exempt import EXEMPT

PEOPLE = ("account", "talent", "registration")
BY_NAME = ("email", "to_email", "account_id", "actor_account_id", "talent_id", "registration_id", "owner_id")
"""Columns that lead to people without a foreign key."""


async def leading() -> set[str]:
    """Every such column of the database, found in its own catalogue."""
    keys = await fetch(
        "SELECT c.conrelid::regclass::text || '.' || a.attname AS name FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey)"
        " WHERE c.contype = 'f' AND c.confrelid::regclass::text = ANY($1::text[])",
        list(PEOPLE),
    )
    named = await fetch(
        "SELECT table_name || '.' || column_name AS name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = ANY($1::text[]) AND table_name <> $2",
        list(BY_NAME),
        TABLE,  # an index of vectors that a test before may have left: it has no column but the vector's own
    )
    return {row["name"] for row in (*keys, *named)}


def covered() -> set[str]:
    return {column for kind in personal_data.PERSONAL for column in kind.covers}


async def test_every_column_that_leads_to_a_person_is_covered_or_exempt(db: None) -> None:
    found = await leading()
    assert len(found) > 60
    assert found - covered() == set(EXEMPT) & found
    assert set(EXEMPT) <= found, "an exemption of a column that is no more"
    assert not covered() & set(EXEMPT)


async def test_covered_columns_exist(db: None) -> None:
    rows = await fetch(
        "SELECT table_name || '.' || column_name AS name FROM information_schema.columns WHERE table_schema = 'public'"
    )
    assert covered() <= {row["name"] for row in rows}


def test_keys_are_unique_and_each_exemption_has_a_reason() -> None:
    keys = [kind.key for kind in personal_data.PERSONAL]
    assert len(keys) == len(set(keys))
    assert all(reason.strip() for reason in EXEMPT.values())
