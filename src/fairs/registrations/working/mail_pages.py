"""Pages of views that are sent by mail: when, and the link of such a mail."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts.actor import Actor
from fairs.core.errors import Conflict
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.events.queries import event_for
from fairs.events.running import RUNNERS
from fairs.registrations.tables import MailFormat
from fairs.registrations.working import by_mail
from fairs.registrations.working.by_mail import MailedForm
from fairs.registrations.working.views import own_view
from fairs.web.templating import AnyRequest, redirect, redirect_to, render, reverse

ROOT = "/organise/editions/{slug:str}/registrations"


async def _page(
    request: AnyRequest, slug: str, view_id: int, actor: Actor, form: Bound[MailedForm], *, status: int = 200
) -> Response[Any]:
    _, view = await own_view(slug, view_id, actor)
    event = await event_for(actor, slug)
    return render(
        request,
        "registrations/working/view_by_mail.html",
        status=status,
        event=event,
        view=view,
        form=form,
        email=actor.email,
    )


@get(f"{ROOT}/views/{{view_id:int}}/mail", name="registration_view_by_mail", opt=RUNNERS)
async def registration_view_by_mail(
    request: Request[Any, Any, Any], slug: FromPath[str], view_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """When an own view is sent."""
    _, view = await own_view(slug, view_id, actor)
    form = blank(MailedForm, mailed=view.mailed, day=str(view.mail_day), hour=view.mail_hour, kind=view.mail_format)
    return await _page(request, slug, view_id, actor, form)


@post(f"{ROOT}/views/{{view_id:int}}/mail", name="mail_registration_view", opt=RUNNERS, status_code=303)
async def mail_registration_view(
    request: Request[Any, Any, Any], slug: FromPath[str], view_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Begins, changes or ends the mails of an own view."""
    form = bind(MailedForm, await request.form())
    if not form.ok:
        return await _page(request, slug, view_id, actor, form, status=422)
    try:
        await by_mail.set_mailed(slug, view_id, form.value, by=actor)
    except Conflict as refused:
        form.form_errors.append(refused.message)
        return await _page(request, slug, view_id, actor, form, status=refused.status)
    flash = N_("The list is sent as you have chosen.") if form.value.mailed else N_("The list is sent no more.")
    return redirect(request, "registration_views", slug=slug, flash=flash)


@get(f"{ROOT}/mailed/{{view_id:int}}/{{list_token:str}}", name="mailed_registrations", opt=RUNNERS)
async def mailed_registrations(
    request: Request[Any, Any, Any],
    slug: FromPath[str],
    view_id: FromPath[int],
    list_token: FromPath[str],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Leads the owner of a view from its mail to the download."""
    try:
        query, form = await by_mail.list_of_link(slug, view_id, list_token, by=actor)
    except Conflict as old:
        return redirect(
            request, "event_registrations", slug=slug, query=f"?view={view_id}", flash=old.message, kind="info"
        )
    name = "registrations_export" if form == MailFormat.XLSX else "registrations_export_csv"
    return redirect_to(request, f"{reverse(request, name, slug=slug)}{'?' if query else ''}{query}")


HANDLERS: list[Any] = [registration_view_by_mail, mail_registration_view, mailed_registrations]
