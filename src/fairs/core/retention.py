"""What expires: a rule of a slice says which rows, and whether they are deleted or emptied. `fairs.upkeep.purge` applies all."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fairs.core.rows import execute, fetch_value

Counted = Callable[[datetime], Awaitable[int]]


@dataclass(frozen=True)
class Rule:
    """`what` expires a period after the moment that `counted` names: that of the catalogue's `key`, or `after`.

    `count` says how many rows would go, `apply` lets them go and says how many went; both get the moment before which they expire.
    `alone`: it opens its own transactions, because what it deletes outside the database does not come back.
    """

    what: object
    counted: object
    count: Counted
    apply: Counted
    key: str = ""
    after: timedelta = timedelta(0)
    alone: bool = False


def rows(
    what: object,
    counted: object,
    table: str,
    when: str,
    *,
    change: str = "",
    key: str = "",
    after: timedelta = timedelta(0),
    append_only: bool = False,
) -> Rule:
    """The rule that deletes the rows of a table for which `when` is true; with `change`, the SET of an UPDATE, they are emptied.

    `table`, `when` and `change` are constants of the code; `:before` in `when` is the moment before which rows expire.
    """
    verb = f"UPDATE {table} SET {change}" if change else f"DELETE FROM {table}"  # noqa: S608 - constants of the code

    async def count(before: datetime) -> int:
        return await fetch_value(int, f"SELECT count(*) FROM {table} WHERE {when}", before=before)  # noqa: S608 - constants of the code

    async def apply(before: datetime) -> int:
        if append_only:
            await let_go(before)
        return await execute(f"{verb} WHERE {when}", before=before)

    return Rule(what, counted, count, apply, key, after)


async def let_go(before: datetime) -> None:
    """In this transaction rows of append-only tables that are older than `before` may be deleted."""
    await fetch_value(str, "SELECT set_config('upkeep.expired_before', :before::text, true)", before=before.isoformat())
