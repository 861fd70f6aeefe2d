"""For whom an account may show something: itself, its employers, its units."""

from fairs.accounts.actor import Actor
from fairs.core.i18n import pick
from fairs.core.rows import Row, fetch_as
from fairs.talents.queries import talent_of


class _Named(Row, frozen=True):
    id: int
    name_zh: str
    name_en: str


async def owners_of(actor: Actor) -> list[tuple[str, str]]:
    """(value, name): `talent-5`, `organisation-7`, `bureau-3`; employers only once approved."""
    found = []
    if (talent := await talent_of(actor)) is not None:
        found.append((f"talent-{talent.id}", talent.name_passport or talent.name_native or actor.name))
    employers = await fetch_as(
        _Named,
        "SELECT id, name_zh, name_en FROM organisation WHERE id = ANY(:ids::bigint[]) AND state = 'approved' ORDER BY id",
        ids=actor.organisation_ids,
    )
    units = await fetch_as(
        _Named, "SELECT id, name_zh, name_en FROM unit WHERE id = ANY(:ids::bigint[]) ORDER BY id", ids=actor.unit_ids
    )
    found += [(f"organisation-{row.id}", pick(row.name_zh, row.name_en)) for row in employers]
    found += [(f"bureau-{row.id}", pick(row.name_zh, row.name_en)) for row in units]
    return found
