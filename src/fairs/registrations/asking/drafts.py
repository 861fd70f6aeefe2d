"""What somebody typed into the form of registration is kept until it is sent: sealed, found again on another device."""

from collections.abc import Mapping, Sequence

import msgspec

from fairs.accounts.actor import Actor
from fairs.core import clock, crypto
from fairs.core.rows import execute
from fairs.registrations.asking.sealed import TYPED

LARGEST = 60_000  # bytes of a draft
NEVER = frozenset({"_csrf_token", "go", "asked", "same_hour", "email", "lang"})


def typed(data: Mapping[str, Sequence[object]]) -> dict[str, list[str]]:
    """The texts that are worth keeping: field → texts, without what belongs to the page."""
    found: dict[str, list[str]] = {}
    for name, values in data.items():
        texts = [value for value in values if isinstance(value, str) and "\0" not in value]
        if name not in NEVER and len(name) <= 60 and any(texts):
            found[name] = texts
    return found


async def keep_draft(event_id: int, values: Mapping[str, Sequence[str]], *, by: Actor) -> bool:
    """Keep what was typed in place of what was kept earlier; False when there is nothing to keep, or too much."""
    assert by.account_id is not None
    plain = msgspec.json.encode(dict(values)).decode()
    if not values or len(plain) > LARGEST:
        return False
    await execute(
        "INSERT INTO registration_draft (event, account, typed, updated_at) VALUES (:event, :account, :typed, :now)"
        " ON CONFLICT ON CONSTRAINT uq_registration_draft DO UPDATE SET typed = excluded.typed, updated_at = excluded.updated_at",
        event=event_id,
        account=by.account_id,
        typed=crypto.seal_text(plain, TYPED),
        now=clock.now(),
    )
    return True


async def drop_draft(event_id: int, *, by: Actor) -> None:
    """Forget what was typed."""
    await execute(
        "DELETE FROM registration_draft WHERE event = :event AND account = :account",
        event=event_id,
        account=by.account_id,
    )
