"""Sign-in, sign-up, sign-out and the account's own page."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts import known_browsers, queries, second, services
from fairs.accounts.actor import Actor
from fairs.accounts.browser_names import browser_name
from fairs.accounts.dependencies import caller_of, client_ip
from fairs.accounts.forms import SignInForm, SignInLinkForm, SignUpForm
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.accounts.returning import local_path, safe_next, sign_in_path
from fairs.core.errors import Invalid, NotFound, TooMany
from fairs.core.forms import bind, blank
from fairs.core.i18n import N_
from fairs.notifications.services import told
from fairs.web import access, csrf
from fairs.web.templating import AnyRequest, redirect, redirect_to, render, reverse

HALF_COOKIE = "fairs_half"
"""The cookie of a sign-in that awaits the second factor."""
SECOND_NOW = N_("Your role needs the second step. Set it up to go on.")


async def signed_in(
    request: AnyRequest, account_id: int, target: str, flash: object = "", *, by_link: bool = False
) -> Response[None]:
    """After the first factor: 303 with a new session, or to the page that asks for the second."""
    if not await second.is_on(account_id):
        return await open_here(request, account_id, target, flash, by_link=by_link)
    half = await second.half(account_id, target, by_link=by_link)
    response = redirect(request, "second_step", flash=flash)
    response.cookies.append(_cookie(request, HALF_COOKIE, half, second.HALF_LIFE))
    return response


async def open_here(
    request: AnyRequest, account_id: int, target: str, flash: object = "", *, by_link: bool = False
) -> Response[None]:
    """Returns 303 with a new session, its form token, and the known-browser cookie."""
    session = await services.open_session(
        account_id,
        ip=client_ip(request),
        user_agent=request.headers.get("user-agent", ""),
        old_cookie=request.cookies.get(SESSION_COOKIE, ""),
        by_link=by_link,
        proved=True,
    )
    actor = await queries.actor_by_session(session)
    assert actor is not None
    if second.lacks(actor):
        target, flash = reverse(request, "two_factor"), SECOND_NOW
    elif actor.second_from and not actor.second and not flash:
        flash = N_(
            "From %(day)s on your role needs a second step to sign in. Set it up in your account.",
            day=actor.second_from,
        )
    response = redirect_to(request, target, flash=flash)
    response.cookies.append(_cookie(request, SESSION_COOKIE, session, services.SESSION_LIFE))
    response.cookies.append(await known_cookie(request, account_id))
    secure = request.app.state.settings.secure_cookies
    response.cookies.append(csrf.cookie_for(csrf.session_token(session, account_id), secure=secure))
    return response


async def known_cookie(request: AnyRequest, account_id: int) -> Cookie:
    """The cookie that marks a browser as known to the account, valid for its current password."""
    account = await queries.account_by_id(account_id)
    assert account is not None
    value = known_browsers.remember(request.cookies.get(known_browsers.COOKIE, ""), account)
    return _cookie(request, known_browsers.COOKIE, value, known_browsers.LIFE)


def _cookie(request: AnyRequest, name: str, value: str, life: timedelta) -> Cookie:
    secure, seconds = request.app.state.settings.secure_cookies, int(life.total_seconds())
    return Cookie(key=name, value=value, httponly=True, secure=secure, samesite="lax", max_age=seconds, path="/")


def present_session(request: AnyRequest) -> int | None:
    """The id of this browser's session, if it is signed in."""
    user = request.scope.get("user")
    return user.session_id if isinstance(user, Actor) else None


@get("/login", name="sign_in", opt=access.public())
async def sign_in_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """Shows the form; a signed-in account is redirected."""
    target = request.query_params.get("next", "")
    if request.scope.get("user"):
        return redirect_to(request, safe_next(request, target))
    return _sign_in(request, blank(SignInForm), target)


def _sign_in(request: AnyRequest, form: Any, target: object, **more: Any) -> Response[Any]:
    """`more`: status, headers, and the challenge for one of the forms (`challenge`, `link_challenge`)."""
    return render(
        request,
        "accounts/sign_in.html",
        form=form,
        link_form=blank(SignInLinkForm, email=form["email"].value),
        next=local_path(target),
        **{"challenge": "", "link_challenge": "", **more},
    )


@post("/login", name="sign_in_submit", opt=access.public(), status_code=303)
async def sign_in_submit(request: Request[Any, Any, Any]) -> Response[Any]:
    """Checks e-mail and password."""
    data = await request.form()
    form = bind(SignInForm, data)
    more: dict[str, Any] = {"status": 422}
    if form.ok:
        try:
            account_id = await services.sign_in(form.value, caller=caller_of(request, data))
        except Invalid as refused:
            form.add_errors(refused)
        except TooMany as refused:
            form.form_errors.append(refused.message)
            more = too_many(refused)
        else:
            return await signed_in(request, account_id, safe_next(request, data.get("next")))
    return _sign_in(request, form, data.get("next"), **more)


