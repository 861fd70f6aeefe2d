"""Pages of the second factor: set-up in the account, the second page of a sign-in, the confirmed download."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from markupsafe import Markup

from fairs.accounts import passkeys, presence, relying_party, second
from fairs.accounts.actor import Actor
from fairs.accounts.controllers import HALF_COOKIE, open_here, too_many
from fairs.accounts.forms import SecondForm
from fairs.core import qr
from fairs.core.errors import Conflict, Invalid, NotFound, TooMany
from fairs.core.forms import Bound, bind, blank
from fairs.core.i18n import N_
from fairs.notifications.services import base_url
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, render

MINE = access.without_second(access.signed_in())
DANGEROUS = access.confirmed(MINE)
PRIVATE = {"cache-control": "private, no-store"}


# The account's page


@get("/account/two-factor", name="two_factor", opt=MINE)
async def second_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Whether signing in takes a second step; the set-up; the recovery codes that are left."""
    return await account_second(request, actor, blank(SecondForm))


async def account_second(
    request: AnyRequest, actor: Actor, form: Bound[Any], *, codes: list[str] | None = None, **answer: Any
) -> Response[Any]:
    """The page of the second factor, after an act with its recovery codes or its errors."""
    assert actor.account_id is not None
    row = await second.state(actor.account_id)
    pending = row is not None and row.confirmed_at is None
    secret, code = "", Markup("")
    if row is not None and pending and presence.is_fresh(actor):
        plain = second.secret_of(row)
        secret = " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))
        issuer = urlsplit(base_url()).hostname or "fairs"
        code = Markup(qr.svg(second.app_address(row, actor.email, issuer), "QR"))  # noqa: S704 - our own drawing
    shown = {"challenge": "", "headers": PRIVATE, **answer}
    return render(
        request,
        "accounts/two_factor.html",
        **{**shown, "headers": {**PRIVATE, **shown["headers"]}},
        state=row if row is not None and not pending else None,
        secret=secret,
        qr=code,
        form=form,
        passkeys=await passkeys.of_account(actor.account_id),
        factors=await second.factors(actor.account_id),
        unusable=relying_party.why_not(),
        codes=codes or [],
        demanded=actor.second_from,
        lacks=second.lacks(actor),
        account=actor,
    )


@post("/account/two-factor/begin", name="two_factor_begin", opt=DANGEROUS, status_code=303)
async def second_begin(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Makes the secret that the app takes."""
    try:
        await second.begin(by=actor)
    except Conflict as refused:
        return redirect(request, "two_factor", flash=refused.message, kind="warning")
    return redirect(request, "two_factor")


@post("/account/two-factor/on", name="two_factor_on", opt=DANGEROUS, status_code=200)
async def second_on(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Puts the app in force with a first code, and shows the recovery codes once."""
    form = bind(SecondForm, await request.form())
    answer: dict[str, Any] = {"status": 422}
    if form.ok:
        try:
            codes = await second.turn_on(form.value.code, by=actor)
        except Invalid as refused:
            form.add_errors(refused)
        except Conflict as refused:
            return redirect(request, "two_factor", flash=refused.message, kind="warning")
        except TooMany as refused:
            form.form_errors.append(refused.message)
            answer = too_many(refused)
        else:
            if not codes:
                return redirect(request, "two_factor", flash=N_("The app is on. Your recovery codes stay as they are."))
            return await account_second(request, actor, blank(SecondForm), codes=codes)
    return await account_second(request, actor, form, **answer)


@post("/account/two-factor/codes", name="two_factor_codes", opt=DANGEROUS, status_code=200)
async def second_codes(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Makes new recovery codes and shows them once."""
    try:
        codes = await second.renew_codes(by=actor)
    except Conflict as refused:
        return redirect(request, "two_factor", flash=refused.message, kind="warning")
    return await account_second(request, actor, blank(SecondForm), codes=codes)


@post("/account/two-factor/off", name="two_factor_off", opt=access.confirmed(MINE, afresh=True), status_code=303)
async def second_off(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Removes the app; password, code or passkey were asked just now."""
    await second.turn_off(by=actor)
    off = N_("The second step is off. Your password or a link is enough.")
    by_passkey = N_("The app is off. Your passkeys are still asked for.")
    return redirect(request, "two_factor", flash=by_passkey if await second.is_on(actor.account_id or 0) else off)


# The second page of a sign-in


@get("/login/second", name="second_step", opt=access.public())
async def step_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Asks for the code."""
    return await _step(request, blank(SecondForm))


async def _step(request: AnyRequest, form: Bound[Any], **more: Any) -> Response[Any]:
    row = await second.half_of(request.cookies.get(HALF_COOKIE, ""))
    if row is None:
        return _over(request)
    shown = {"challenge": "", "headers": PRIVATE, "factors": await second.factors(row.account), **more}
    return render(request, "accounts/second_step.html", form=form, **shown)


def _over(request: AnyRequest) -> Response[Any]:
    response = redirect(request, "sign_in", flash=second.GONE, kind="warning")
    response.delete_cookie(HALF_COOKIE)
    return response


@post("/login/second", name="second_step_submit", opt=access.public(), status_code=303)
async def step_submit(request: Request[Any, Any, Any]) -> Response[Any]:
    """Completes the sign-in."""
    data = await request.form()
    passkey = str(data.get(passkeys.FIELD) or "")
    form = blank(SecondForm) if passkey else bind(SecondForm, data)
    more: dict[str, Any] = {"status": 422}
    cookie, proof = request.cookies.get(HALF_COOKIE, ""), str(data.get("proof") or "")
    if passkey or form.ok:
        try:
            if passkey:
                done = await passkeys.finish(cookie, passkey, proof=proof)
            else:
                done = await second.finish(cookie, form.value.code, proof=proof)
        except Invalid as refused:
            form.form_errors.extend(refused.fields.pop(passkeys.FIELD, []))
            form.add_errors(refused)
        except NotFound:
            return _over(request)
        except TooMany as refused:
            form.form_errors.append(refused.message)
            more = too_many(refused)
        else:
            left = await second.codes_left(done.account)
            few = N_("Recovery codes left: %(num)s. Make new ones in your account.", num=left) if left < 4 else ""
            response = await open_here(request, done.account, done.target, few, by_link=done.by_link)
            response.delete_cookie(HALF_COOKIE)
            return response
    return await _step(request, form, **more)


# A confirmed download


@post("/account/presence", name="confirm_presence", opt=access.confirmed(MINE, afresh=True), status_code=200)
async def confirmed_download(request: Request[Any, Any, Any]) -> Response[Any]:
    """Leads on to what was asked for, now that the person is confirmed."""
    target = presence.went_on(await request.form())
    if not target:
        return redirect(request, "account")
    return render(request, "accounts/confirmed.html", target=target)


HANDLERS: list[Any] = [
    second_page,
    second_begin,
    second_on,
    second_codes,
    second_off,
    step_page,
    step_submit,
    confirmed_download,
]
