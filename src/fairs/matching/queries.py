"""Queries of matching: texts with their vectors, who may be proposed to whom, and the data that pages show.

Preferences are written by `fairs.meetings`, which also says whether a pair has a meeting.
"""

from collections.abc import Callable, Sequence

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_bulk, fetch_one_as, fetch_value, fetch_values
from fairs.core.services import Service, unwired
from fairs.core.wishes import WANTED
from fairs.matching.rows import (
    ListingRow,
    ListingStamp,
    ListingsVersion,
    OwnListing,
    ProfileRow,
    ShownListing,
    ShownTalent,
    StoredVector,
    TalentStamp,
    TalentsVersion,
)
from fairs.matching.tables import OwnerKind

PROFILE = ", ".join(f"t.{name}" for name in ProfileRow.__struct_fields__)
OF_EMPLOYER = ("industry",)
LISTING = ", ".join(f"{'o' if name in OF_EMPLOYER else 'l'}.{name}" for name in ListingRow.__struct_fields__)
SHOWN_LISTING = "l.state = 'published' AND o.state = 'approved'"
SHOWN_TALENT = "t.visibility IN ('employers', 'matched') AND t.matching"
_LISTINGS = "FROM listing l JOIN organisation o ON o.id = l.organisation"


Booked = Callable[[str, str], str]
BOOKED: Service[Booked] = Service(unwired("meetings"))
"""SQL of whether a pair has a live meeting, made of what names its listing and its person in a statement."""


async def profiles(ids: list[int] | None = None, *, lock: bool = False) -> list[ProfileRow]:
    """People as the engine reads them; all of them without `ids`. `lock` locks their rows."""
    return await fetch_bulk(
        ProfileRow,
        f"SELECT {PROFILE} FROM talent t WHERE :ids::bigint[] IS NULL OR t.id = ANY(:ids) ORDER BY t.id"  # noqa: S608 - constants: columns and what is shown
        + (" FOR SHARE OF t" if lock else ""),
        ids=ids,
    )


async def listings(ids: list[int] | None = None, *, lock: bool = False) -> list[ListingRow]:
    """The same for listings."""
    return await fetch_bulk(
        ListingRow,
        f"SELECT {LISTING} {_LISTINGS} WHERE :ids::bigint[] IS NULL OR l.id = ANY(:ids) ORDER BY l.id"
        + (" FOR SHARE OF l" if lock else ""),
        ids=ids,
    )


async def texts(
    kind: OwnerKind, ids: list[int] | None = None, *, lock: bool = False
) -> Sequence[ProfileRow | ListingRow]:
    """Profiles or listings, by `kind`."""
    return await profiles(ids, lock=lock) if kind == OwnerKind.TALENT else await listings(ids, lock=lock)


async def vectors(kind: OwnerKind, model: str, ids: list[int] | None = None) -> dict[int, list[StoredVector]]:
    """owner → its stored vectors of this model."""
    rows = await fetch_bulk(
        StoredVector,
        "SELECT owner_id, lang, text_hash, vector FROM text_vector WHERE owner_kind = :kind AND model = :model"
        " AND (:ids::bigint[] IS NULL OR owner_id = ANY(:ids))",
        kind=kind,
        model=model,
        ids=ids,
    )
    by_owner: dict[int, list[StoredVector]] = {}
    for row in rows:
        by_owner.setdefault(row.owner_id, []).append(row)
    return by_owner


async def listings_version(event_id: int) -> ListingsVersion:
    """One version of all the event's published listings."""
    (row,) = await fetch_as(
        ListingsVersion,
        "SELECT count(DISTINCT l.id) AS records, sum(l.id) AS ids, max(l.updated_at) AS changed_at, count(v.id) AS read,"
        f" max(v.updated_at) AS read_at, sum(hashtext(o.industry)) AS industries {_LISTINGS}"
        " LEFT JOIN text_vector v ON v.owner_kind = 'listing' AND v.owner_id = l.id"
        f" WHERE l.event = :event AND {SHOWN_LISTING}",
        event=event_id,
    )
    return row


async def talents_version() -> TalentsVersion:
    """One version of all visible profiles."""
    (row,) = await fetch_as(
        TalentsVersion,
        "SELECT count(DISTINCT t.id) AS records, sum(t.id) AS ids, max(t.updated_at) AS changed_at, count(v.id) AS read,"  # noqa: S608 - constants: columns and what is shown
        " max(v.updated_at) AS read_at FROM talent t"
        f" LEFT JOIN text_vector v ON v.owner_kind = 'talent' AND v.owner_id = t.id WHERE {SHOWN_TALENT}",
    )
    return row


