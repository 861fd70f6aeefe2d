"""Badges of a person."""

from fairs.core import clock, personal
from fairs.core.i18n import N_
from fairs.core.personal import Fate, Kind, Outcome, Person
from fairs.core.rows import fetch_values
from fairs.files.services import let_go

_OWN = "registration = ANY(:registrations::bigint[])"
_MINE = f"SELECT p.batch FROM badge_print p JOIN badge b ON b.id = p.badge WHERE b.{_OWN}"  # noqa: S608 - constants


async def _forget(person: Person) -> Outcome:
    """Badges are revoked, and files of printed badges that show the person go: they can be made again without."""
    files = await fetch_values(
        str,
        f"SELECT file::text FROM badge_batch WHERE file IS NOT NULL AND id IN ({_MINE})",  # noqa: S608 - constants
        registrations=list(person.registrations),
    )
    emptied = await personal.change(
        f"UPDATE badge_batch SET file = NULL WHERE file IS NOT NULL AND id IN ({_MINE})",  # noqa: S608 - constants
        person,
    )
    for file_id in files:
        await let_go(file_id)
    revoked = await personal.change(
        "UPDATE badge SET revoked_at = coalesce(revoked_at, :now), revoked_reason = 'forgotten', handed_by = NULL"  # noqa: S608 - constants
        f" WHERE {_OWN} AND revoked_reason <> 'forgotten'",
        person,
        now=clock.now(),
    )
    return Outcome(emptied=emptied + revoked)


KINDS = (
    Kind(
        "badges",
        N_("Your badges"),
        ("badge.registration",),
        personal.reader(
            "SELECT r.number, b.issued_at, b.until, b.revoked_at, b.revoked_reason, b.handed_at, b.code,"  # noqa: S608 - constants
            " (SELECT array_agg(p.at ORDER BY p.at) FROM badge_print p WHERE p.badge = b.id) AS printed_at"
            f" FROM badge b JOIN registration r ON r.id = b.registration WHERE b.{_OWN} ORDER BY b.id"
        ),
        _forget,
        Fate.EMPTIED,
        N_("They are revoked; files of printed badges that show you are deleted."),
    ),
)
