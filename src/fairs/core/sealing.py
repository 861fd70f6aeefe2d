"""Encrypted ("sealed") columns, and the jobs that encrypt them again: after an upgrade, and when a key is replaced.

A slice registers its columns. Each batch is a small transaction, in order of ids: the work may be killed at any moment,
starts from the beginning again, and runs beside servers that read and write the same rows.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog

from fairs.core import crypto, db
from fairs.core.services import Service

BATCH = 500  # rows per transaction
Row = dict[str, Any]
Progress = Callable[[str, int, int], None]
Beside = Callable[[Row, str], Row]
log = structlog.get_logger("sealing")


@dataclass(frozen=True)
class Sealed:
    """A column of sealed texts, or of sealed bytes (`binary`), in a table with the key `id`.

    `beside` returns further columns to write with a value, such as its search marks, from the row's columns `reads` and the
    plain text. `read` and `write` are SQL for a value that is stored inside another type; `{}` is the value.
    """

    table: str
    column: str
    purpose: str
    binary: bool = False
    reads: tuple[str, ...] = ()
    beside: Beside | None = None
    read: str = ""
    write: str = "{}"

    @property
    def name(self) -> str:
        return f"{self.table}.{self.column}"

    @property
    def value(self) -> str:
        """SQL of the stored value."""
        return self.read or self.column

    @property
    def filled(self) -> str:
        """SQL: true when there is a value to seal."""
        return f"{self.column} IS NOT NULL" if self.binary else f"coalesce({self.value}, '') <> ''"

    @property
    def key_id(self) -> str:
        """SQL: the id of the key that sealed the value; empty when the value names none."""
        if self.binary:
            named = f"substring({self.column} from 1 for 1) = '\\x01'::bytea"
            return f"CASE WHEN {named} THEN encode(substring({self.column} from 2 for 4), 'hex') ELSE '' END"
        start = len(crypto.PREFIX) + 1
        return f"CASE WHEN {self.value} LIKE '{crypto.PREFIX}%' THEN substr({self.value}, {start}, 8) ELSE '' END"


Step = Callable[[], Awaitable[int]]
COLUMNS: Service[tuple[Sealed, ...]] = Service(tuple)
"""All sealed columns."""
STEPS: Service[tuple[Step, ...]] = Service(tuple)
"""Steps that change rows of an earlier version before columns are sealed. A step returns how many rows it changed; it is
quick when nothing is left to do."""


@dataclass(frozen=True)
class Done:
    """How many values were sealed again, and how many could not be opened."""

    sealed: int = 0
    broken: int = 0


async def counts() -> dict[str, int]:
    """Key id → number of values it sealed; "" for values that name no key: plain, or sealed by an earlier version."""
    totals: dict[str, int] = {}
    for column in COLUMNS():
        rows = await db.fetch(
            f"SELECT {column.key_id} AS key, count(*) AS n FROM {column.table} WHERE {column.filled} GROUP BY 1"  # noqa: S608 - columns that slices register
        )
        for row in rows:
            totals[row["key"]] = totals.get(row["key"], 0) + int(row["n"])
    return totals


async def seal_plain() -> Done:
    """Seal values that name no key: rows written before their column was sealed."""
    total = Done()
    for work in STEPS():
        await work()
    for column in COLUMNS():
        total = _sum(total, await _seal_column(column, f"{column.key_id} = ''", None))
    return total


async def reseal(progress: Progress | None = None) -> Done:
    """Seal with the current key every value that is plain or sealed with another key."""
    total = Done()
    for work in STEPS():
        await work()
    for column in COLUMNS():
        where = f"{column.key_id} <> '{crypto.current_id()}'"
        total = _sum(total, await _seal_column(column, where, progress))
    return total


def _sum(one: Done, other: Done) -> Done:
    return Done(one.sealed + other.sealed, one.broken + other.broken)


async def _seal_column(column: Sealed, where: str, progress: Progress | None) -> Done:
    where = f"{column.filled} AND {where}"
    waiting = int(await db.fetchval(f"SELECT count(*) FROM {column.table} WHERE {where}"))  # noqa: S608 - columns that slices register
    done, last = Done(), 0
    while waiting:
        last, batch = await _seal_batch(column, where, last)
        if last == 0:
            break
        done = _sum(done, batch)
        if progress:
            progress(column.name, min(done.sealed + done.broken, waiting), waiting)
        await asyncio.sleep(0)
    return done


async def _seal_batch(column: Sealed, where: str, last: int) -> tuple[int, Done]:
    """One transaction. Returns (id of the last row read, 0 at the end; what was done)."""
    reads = "".join(f", {name}" for name in column.reads)
    async with db.DB.transaction():
        rows = await db.fetch(
            f"SELECT id, {column.value} AS sealed_value{reads} FROM {column.table} WHERE id > $1 AND {where}"  # noqa: S608 - columns that slices register
            f" ORDER BY id LIMIT {BATCH} FOR NO KEY UPDATE",
            last,
        )
        if not rows:
            return 0, Done()
        fresh = [values for row in rows if (values := _anew(column, dict(row))) is not None]
        if fresh:
            await _store(column, fresh)
    return int(rows[-1]["id"]), Done(len(fresh), len(rows) - len(fresh))


def _anew(column: Sealed, row: Row) -> Row | None:
    """The columns to write for a row; None when its value cannot be opened."""
    stored = row["sealed_value"]
    try:
        if column.binary:
            return {
                "id": row["id"],
                column.column: crypto.encrypt(crypto.decrypt(stored, column.purpose), column.purpose),
            }
        plain = crypto.open_text(stored, column.purpose)
    except ValueError as error:
        log.error("cannot_be_opened", column=column.name, row=row["id"], error=str(error))
        return None
    beside = column.beside(row, plain) if column.beside else {}
    return {"id": row["id"], column.column: crypto.seal_text(plain, column.purpose), **beside}


async def _store(column: Sealed, rows: list[Row]) -> None:
    names = [name for name in rows[0] if name != "id"]
    kinds = ["bytea" if column.binary and name == column.column else "text" for name in names]
    arrays = ", ".join(f"${at}::{kind}[]" for at, kind in enumerate(kinds, start=2))
    sets = ", ".join(
        f"{name} = {column.write.format(f'v.{name}')}" if name == column.column else f"{name} = v.{name}"
        for name in names
    )
    await db.execute(
        f"UPDATE {column.table} t SET {sets} FROM unnest($1::bigint[], {arrays}) AS v (id, {', '.join(names)})"  # noqa: S608 - columns that slices register
        " WHERE t.id = v.id",
        [row["id"] for row in rows],
        *([row[name] for row in rows] for name in names),
    )
