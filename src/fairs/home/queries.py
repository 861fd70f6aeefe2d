"""Reading across slices, for pages that show what several of them keep."""

from datetime import datetime

import msgspec

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.roles import Role
from fairs.core.rows import fetch_as, fetch_one_as
from fairs.events.queries import STORED
from fairs.home.rows import (
    Arrival,
    CandidateView,
    Delegation,
    DisciplineCount,
    Edition,
    EmployerProgress,
    EventCounts,
    JourneyProgress,
    ListingWish,
    OwnListing,
    OwnRegistration,
    RelatedTalent,
    Seen,
)
from fairs.listings import queries as listings
from fairs.registrations.pools.queries import HELD
from fairs.registrations.rules import ENDED_STATES, HOLDS
from fairs.talents import phones
from fairs.talents import queries as talents
from fairs.talents.rows import TalentRow
from fairs.talents.rules import Relation, View, view_of

WANTED = "('must', 'meet')"
_RELATION = f"""
WITH mine AS (SELECT id FROM organisation WHERE id = ANY(:organisations::bigint[]) AND state = 'approved')
SELECT {talents.COLUMNS},
       EXISTS (SELECT 1 FROM mine) AS approved_employer,
       EXISTS (SELECT 1 FROM preference a JOIN preference b ON b.talent = a.talent AND b.listing = a.listing
               JOIN listing l ON l.id = a.listing
               WHERE a.talent = t.id AND a.side = 'talent' AND b.side = 'employer' AND a.level IN {WANTED}
                 AND b.level IN {WANTED} AND l.organisation IN (SELECT id FROM mine)) AS mutual,
       EXISTS (SELECT 1 FROM meeting m WHERE m.talent = t.id AND m.state IN ('scheduled', 'held')
               AND m.organisation IN (SELECT id FROM mine)) AS meeting
FROM talent t WHERE t.id = :id
"""  # noqa: S608 - constants of the code; values are named arguments
_JOURNEY = f"""
SELECT EXISTS (SELECT 1 FROM registration r LEFT JOIN talent t ON t.id = r.talent JOIN account a ON a.id = :account
               WHERE r.event = :event AND r.state NOT IN {ENDED_STATES} AND (:account IN (r.registrant, t.account)
                 OR r.email = a.email AND a.email_confirmed_at IS NOT NULL)) AS registered,
       EXISTS (SELECT 1 FROM preference p JOIN talent t ON t.id = p.talent
               WHERE t.account = :account AND p.event = :event AND p.side = 'talent' AND p.level <> 'no') AS wished,
       EXISTS (SELECT 1 FROM meeting m JOIN talent t ON t.id = m.talent
               WHERE t.account = :account AND m.event = :event AND m.state IN ('scheduled', 'held')) AS met,
       EXISTS (SELECT 1 FROM agreement a JOIN talent t ON t.id = a.talent JOIN agreement_signature s
               ON s.agreement = a.id AND s.revision = a.revision AND s.party = 'talent'
               WHERE t.account = :account AND a.event = :event) AS agreed
"""  # noqa: S608 - a constant: the ended states
_EMPLOYER = f"""
SELECT (SELECT count(*) FROM registration WHERE event = :event AND organisation = :id AND state NOT IN {ENDED_STATES}) AS represented,
       (SELECT count(*) FROM meeting_table WHERE event = :event AND organisation = :id) AS tables,
       EXISTS (SELECT 1 FROM listing WHERE organisation = :id AND event = :event AND state = 'published') AS published,
       (SELECT count(*) FROM listing WHERE organisation = :id AND event = :event AND state = 'draft') AS drafts,
       EXISTS (SELECT 1 FROM preference p JOIN listing l ON l.id = p.listing
               WHERE l.organisation = :id AND p.event = :event AND p.side = 'employer' AND p.level <> 'no') AS wished,
       EXISTS (SELECT 1 FROM meeting WHERE organisation = :id AND event = :event AND state IN ('scheduled', 'held')) AS met,
       (SELECT count(*) FROM meeting WHERE organisation = :id AND event = :event
               AND (state = 'scheduled' AND ends_at <= :now OR state = 'held' AND outcome = '')) AS to_report,
       EXISTS (SELECT 1 FROM agreement a JOIN agreement_signature s ON s.agreement = a.id AND s.revision = a.revision
               AND s.party = 'employer' WHERE a.organisation = :id AND a.event = :event) AS agreed,
       (SELECT count(*) FROM agreement a WHERE a.organisation = :id AND a.event = :event AND a.state = 'intent'
               AND NOT EXISTS (SELECT 1 FROM agreement_signature s WHERE s.agreement = a.id AND s.revision = a.revision
               AND s.party = 'employer')) AS to_sign
"""  # noqa: S608 - a constant: the ended states
_WANTED = "(SELECT count(*) FROM preference p WHERE p.listing = l.id AND p.side = 'talent' AND p.level <> 'no')"
_OPEN_LISTINGS = (  # what the public finds: published, by an approved employer, to the end of its last day
    "(SELECT l.*, o.unit AS unit_id FROM listing l JOIN organisation o ON o.id = l.organisation"
    " WHERE l.state = 'published' AND o.state = 'approved' AND (l.valid_to IS NULL OR l.valid_to >= :today)) l"
)


