"""Scans of a person's badge."""

from fairs.core import personal
from fairs.core.i18n import N_
from fairs.core.personal import Fate, Kind, Outcome, Person

_SCANS = "(SELECT s.id FROM scan s WHERE s.registration = ANY(:registrations::bigint[]))"
_CLEAN = "note = regexp_replace(note, :pattern, '***', 'gi')"


async def _forget(person: Person) -> Outcome:
    """Scans name nobody once the registration is empty; notes about them may."""
    await personal.allow_emptying()
    pattern, changed = personal.pattern(person), 0
    for table in ("scan_correction", "conflict_decision"):
        sql = f"UPDATE {table} SET {_CLEAN} WHERE note ~* :pattern AND scan IN {_SCANS}"  # noqa: S608 - constants
        changed += await personal.change(sql, person, pattern=pattern)
    return Outcome(emptied=changed)


KINDS = (
    Kind(
        "scans",
        N_("Scans of your badge"),
        ("scan.registration", "admission.registration"),
        personal.reader(
            "SELECT e.slug AS event, g.code AS gate, s.direction, s.outcome, s.reason, s.scanned_at, s.received_at, s.code_seen"
            " FROM scan s LEFT JOIN gate g ON g.id = s.gate LEFT JOIN event e ON e.id = g.event"
            " WHERE s.registration = ANY(:registrations::bigint[]) UNION ALL"
            " SELECT e.slug, g.code, 'in', 'first of the day', NULL, d.first_scanned_at, d.first_scanned_at, ''"
            " FROM admission d JOIN gate g ON g.id = d.gate JOIN event e ON e.id = g.event"
            " WHERE d.registration = ANY(:registrations::bigint[]) ORDER BY 6"
        ),
        _forget,
        Fate.EMPTIED,
        N_("They stay for the counts of the gates and belong to nobody; after their period only totals are left."),
    ),
)
