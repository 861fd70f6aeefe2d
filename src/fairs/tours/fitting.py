"""Who fits the cities of a tour: people proposed by the matching for the listings there, with the reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

from fairs.accounts.actor import Actor
from fairs.core import i18n
from fairs.core.i18n import pick
from fairs.core.rows import Row, fetch_as, fetch_values
from fairs.core.wishes import Side
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.matching import presentation
from fairs.matching import services as matching
from fairs.matching.rows import ShownTalent
from fairs.tours import members
from fairs.tours.forms import PersonForm
from fairs.tours.tables import Origin

LISTINGS, PEOPLE = 12, 15  # of a city, and for each of them


class CityListing(Row, frozen=True):
    """A published listing of a city."""

    id: int
    title_zh: str
    title_en: str
    organisation_zh: str
    organisation_en: str


class _Talent(Row, frozen=True):
    """Whom an invitation reaches."""

    id: int
    email: str
    name_passport: str
    name_native: str
    discipline: str
    lang: str


@dataclass(frozen=True)
class Fit:
    """Somebody with the listing that fits best, and how many others of the city do."""

    talent: int
    best: matching.Suggestion[ShownTalent]
    listing: CityListing
    others: int
    listed: bool

    @property
    def name(self) -> str:
        """As an employer sees it."""
        return presentation.person(self.best.other)

    @property
    def reason(self) -> str:
        """Why, in the current language."""
        return presentation.sentence(self.best, Side.EMPLOYER)


async def listings_of(event: EventRow, unit: str) -> list[CityListing]:
    """Published listings of a city at the tour or at the event above it, those wanted urgently first."""
    return await fetch_as(
        CityListing,
        "SELECT l.id, l.title_zh, l.title_en, o.name_zh AS organisation_zh, o.name_en AS organisation_en FROM listing l"
        " JOIN organisation o ON o.id = l.organisation JOIN unit u ON u.id = o.unit"
        " WHERE l.event = ANY(:events::bigint[]) AND l.state = 'published' AND o.state = 'approved' AND u.code = :unit"
        " ORDER BY l.urgent DESC, l.headcount DESC, l.id LIMIT :most",
        events=[one for one in (event.id, event.parent) if one is not None],
        unit=unit,
        most=LISTINGS,
    )


async def fitting(event: EventRow, unit: str) -> list[Fit]:
    """People who fit the listings of a city, best first; none who missed a condition."""
    best: dict[int, tuple[matching.Suggestion[ShownTalent], CityListing]] = {}
    count: dict[int, int] = {}
    for listing in await listings_of(event, unit):
        found = await matching.suggestions_for_listing(
            listing.id, PEOPLE, wanted=matching.Wanted(fitting=True), balanced=False
        )
        for one in found.rows:
            count[one.talent_id] = count.get(one.talent_id, 0) + 1
            if one.talent_id not in best or one.score > best[one.talent_id][0].score:
                best[one.talent_id] = one, listing
    listed = set(await _listed(event.id, list(best)))
    fits = [Fit(talent, one, listing, count[talent] - 1, talent in listed) for talent, (one, listing) in best.items()]
    return sorted(fits, key=lambda fit: (-fit.best.score, fit.talent))


async def _listed(event_id: int, talents: Sequence[int]) -> list[int]:
    return await fetch_values(
        int,
        "SELECT coalesce(m.talent, r.talent) FROM tour_member m LEFT JOIN registration r ON r.id = m.registration"
        " WHERE m.event = :event AND coalesce(m.talent, r.talent) = ANY(:talents::bigint[])",
        event=event_id,
        talents=list(talents),
    )


async def invite_fitting(slug: str, unit: str, talents: Sequence[int], *, by: Actor) -> members.Done:
    """Invite people of the present proposals, each with the reason in the own language. Raises NotFound, Conflict."""
    event = await event_for(by, slug)
    chosen = {fit.talent: fit for fit in await fitting(event, unit) if fit.talent in set(talents)}
    rows = await fetch_as(
        _Talent,
        "SELECT t.id, lower(coalesce(nullif(t.email, ''), a.email, '')) AS email, t.name_passport, t.name_native,"
        " coalesce(t.discipline, '') AS discipline, coalesce(a.lang, 'en') AS lang FROM talent t"
        " LEFT JOIN account a ON a.id = t.account WHERE t.id = ANY(:ids::bigint[]) ORDER BY t.id",
        ids=list(chosen),
    )
    forms, whys = [], []
    for row in rows:
        with i18n.language(row.lang):
            listing = chosen[row.id].listing
            title = pick(listing.title_zh, listing.title_en)
            employer = pick(listing.organisation_zh, listing.organisation_en)
            whys.append(i18n.gettext("%(title)s at %(employer)s may fit you.", title=title, employer=employer))
        forms.append(
            PersonForm(
                email=row.email,
                name_passport=row.name_passport or row.name_native,
                name_native=row.name_native,
                unit=unit,
                discipline=row.discipline,
                lang=row.lang,
            )
        )
    ids = [row.id for row in rows]
    return await members.add_people(slug, forms, substitute=False, origin=Origin.MATCH, by=by, talents=ids, whys=whys)
