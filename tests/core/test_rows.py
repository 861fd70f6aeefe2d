"""Typed rows: named arguments, checked columns, one builder for lists."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import asyncpg
import pytest

from fairs.core import db
from fairs.core.rows import (
    Row,
    Select,
    UnfitRow,
    execute,
    fetch_as,
    fetch_bulk,
    fetch_one_as,
    fetch_value,
    fetch_value_or_none,
    fetch_values,
    positional,
)

pytestmark = pytest.mark.usefixtures("db")


class Colour(StrEnum):
    RED = "red"


class Thing(Row, frozen=True):
    id: int
    name: str
    colour: Colour | None


class Everything(Row, frozen=True):
    whole: int
    number: Decimal
    share: float
    yes: bool
    text: str
    raw: bytes
    day: date
    moment: datetime
    pause: timedelta
    key: UUID
    many: list[int]
    maybe: str | None
    span: asyncpg.Range[int]


EVERYTHING = (
    "SELECT 5::bigint AS whole, 1.50::numeric AS number, 0.5::float8 AS share, true AS yes, '甲'::text AS text,"
    r" '\x00ff'::bytea AS raw, DATE '2018-10-27' AS day, TIMESTAMPTZ '2018-10-27 09:30+08' AS moment,"
    " INTERVAL '90 s' AS pause, '00000000-0000-0000-0000-000000000007'::uuid AS key, ARRAY[1, 2]::bigint[] AS many,"
    " NULL::text AS maybe, int8range(1, 3) AS span"
)
THING = "SELECT :id::bigint AS id, :name::text AS name, :colour::text AS colour"


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT :a, :b, :a", ("SELECT $1, $2, $1", ("a", "b"))),
        ("SELECT x::text, y::int8[] WHERE z = :z_1", ("SELECT x::text, y::int8[] WHERE z = $1", ("z_1",))),
        ("SELECT ':a it''s :b', :c", ("SELECT ':a it''s :b', $1", ("c",))),
        ("SELECT to_char(t, 'HH24:MI'), a[1:n]", ("SELECT to_char(t, 'HH24:MI'), a[1:n]", ())),
        ("SELECT (:a)::text", ("SELECT ($1)::text", ("a",))),
    ],
)
def test_named_arguments_become_numbered(sql: str, expected: tuple[str, tuple[str, ...]]) -> None:
    assert positional(sql) == expected


async def test_every_kind_of_column_keeps_its_type() -> None:
    (found,) = await fetch_as(Everything, EVERYTHING)
    assert found == Everything(
        5, Decimal("1.50"), 0.5, True, "甲", b"\x00\xff", date(2018, 10, 27), datetime(2018, 10, 27, 1, 30, tzinfo=UTC),
        timedelta(seconds=90), UUID(int=7), [1, 2], None, asyncpg.Range(1, 3),
    )  # fmt: skip


async def test_rows_are_structs_with_enumerations_and_cannot_be_changed() -> None:
    found = await fetch_one_as(Thing, THING, id=1, name="x", colour="red")
    assert found == Thing(1, "x", Colour.RED)
    assert found is not None
    assert found.colour is Colour.RED
    with pytest.raises(AttributeError):
        found.name = "y"  # type: ignore[misc]  # that is the test
    assert await fetch_one_as(Thing, THING + " WHERE false", id=1, name="x", colour="red") is None


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT 1::bigint AS id, 'x' AS name", "colour"),
        ("SELECT 1::bigint AS id, 'x' AS name, NULL AS colour, 2 AS more", "more"),
        ("SELECT 1::bigint AS id, NULL::text AS name, NULL AS colour", "name"),
        ("SELECT '1' AS id, 'x' AS name, NULL AS colour", "id"),
        ("SELECT 1::bigint AS id, 'x' AS name, 'blue' AS colour", "blue"),
    ],
)
async def test_a_result_that_does_not_fit_its_struct_is_refused_by_column(sql: str, said: str) -> None:
    with pytest.raises(UnfitRow, match=said):
        await fetch_as(Thing, sql)


@pytest.mark.parametrize("arguments", [{}, {"id": 1}, {"id": 1, "name": "x", "colour": None, "more": 2}, {"other": 1}])
async def test_arguments_are_those_of_the_statement(arguments: dict[str, object]) -> None:
    with pytest.raises(UnfitRow, match="arguments"):
        await fetch_as(Thing, THING, **arguments)


async def test_values_are_checked_too() -> None:
    assert await fetch_value(int, "SELECT count(*) FROM unit WHERE code = :code", code="-") == 0
    assert await fetch_value_or_none(str, "SELECT NULL::text") is None
    assert await fetch_value_or_none(str, "SELECT 'x' WHERE :yes", yes=False) is None
    for sql in ("SELECT 'x'", "SELECT NULL::bigint", "SELECT 1 WHERE false"):
        with pytest.raises(UnfitRow):
            await fetch_value(int, sql)


async def test_a_select_gives_page_total_and_order_from_one_place() -> None:
    async with db.DB.transaction():
        await db.execute(
            "CREATE TEMPORARY TABLE thing ON COMMIT DROP AS SELECT n AS id, 'n' || n AS name FROM generate_series(1, 9) n"
        )
        select = Select("id, name, NULL::text AS colour", "thing t").where("t.id > :least", least=2)
        select.where("t.name <> ALL (:names) OR t.id = :least", names=["n4", "n5"])
        assert await select.count() == 5
        rows = await select.rows(Thing, order="t.id = :first DESC, t.id", size=3, offset=1, first=8)
        assert [row.id for row in rows] == [3, 6, 7]
        assert [row.id for row in await select.rows(Thing, order="t.id DESC")] == [9, 8, 7, 6, 3]
        assert [row.id for row in await select.reader(Thing, order="t.id")(2, 2)] == [7, 8]
        with pytest.raises(UnfitRow, match="twice"):
            select.where("t.id < :least", least=8)
        assert await execute("DELETE FROM thing WHERE id = :id", id=9) == 1
        assert await select.count() == 4


async def test_a_column_of_values_is_checked_as_a_whole() -> None:
    assert await fetch_values(int, "SELECT n FROM generate_series(:first, 3) n", first=1) == [1, 2, 3]
    assert await fetch_values(str, "SELECT 'x' WHERE false") == []
    for sql in ("SELECT 'x'", "SELECT * FROM (VALUES (1), (NULL)) v"):
        with pytest.raises(UnfitRow):
            await fetch_values(int, sql)


class Plain(Row, frozen=True):
    id: int
    name: str
    many: list[str]


async def test_many_rows_are_built_as_they_come_when_the_first_one_fits() -> None:
    sql = "SELECT n AS id, 'n' || n AS name, ARRAY['a', 'b']::text[] AS many FROM generate_series(1, :last) n"
    assert await fetch_bulk(Plain, sql, last=3) == await fetch_as(Plain, sql, last=3)
    assert await fetch_bulk(Plain, sql, last=0) == []


@pytest.mark.parametrize(
    ("row", "sql"),
    [
        (Plain, "SELECT 'x' AS name, 1 AS id, ARRAY['a'] AS many"),
        (Plain, "SELECT 1 AS id, NULL AS name, ARRAY['a'] AS many"),
        (Plain, "SELECT 1 AS id, 'x' AS name"),
        (Thing, "SELECT 1 AS id, 'x' AS name, 'red' AS colour"),
    ],
)
async def test_many_rows_are_refused_in_another_order_or_to_be_converted(row: type[Row], sql: str) -> None:
    with pytest.raises(UnfitRow):
        await fetch_bulk(row, sql)
