"""Write the draft's rows. The caller holds the event's row locked."""

from collections.abc import Sequence
from typing import Any

from fairs.core.rows import execute
from fairs.events.planning.rows import Plan

_TYPES = {
    "session": "bigint",
    "unit": "bigint",
    "room": "bigint",
    "code": "text",
    "kind": "text",
    "title_zh": "text",
    "title_en": "text",
    "starts_at": "timestamptz",
    "ends_at": "timestamptz",
    "capacity": "int",
    "sign_up": "bool",
    "changes_until": "timestamptz",
    "speakers": "text",
    "removed": "bool",
    "reason": "text",
}
_NAMES = ", ".join(_TYPES)
_GIVEN = ", ".join(f":{name}::{kind}[]" for name, kind in _TYPES.items())
_TAKEN = ", ".join(f"{name} = excluded.{name}" for name in _TYPES if name not in ("session", "code"))
_PUT = (
    f"INSERT INTO session_draft (event, {_NAMES}) SELECT :event, * FROM unnest({_GIVEN})"  # noqa: S608 - constants of the code; values are named arguments
    f" ON CONFLICT (event, code) DO UPDATE SET {_TAKEN}"
)


async def put(event_id: int, plans: Sequence[Plan]) -> None:
    """Store drafted sessions, each in place of an earlier draft of the same code; one statement for all."""
    columns: dict[str, Any] = {name: [getattr(plan, name) for plan in plans] for name in _TYPES}
    await execute(_PUT, event=event_id, **columns)


async def drop(event_id: int, codes: Sequence[str]) -> int:
    """Remove drafts: what was released stands again, what was never released is gone. Returns how many."""
    return await execute(
        "DELETE FROM session_draft WHERE event = :event AND code = ANY(:codes::text[])",
        event=event_id,
        codes=list(codes),
    )
