"""Six-digit codes by mail that confirm one act of one account: short-lived, hashed with a key, for a few tries, used once."""

import secrets
from datetime import timedelta

from fairs.core import clock, crypto, db

LIFE = timedelta(minutes=10)
TRIES = 5
DIGITS = 6
PURPOSE = "confirmation-code"


def _hashes(account_id: int, purpose: str, code: str) -> list[bytes]:
    """What may be stored of a code, under every key. Keyed, since a million codes are soon tried."""
    return [mark.encode() for mark in crypto.marks(f"{account_id}:{purpose}:{code}", PURPOSE)]


async def new_code(account_id: int, purpose: str) -> str:
    """A fresh code in place of an earlier one; the caller mails it, and limits how often."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    now = clock.now()
    await db.execute(
        "INSERT INTO confirmation_code (account, purpose, code_hash, tries, created_at, expires_at)"
        " VALUES ($1, $2, $3, 0, $4, $5) ON CONFLICT (account, purpose) DO UPDATE SET code_hash = excluded.code_hash,"
        " tries = 0, created_at = excluded.created_at, expires_at = excluded.expires_at",
        account_id,
        purpose,
        _hashes(account_id, purpose, code)[0],
        now,
        now + LIFE,
    )
    return code


async def check_code(account_id: int, purpose: str, code: str) -> bool:
    """Whether it is the code. Every try counts, in a transaction of its own: a refusal afterwards does not undo it."""
    found: bytes | None = await db.fetchval(
        "UPDATE confirmation_code SET tries = tries + 1 WHERE account = $1 AND purpose = $2 AND tries < $3"
        " AND expires_at > $4 RETURNING code_hash",
        account_id,
        purpose,
        TRIES,
        clock.now(),
    )
    return found is not None and found in _hashes(account_id, purpose, "".join(code.split()))


async def spend_code(account_id: int, purpose: str) -> bool:
    """Use up the code that was checked, in the transaction of the act; False when another act was faster."""
    spent = await db.execute("DELETE FROM confirmation_code WHERE account = $1 AND purpose = $2", account_id, purpose)
    return spent > 0
