"""名额池: the pages on which the places of an event are shared out."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.saving import attempt, submitted
from fairs.events import confirming, labels, moving, rules
from fairs.events.queries import event_for
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.registrations import queries as registrations
from fairs.registrations.labels import category_label
from fairs.registrations.pools import queries, services
from fairs.registrations.pools.forms import PoolForm, stored_pool, with_sessions
from fairs.web.templating import AnyRequest, redirect, render, reverse

ROOT = "/organise/editions/{slug:str}/pools"


@get(ROOT, name="pools", opt=RUNNERS)
async def pools(request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]) -> Response[Any]:
    """The pools of an event with what is taken of them."""
    return await _list(request, await event_for(actor, slug))


async def _list(request: AnyRequest, event: EventRow, *, refused: object = "", status: int = 200) -> Response[Any]:
    return render(
        request,
        "registrations/pools/pools.html",
        status=status,
        event=event,
        rows=await queries.pools_of(event.id),
        event_places=await queries.event_places(event.id),
        refused=refused,
        may_change=rules.allows(event.state, rules.Act.PREPARE),
        category_label=category_label,
        **labels.WORDS,
    )


async def _form_page(
    request: AnyRequest, event: EventRow, form: Bound[PoolForm], *, pool_id: int = 0, status: int = 200
) -> Response[Any]:
    with_sessions(form, await registrations.open_sessions(event.id))
    return render(request, "registrations/pools/pool.html", status=status, event=event, form=form, pool_id=pool_id)


@get(f"{ROOT}/new", name="new_pool", opt=RUNNERS)
async def new_pool(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """An empty form."""
    return await _form_page(request, await event_for(actor, slug), blank(PoolForm, waits=True))


@post(f"{ROOT}/new", name="create_pool", opt=RUNNERS, status_code=303)
async def create_pool(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Adds a pool."""
    event = await event_for(actor, slug)
    sent = await request.form()
    form = bind(PoolForm, sent)
    if sent.get("back") or not form.ok:
        return await _form_page(request, event, form, status=200 if sent.get("back") else 422)
    try:
        await services.add_pool(slug, form.value, by=actor, confirmed=str(sent.get("confirm") or ""))
    except moving.Unconfirmed as refused:
        return confirming.page(request, event, refused, sent, reverse(request, "create_pool", slug=slug))
    except (Conflict, Invalid) as refused:
        return await _refused(request, event, form, refused)
    return redirect(request, "pools", slug=slug, flash=N_("The pool is added."))


async def _refused(
    request: AnyRequest, event: EventRow, form: Bound[PoolForm], refused: Conflict | Invalid, pool_id: int = 0
) -> Response[Any]:
    if isinstance(refused, Invalid):
        form.add_errors(refused)
    else:
        form.form_errors.append(refused.message)
    return await _form_page(request, event, form, pool_id=pool_id, status=refused.status)


@get(f"{ROOT}/{{pool_id:int}}", name="edit_pool", opt=RUNNERS)
async def edit_pool(
    request: Request[Any, Any, Any], slug: FromPath[str], pool_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The form with the stored values."""
    event = await event_for(actor, slug)
    stored = stored_pool(await queries.pool_of(event.id, pool_id))
    return await _form_page(request, event, versions.opened(PoolForm, stored), pool_id=pool_id)


@post(f"{ROOT}/{{pool_id:int}}", name="change_pool", opt=RUNNERS, status_code=303)
async def change_pool(
    request: Request[Any, Any, Any], slug: FromPath[str], pool_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the edited values; fewer places than are taken only when that is confirmed."""
    event = await event_for(actor, slug)
    sent = await request.form()
    form = submitted(PoolForm, sent, stored_pool(await queries.pool_of(event.id, pool_id)))
    if sent.get("back"):
        return await _form_page(request, event, form, pool_id=pool_id)

    async def act() -> None:
        confirmed = str(sent.get("confirm") or "")
        await services.change_pool(slug, pool_id, form.value, by=actor, seen=form.version, confirmed=confirmed)

    try:
        status, _ = await attempt(form, act, confirming.beside_fields)
    except moving.Unconfirmed as refused:
        action = reverse(request, "change_pool", slug=slug, pool_id=pool_id)
        return confirming.page(request, event, refused, sent, action)
    if status:
        return await _form_page(request, event, form, pool_id=pool_id, status=status)
    return redirect(request, "pools", slug=slug, flash=N_("Saved."))


@post(f"{ROOT}/{{pool_id:int}}/remove", name="remove_pool", opt=RUNNERS, status_code=303)
async def remove_pool(
    request: Request[Any, Any, Any], slug: FromPath[str], pool_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Removes a pool in which nobody is."""
    event = await event_for(actor, slug)
    try:
        await services.remove_pool(slug, pool_id, by=actor)
    except Conflict as refused:
        return await _list(request, event, refused=refused.message, status=refused.status)
    return redirect(request, "pools", slug=slug, flash=N_("The pool is removed."))


HANDLERS: list[Any] = [pools, new_pool, create_pool, edit_pool, change_pool, remove_pool]