def too_many(refused: TooMany) -> dict[str, Any]:
    """Template values for a form sent too often: a proof of work, or the wait."""
    headers = {"retry-after": str(refused.retry_after)}
    return {"status": refused.status, "headers": headers, "challenge": refused.challenge}


@post("/login/link", name="request_link", opt=access.public(), status_code=303)
async def request_link(request: Request[Any, Any, Any]) -> Response[Any]:
    """Mails a link; the answer is the same with or without an account."""
    data = await request.form()
    form, target = bind(SignInLinkForm, data), local_path(data.get("next"))
    page = blank(SignInForm, email=form["email"].value)
    if not form.ok:
        page["email"].errors.extend(form["email"].errors)
        return _sign_in(request, page, target, status=422)
    try:
        await services.request_link(form.value.email, caller=caller_of(request, data), target=target)
    except TooMany as refused:
        page.form_errors.append(refused.message)
        more = too_many(refused)
        return _sign_in(request, page, target, **{**more, "challenge": "", "link_challenge": more["challenge"]})
    email = form.value.email
    message = told(
        N_("If %(email)s has an account, a sign-in link is on its way or already in the mailbox.", email=email),
        N_("If %(email)s has an account, its sign-in link is kept on the server, which sends no mail.", email=email),
    )
    return redirect_to(request, sign_in_path(request, target), flash=message, kind="info")


@get("/login/link/{token:str}", name="use_link", opt=access.public())
async def use_link_page(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """Shows a button: mail scanners open links, so opening alone must not use the link up."""
    return render(request, "accounts/use_link.html", token=token, headers={"referrer-policy": "no-referrer"})


@post("/login/link/{token:str}", name="use_link_submit", opt=access.public(), status_code=303)
async def use_link_submit(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """Signs in by link."""
    try:
        account_id = await services.use_link(token, session_id=present_session(request))
    except NotFound as gone:
        return redirect(request, "sign_in", flash=gone.message, kind="warning")
    target = safe_next(request, await services.target_of_link(token))
    return await signed_in(request, account_id, target, by_link=True)


@get("/signup", name="sign_up", opt=access.public())
async def sign_up_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The sign-up form of candidates."""
    target = request.query_params.get("next", "")
    if request.scope.get("user"):
        return redirect_to(request, safe_next(request, target))
    return _sign_up(request, blank(SignUpForm), target)


def _sign_up(request: AnyRequest, form: Any, target: object, **more: Any) -> Response[Any]:
    shown = {"challenge": "", **more}
    return render(request, "accounts/sign_up.html", form=form, next=local_path(target), **shown)


@post("/signup", name="sign_up_submit", opt=access.public(), status_code=303)
async def sign_up_submit(request: Request[Any, Any, Any]) -> Response[Any]:
    """Creates the account and signs in."""
    data = await request.form()
    form = bind(SignUpForm, data)
    more: dict[str, Any] = {"status": 422}
    if form.ok:
        try:
            zone = request.cookies.get("tz", "").replace("%2F", "/") or "Asia/Shanghai"
            account_id = await services.sign_up(form.value, caller=caller_of(request, data), timezone=zone[:64])
        except Invalid as refused:
            form.add_errors(refused)
        except TooMany as refused:
            form.form_errors.append(refused.message)
            more = too_many(refused)
        else:
            target = data.get("next") or reverse(request, "my_profile")
            welcome = N_("Welcome, %(name)s. Your account is ready.", name=form.value.name)
            return await signed_in(request, account_id, safe_next(request, target), welcome)
    return _sign_up(request, form, data.get("next"), **more)


@post("/logout", name="sign_out", opt=access.public(), status_code=303)
async def sign_out(request: Request[Any, Any, Any]) -> Response[Any]:
    """Ends this browser's session."""
    await services.close_session(request.cookies.get(SESSION_COOKIE, ""))
    response = redirect(request, "home", flash=N_("You are signed out."), kind="info")
    response.delete_cookie(SESSION_COOKIE)
    return response


@get("/account", name="account", opt=access.signed_in())
async def account_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Shows the settings and where the account is signed in."""
    assert actor.account_id is not None
    return render(
        request,
        "accounts/account.html",
        account=actor,
        has_password=await queries.has_password(actor.account_id),
        sessions=await queries.sessions_of(actor.account_id),
        second_on=actor.second,
        browser_name=browser_name,
    )


@post("/account/sign-out-everywhere", name="sign_out_everywhere", opt=access.signed_in(), status_code=303)
async def sign_out_everywhere(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Ends every session of the account."""
    await services.close_all_sessions(by=actor)
    response = redirect(request, "sign_in", flash=N_("You are signed out everywhere."), kind="info")
    response.delete_cookie(SESSION_COOKIE)
    return response


HANDLERS = [
    sign_in_page,
    sign_in_submit,
    request_link,
    use_link_page,
    use_link_submit,
    sign_up_page,
    sign_up_submit,
    sign_out,
    account_page,
    sign_out_everywhere,
]
