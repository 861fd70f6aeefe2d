"""A person's profile as others see it, and all that is held of a person, to take along."""

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.roles import Role
from fairs.home import personal_data, queries
from fairs.talents import labels
from fairs.talents.rules import View
from fairs.web import access
from fairs.web.templating import render

READERS = access.roles(Role.CANDIDATE, Role.EMPLOYER, Role.BUREAU, Role.ORGANISER, Role.ADMIN)


@get("/me/profile/export.json", name="export_profile", opt=access.roles(Role.CANDIDATE))
async def export_profile(actor: NamedDependency[Actor]) -> Response[Any]:
    """Everything held about the person, as JSON to keep or to take elsewhere."""
    body = msgspec.json.format(msgspec.json.encode(await personal_data.own_data(actor), enc_hook=str), indent=2)
    headers = {"content-disposition": 'attachment; filename="my-data.json"', "cache-control": "no-store"}
    return Response(body, media_type="application/json; charset=utf-8", headers=headers)


@get("/talents/{talent_id:int}", name="talent_page", opt=READERS)
async def talent_page(
    request: Request[Any, Any, Any], talent_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """A profile as far as its consent goes. The person sees it as employers do."""
    talent = await queries.talent_for(actor, talent_id)
    employer = Role.EMPLOYER in actor.roles and not talent.is_self
    return render(
        request,
        "home/talent.html",
        talent=talent,
        background=labels.background(talent),
        wishes=labels.wishes(talent),
        visibility=labels.VISIBILITIES[talent.visibility],
        contact=talent.view >= View.CONTACT and not talent.is_self,
        listings=await queries.wishes_between(talent_id, actor.organisation_ids) if employer else [],
        employer=employer,
        staff=actor.sees_everything or Role.BUREAU in actor.roles,
    )


HANDLERS: list[Any] = [export_profile, talent_page]
