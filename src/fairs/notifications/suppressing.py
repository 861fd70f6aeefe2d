"""Addresses that get no mailings: written by bounces, by their owners and by hand; every change is recorded."""

from collections.abc import Collection

from fairs.core import clock
from fairs.core.errors import NotFound
from fairs.core.mailboxes import looked_up
from fairs.core.pagination import Page, paged
from fairs.core.rows import Row, Select, execute, fetch_as, fetch_one_as, fetch_value_or_none
from fairs.core.search_keys import patterns_of
from fairs.notifications.rows import SuppressedRow
from fairs.notifications.tables import Suppressed

_COLUMNS = "s.id, s.address, s.kind, s.note, s.mail, s.created_at"


class _Known(Row, frozen=True):
    """An address with a reason."""

    address: str
    kind: Suppressed


async def suppress(address: str, kind: Suppressed, note: str = "", mail: int | None = None) -> int | None:
    """From now on the address gets no mailings; the new entry's id, or None when it is there already."""
    return await fetch_value_or_none(
        int,
        "INSERT INTO mail_suppression (address, kind, note, mail, created_at) VALUES (:address, :kind, :note, :mail, :now)"
        " ON CONFLICT (address, kind) DO NOTHING RETURNING id",
        address=looked_up(address),
        kind=kind.value,
        note=note[:500],
        mail=mail,
        now=clock.now(),
    )


async def suppressed(addresses: Collection[str], *, newsletter: bool) -> dict[str, Suppressed]:
    """Those of the addresses, in lower case, that get no mailing; `newsletter`: or no newsletter."""
    rows = await fetch_as(
        _Known,
        "SELECT address, kind FROM mail_suppression WHERE address = ANY(:addresses::text[])"
        " AND (:newsletter OR kind <> 'newsletter') ORDER BY id DESC",
        addresses=sorted(addresses),
        newsletter=newsletter,
    )
    return {row.address: row.kind for row in rows}


async def suppression_by_id(suppression_id: int) -> SuppressedRow:
    """An entry of the list. Raises NotFound."""
    sql = f"SELECT {_COLUMNS} FROM mail_suppression s WHERE s.id = :id"  # noqa: S608 - a constant of the code
    row = await fetch_one_as(SuppressedRow, sql, id=suppression_id) if 0 < suppression_id < 2**63 else None
    if row is None:
        raise NotFound
    return row


async def lift(suppression_id: int) -> SuppressedRow:
    """The address gets mailings again; returns the entry. Raises NotFound."""
    row = await suppression_by_id(suppression_id)
    await execute("DELETE FROM mail_suppression WHERE id = :id", id=suppression_id)
    return row


async def search(*, q: str = "", kind: str = "", window: tuple[int, int, int]) -> Page[SuppressedRow]:
    """One page of the list, the newest first; `q` is searched in address and note."""
    select = Select(_COLUMNS, "mail_suppression s")
    select.where(
        "lower(s.address || ' ' || s.note) ~ ALL (:patterns::text[])",
        patterns=patterns_of(q),
    )
    if kind:
        select.where("s.kind = :kind", kind=kind)
    return await paged(window, select.count, select.reader(SuppressedRow, order="s.id DESC"))
