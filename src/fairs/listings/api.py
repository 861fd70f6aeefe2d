"""JSON API of listings."""

from datetime import UTC, date, datetime

import msgspec
from litestar import Response, get
from litestar.params import FromPath, FromQuery

from fairs.core import clock
from fairs.core.errors import Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.pagination import window
from fairs.listings import queries, rules
from fairs.listings.rows import ListingRow
from fairs.listings.tables import ListingState
from fairs.notifications.services import base_url
from fairs.units import catalogues
from fairs.web import access
from fairs.web.problems import problems

TAGS = ["listings"]


class Employer(msgspec.Struct):
    """The employer of a listing."""

    id: int
    name_zh: str
    name_en: str
    kind: str


class ListingOut(msgspec.Struct):
    """A listing as API values. Pay in 10,000 CNY, a year's pay or (kind `project`) a total budget.

    `sponsors_permit`: whether the employer applies for a foreigner's work permit; null: not stated.
    """

    id: int
    event: str
    kind: str
    state: str
    title_zh: str
    title_en: str
    description_zh: str
    description_en: str
    employer: Employer
    discipline: str
    degree: str
    engagement: list[str]
    city: str
    languages: list[str]
    headcount: int
    pay_min: int | None
    pay_max: int | None
    start_by: date | None
    valid_to: date | None
    urgent: bool
    urgent_reason: str
    published_at: str | None
    updated_at: str
    url: str
    sponsors_permit: bool | None


class ListingPage(msgspec.Struct):
    """One page of a list."""

    page: int
    page_size: int
    total: int
    items: list[ListingOut]


_SAME = [
    "id",
    "kind",
    "state",
    "title_zh",
    "title_en",
    "description_zh",
    "description_en",
    "discipline",
    "degree",
    "engagement",
    "city",
    "languages",
    "headcount",
    "pay_min",
    "pay_max",
    "start_by",
    "valid_to",
    "urgent",
    "urgent_reason",
    "sponsors_permit",
]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def listing_out(row: ListingRow) -> ListingOut:
    """A listing for the API."""
    return ListingOut(
        **{name: getattr(row, name) for name in _SAME},
        event=row.event_slug,
        employer=Employer(row.organisation, row.organisation_zh, row.organisation_en, row.organisation_kind),
        published_at=_iso(row.published_at) if row.published_at else None,
        updated_at=_iso(row.updated_at),
        url=f"{base_url()}/listings/{row.id}",
    )


def _refuse_unknown(discipline: str, city: str) -> None:
    """Refuse a code that is not in the catalogues: it is the caller's error, not an empty list."""
    fields: dict[str, list[object]] = {}
    known = {item[0] for kind in ("disciplines", "categories") for item in catalogues.choices(kind, "en")}
    if discipline and discipline not in known:
        fields["discipline"] = [N_("Choose one from the list")]
    if city and city not in {item[0] for item in catalogues.choices("cities", "en")}:
        fields["city"] = [N_("Choose one from the list")]
    if fields:
        raise Invalid(fields=fields)


@get(
    "/api/v1/listings",
    name="api_listings",
    opt=access.public_api(),
    tags=TAGS,
    summary="List open listings",
    description="Published listings of approved employers that are still open, in order of change. `event` is a slug, "
    "`discipline` a code of two or four digits, `city` a code of six; `q` requires every word in titles, descriptions, "
    "employers, field and city, in both languages and pinyin. `updated_since` is inclusive. The header "
    "`X-Page-Generated` is the time of the answer.",
    responses=problems(422),
)
async def list_listings(
    page: FromQuery[int] = 1,
    page_size: FromQuery[int] = 50,
    updated_since: FromQuery[datetime | None] = None,
    event: FromQuery[str] = "",
    q: FromQuery[str] = "",
    discipline: FromQuery[str] = "",
    city: FromQuery[str] = "",
) -> Response[ListingPage]:
    """One page of listings."""
    generated = clock.now()
    _refuse_unknown(discipline, city)
    number, size, offset = window(page, page_size)
    if updated_since and updated_since.tzinfo is None:
        updated_since = updated_since.replace(tzinfo=UTC)
    rows, total = await queries.api_page(
        event=rules.plain(event),
        q=await queries.patterns_of(rules.Filters(q=rules.plain(q))),
        discipline=discipline,
        city=city,
        updated_since=updated_since,
        limit=size,
        offset=offset,
    )
    answer = ListingPage(number, size, total, [listing_out(row) for row in rows])
    return Response(answer, headers={"X-Page-Generated": _iso(generated)})


@get(
    "/api/v1/listings/{listing_id:int}",
    name="api_listing",
    opt=access.public_api(),
    tags=TAGS,
    summary="Read a listing",
    description="A listing that is or was published; `state` says whether it is closed.",
    responses=problems(404),
)
async def read_listing(listing_id: FromPath[int]) -> Response[ListingOut]:
    """One listing."""
    row = await queries.listing_for(None, listing_id)
    if row.state == ListingState.DRAFT:
        raise NotFound
    return Response(listing_out(row), headers={"X-Page-Generated": _iso(clock.now())})


HANDLERS = [list_listings, read_listing]
