"""Read the audit log page by page: every filter is a range of an index, and nothing is counted."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fairs.audit.rows import Entry
from fairs.core.rows import fetch_as

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = (
    "e.id, e.at, e.actor_account_id, e.actor_label, e.action, e.object_kind, e.object_id, e.before::text AS before,"
    " e.after::text AS after, e.request_id, e.ip"
)
_ORDER = "ORDER BY e.at DESC, e.id DESC LIMIT :size"
_PEOPLE = "unnest(:people::bigint[]) AS p (account)"
_OBJECTS = "unnest(:kinds::text[], :ids::text[]) AS o (kind, id)"
CHUNK = 2000  # rows of an export that are read at once


@dataclass(frozen=True)
class Wanted:
    """Which entries. `people`: ids of accounts, None for everybody; `nobody`: acts of the system and of scanners.

    `objects`: pairs of kind and id, None for all; `since` is inclusive, `until` is not.
    """

    people: tuple[int, ...] | None = None
    nobody: bool = False
    objects: tuple[tuple[str, str], ...] | None = None
    kind: str = ""
    action: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> tuple[list[str], dict[str, Any]]:
        """Conditions on the entry alone, and their arguments."""
        found: list[tuple[str, dict[str, Any]]] = []
        if self.nobody:
            found.append(("e.actor_account_id IS NULL", {}))
        if self.kind:
            found.append(("e.object_kind = :kind", {"kind": self.kind}))
        if self.action:
            found.append(("e.action = :action", {"action": self.action}))
        if self.since is not None:
            found.append(("e.at >= :since", {"since": self.since}))
        if self.until is not None:
            found.append(("e.at < :until", {"until": self.until}))
        arguments: dict[str, Any] = {}
        for _, more in found:
            arguments |= more
        return [condition for condition, _ in found], arguments


@dataclass(frozen=True)
class Place:
    """A place in the log, between two pages: the last entry shown."""

    at: datetime
    id: int

    @property
    def text(self) -> str:
        """For an address."""
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.id}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """The place of an address; None when it is none."""
        moment, _, number = text.partition("-")
        if not (moment.isascii() and moment.isdigit() and number.isascii() and number.isdigit()):
            return None
        if len(moment) > 17 or len(number) > 18:
            return None
        return cls(_EPOCH + timedelta(microseconds=int(moment)), int(number))


async def entries(wanted: Wanted, *, size: int, after: Place | None = None) -> list[Entry]:
    """The latest entries, or those older than `after`. A list of people or objects reads one range for each of them."""
    conditions, arguments = wanted.conditions()
    arguments["size"] = size
    if after is not None:
        conditions.append("(e.at, e.id) < (:at, :id)")
        arguments |= {"at": after.at, "id": after.id}
    lists = []
    if wanted.people is not None:
        lists.append(_PEOPLE)
        conditions.append("e.actor_account_id = p.account")
        arguments["people"] = list(wanted.people)
    if wanted.objects is not None:
        lists.append(_OBJECTS)
        conditions += ["e.object_kind = o.kind", "e.object_id = o.id"]
        arguments |= {"kinds": [kind for kind, _ in wanted.objects], "ids": [key for _, key in wanted.objects]}
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    sql = f"SELECT {_COLUMNS} FROM audit_entry e{where} {_ORDER}"  # noqa: S608 - constants of the code; values are named arguments
    if lists:
        sql = f"SELECT e.* FROM {' CROSS JOIN '.join(lists)} CROSS JOIN LATERAL ({sql}) e {_ORDER}"  # noqa: S608 - constants of the code; values are named arguments
    return await fetch_as(Entry, sql, **arguments)


async def all_entries(wanted: Wanted) -> AsyncIterator[list[Entry]]:
    """Everything that is wanted, the latest first, in chunks: for exports."""
    place: Place | None = None
    while chunk := await entries(wanted, size=CHUNK, after=place):
        yield chunk
        if len(chunk) < CHUNK:
            return
        place = Place(chunk[-1].at, chunk[-1].id)
