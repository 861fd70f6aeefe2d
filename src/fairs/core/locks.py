"""All advisory locks of the database in one registry: two uses can never take each other's lock by accident.

A lock is a name and a subject. PostgreSQL identifies it by a 64-bit hash of both, so two unrelated locks could collide only
by chance, and would then wait for each other once. Each lock below documents what it serialises.
"""

from enum import StrEnum

from fairs.core import db

MIGRATIONS = 0x6661697273
"""The number of the only lock held by a whole session: "fairs" as bytes. Several `fairs migrate` at once run one by one."""


class Lock(StrEnum):
    """Locks that a transaction holds until it ends."""

    CLOSE_ACCOUNT = "close-account"  # closing, suspending, taking a role away: the last administrator stays
    TALENT = "talent"  # an e-mail address: its profile is made once
    MEETINGS_EVENT = "meetings:event"  # an event: bookings queue, so that none fails by a deadlock
    MEETINGS_HALL = "meetings:hall"  # an event: its slots and tables are made once
    MEETINGS_PAIR = "meetings:pair"  # listing:talent: the wishes of both sides
    MEETINGS_MUST = (
        "meetings:must"  # side:owner: the wishes to meet before all others are counted; after the pair's lock
    )
    MEETINGS_WISHES = "meetings:wishes"  # side:owner: a digest is sent once
    SNAPSHOT = "snapshot"  # an event: its months are frozen one after the other
    TARGETS = "targets"  # a year: its targets are compared and stored by one person at a time
    MERGING = "merging"  # records of people are made one, and taken apart, one after the other
    AGREEMENT_NUMBER = "agreement-number"  # a year: numbers without gaps
    WEBHOOK_SCANS = "webhooks:scans"  # scans are told in order, by one worker at a time
    EXHIBITS = "exhibits"  # event:owner: an owner's exhibits are counted before one more is made
    VECTOR_INDEX = "vector-index"  # the extension and the tables of pgvector are made once


async def hold(lock: Lock, subject: object = None) -> None:
    """Wait for a lock and hold it until the open transaction ends."""
    name = lock.value if subject is None else f"{lock.value}:{subject}"
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", name)