async def listing_stamps(event_id: int) -> dict[int, ListingStamp]:
    """id → stamp of each published listing of an event."""
    rows = await fetch_bulk(
        ListingStamp,
        "SELECT l.id, l.updated_at AS changed_at, count(v.id) AS read, max(v.updated_at) AS read_at, o.industry"
        f" {_LISTINGS} LEFT JOIN text_vector v ON v.owner_kind = 'listing' AND v.owner_id = l.id"
        f" WHERE l.event = :event AND {SHOWN_LISTING} GROUP BY l.id, o.industry",
        event=event_id,
    )
    return {row.id: row for row in rows}


async def talent_stamps() -> dict[int, TalentStamp]:
    """id → stamp of each visible profile."""
    rows = await fetch_bulk(
        TalentStamp,
        "SELECT t.id, t.updated_at AS changed_at, count(v.id) AS read, max(v.updated_at) AS read_at FROM talent t"  # noqa: S608 - constants: columns and what is shown
        f" LEFT JOIN text_vector v ON v.owner_kind = 'talent' AND v.owner_id = t.id WHERE {SHOWN_TALENT} GROUP BY t.id",
    )
    return {row.id: row for row in rows}


async def sampled_listings(event_id: int, most: int) -> list[int]:
    """Ids of published listings in a pseudo-random order, the same each time."""
    return await fetch_values(
        int,
        f"SELECT l.id {_LISTINGS} WHERE l.event = :event AND {SHOWN_LISTING} ORDER BY md5(l.id::text) LIMIT :most",
        event=event_id,
        most=most,
    )


async def sampled_talents(most: int) -> list[int]:
    """The same for visible profiles."""
    return await fetch_values(
        int,
        f"SELECT t.id FROM talent t WHERE {SHOWN_TALENT} ORDER BY md5(t.id::text) LIMIT :most",  # noqa: S608 - constants: columns and what is shown
        most=most,
    )


async def ids_after(kind: OwnerKind, last: int, most: int) -> list[int]:
    """Ids of talents or listings in any state, above `last`, ascending."""
    table = "talent" if kind == OwnerKind.TALENT else "listing"
    return await fetch_values(
        int,
        f"SELECT id FROM {table} WHERE id > :last ORDER BY id LIMIT :most",  # noqa: S608 - one of two table names
        last=last,
        most=most,
    )


async def published_listings(event_id: int, ids: list[int]) -> list[ListingRow]:
    """The listings among `ids` that may be proposed at an event."""
    return await fetch_bulk(
        ListingRow,
        f"SELECT {LISTING} {_LISTINGS} WHERE l.event = :event AND l.id = ANY(:ids::bigint[]) AND {SHOWN_LISTING}"
        " ORDER BY l.id",
        event=event_id,
        ids=ids,
    )


async def visible_talents(ids: list[int]) -> list[ProfileRow]:
    """The people among `ids` who may be proposed to employers; a private profile never may."""
    return await fetch_bulk(
        ProfileRow,
        f"SELECT {PROFILE} FROM talent t WHERE t.id = ANY(:ids::bigint[]) AND {SHOWN_TALENT} ORDER BY t.id",  # noqa: S608 - constants: columns and what is shown
        ids=ids,
    )


async def eligible_listings(event_id: int, talent_id: int, *, city: str, kind: str) -> set[str]:
    """Ids of published listings, neither declined by the person nor closed to them by the employer; none when the person
    wants no suggestions. A county counts as part of its city."""
    ids = await fetch_values(
        int,
        f"SELECT l.id {_LISTINGS} WHERE l.event = :event AND {SHOWN_LISTING}"  # noqa: S608 - constants: columns and what is shown
        " AND (:city = '' OR left(l.city, 4) = left(:city, 4)) AND (:kind = '' OR l.kind = :kind)"
        " AND NOT EXISTS (SELECT 1 FROM preference p WHERE p.listing = l.id AND p.talent = :talent AND p.level = 'no')"
        " AND EXISTS (SELECT 1 FROM talent t WHERE t.id = :talent AND t.matching)",
        event=event_id,
        talent=talent_id,
        city=city,
        kind=kind,
    )
    return set(map(str, ids))


async def eligible_talents(listing_id: int, *, coming: bool) -> set[str]:
    """Ids of visible people that neither side has declined; `coming`: only those registered for the listing's event."""
    ids = await fetch_values(
        int,
        f"SELECT t.id FROM talent t WHERE {SHOWN_TALENT}"  # noqa: S608 - constants: columns and what is shown
        " AND NOT EXISTS (SELECT 1 FROM preference p WHERE p.listing = :listing AND p.talent = t.id AND p.level = 'no')"
        " AND (NOT :coming OR EXISTS (SELECT 1 FROM registration g JOIN listing l ON l.event = g.event"
        " WHERE l.id = :listing AND g.talent = t.id AND g.state = 'confirmed'))",
        listing=listing_id,
        coming=coming,
    )
    return set(map(str, ids))


