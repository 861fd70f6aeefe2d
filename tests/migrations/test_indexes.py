"""Every foreign key has an index that begins with it, or a reason why it needs none."""

import asyncpg

from fairs.core.embedded import EmbeddedPostgres

UNINDEXED = """
SELECT c.conrelid::regclass::text || '.' || a.attname AS column FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace AND NOT EXISTS (
    SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indpred IS NULL)
"""
BY_WHOM = "accounts are closed, not deleted, and nothing is read by who did it"
FEW = "tens of rows in all: a page or two, read faster than an index"
HOT = "written with every scan, never read by, and what it points to is revoked, never deleted"
WITHOUT = {
    "agreement.created_by": BY_WHOM,
    "agreement.verified_by": BY_WHOM,
    "agreement_revision.made_by": BY_WHOM,
    "agreement_transition.by_account": BY_WHOM,
    "invitation.accepted_by": BY_WHOM,
    "invitation.invited_by": BY_WHOM,
    "lead.deleted_by": BY_WHOM,
    "lead.recorded_by": BY_WHOM,
    "lead_consent.asked_by": BY_WHOM,
    "listing.urgent_by": BY_WHOM,
    "meeting.cancelled_by": BY_WHOM,
    "meeting_sighting.seen_by": BY_WHOM,
    "organisation.decided_by": BY_WHOM,
    "preference.set_by": BY_WHOM,
    "registration.cancelled_by": BY_WHOM,
    "registration_photo.taken_by": BY_WHOM,
    "schedule_run.asked_by": BY_WHOM,
    "badge.key": "one key for all badges of an installation, or a few: an index would point at everything; keys are kept",
    "webhook.made_by": BY_WHOM,
    "mail_wording.made_by": BY_WHOM,
    "mailing.made_by": BY_WHOM,
    "event.parent": FEW,
    "event.template": FEW,
    "event.unit": FEW,
    "event_session.room": FEW,
    "event_session.unit": FEW,
    "gate.room": FEW,
    "session_draft.room": FEW,
    "session_draft.unit": FEW,
    "programme_release.released_by": BY_WHOM,
    "gate.session": FEW,
    "unit.parent": FEW,
    "scan.badge": HOT,
    "scan.device_id": HOT,
}


async def test_foreign_keys_without_an_index_are_those_that_need_none(server: EmbeddedPostgres, dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        found = {row["column"] for row in await connection.fetch(UNINDEXED)}
    finally:
        await connection.close()
    assert sorted(found - WITHOUT.keys()) == [], "add an index in a migration, or a reason here"
    assert sorted(WITHOUT.keys() - found) == [], "has an index by now: take it off the list"


async def test_no_index_says_what_a_longer_one_says(server: EmbeddedPostgres, dsn: str) -> None:
    """An index on (a) beside one on (a, b) is written for nothing, unless it is the one that makes values unique."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "SELECT i.indexrelid::regclass::text AS short, j.indexrelid::regclass::text AS long FROM pg_index i"
            " JOIN pg_index j ON j.indrelid = i.indrelid AND j.indexrelid <> i.indexrelid"
            " WHERE i.indrelid = 'scan'::regclass AND NOT i.indisunique AND i.indpred IS NULL AND j.indpred IS NULL"
            " AND i.indnatts < j.indnatts AND i.indkey[0] = j.indkey[0] AND i.indnatts = 1"
        )
    finally:
        await connection.close()
    assert [tuple(row) for row in rows] == []
