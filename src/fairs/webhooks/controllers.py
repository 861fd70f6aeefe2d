"""Pages of webhooks: the list, one with its log, and what can be done with it."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.core.saving import attempt, nowhere, submitted
from fairs.events.event_field import limited_to
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render
from fairs.webhooks import labels, queries, services
from fairs.webhooks.forms import WebhookForm
from fairs.webhooks.rows import WebhookRow

ORGANISERS = access.roles(Role.ORGANISER, Role.ADMIN)
DELIVERIES = 50  # per page
WORDS: dict[str, Any] = {
    "topic_word": labels.topic_word,
    "state_badge": labels.state_badge,
    "error_word": labels.error_word,
}


async def _complete(form: Bound[WebhookForm], actor: Actor) -> int | None:
    """What the form cannot check by itself; returns the event to which it is limited."""
    if form.ok and not form.value.topics:
        form.add_error("topics", N_("Choose at least one."))
    return await limited_to(form, by=actor)


async def _list(
    request: AnyRequest, form: Bound[WebhookForm], *, status: int = 200, secret: str = "", name: str = ""
) -> Response[Any]:
    return render(
        request,
        "webhooks/webhooks.html",
        status=status,
        headers={"cache-control": "no-store"} if secret else None,
        webhooks=await queries.webhooks(),
        form=form,
        secret=secret,
        name=name,
        **WORDS,
    )


@get("/organise/webhooks", name="webhooks", opt=ORGANISERS)
async def webhooks(request: Request[Any, Any, Any]) -> Response[Any]:
    """Every webhook, and the form of a new one."""
    return await _list(request, blank(WebhookForm))


@post("/organise/webhooks", name="make_webhook", opt=access.confirmed(ORGANISERS), status_code=201)
async def make_webhook(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """A new webhook; its secret is shown only in this answer."""
    form = bind(WebhookForm, await request.form())
    event_id = await _complete(form, actor)
    if not form.ok:
        return await _list(request, form, status=422)
    value = form.value
    _, secret = await services.make_webhook(value.name, value.url, value.wanted, by=actor, event_id=event_id)
    return await _list(request, blank(WebhookForm), status=201, secret=secret, name=value.name)


@get("/organise/webhooks/{webhook_id:int}", name="webhook", opt=ORGANISERS)
async def webhook(request: Request[Any, Any, Any], webhook_id: FromPath[int]) -> Response[Any]:
    """One webhook with the log of its deliveries."""
    row = await queries.webhook_by_id(webhook_id)
    given = str(request.query_params.get("before", ""))
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    found = await queries.deliveries(webhook_id, size=DELIVERIES + 1, before=before)
    shown = found[:DELIVERIES]
    return render(
        request,
        "webhooks/webhook.html",
        webhook=row,
        deliveries=shown,
        older=shown[-1].id if len(found) > DELIVERIES else None,
        before=before,
        **WORDS,
    )


@get("/organise/webhooks/{webhook_id:int}/edit", name="edit_webhook", opt=ORGANISERS)
async def edit_webhook(request: Request[Any, Any, Any], webhook_id: FromPath[int]) -> Response[Any]:
    """The form, filled."""
    row = await queries.webhook_by_id(webhook_id)
    return _edit(request, row, versions.opened(WebhookForm, row.stored))


def _edit(request: AnyRequest, row: WebhookRow, form: Bound[Any], *, status: int = 200) -> Response[Any]:
    return render(request, "webhooks/edit.html", status=status, webhook=row, form=form)


@post(
    "/organise/webhooks/{webhook_id:int}/edit",
    name="update_webhook",
    opt=access.confirmed(ORGANISERS),
    status_code=303,
)
async def update_webhook(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], webhook_id: FromPath[int]
) -> Response[Any]:
    """Changes where to and about what; the secret stays."""
    row = await queries.webhook_by_id(webhook_id)
    form = submitted(WebhookForm, await request.form(), row.stored)
    event_id = await _complete(form, actor)

    async def act() -> None:
        await services.update_webhook(webhook_id, form.value, event_id, by=actor, seen=form.version)

    status, _ = await attempt(form, act, nowhere)
    if status:
        return _edit(request, row, form, status=status)
    return redirect(request, "webhook", webhook_id=webhook_id, flash=N_("Saved."))


@post("/organise/webhooks/{webhook_id:int}/test", name="test_webhook", opt=ORGANISERS, status_code=303)
async def test_webhook(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], webhook_id: FromPath[int]
) -> Response[Any]:
    """Send a test."""
    await services.send_test(webhook_id, by=actor)
    told = N_("The test is being sent. Load the page again to see its answer.")
    return redirect(request, "webhook", webhook_id=webhook_id, flash=told)


@post("/organise/webhooks/{webhook_id:int}/pause", name="pause_webhook", opt=ORGANISERS, status_code=303)
async def pause_webhook(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], webhook_id: FromPath[int]
) -> Response[Any]:
    """Tell nothing for now."""
    await services.pause_webhook(webhook_id, by=actor)
    return redirect(request, "webhook", webhook_id=webhook_id, flash=N_("The webhook is paused."))


@post("/organise/webhooks/{webhook_id:int}/resume", name="resume_webhook", opt=ORGANISERS, status_code=303)
async def resume_webhook(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], webhook_id: FromPath[int]
) -> Response[Any]:
    """Tell again, with what happened meanwhile or, with `missed=drop`, without."""
    drop = (await request.form()).get("missed") == "drop"
    await services.resume_webhook(webhook_id, by=actor, drop=drop)
    without = N_("The webhook is told again, from now on.")
    told = N_("The webhook is told again, beginning with what happened meanwhile.")
    return redirect(request, "webhook", webhook_id=webhook_id, flash=without if drop else told)


@post("/organise/webhooks/{webhook_id:int}/end", name="end_webhook", opt=ORGANISERS, status_code=303)
async def end_webhook(
    request: Request[Any, Any, Any], actor: NamedDependency[Actor], webhook_id: FromPath[int]
) -> Response[Any]:
    """End it for good."""
    await services.end_webhook(webhook_id, by=actor)
    return redirect(request, "webhooks", flash=N_("The webhook has ended."))


@post(
    "/organise/webhooks/{webhook_id:int}/deliveries/{delivery_id:int}/replay",
    name="replay_delivery",
    opt=ORGANISERS,
    status_code=303,
)
async def replay_delivery(
    request: Request[Any, Any, Any],
    actor: NamedDependency[Actor],
    webhook_id: FromPath[int],
    delivery_id: FromPath[int],
) -> Response[Any]:
    """Send one delivery again."""
    await services.replay(webhook_id, delivery_id, by=actor)
    return redirect(request, "webhook", webhook_id=webhook_id, flash=N_("The delivery is sent again."))


HANDLERS: list[Any] = [
    webhooks,
    make_webhook,
    webhook,
    edit_webhook,
    update_webhook,
    test_webhook,
    pause_webhook,
    resume_webhook,
    end_webhook,
    replay_delivery,
]
