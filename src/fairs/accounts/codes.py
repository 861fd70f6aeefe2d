"""Six-digit mailed codes that confirm one act of one account: short-lived, keyed hash, few tries, single use."""

import secrets
from datetime import timedelta

from fairs.core import clock, crypto
from fairs.core.rows import execute, fetch_value_or_none

LIFE = timedelta(minutes=10)
TRIES = 5
DIGITS = 6
PURPOSE = "confirmation-code"


def _hashes(account_id: int, purpose: str, code: str) -> list[bytes]:
    """Hashes that may be stored for a code, one per key. Keyed, because a million codes are quickly tried."""
    return [mark.encode() for mark in crypto.marks(f"{account_id}:{purpose}:{code}", PURPOSE)]


async def new_code(account_id: int, purpose: str) -> str:
    """A new code that replaces an earlier one; the caller mails it and limits how often."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    now = clock.now()
    await execute(
        "INSERT INTO confirmation_code (account, purpose, code_hash, tries, created_at, expires_at)"
        " VALUES (:account, :purpose, :hash, 0, :now, :ends_at) ON CONFLICT (account, purpose) DO UPDATE SET code_hash = excluded.code_hash,"
        " tries = 0, created_at = excluded.created_at, expires_at = excluded.expires_at",
        account=account_id,
        purpose=purpose,
        hash=_hashes(account_id, purpose, code)[0],
        now=now,
        ends_at=now + LIFE,
    )
    return code


async def check_code(account_id: int, purpose: str, code: str) -> bool:
    """Whether the code is right. Every try counts in its own transaction: a later refusal does not undo it."""
    found = await fetch_value_or_none(
        bytes,
        "UPDATE confirmation_code SET tries = tries + 1 WHERE account = :account AND purpose = :purpose AND tries < :most"
        " AND expires_at > :now RETURNING code_hash",
        account=account_id,
        purpose=purpose,
        most=TRIES,
        now=clock.now(),
    )
    return found is not None and found in _hashes(account_id, purpose, "".join(code.split()))


async def spend_code(account_id: int, purpose: str) -> bool:
    """Use up the checked code in the act's transaction; False when another act used it first."""
    sql = "DELETE FROM confirmation_code WHERE account = :account AND purpose = :purpose"
    spent = await execute(sql, account=account_id, purpose=purpose)
    return spent > 0
