"""Rows as they were before a merge and after it: what differs is kept, sealed, and put back when the merge is undone.

Table and column names are constants of `moves`, or were read from the database's catalogue when the rows were.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from fairs.core import crypto, sealing
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_as, fetch_value, fetch_value_or_none
from fairs.duplicates import moves
from fairs.duplicates.rows import Image

PURPOSE = "person_merge.images"
SEALED = sealing.Sealed("person_merge", "images", PURPOSE)
DERIVED = frozenset({"updated_at", "search_key", "sequence"})
"""Columns that other work changes too; a later value stays."""
CHANGED_SINCE = N_("The record was changed after the merge, so that it cannot be undone any more: %(what)s.")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
Line = dict[str, Any]
Rows = dict[tuple[str, str], Line]


class Change(msgspec.Struct, frozen=True):
    """A row that the merge changed: the columns that differ; `after` None: it was deleted."""

    table: str
    key: str
    before: Line
    after: Line | None


def safe(name: str) -> str:
    """The name of a table or a column, which must look like one."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"no name of a column: {name!r}")
    return name


async def _read(table: str, column: str, ids: Iterable[int]) -> Rows:
    sql = (
        f"SELECT t.id::text AS key, to_jsonb(t)::text AS line FROM {safe(table)} t"  # noqa: S608 - names are checked
        f" WHERE {safe(column)} = ANY(:ids::bigint[])"
    )
    return {(table, row.key): msgspec.json.decode(row.line) for row in await fetch_as(Image, sql, ids=list(ids))}


async def taken(talents: Sequence[int], accounts: Sequence[int], registrations: Sequence[int]) -> Rows:
    """All rows that a merge of these may change."""
    found: Rows = {}
    for kind, ids in (("talent", talents), ("account", accounts), ("registration", registrations)):
        found |= await _read(kind, "id", ids)
    found |= await _read("registration", "talent", talents)
    every = {*registrations, *(int(key) for table, key in found if table == "registration")}
    for ids, columns in (
        (talents, [move.column for move in moves.PROFILE]),
        (accounts, [move.column for move in moves.ACCOUNT]),
        (sorted(every), [*(move.column for move in moves.REGISTRATION), *moves.SEEN]),
    ):
        for column in columns:
            table, _, name = column.partition(".")
            found |= await _read(table, name, ids)
    return found


def differences(before: Rows, after: Rows) -> list[Change]:
    """What was changed or deleted."""
    found = []
    for (table, key), old in before.items():
        new = after.get((table, key))
        if new is None:
            found.append(Change(table, key, old, None))
        elif names := [name for name in old if old[name] != new.get(name)]:
            found.append(Change(table, key, {n: old[n] for n in names}, {n: new.get(n) for n in names}))
    return found


def sealed(changes: Sequence[Change]) -> str:
    """The stored form."""
    return crypto.seal_text(msgspec.json.encode(changes).decode(), PURPOSE)


def opened(text: str) -> list[Change]:
    """The changes of a merge."""
    return msgspec.json.decode(crypto.open_text(text, PURPOSE), type=list[Change])


async def allow_moving() -> None:
    """In this transaction append-only rows may go from one record of a person to the other."""
    await fetch_value(str, "SELECT set_config('people.merges', 'on', true)")


async def _now(change: Change) -> Line | None:
    table = safe(change.table)
    sql = f"SELECT to_jsonb(t)::text FROM {table} t WHERE id::text = :key FOR UPDATE"  # noqa: S608 - the name is checked
    line = await fetch_value_or_none(str, sql, key=change.key)
    return None if line is None else msgspec.json.decode(line)


async def put_back(changes: Sequence[Change], *, skip: frozenset[tuple[str, str]] = frozenset()) -> None:
    """Write everything as it was. Raises Conflict when what the merge wrote has another value by now.

    Profiles first, as the others refer to them: the one that stayed, so that its address and account are free, then the other.
    `skip`: (table, column) that stay as they are now.
    """
    await allow_moving()
    first = [change for change in changes if change.table == "talent"]
    rest = [change for change in changes if change.table != "talent"]
    for change in (*(c for c in first if c.after is not None), *(c for c in first if c.after is None), *rest):
        if change.after is None:
            await _insert(change)
        else:
            await _restore(change, change.after, skip)


async def _insert(change: Change) -> None:
    table = safe(change.table)
    await execute(
        f"INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, :line::text::jsonb)",  # noqa: S608 - the name is checked
        line=msgspec.json.encode(change.before).decode(),
    )


async def _restore(change: Change, after: Line, skip: frozenset[tuple[str, str]]) -> None:
    present = await _now(change)
    if present is None:
        return  # deleted since: nothing is left to be put back
    other = [name for name in after if name not in DERIVED and present.get(name) != after[name]]
    if other:
        raise Conflict(CHANGED_SINCE(what=f"{change.table}.{other[0]}"), code="changed_since")
    names = [
        safe(name)
        for name in change.before
        if (change.table, name) not in skip and (name not in DERIVED or present.get(name) == after[name])
    ]
    if not names:
        return
    table, columns = safe(change.table), ", ".join(names)
    await execute(
        f"UPDATE {table} SET ({columns}) = (SELECT {columns} FROM"  # noqa: S608 - the names are checked
        f" jsonb_populate_record(NULL::{table}, :line::text::jsonb)) WHERE id::text = :key",
        line=msgspec.json.encode({name: change.before[name] for name in names}).decode(),
        key=change.key,
    )
