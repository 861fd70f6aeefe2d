"""The page on which badges are handed out: by scanning one after the other, or an organisation's together."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.badges.desk import handing
from fairs.badges.tokens import MAX_URL
from fairs.core.errors import Conflict
from fairs.core.i18n import N_
from fairs.events.rows import EventRow
from fairs.registrations.entering.pages import DESK
from fairs.registrations.entering.queries import event_to_enter
from fairs.registrations.labels import category_label
from fairs.web.templating import AnyRequest, redirect, render

ROOT = "/organise/editions/{slug:str}/desk/hand-out"


async def _page(request: AnyRequest, event: EventRow, *, status: int = 200, refused: object = "") -> Response[Any]:
    typed = str(request.query_params.get("q", ""))[:100].strip()
    group = request.query_params.get("of")
    members = await handing.members_of(event.id, str(group)[:300].replace("\0", "")) if group is not None else []
    return render(
        request,
        "badges/desk/hand_out.html",
        status=status,
        event=event,
        typed=typed,
        refused=refused,
        group=group if members else None,
        members=members,
        groups=[] if members else await handing.groups_of(event.id, typed),
        category_label=category_label,
        no_group=handing.NO_GROUP,
    )


@get(ROOT, name="hand_out_badges", opt=DESK)
async def hand_out_badges(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The field for scanned badges, and the organisations."""
    return await _page(request, await event_to_enter(actor, slug))


@post(f"{ROOT}/scan", name="hand_out_scanned", opt=DESK, status_code=303)
async def hand_out_scanned(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Hands out the scanned badge; the cursor is in the field again."""
    event = await event_to_enter(actor, slug)
    code = str((await request.form()).get("code") or "")[:MAX_URL]
    try:
        row = await handing.hand_out_scanned(slug, code, by=actor)
    except Conflict as refused:
        return await _page(request, event, status=refused.status, refused=refused.message)
    name = row.badge_name or row.name_native or row.name_passport
    return redirect(request, "hand_out_badges", slug=slug, flash=N_("Handed out: %(name)s", name=name))


@post(ROOT, name="hand_out_group", opt=DESK, status_code=303)
async def hand_out_group(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Hands out the badges of the people who are ticked, or takes that back."""
    event = await event_to_enter(actor, slug)
    sent = await request.form()
    numbers = [str(number)[:40] for number in sent.getall("number", [])]
    back = bool(sent.get("back"))
    try:
        count = await (handing.hand_back_many if back else handing.hand_out_many)(slug, numbers, by=actor)
    except Conflict as refused:
        return await _page(request, event, status=refused.status, refused=refused.message)
    told = N_("Hand-outs undone: %(count)s", count=count) if back else N_("Badges handed out: %(count)s", count=count)
    query = f"?{request.url.query}" if request.url.query else ""
    return redirect(request, "hand_out_badges", slug=slug, query=query, flash=told)


HANDLERS: list[Any] = [hand_out_badges, hand_out_scanned, hand_out_group]
