"""The page behind an invitation's link: opening it changes nothing."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts import accepting
from fairs.accounts.accepting import LinkState
from fairs.accounts.actor import Actor
from fairs.accounts.controllers import signed_in, too_many
from fairs.accounts.dependencies import caller_of
from fairs.accounts.forms import JoinForm
from fairs.core.errors import Conflict, Invalid, NotFound, TooMany
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.home.rights import labels, queries
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render, reverse

PRIVATE = {"referrer-policy": "no-referrer", "cache-control": "private, no-store"}
GONE = 410  # the link was ours, and is over


@get("/invitation/{token:str}", name="invitation", opt=access.public())
async def invitation_page(
    request: Request[Any, Any, Any], token: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """Who invites whom to what, and how to accept; or why the link no longer works."""
    return await _page(request, token, viewer)


async def _page(
    request: AnyRequest, token: str, viewer: Actor | None, form: Bound[Any] | None = None, **more: Any
) -> Response[Any]:
    try:
        found = await accepting.opened(token)
    except NotFound as unknown:
        return _over(request, *labels.FORGED, status=unknown.status)
    if found.state != LinkState.OPEN:
        return _over(request, *labels.LINK_STATES[found.state], status=GONE)
    row = found.invitation
    return render(
        request,
        "home/rights/invitation.html",
        headers={**PRIVATE, **more.pop("headers", {})},
        invitation=row,
        scope=await queries.scope_text(row.grant),
        meaning=str(labels.MEANING[row.role]),
        token=token,
        form=form or blank(JoinForm, name=row.name),
        is_me=bool(viewer and viewer.email == row.email),
        other=viewer.email if viewer and viewer.email != row.email else "",
        has_account=found.has_account,
        **{"challenge": "", **more},
        **labels.WORDS,
    )


def _over(request: AnyRequest, headline: object, text: object, *, status: int) -> Response[Any]:
    return render(
        request,
        "home/rights/invitation_over.html",
        status=status,
        headers=PRIVATE,
        headline=str(headline),
        text=str(text),
    )


@post("/invitation/{token:str}", name="accept_invitation", opt=access.public(), status_code=303)
async def accept_invitation(
    request: Request[Any, Any, Any], token: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """The signed-in account takes the role, or a new account is created and takes it."""
    welcome = N_("Welcome. The role is yours from now on.")
    try:
        found = await accepting.opened(token)
        if viewer is not None:
            await accepting.accept(token, by=viewer)
            return redirect(request, "home_page", flash=welcome)
    except NotFound as unknown:
        return _over(request, *labels.FORGED, status=unknown.status)
    except Conflict as refused:
        return await _page(request, token, viewer, status=refused.status)
    if found.has_account:
        return await _page(request, token, viewer, status=409)
    data = await request.form()
    form, more = bind(JoinForm, data), {"status": 422}
    if form.ok:
        try:
            account_id = await accepting.join(token, form.value, caller=caller_of(request, data))
        except Invalid as refused:
            form.add_errors(refused)
        except TooMany as refused:
            form.form_errors.append(refused.message)
            more = too_many(refused)
        except Conflict as refused:  # used, or an account made, a moment ago
            return await _page(request, token, viewer, form, status=refused.status)
        else:
            return await signed_in(request, account_id, reverse(request, "home_page"), welcome)
    return await _page(request, token, viewer, form, **more)


HANDLERS: list[Any] = [invitation_page, accept_invitation]
