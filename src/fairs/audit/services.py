"""Writing to the audit log, inside the transaction of what is logged."""

import contextvars
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from fairs.core import clock, db

SENSITIVE = frozenset({"password", "password_hash", "token", "code", "passport_no", "id_no", "phone", "private_key"})


@dataclass(frozen=True)
class Origin:
    """Where the request came from."""

    request_id: str = ""
    ip: str = ""


_origin: contextvars.ContextVar[Origin] = contextvars.ContextVar("origin", default=Origin())


def set_origin(request_id: str, ip: str) -> None:
    """Remember the request for what this task logs."""
    _origin.set(Origin(request_id, ip))


class Actor(Protocol):
    """Who acts: an account, or the system."""

    @property
    def account_id(self) -> int | None: ...

    @property
    def label(self) -> str: ...


def _json(values: dict[str, Any] | None) -> str | None:
    if values is None:
        return None
    shown = {key: ("•••" if key in SENSITIVE else value) for key, value in values.items()}
    return msgspec.json.encode(shown, enc_hook=str).decode()


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
    origin = _origin.get()
    await db.execute(
        "INSERT INTO audit_entry (at, actor_account_id, actor_label, action, object_kind, object_id, before, after,"
        " request_id, ip) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        clock.now(),
        by.account_id,
        by.label[:200],
        action,
        kind,
        str(object_id),
        _json(before),
        _json(after),
        origin.request_id,
        origin.ip,
    )
