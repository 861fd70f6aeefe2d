"""Optional mails of an account."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from fairs.accounts.actor import Actor
from fairs.core.forms import bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.meetings.digest import queries, services
from fairs.meetings.forms import MailForm
from fairs.upkeep import digest as work_digest
from fairs.upkeep import services as upkeep
from fairs.web import access
from fairs.web.templating import redirect, render


@get("/account/mails", name="mail_settings", opt=access.signed_in())
async def mail_settings(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The list of mails, and which of them can be turned off."""
    assert actor.account_id is not None
    wishes, work = await queries.wants_mail(actor.account_id), await work_digest.wants_mail(actor.account_id)
    return render(request, "meetings/mail_settings.html", form=blank(MailForm, wishes=wishes, work=work))


@post("/account/mails", name="choose_mails", opt=access.signed_in(), status_code=303)
async def choose_mails(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Stores the choice."""
    assert actor.account_id is not None
    form = bind(MailForm, await request.form())
    if not form.ok:
        return render(request, "meetings/mail_settings.html", form=form, status=422)
    await services.choose_digest(actor.account_id, form.value.wishes)
    if actor.roles & {Role.BUREAU, Role.ORGANISER}:  # others are not asked
        await upkeep.choose_work_mail(actor.account_id, form.value.work)
    return redirect(request, "mail_settings", flash=N_("Your choice is saved."))


HANDLERS = [mail_settings, choose_mails]