async def journey_progress(account_id: int | None, event_id: int) -> JourneyProgress:
    """What this account's person has done towards a fair. Each a yes or no."""
    (row,) = await fetch_as(JourneyProgress, _JOURNEY, account=account_id, event=event_id)
    return row


async def employer_progress(organisation_id: int, event_id: int) -> EmployerProgress:
    """What this employer has done for an event: who comes, published, wished (whom it wants to meet), met, agreed; and what waits for it."""
    (row,) = await fetch_as(EmployerProgress, _EMPLOYER, id=organisation_id, event=event_id, now=clock.now())
    return row


async def talent_for(actor: Actor, talent_id: int) -> Seen:
    """A profile as far as this actor may see it. Raises NotFound for everybody whom it does not concern."""
    if not 0 < talent_id < 2**63:
        raise NotFound
    row = await fetch_one_as(RelatedTalent, _RELATION, id=talent_id, organisations=actor.organisation_ids)
    if row is None:
        raise NotFound
    relation = Relation(
        is_self=actor.account_id is not None and row.account == actor.account_id,
        sees_everything=actor.sees_everything,
        own_bureau=row.unit is not None and row.unit in actor.unit_ids,
        any_bureau=Role.BUREAU in actor.roles,
        approved_employer=row.approved_employer,
        mutual=row.mutual,
        meeting=row.meeting,
    )
    view = view_of(row.visibility, relation)
    if view == View.NOTHING:
        raise NotFound
    shown = msgspec.structs.replace(row, email="", phone="") if view < View.CONTACT else phones.opened(row)
    values = {name: getattr(shown, name) for name in TalentRow.__struct_fields__}
    return Seen(**values, view=view, is_self=relation.is_self)


async def wishes_between(talent_id: int, organisation_ids: list[int]) -> list[ListingWish]:
    """The published listings of these employers, each with what both sides said of meeting this person."""
    return await fetch_as(
        ListingWish,
        "SELECT l.id, l.title_zh, l.title_en, e.level AS employer_level, t.level AS talent_level FROM listing l"
        " JOIN organisation o ON o.id = l.organisation AND o.state = 'approved'"
        " LEFT JOIN preference e ON e.listing = l.id AND e.talent = :talent AND e.side = 'employer'"
        " LEFT JOIN preference t ON t.listing = l.id AND t.talent = :talent AND t.side = 'talent'"
        " WHERE l.organisation = ANY(:organisations::bigint[]) AND l.state = 'published' ORDER BY l.published_at DESC, l.id",
        talent=talent_id,
        organisations=organisation_ids,
    )


async def employer_listings(
    organisation_id: int,
    *,
    q: str = "",
    state: str = "",
    kind: str = "",
    sort: str = "",
    number: int = 1,
    size: int = 50,
) -> Page[OwnListing]:
    """One page of an employer's own listings with how many candidates want to meet (`wanted`)."""
    select = listings.of_employer(organisation_id, q=q, state=state, kind=kind)
    select.columns += f", {_WANTED} AS wanted"
    read = select.reader(OwnListing, order=listings.employer_order(sort))
    return await paged((number, size, 0), select.count, read)


async def preference_on(actor: Actor, listing_id: int) -> CandidateView | None:
    """The candidate's profile with what was said of this listing: `level`, None when nothing; None without a profile."""
    return await fetch_one_as(
        CandidateView,
        "SELECT t.id, t.visibility, p.level FROM talent t LEFT JOIN preference p ON p.talent = t.id"
        " AND p.listing = :listing AND p.side = 'talent' WHERE t.account = :account",
        account=actor.account_id,
        listing=listing_id,
    )


async def own_registration(event_id: int, viewer: Actor | None) -> OwnRegistration | None:
    """number and state of the viewer's live registration, as `registrations.queries.is_own` sees it."""
    if viewer is None or viewer.account_id is None:
        return None
    return await fetch_one_as(
        OwnRegistration,
        "SELECT r.number, r.state FROM registration r LEFT JOIN talent t ON t.id = r.talent WHERE r.event = :event"  # noqa: S608 - a constant: the ended states
        f" AND r.state NOT IN {ENDED_STATES} AND (r.registrant = :account OR t.account = :account OR (r.email = :email AND EXISTS"
        " (SELECT 1 FROM account a WHERE a.email = r.email AND a.email_confirmed_at IS NOT NULL)))"
        " ORDER BY (r.state = 'confirmed') DESC, r.id LIMIT 1",
        event=event_id,
        account=viewer.account_id,
        email=viewer.email,
    )


