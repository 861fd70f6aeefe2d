"""Typed rows: statements with named arguments, results as frozen structs.

`fetch_as(OrganisationRow, "SELECT … WHERE id = :id", id=5)` returns a list of `OrganisationRow`. Each row is checked against
its struct: a missing or an unknown column, a NULL where the struct has none, or another type is an error with the column's
name, never a wrong value later. Enumerations are built from their stored text. Decision: docs/decisions, "Rows with types".
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import GenericAlias
from typing import Any, TypeVar

import asyncpg
import msgspec

from fairs.core import db

_ARGUMENT = re.compile(r"'(?:[^']|'')*'|(?<![:\w]):([a-z_][a-z0-9_]*)")


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of all rows: one struct for each shape of a result; fields are the statement's columns by name."""


R = TypeVar("R", bound=Row)
V = TypeVar("V")


class UnfitRow(TypeError):
    """A statement and its struct or its arguments do not match: an error in the code, not in the input."""


@lru_cache(maxsize=4096)
def positional(sql: str) -> tuple[str, tuple[str, ...]]:
    """`:name` arguments as `$1`, `$2` …, each name once, with the order of the names. Quoted text stays unchanged."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found.group(1)
        return f"${names.setdefault(name, len(names) + 1)}" if name else found.group(0)

    return _ARGUMENT.sub(number, sql), tuple(names)


def bound(sql: str, arguments: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """The statement and its values in order. Raises UnfitRow when a name is missing or unknown."""
    text, names = positional(sql)
    if len(names) != len(arguments) or any(name not in arguments for name in names):
        wrong = sorted(set(names) ^ set(arguments))
        raise UnfitRow(f"arguments {wrong} are not both in the statement and in the call: {sql[:200]}")
    return text, [arguments[name] for name in names]


def as_row(row: type[R], record: asyncpg.Record | Mapping[str, Any]) -> R:
    """One record of the driver as a struct. Raises UnfitRow."""
    try:
        return msgspec.convert(dict(record), row)
    except msgspec.ValidationError as unfit:
        raise UnfitRow(f"{row.__name__}: {unfit}") from unfit


async def fetch_as(row: type[R], sql: str, /, **arguments: Any) -> list[R]:
    """All rows of a statement."""
    text, values = bound(sql, arguments)
    return [as_row(row, record) for record in await db.fetch(text, *values)]


async def fetch_one_as(row: type[R], sql: str, /, **arguments: Any) -> R | None:
    """The first row, or None."""
    text, values = bound(sql, arguments)
    record = await db.fetchrow(text, *values)
    return None if record is None else as_row(row, record)


async def fetch_value(kind: type[V], sql: str, /, **arguments: Any) -> V:
    """The first column of the only row. Raises UnfitRow for NULL, for no row, and for another type."""
    value = await fetch_value_or_none(kind, sql, **arguments)
    if value is None:
        raise UnfitRow(f"no value: {sql[:200]}")
    return value


async def fetch_value_or_none(kind: type[V], sql: str, /, **arguments: Any) -> V | None:
    """The first column of the first row; None for NULL and for no row. Raises UnfitRow for another type."""
    text, values = bound(sql, arguments)
    value = await db.fetchval(text, *values)
    try:
        return None if value is None else msgspec.convert(value, kind)
    except msgspec.ValidationError as unfit:
        raise UnfitRow(f"{unfit}: {sql[:200]}") from unfit


async def fetch_values(kind: type[V], sql: str, /, **arguments: Any) -> list[V]:
    """The first column of all rows. Raises UnfitRow for a NULL and for another type."""
    text, values = bound(sql, arguments)
    column = [record[0] for record in await db.fetch(text, *values)]
    try:
        checked: list[V] = msgspec.convert(column, GenericAlias(list, (kind,)))
    except msgspec.ValidationError as unfit:
        raise UnfitRow(f"{unfit}: {sql[:200]}") from unfit
    return checked


async def fetch_bulk(row: type[R], sql: str, /, **arguments: Any) -> list[R]:
    """As `fetch_as`, for statements that return tens of thousands of rows, at a tenth of the cost: only the first row is
    checked. The others have the same columns and types; that a column has no NULL is guaranteed by the table.

    Raises UnfitRow also when the columns are not in the struct's order, or a value would have to be converted.
    """
    text, values = bound(sql, arguments)
    records = await db.fetch(text, *values)
    if records:
        plain, checked = list(records[0].items()), as_row(row, records[0])
        if [(name, type(value)) for name, value in plain] != [
            (name, type(getattr(checked, name))) for name in row.__struct_fields__
        ]:
            raise UnfitRow(f"{row.__name__}: columns in another order, or values that are not stored as they are told")
    return [row(*record) for record in records]


async def execute(sql: str, /, **arguments: Any) -> int:
    """Run a statement; returns the number of affected rows."""
    text, values = bound(sql, arguments)
    return await db.execute(text, *values)


class Select:
    """One SELECT that grows by conditions: the page of a list, its total, and its export use the same object.

    `columns` and `source` are constants of the code. A condition is SQL with named arguments; a filter is one line:
    `select.where("o.state = :state", state=state)`.
    """

    def __init__(self, columns: str, source: str, **arguments: Any) -> None:
        self.columns, self.source = columns, source
        self.conditions: list[str] = []
        self.arguments: dict[str, Any] = dict(arguments)

    def where(self, condition: str, /, **arguments: Any) -> "Select":
        """Add a condition with AND. Raises UnfitRow when an argument's name already has another value."""
        for name, value in arguments.items():
            if name in self.arguments and self.arguments[name] != value:
                raise UnfitRow(f"the argument {name!r} is used twice")
        self.conditions.append(condition)
        self.arguments |= arguments
        return self

    def _named(self, sql: str) -> dict[str, Any]:
        names = positional(sql)[1]
        return {name: self.arguments[name] for name in names if name in self.arguments}

    @property
    def _from(self) -> str:
        where = " AND ".join(f"({condition})" for condition in self.conditions)
        return f" FROM {self.source}" + (f" WHERE {where}" if where else "")

    async def count(self) -> int:
        """Total number of rows."""
        sql = f"SELECT count(*){self._from}"
        return await fetch_value(int, sql, **self._named(sql))

    async def rows(self, row: type[R], *, order: str, size: int | None = None, offset: int = 0, **more: Any) -> list[R]:
        """The rows in an order, all or `size` of them from `offset`; `more` are the arguments of the order."""
        sql = f"SELECT {self.columns}{self._from} ORDER BY {order}"
        if size is not None:
            sql += " LIMIT :size OFFSET :offset"
            more = {**more, "size": size, "offset": offset}
        return await fetch_as(row, sql, **self._named(sql), **more)

    def reader(self, row: type[R], *, order: str, **more: Any) -> Callable[[int, int], Any]:
        """`rows` as `pagination.paged` calls it: with a size and an offset."""

        async def read(size: int, offset: int) -> Sequence[R]:
            return await self.rows(row, order=order, size=size, offset=offset, **more)

        return read
