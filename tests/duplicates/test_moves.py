"""Every column that leads to a person is moved in a merge, or stays for a reason."""

import pytest

from fairs.core.db import fetch
from fairs.duplicates import moves
from tests.privacy.test_registry import leading

pytestmark = pytest.mark.usefixtures("db")


async def test_no_column_that_leads_to_a_person_is_forgotten() -> None:
    moved = [move.column for move in moves.all_moves()]
    assert len(moved) == len(set(moved))
    assert not set(moved) & set(moves.STAY)
    assert await leading() - set(moved) == set(moves.STAY) & await leading()
    assert set(moves.STAY) <= await leading(), "a column that is no more"
    assert all(reason.strip() for reason in moves.STAY.values())


async def test_the_unique_columns_of_each_move_are_those_of_the_database() -> None:
    for move in moves.all_moves():
        rows = await fetch(
            "SELECT pg_get_indexdef(i.indexrelid) AS text, array_agg(a.attname::text ORDER BY a.attname) AS columns FROM pg_index i"
            " JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) WHERE i.indrelid = $1::text::regclass"
            " AND i.indisunique AND i.indpred IS NULL GROUP BY i.indexrelid",
            move.table,
        )
        unique = [set(row["columns"]) for row in rows if move.name in row["columns"]]
        told = {move.name, *move.unique} if move.unique or move.once else None
        if told is None or move.column in moves.ANSWERS:
            assert unique == [] or move.column in moves.ANSWERS, move
        else:
            assert unique == [told], move
