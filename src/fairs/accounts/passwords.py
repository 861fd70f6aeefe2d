"""Argon2 passwords, hashed off the event loop; which passwords are too easily guessed.

A password is normalised to Unicode NFC before it is measured, stored or compared, so that every keyboard produces
the same one.
"""

import asyncio
import gzip
import re
import unicodedata
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fairs.core.i18n import N_

MIN_LENGTH = 10  # characters, after NFC
MAX_LENGTH = 200
HELP = N_("At least 10 characters. A short sentence is easy to remember.")
TOO_SHORT = N_("At least %(limit)s characters", limit=MIN_LENGTH)
TOO_PLAIN = N_("This is a row of keys or a few repeated characters: too easy to guess. Use a short sentence.")
COMMON = N_("Many people use this one, so it is tried first. Use a short sentence.")
PERSONAL = N_("This is your name or address: too easy to guess. Use a short sentence.")

_ROWS = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertyuiopqwertyuiop",
    "qwertyuiopasdfghjklzxcvbnm",
    "asdfghjklasdfghjkl",
    "zxcvbnmzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
)
_hasher = PasswordHasher()


@cache
def _common() -> frozenset[str]:
    """Common passwords in lower case, short ones too: with a number appended they are just as common."""
    packed = files("fairs.accounts").joinpath("data/common_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n")) - {""}


def normal(password: str) -> str:
    """The NFC form that is measured and compared."""
    return unicodedata.normalize("NFC", password)


def _core(text: str) -> str:
    """The password without leading and trailing digits and signs, which are a common addition."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def _repeats(text: str) -> bool:
    """Whether it has few distinct characters, or repeats a short piece."""
    if len(set(text)) < 4:
        return True
    return any(text == (text[:size] * len(text))[: len(text)] for size in range(1, min(5, len(text) // 2 + 1)))


def weakness(password: str) -> object | None:
    """The reason why a password is too easily guessed, or None."""
    text = normal(password)
    if len(text) < MIN_LENGTH:
        return TOO_SHORT
    folded = unicodedata.normalize("NFKC", text).casefold()
    if _repeats(folded) or any(folded in row or folded in row[::-1] for row in _ROWS):
        return TOO_PLAIN
    half = folded[: len(folded) // 2]
    doubled = half if half * 2 == folded else ""
    if {folded, _core(folded), doubled, _core(doubled)} & _common():
        return COMMON
    return None


def problem(password: str, email: str, name: str) -> object | None:
    """As `weakness`; also refuses the person's address and name."""
    found = weakness(password)
    if found:
        return found
    given = unicodedata.normalize("NFKC", normal(password)).casefold()
    squeezed = {re.sub(r"[\W_]+", "", text) for text in (given, _core(given))}
    parts = re.split(r"\s+", unicodedata.normalize("NFKC", name).casefold().strip())
    local, _, domain = email.strip().casefold().partition("@")
    known = {local, domain, local + domain, "".join(parts), "".join(reversed(parts)), *parts}
    known = {re.sub(r"[\W_]+", "", text) for text in known} | {_core(local)}
    return PERSONAL if (squeezed & known) - {""} else None


@cache
def _dummy() -> str:
    """A hash to verify against when no account exists, so that both answers take the same time."""
    return _hasher.hash("no such account")


async def hash_password(password: str) -> str:
    """The stored form of a password."""
    return await asyncio.to_thread(_hasher.hash, normal(password))


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _verify(stored: str | None, password: str) -> bool:
    spare = _dummy()  # computed in either case, so that the first answer of a process takes the same time too
    composed = normal(password)
    if _matches(stored or spare, composed):
        return True
    return composed != password and _matches(stored or spare, password)  # stored before passwords were normalised


async def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password matches; takes as long without a stored one."""
    matched = await asyncio.to_thread(_verify, stored, password)
    return matched and stored is not None
