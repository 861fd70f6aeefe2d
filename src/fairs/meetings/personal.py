"""Meetings of a person."""

from fairs.accounts.actor import SYSTEM
from fairs.core import clock, personal
from fairs.core.i18n import N_
from fairs.core.personal import Fate, Kind, Outcome, Person
from fairs.core.rows import fetch_values
from fairs.meetings import services

_OWN = "talent = ANY(:talents::bigint[])"


async def _forget(person: Person) -> Outcome:
    """Meetings to come are called off; of the others the notes go."""
    coming = await fetch_values(
        int,
        f"SELECT id FROM meeting WHERE {_OWN} AND state = 'scheduled' AND starts_at > :now ORDER BY id",  # noqa: S608 - constants
        talents=list(person.talents),
        now=clock.now(),
    )
    for meeting in coming:
        await services.cancel(meeting, by=SYSTEM, reason="account closed")
    sql = f"UPDATE meeting SET note = '', cancel_reason = '' WHERE {_OWN} AND (note <> '' OR cancel_reason <> '')"  # noqa: S608 - constants
    gone = await personal.change("DELETE FROM wish_mail_off WHERE account = :account", person)
    return Outcome(deleted=gone, emptied=await personal.change(sql, person))


KINDS = (
    Kind(
        "meetings",
        N_("Your meetings"),
        ("meeting.talent", "wish_mail_off.account"),
        personal.reader(
            "SELECT e.slug AS event, m.listing, o.name_zh AS organisation, m.starts_at, m.ends_at, m.state, m.outcome,"  # noqa: S608 - constants
            " m.cancelled_at, m.cancel_reason, a.talent_at AS you_were_seen_at, a.absent FROM meeting m"
            " JOIN event e ON e.id = m.event JOIN organisation o ON o.id = m.organisation"
            f" LEFT JOIN meeting_attendance a ON a.meeting = m.id WHERE m.{_OWN} ORDER BY m.starts_at, m.id"
        ),
        _forget,
        Fate.EMPTIED,
        N_("Coming meetings are called off. Past ones stay counted without you, and what was noted is deleted."),
    ),
)
