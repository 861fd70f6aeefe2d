"""The page of an account's calendar addresses, and the addresses themselves."""

from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.accounts.dependencies import client_ip
from fairs.calendars import services
from fairs.calendars.services import Calendar, FeedForm
from fairs.core.errors import Conflict, NotFound
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.notifications.calendars import CONTENT_TYPE
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render


async def _page(
    request: AnyRequest, actor: Actor, form: Bound[FeedForm], *, status: int = 200, secret: str = "", name: str = ""
) -> Response[Any]:
    address = services.address_of(secret) if secret else ""
    answer = render(
        request,
        "calendars/feeds.html",
        status=status,
        feeds=await services.feeds_of(actor),
        form=form,
        address=address,
        webcal="webcal://" + address.partition("://")[2] if address else "",
        made=name,
        most=services.MOST,
    )
    answer.headers["cache-control"] = "no-store"
    return answer


@get("/account/calendar", name="calendar_feeds", opt=access.signed_in())
async def calendar_feeds(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The account's addresses."""
    return await _page(request, actor, blank(FeedForm))


@post("/account/calendar", name="make_calendar_feed", opt=access.signed_in(), status_code=201)
async def make_calendar_feed(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """A new address; it is shown only in this answer."""
    form = bind(FeedForm, await request.form())
    if not form.ok:
        return await _page(request, actor, form, status=422)
    try:
        secret = await services.make_feed(form.value.name, by=actor)
    except Conflict as refused:
        form.form_errors.append(refused.message)
        return await _page(request, actor, form, status=refused.status)
    return await _page(request, actor, blank(FeedForm), status=201, secret=secret, name=form.value.name)


@post("/account/calendar/{feed_id:int}/revoke", name="revoke_calendar_feed", opt=access.signed_in(), status_code=303)
async def revoke_calendar_feed(
    request: Request[Any, Any, Any], feed_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The address answers nobody any more."""
    await services.revoke_feed(feed_id, by=actor)
    return redirect(request, "calendar_feeds", flash=N_("Revoked: this address answers nobody any more."))


@get("/calendar/{calendar_token:str}", name="personal_calendar", opt=access.public())
async def personal_calendar(request: Request[Any, Any, Any], calendar_token: FromPath[str]) -> Response[Any]:
    """The calendar of an address, for programs; 304 when they have it already."""
    token, dot, ending = calendar_token.rpartition(".")
    if not dot or ending != "ics" or len(token) > 100:
        raise NotFound
    found = await services.read_calendar(token, ip=client_ip(request))
    headers = {
        "etag": found.etag,
        "last-modified": format_datetime(found.changed_at, usegmt=True),
        "cache-control": "private, no-cache",
        "x-robots-tag": "noindex",
    }
    if _has_it(request, found):
        return Response(None, status_code=304, headers=headers)
    headers["content-disposition"] = 'inline; filename="fairs.ics"'
    return Response(found.content, media_type=CONTENT_TYPE, headers=headers)


def _has_it(request: AnyRequest, found: Calendar) -> bool:
    """Whether the program has this content already: by its tag, or, without one, by the time."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return found.etag in known or "*" in known
    since = _moment(request.headers.get("if-modified-since", ""))
    return since is not None and found.changed_at <= since


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else None


HANDLERS: list[Any] = [calendar_feeds, make_calendar_feed, revoke_calendar_feed, personal_calendar]
