"""Write the audit log, inside the transaction of the logged act."""

import contextvars
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from fairs.core import clock, db

SENSITIVE = frozenset(
    {"password", "password_hash", "token", "code", "passport_no", "id_no", "phone", "contact_phone", "private_key"}
)


@dataclass(frozen=True)
class Origin:
    """The request's id and client address."""

    request_id: str = ""
    ip: str = ""


_origin: contextvars.ContextVar[Origin] = contextvars.ContextVar("origin", default=Origin())


def set_origin(request_id: str, ip: str) -> None:
    """Store the request's origin for entries of this task."""
    _origin.set(Origin(request_id, ip))


def current_origin() -> Origin:
    """The current request's origin: for later entries on its behalf."""
    return _origin.get()


class Actor(Protocol):
    """The actor: an account, or the system."""

    @property
    def account_id(self) -> int | None: ...

    @property
    def label(self) -> str: ...


def _json(values: dict[str, Any] | None) -> str | None:
    if values is None:
        return None
    shown = {key: ("•••" if key in SENSITIVE else value) for key, value in values.items()}
    return msgspec.json.encode(shown, enc_hook=str).decode()


_INSERT = (
    "INSERT INTO audit_entry (at, actor_account_id, actor_label, action, object_kind, object_id, before, after,"
    " request_id, ip)"
)
_INSERT_ONE = f"{_INSERT} VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
_INSERT_ALL = (
    f"{_INSERT} SELECT * FROM unnest($1::timestamptz[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],"  # noqa: S608 - a constant of the code
    " $7::jsonb[], $8::jsonb[], $9::text[], $10::text[])"
)


async def record(
    action: str,
    kind: str,
    object_id: object,
    *,
    by: Actor,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Append an entry. Values under sensitive names are masked."""
    await db.execute(_INSERT_ONE, *_entry(action, kind, object_id, by, before, after))


async def record_all(action: str, kind: str, afters: Sequence[tuple[object, dict[str, Any]]], *, by: Actor) -> None:
    """Append an entry for each (object's id, its values after), in one statement."""
    await _append([_entry(action, kind, object_id, by, None, after) for object_id, after in afters])


async def record_for(action: str, kind: str, entries: Sequence[tuple[object, dict[str, Any], Actor, Origin]]) -> None:
    """Append an entry for each (object's id, its values after, the actor, the request's origin)."""
    await _append(
        [_entry(action, kind, object_id, by, None, after, origin) for object_id, after, by, origin in entries]
    )


async def _append(rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        await db.execute(_INSERT_ALL, *(list(column) for column in zip(*rows, strict=True)))


def _entry(
    action: str,
    kind: str,
    object_id: object,
    by: Actor,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    origin: Origin | None = None,
) -> tuple[Any, ...]:
    origin = origin or _origin.get()
    who = (by.account_id, by.label[:200])
    what = (action, kind, str(object_id), _json(before), _json(after))
    return (clock.now(), *who, *what, origin.request_id, origin.ip)
