"""People whom a bureau may see: those who want its city, and all others whose consent allows it."""

from fairs.accounts.actor import Actor
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_values
from fairs.core.search_keys import like_words
from fairs.home.rows import ListedTalent

_COLUMNS = (
    "t.id, t.name_passport, t.name_native, t.degree, t.discipline, t.nationality, t.headline, t.cities, t.updated_at,"
    " EXISTS (SELECT 1 FROM registration r WHERE r.event = :event AND r.talent = t.id AND r.state = 'confirmed') AS comes"
)
_VISIBLE = "(:sees_everything OR t.visibility <> 'private' OR t.unit = ANY(:units::bigint[]))"


async def own_cities(actor: Actor) -> list[str]:
    """The codes of the cities of the actor's units; a unit's code is its region's."""
    return await fetch_values(
        str, "SELECT code FROM unit WHERE id = ANY(:units::bigint[]) ORDER BY code", units=actor.unit_ids
    )


def _seen_by(actor: Actor, event_id: int | None) -> Select:
    """Profiles that `talents.rules.view_of` shows to a bureau or to the province."""
    select = Select(_COLUMNS, "talent t", event=event_id)
    return select.where(_VISIBLE, sees_everything=actor.sees_everything, units=actor.unit_ids)


async def talents_page(
    actor: Actor, event_id: int | None, query: dict[str, str], cities: list[str], *, number: int, size: int
) -> Page[ListedTalent]:
    """One page, the latest first. `query`: q, discipline (a prefix of codes), comes; `cities`: wanted ones, empty for any."""
    select = _seen_by(actor, event_id).where(
        "t.search_key LIKE ALL (:words::text[])", words=like_words(query.get("q", ""))
    )
    if cities:
        select.where("t.cities && :cities::varchar[]", cities=cities)
    if query.get("category"):
        select.where("t.discipline LIKE :category || '%'", category=query["category"])
    if query.get("comes"):
        select.where(
            "EXISTS (SELECT 1 FROM registration g WHERE g.event = :event AND g.talent = t.id AND g.state = 'confirmed')"
        )
    read = select.reader(ListedTalent, order="t.updated_at DESC, t.id DESC")
    return await paged((number, size, 0), select.count, read)


async def wanting(actor: Actor, cities: list[str], event_id: int | None = None) -> int:
    """Number of people who want one of these cities, of those at the event when one is named."""
    query = {"comes": "yes"} if event_id is not None else {}
    return (await talents_page(actor, event_id, query, cities, number=1, size=1)).total