async def editions() -> list[Edition]:
    """Every event with its counts, for organisers; the newest edition first, its parts after it."""
    return await fetch_as(
        Edition,
        f"SELECT {STORED}, u.name_zh AS unit_name_zh, u.name_en AS unit_name_en,"  # noqa: S608 - constants of the code; values are named arguments
        " coalesce(t.starts_at, e.starts_at) AS top_at, coalesce(t.id, e.id) AS top_id,"
        " (SELECT count(*) FROM registration g WHERE g.event = e.id AND g.state = 'confirmed') AS registrations,"
        f" (SELECT count(*) FROM {_OPEN_LISTINGS} WHERE l.event = e.id) AS listings"
        " FROM event e JOIN unit u ON u.id = e.unit LEFT JOIN event t ON t.id = e.parent"
        " ORDER BY top_at DESC, top_id, (e.parent IS NOT NULL), e.starts_at, e.id",
        today=listings.today(),
    )


async def event_counts(event_id: int) -> EventCounts:
    """Persons registered and waiting, countries, employers with listings, listings, heads wanted, sessions."""
    (row,) = await fetch_as(
        EventCounts,
        "SELECT r.registrations, r.taken, r.waiting, r.countries, l.employers, l.listings, l.heads,"  # noqa: S608 - constants of the code; values are named arguments
        " (SELECT count(*) FROM event_session WHERE event = :event AND cancelled_at IS NULL) AS sessions,"
        " (SELECT count(*) FROM exhibit WHERE event = :event AND state = 'released') AS exhibits FROM"
        " (SELECT count(*) FILTER (WHERE state = 'confirmed') AS registrations,"
        f" count(*) FILTER (WHERE {HOLDS}) + (SELECT {HELD}) FROM (SELECT :event::bigint AS event) p) AS taken, count(*) FILTER (WHERE state = 'waitlisted') AS waiting,"
        " count(DISTINCT nationality) FILTER (WHERE state = 'confirmed' AND nationality <> '') AS countries"
        " FROM registration r WHERE event = :event) r,"
        " (SELECT count(DISTINCT organisation) AS employers, count(*) AS listings,"
        " coalesce(sum(headcount) FILTER (WHERE kind = 'people'), 0) AS heads"
        f" FROM {_OPEN_LISTINGS} WHERE l.event = :event) l",
        event=event_id,
        now=clock.now(),
        today=listings.today(),
    )
    return row


async def listings_by_discipline(event_id: int) -> list[DisciplineCount]:
    """discipline, listings, heads of what is published at an event."""
    return await fetch_as(
        DisciplineCount,
        "SELECT discipline, count(*) AS listings, coalesce(sum(headcount) FILTER (WHERE kind = 'people'), 0) AS heads"  # noqa: S608 - constants of the code; values are named arguments
        f" FROM {_OPEN_LISTINGS} WHERE l.event = :event GROUP BY discipline ORDER BY discipline",
        event=event_id,
        today=listings.today(),
    )


async def delegations_of(event_id: int) -> list[Delegation]:
    """Each reporting unit with its sessions, employers, listings, heads wanted here; in official order."""
    return await fetch_as(
        Delegation,
        "SELECT u.id, u.code, u.kind, u.name_zh, u.name_en,"  # noqa: S608 - constants of the code; values are named arguments
        " (SELECT count(*) FROM event_session s WHERE s.event = :event AND s.unit = u.id AND s.cancelled_at IS NULL) AS sessions,"
        " coalesce(l.employers, 0) AS employers, coalesce(l.listings, 0) AS listings, coalesce(l.heads, 0) AS heads"
        " FROM unit u LEFT JOIN (SELECT unit_id, count(DISTINCT organisation) AS employers, count(*) AS listings,"
        f" sum(headcount) FILTER (WHERE kind = 'people') AS heads FROM {_OPEN_LISTINGS} WHERE l.event = :event GROUP BY unit_id) l"
        " ON l.unit_id = u.id ORDER BY u.position, u.code",
        event=event_id,
        today=listings.today(),
    )


async def arrivals(registration_ids: list[int]) -> dict[int, datetime]:
    """registration → when the person first came in at an entrance; those who have not come are left out."""
    rows = await fetch_as(
        Arrival,
        "SELECT d.registration, min(d.first_scanned_at) AS at FROM admission d JOIN gate g ON g.id = d.gate"
        " WHERE g.kind = 'entry' AND d.registration = ANY(:ids::bigint[]) GROUP BY d.registration",
        ids=registration_ids,
    )
    return {row.registration: row.at for row in rows}
