"""Entries of the audit log as pages and exports show them: words instead of codes, and what has changed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from fairs.audit import queries
from fairs.audit.field_words import field_word
from fairs.audit.rows import Entry
from fairs.audit.words import action_word, kind_word
from fairs.core.i18n import N_, gettext, pick
from fairs.core.sheets import Column
from fairs.home.record_names import Object, RecordName, names_for, page_of
from fairs.web.templating import AnyRequest

PRIVATE = frozenset({"email", "to_email", "from"})  # values that only the province reads
COLUMNS = (
    Column(N_("Time"), 20),
    Column(N_("Done by"), 34),
    Column(N_("Act"), 28),
    Column(N_("Kind of object"), 18),
    Column(N_("Number of the object"), 14),
    Column(N_("Object"), 40),
    Column(N_("Value before"), 50),
    Column(N_("After"), 50),
    Column(N_("Network address"), 18),
    Column(N_("Number of the request"), 34),
)


@dataclass(frozen=True)
class Change:
    """A value before and after an act; None where the entry does not have it."""

    label: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class ShownEntry:
    """An entry in words. `href`: the page of its object, when it has one."""

    id: int
    at: datetime
    account: int | None
    who: str
    address: str
    action: str
    act: str
    kind: str
    kind_word: str
    object_id: str
    name: str
    href: str
    changes: Sequence[Change]
    ip: str


def _text(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, list):
        return ", ".join(_text(item) for item in value) or "—"
    if isinstance(value, dict):
        return ", ".join(f"{field_word(name)}: {_text(item)}" for name, item in value.items()) or "—"
    return str(value)


def _values(text: str | None) -> dict[str, Any]:
    found = msgspec.json.decode(text) if text else {}
    return found if isinstance(found, dict) else {"": found}


def changes(entry: Entry, *, private: bool) -> list[Change]:
    """Each value of an entry, before and after. `private`: addresses are shown."""
    before, after = _values(entry.before), _values(entry.after)
    names = [*before, *(name for name in after if name not in before)]

    def shown(values: Mapping[str, Any], name: str) -> str | None:
        if name not in values:
            return None
        return _text(values[name]) if private or name not in PRIVATE else "•••"

    return [Change(field_word(name), shown(before, name), shown(after, name)) for name in names]


def shown_entry(
    request: AnyRequest, entry: Entry, names: Mapping[Object, RecordName], *, private: bool = True
) -> ShownEntry:
    """An entry in words; without `private` no mail address of anybody."""
    who, _, address = entry.actor_label.partition(" <")
    row = names.get((entry.object_kind, entry.object_id))
    return ShownEntry(
        id=entry.id,
        at=entry.at,
        account=entry.actor_account_id,
        who=gettext("the system") if who == "system" and entry.actor_account_id is None else who,
        address=address.rstrip(">") if private else "",
        action=entry.action,
        act=action_word(entry.action),
        kind=entry.object_kind,
        kind_word=kind_word(entry.object_kind),
        object_id=entry.object_id,
        name=pick(row.name_zh, row.name_en) if row else "",
        href=page_of(request, entry.object_kind, row) if row else "",
        changes=changes(entry, private=private),
        ip=entry.ip if private else "",
    )


def _cells(entry: Entry, names: Mapping[Object, RecordName]) -> list[Any]:
    row = names.get((entry.object_kind, entry.object_id))
    before, after = _values(entry.before), _values(entry.after)
    return [
        entry.at,
        entry.actor_label,
        action_word(entry.action),
        kind_word(entry.object_kind),
        entry.object_id,
        pick(row.name_zh, row.name_en) if row else "",
        _text(before) if before else "",
        _text(after) if after else "",
        entry.ip,
        entry.request_id,
    ]


async def exported(wanted: queries.Wanted) -> AsyncIterator[list[list[Any]]]:
    """The rows of an export in the order of COLUMNS, in chunks."""
    async for chunk in queries.all_entries(wanted):
        names = await names_for(chunk)
        yield [_cells(entry, names) for entry in chunk]