async def shown_listings(ids: list[int], talent_id: int) -> dict[int, ShownListing]:
    """Data of listings shown to this person, with both sides' wishes; only published ones."""
    rows = await fetch_as(
        ShownListing,
        "SELECT l.id, l.kind, l.title_zh, l.title_en, l.city, l.engagement, l.headcount, l.urgent, l.pay_min, l.pay_max,"
        " o.name_zh AS organisation_zh, o.name_en AS organisation_en, mine.level AS own_level,"
        f" (theirs.level IN {WANTED}) IS TRUE AS wanted, {BOOKED()('l.id', ':talent')} AS booked {_LISTINGS}"
        " LEFT JOIN preference mine ON mine.listing = l.id AND mine.talent = :talent AND mine.side = 'talent'"
        " LEFT JOIN preference theirs ON theirs.listing = l.id AND theirs.talent = :talent AND theirs.side = 'employer'"
        f" WHERE l.id = ANY(:ids::bigint[]) AND {SHOWN_LISTING}",
        ids=ids,
        talent=talent_id,
    )
    return {row.id: row for row in rows}


async def shown_talents(ids: list[int], listing_id: int) -> dict[int, ShownTalent]:
    """Data of people shown to the listing's employer; `named`: the name may be shown. Private ones are left out."""
    rows = await fetch_as(
        ShownTalent,
        "SELECT t.id, t.name_passport, t.name_native, t.nationality, t.residence_country, t.degree, t.institution,"  # noqa: S608 - constants: columns and what is shown
        " t.discipline, t.headline, mine.level AS own_level,"
        f" (theirs.level IN {WANTED}) IS TRUE AS wanted, {BOOKED()(':listing', 't.id')} AS booked,"
        f" t.visibility = 'employers' OR (mine.level IN {WANTED} AND theirs.level IN {WANTED}) IS TRUE AS named,"
        " EXISTS (SELECT 1 FROM registration g WHERE g.event = l.event AND g.talent = t.id AND g.state = 'confirmed')"
        " AS coming FROM talent t JOIN listing l ON l.id = :listing"
        " LEFT JOIN preference mine ON mine.listing = :listing AND mine.talent = t.id AND mine.side = 'employer'"
        " LEFT JOIN preference theirs ON theirs.listing = :listing AND theirs.talent = t.id AND theirs.side = 'talent'"
        f" WHERE t.id = ANY(:ids::bigint[]) AND {SHOWN_TALENT}",
        ids=ids,
        listing=listing_id,
    )
    return {row.id: row for row in rows}


async def visible_talents_shown(ids: list[int]) -> dict[int, ShownTalent]:
    """Data of people as `shown_talents`, where there is no listing: named are those who show themselves to employers."""
    rows = await fetch_as(
        ShownTalent,
        "SELECT t.id, t.name_passport, t.name_native, t.nationality, t.residence_country, t.degree, t.institution,"  # noqa: S608 - a constant
        " t.discipline, t.headline, NULL::text AS own_level, false AS wanted, false AS booked,"
        " t.visibility = 'employers' AS named, false AS coming FROM talent t"
        f" WHERE t.id = ANY(:ids::bigint[]) AND {SHOWN_TALENT}",
        ids=ids,
    )
    return {row.id: row for row in rows}


async def own_talent(actor: Actor) -> ProfileRow | None:
    """The actor's profile as the engine reads it."""
    return await fetch_one_as(
        ProfileRow,
        f"SELECT {PROFILE} FROM talent t WHERE t.account = :account",  # noqa: S608 - constants: columns and what is shown
        account=actor.account_id,
    )


async def takes_part(talent_id: int) -> bool:
    """Whether the person wants suggestions."""
    return await fetch_value(bool, "SELECT matching FROM talent WHERE id = :id", id=talent_id)


async def listing_for(actor: Actor, listing_id: int) -> OwnListing:
    """A listing of the actor's own organisation, any for organisers. Raises NotFound for all others."""
    row = await fetch_one_as(
        OwnListing,
        "SELECT l.id, l.event AS event_id, l.state, l.title_zh, l.title_en, o.state = 'approved' AS approved"
        f" {_LISTINGS} WHERE l.id = :id AND (:sees_everything OR l.organisation = ANY(:own::bigint[]))",
        id=listing_id if 0 < listing_id < 2**63 else 0,
        sees_everything=actor.sees_everything,
        own=actor.organisation_ids,
    )
    if row is None or not actor.reaches(row.event_id):
        raise NotFound
    return row
