"""Argon2 passwords, hashed off the event loop."""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


@cache
def _dummy() -> str:
    """Verified against when there is no such account, so that both answers take the same time."""
    return _hasher.hash("no such account")


async def hash_password(password: str) -> str:
    """The stored form of a password."""
    return await asyncio.to_thread(_hasher.hash, password)


def _verify(stored: str | None, password: str) -> bool:
    spare = _dummy()  # made in either case, so that the first answer of a process takes the same time too
    try:
        return _hasher.verify(stored or spare, password)
    except (VerificationError, InvalidHashError):
        return False


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether it is the one; takes as long when there is none."""
    matched = await asyncio.to_thread(_verify, stored, password)
    return matched and stored is not None
