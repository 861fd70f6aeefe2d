"""Pages behind mailed links: confirm an address, set a password, change the address. Opening a page changes nothing."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts import changes, claims, credentials, handing, links, proof, services
from fairs.accounts.actor import Actor
from fairs.accounts.controllers import present_session, signed_in, too_many
from fairs.accounts.dependencies import caller_of
from fairs.accounts.forms import ForgottenForm, NewPasswordForm
from fairs.accounts.tables import LinkKind
from fairs.core.errors import Conflict, Invalid, NotFound, TooMany
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.core.roles import Role
from fairs.notifications.services import told
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render, reverse

PRIVATE = {"referrer-policy": "no-referrer", "cache-control": "private, no-store"}


def _gone(request: AnyRequest, error: NotFound) -> Response[Any]:
    return redirect(request, "sign_in", flash=error.message, kind="warning")


@get("/login/link/{token:str}/confirm", name="confirm_address", opt=access.public())
async def confirm_page(
    request: Request[Any, Any, Any], token: FromPath[str], viewer: NamedDependency[Actor | None]
) -> Response[Any]:
    """Shows a button and the address: the link was mailed to it."""
    try:
        link = await links.read(LinkKind.CONFIRM, token)
    except NotFound as gone:
        return _gone(request, gone)
    same = bool(viewer and viewer.email == link.email)
    return render(request, "accounts/confirm_address.html", headers=PRIVATE, token=token, email=link.email, same=same)


@post("/login/link/{token:str}/confirm", name="confirm_address_submit", opt=access.public(), status_code=303)
async def confirm_submit(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """Confirms the address and signs in."""
    try:
        account_id = await claims.confirm(token, session_id=present_session(request))
    except NotFound as gone:
        return _gone(request, gone)
    message = told(
        N_("Your address is confirmed. Mail that waited for you is on its way."), N_("Your address is confirmed.")
    )
    return await signed_in(request, account_id, reverse(request, "home_page"), message, by_link=True)


@post("/account/confirm", name="ask_confirmation", opt=access.signed_in(), status_code=303)
async def ask_confirmation(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Mails the confirmation link again."""
    await proof.request_proof_again(by=actor)
    flash = told(
        N_("A link is on its way to %(email)s.", email=actor.email),
        N_("The link is kept on the server, which sends no mail. Its administrator gives it to you."),
    )
    return redirect(request, "account", flash=flash, kind="info")


@get("/account/review", name="review_entries", opt=access.signed_in())
async def review_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Shows what was entered with this address before its owner proved it: kept or discarded as a whole."""
    if not actor.reviews:
        return redirect(request, "account")
    return render(request, "accounts/review.html", lines=await proof.entered(actor), account=actor)


@post("/account/review/keep", name="keep_entries", opt=access.signed_in(), status_code=303)
async def keep_entries(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Keeps the entries for the owner."""
    return await _decided(
        request, proof.keep(by=actor), told(N_("Kept. Mail that waited for you is on its way."), N_("Kept."))
    )


@post("/account/review/discard", name="discard_entries", opt=access.signed_in(), status_code=303)
async def discard_entries(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Discards the entries."""
    return await _decided(request, proof.discard(by=actor), N_("Discarded. None of it is left in your account."))


async def _decided(request: AnyRequest, doing: Any, message: object) -> Response[Any]:
    try:
        await doing
    except Conflict as late:
        return redirect(request, "account", flash=late.message, kind="warning")
    return redirect(request, "home_page", flash=message)


@get("/login/reset", name="forgotten_password", opt=access.public())
async def forgotten_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Shows the form for the address."""
    return _forgotten(request, blank(ForgottenForm))


def _forgotten(request: AnyRequest, form: Bound[ForgottenForm], **more: Any) -> Response[Any]:
    return render(request, "accounts/forgotten.html", form=form, **{"challenge": "", **more})


@post("/login/reset", name="forgotten_password_submit", opt=access.public(), status_code=303)
async def forgotten_submit(request: Request[Any, Any, Any]) -> Response[Any]:
    """Mails a link; the answer is the same with or without an account."""
    data = await request.form()
    form = bind(ForgottenForm, data)
    if not form.ok:
        return _forgotten(request, form, status=422)
    try:
        await services.request_link(form.value.email, caller=caller_of(request, data), kind=LinkKind.RESET)
    except TooMany as refused:
        form.form_errors.append(refused.message)
        return _forgotten(request, form, **too_many(refused))
    message = told(
        N_("If %(email)s has an account, a link for a new password is on its way.", email=form.value.email),
        N_("The link is kept on the server, which sends no mail. Its administrator gives it to you."),
    )
    return redirect(request, "sign_in", flash=message, kind="info")


@get("/login/link/{token:str}/reset", name="reset_password", opt=access.public())
async def reset_page(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """The form for a new password."""
    try:
        await links.read(LinkKind.RESET, token)
    except NotFound as gone:
        return _gone(request, gone)
    return _reset(request, token, blank(NewPasswordForm))


def _reset(request: AnyRequest, token: str, form: Bound[NewPasswordForm], *, status: int = 200) -> Response[Any]:
    return render(request, "accounts/reset_password.html", status=status, headers=PRIVATE, token=token, form=form)


@post("/login/link/{token:str}/reset", name="reset_password_submit", opt=access.public(), status_code=303)
async def reset_submit(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """Stores the password, ends every session and signs in here."""
    form = bind(NewPasswordForm, await request.form())
    if form.ok:
        try:
            account_id = await credentials.reset_password(token, form.value.password)
        except NotFound as gone:
            return _gone(request, gone)
        except Invalid as refused:
            form.add_errors(refused)
        else:
            message = N_("Your new password is valid from now on. You are signed out everywhere else.")
            return await signed_in(request, account_id, reverse(request, "home_page"), message, by_link=True)
    return _reset(request, token, form, status=422)


@get("/login/link/{token:str}/address", name="new_address", opt=access.signed_in())
async def address_page(
    request: Request[Any, Any, Any], token: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows a button, for the account that requested the change."""
    link = await links.read(LinkKind.ADDRESS, token)
    mine = link.account == actor.account_id
    return render(request, "accounts/new_address.html", headers=PRIVATE, token=token, email=link.email, mine=mine)


@post("/login/link/{token:str}/address", name="new_address_submit", opt=access.signed_in(), status_code=303)
async def address_submit(
    request: Request[Any, Any, Any], token: FromPath[str], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Makes the new address valid."""
    try:
        await changes.change_address(token, by=actor)
    except Conflict as refused:
        return redirect(request, "account", flash=refused.message, kind="warning")
    return redirect(request, "account", flash=N_("Your new address is valid from now on."))


@post("/organise/outbox/{mail_id:int}/link", name="hand_link", opt=access.roles(Role.ADMIN), status_code=200)
async def hand_link(
    request: Request[Any, Any, Any], mail_id: FromPath[int], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Shows an administrator the link that confirms an address, to be passed on where no mail leaves."""
    handed = await handing.hand_link(mail_id, by=actor)
    return render(request, "accounts/handed_link.html", headers=PRIVATE, handed=handed, mail_id=mail_id)


HANDLERS: list[Any] = [
    confirm_page,
    confirm_submit,
    ask_confirmation,
    review_page,
    keep_entries,
    discard_entries,
    forgotten_page,
    forgotten_submit,
    reset_page,
    reset_submit,
    address_page,
    address_submit,
    hand_link,
]
