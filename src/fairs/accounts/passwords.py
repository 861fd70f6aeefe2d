"""Argon2 passwords, hashed off the event loop."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()
# Verified against when there is no such account, so that both answers take the same time.
_DUMMY = _hasher.hash("no such account")


async def hash_password(password: str) -> str:
    """The stored form of a password."""
    return await asyncio.to_thread(_hasher.hash, password)


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether it is the one; takes as long when there is none."""
    matched = await asyncio.to_thread(_verify, stored or _DUMMY, password)
    return matched and stored is not None
