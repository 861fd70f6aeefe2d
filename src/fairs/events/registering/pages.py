"""报名设置: the page on which it is decided when, as what and how many people register."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core import clock, versions
from fairs.core.forms import Bound
from fairs.core.i18n import N_
from fairs.core.saving import attempt, submitted
from fairs.events import confirming, inheriting, labels, moving, queries, rules
from fairs.events.registering import services
from fairs.events.registering.forms import RegistrationSettingsForm, read_settings, stored_settings
from fairs.events.rows import EventRow
from fairs.events.running import RUNNERS
from fairs.web.templating import AnyRequest, redirect, render, reverse

PATH = "/organise/editions/{slug:str}/registration"


@get(PATH, name="registration_settings", opt=RUNNERS)
async def registration_settings(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """The settings as they are, and what comes from the event above."""
    event = await queries.event_for(actor, slug)
    return _page(request, event, versions.opened(RegistrationSettingsForm, stored_settings(event)))


def _page(
    request: AnyRequest, event: EventRow, form: Bound[RegistrationSettingsForm], *, status: int = 200
) -> Response[Any]:
    return render(
        request,
        "events/registration_settings.html",
        status=status,
        event=event,
        form=form,
        shown=inheriting.effective(event),
        window=rules.window(event.registration_opens_at, event.registration_closes_at, clock.now()),
        may_change=rules.allows(event.state, rules.Act.PREPARE),
        **labels.WORDS,
    )


@post(PATH, name="set_registration", opt=RUNNERS, status_code=303)
async def set_registration(
    request: Request[Any, Any, Any], slug: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Stores the settings."""
    event = await queries.event_for(actor, slug)
    sent = await request.form()
    form = submitted(RegistrationSettingsForm, sent, stored_settings(event), lambda data: read_settings(data, event))
    if sent.get("back"):
        return _page(request, event, form)

    async def act() -> None:
        confirmed = str(sent.get("confirm") or "")
        await services.set_registration(slug, form.value, by=actor, seen=form.version, confirmed=confirmed)

    try:
        status, _ = await attempt(form, act, confirming.beside_fields)
    except moving.Unconfirmed as refused:
        return confirming.page(request, event, refused, sent, reverse(request, "set_registration", slug=slug))
    if status:
        return _page(request, event, form, status=status)
    return redirect(request, "registration_settings", slug=slug, flash=N_("Saved."))


HANDLERS: list[Any] = [registration_settings, set_registration]
