"""What the badges add to the working list of registrations: a filter and a column."""

from collections.abc import Mapping
from typing import Any

from fairs.core.i18n import N_
from fairs.events.rows import EventRow
from fairs.registrations.working.columns import Extras, ListColumn
from fairs.registrations.working.facets import NONE, Facet
from fairs.registrations.working.joins import OF_THE_EVENT

_PRINTED = "CASE WHEN EXISTS (SELECT 1 FROM badge_print p WHERE p.badge = b.id) THEN 'yes' ELSE 'no' END"
_WORN = "b.revoked_at IS NULL AND b.until IS NULL"
_JOIN = (
    f"LEFT JOIN (SELECT b.registration, {_PRINTED} AS printed FROM badge b WHERE {_WORN} AND b.registration {OF_THE_EVENT})"  # noqa: S608 - constants of the code
    " worn ON worn.registration = r.id"
)
_CELL = f"(SELECT {_PRINTED} FROM badge b WHERE b.registration = r.id AND {_WORN})"  # noqa: S608 - constants of the code


async def _words(event: EventRow) -> Mapping[str, str]:
    return {"yes": str(N_("Printed")), "no": str(N_("Never printed")), NONE: str(N_("No badge"))}


def _shown(value: Any) -> str:
    return str(N_("Printed")) if value == "yes" else str(N_("Never printed"))


async def extras(event_id: int) -> Extras:
    """Whether the badge that is valid was printed."""
    facet = Facet("printed", N_("Badge"), _words, f"coalesce(worn.printed, '{NONE}')", (_JOIN,), apart=True)
    column = ListColumn(
        "printed", N_("Badge printed"), _CELL, 12, sort="worn.printed", sort_joins=(_JOIN,), show=_shown
    )
    return Extras((facet,), (column,))
