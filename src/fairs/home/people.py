"""A person's profile as others see it, and all that is held of a person, to take along."""

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.i18n import current_lang
from fairs.core.pagination import window
from fairs.core.roles import Role
from fairs.events.choosing import asked_fair
from fairs.home import queries, talent_list
from fairs.listings.rules import plain
from fairs.privacy import held, looks
from fairs.privacy.tables import LookPlace
from fairs.talents import labels
from fairs.talents.rules import View
from fairs.units import catalogues
from fairs.web import access, downloads
from fairs.web.requests import page_number
from fairs.web.templating import AnyRequest, render

BUREAUS = access.roles(Role.BUREAU, Role.ORGANISER, Role.ADMIN)
READERS = access.roles(Role.CANDIDATE, Role.EMPLOYER, Role.BUREAU, Role.ORGANISER, Role.ADMIN)


@get("/me/profile/export.json", name="export_profile", opt=access.roles(Role.CANDIDATE))
async def export_profile(actor: NamedDependency[Actor]) -> Response[Any]:
    """Everything held about the person, as JSON to keep or to take elsewhere."""
    body = msgspec.json.format(msgspec.json.encode(await held.everything(actor), enc_hook=str), indent=2)
    return downloads.file(body, "my-data.json", "application/json; charset=utf-8")


@get("/talents/{talent_id:int}", name="talent_page", opt=READERS)
async def talent_page(
    request: Request[Any, Any, Any], talent_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A profile as far as its consent goes. The person sees it as employers do."""
    talent = await queries.talent_for(actor, talent_id)
    employer = Role.EMPLOYER in actor.roles and not talent.is_self
    contact = talent.view >= View.CONTACT and not talent.is_self
    if contact:
        organisation = next(iter(actor.organisation_ids), None) if employer else None
        await looks.note([talent.account], LookPlace.PROFILE, by=actor, organisation_id=organisation)
    return render(
        request,
        "home/talent.html",
        talent=talent,
        background=labels.background(talent),
        wishes=labels.wishes(talent),
        visibility=labels.VISIBILITIES[talent.visibility],
        contact=contact,
        listings=await queries.wishes_between(talent_id, actor.organisation_ids) if employer else [],
        employer=employer,
        staff=actor.sees_everything or Role.BUREAU in actor.roles,
    )


def _list_query(request: AnyRequest) -> dict[str, str]:
    given = request.query_params
    known = {
        "city": {code for code, _, _ in catalogues.choices("cities", "en")} | {"any"},
        "category": {item.code for item in catalogues.categories()},
        "comes": {"yes"},
    }
    query = {name: given[name] for name, values in known.items() if given.get(name, "") in values}
    q = plain(given.get("q", ""))
    return {"q": q, **query} if q else query


@get("/bureau/talents", name="bureau_talents", opt=BUREAUS)
async def bureau_talents(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """People who want the bureau's city; others whose consent lets bureaus see them with `?city=any`."""
    query, fair = _list_query(request), await asked_fair(request, actor)
    own = await talent_list.own_cities(actor)
    city = query.get("city", "")
    cities = [] if city == "any" else [city] if city else own
    number, size, _ = window(page_number(request), 40)
    return render(
        request,
        "home/bureau_talents.html",
        fair=fair,
        query=query,
        own=own,
        page=await talent_list.talents_page(actor, fair.id if fair else None, query, cities, number=number, size=size),
        cities=[choice[:2] for choice in catalogues.choices("cities", current_lang())],
        categories=[
            (item.code, catalogues.label("categories", item.code, current_lang())) for item in catalogues.categories()
        ],
        word=labels.word,
        words=labels.words,
    )


HANDLERS: list[Any] = [export_profile, talent_page, bureau_talents]
