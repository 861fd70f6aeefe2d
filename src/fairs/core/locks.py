"""All advisory locks of the database in one registry: two uses can never take each other's lock by accident.

A lock is a name and what it is about. PostgreSQL knows it by 64 bits of the hash of both, so unrelated locks could only meet by
chance, and then wait for each other once. Each lock below says what goes in turn under it.
"""

from enum import StrEnum

from fairs.core import db

MIGRATIONS = 0x6661697273
"""The number of the one lock that a whole session holds: "fairs" as bytes. Three `fairs migrate` at once apply one after another."""


class Lock(StrEnum):
    """Locks that a transaction holds to its end."""

    CLOSE_ACCOUNT = "close-account"  # who closes accounts: the last administrator stays
    TALENT = "talent"  # an e-mail address: its profile is made once
    MEETINGS_EVENT = "meetings:event"  # an event: bookings queue, so that none fails by a deadlock
    MEETINGS_HALL = "meetings:hall"  # an event: its slots and tables are made once
    MEETINGS_PAIR = "meetings:pair"  # listing:talent: the wishes of both sides
    MEETINGS_WISHES = "meetings:wishes"  # side:owner: a digest is sent once
    AGREEMENT_NUMBER = "agreement-number"  # a year: numbers without holes
    VECTOR_INDEX = "vector-index"  # the extension and the tables of pgvector are made once


async def hold(lock: Lock, subject: object = None) -> None:
    """Wait for a lock and hold it to the end of the open transaction."""
    name = lock.value if subject is None else f"{lock.value}:{subject}"
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name)
