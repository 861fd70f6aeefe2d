"""What the gates add to the working list of registrations: who has arrived, as a filter and as a column."""

from collections.abc import Mapping, Sequence

from fairs.core.i18n import N_
from fairs.core.rows import fetch_values
from fairs.events.rows import EventRow
from fairs.registrations.working.columns import Extras, ListColumn
from fairs.registrations.working.facets import Facet

_JOIN = (
    "LEFT JOIN (SELECT d.registration, min(d.first_scanned_at) AS at FROM admission d JOIN gate g ON g.id = d.gate"
    " WHERE g.event = :event AND g.kind = 'entry' GROUP BY d.registration) came ON came.registration = r.id"
)
_CELL = (
    "(SELECT min(d.first_scanned_at) FROM admission d JOIN gate g ON g.id = d.gate WHERE d.registration = r.id"
    " AND g.kind = 'entry')"
)


async def _words(event: EventRow) -> Mapping[str, str]:
    return {"yes": str(N_("Arrived")), "no": str(N_("Not arrived"))}


async def extras(event_id: int) -> Extras:
    """Whether and when somebody first came in at an entrance."""
    value = "CASE WHEN came.registration IS NULL THEN 'no' ELSE 'yes' END"
    facet = Facet("arrived", N_("Arrival"), _words, value, (_JOIN,))
    column = ListColumn("arrived", N_("Arrived at"), _CELL, 17, sort="came.at", sort_joins=(_JOIN,), moment=True)
    return Extras((facet,), (column,))


async def arrived(registration_ids: Sequence[int]) -> set[int]:
    """Of these registrations, those whose person came in at an entrance."""
    found = await fetch_values(
        int,
        "SELECT DISTINCT d.registration FROM admission d JOIN gate g ON g.id = d.gate WHERE g.kind = 'entry'"
        " AND d.registration = ANY(:ids::bigint[])",
        ids=list(registration_ids),
    )
    return set(found)
