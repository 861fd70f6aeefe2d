"""Sign-in, sign-up, sign-out and the account's own page."""

from typing import Any
from urllib.parse import quote, urlsplit

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairs.accounts import queries, services
from fairs.accounts.actor import Actor
from fairs.accounts.dependencies import client_ip
from fairs.accounts.forms import SignInForm, SignInLinkForm, SignUpForm
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.core.errors import Invalid, NotFound
from fairs.core.forms import bind, blank
from fairs.core.i18n import N_
from fairs.web import access
from fairs.web.templating import AnyRequest, redirect, redirect_to, render, reverse


def safe_next(request: AnyRequest, target: object) -> str:
    """Where to go after signing in: only a path of ours, fit for a header, else the start page of the account."""
    if isinstance(target, str) and target.startswith("/") and not target.startswith(("//", "/\\")):
        parts = urlsplit(target)
        if not parts.scheme and not parts.netloc and target.isprintable():
            return quote(target, safe="/?#&=%:;,+@!$'()*~")
    return reverse(request, "desk")


async def signed_in(request: AnyRequest, account_id: int, target: str, flash: object = "") -> Response[None]:
    """303 with a fresh session cookie."""
    cookie = await services.open_session(
        account_id,
        ip=client_ip(request),
        user_agent=request.headers.get("user-agent", ""),
        old_cookie=request.cookies.get(SESSION_COOKIE, ""),
    )
    response = redirect_to(request, target, flash=flash)
    secure = request.app.state.settings.secure_cookies
    max_age = int(services.SESSION_LIFE.total_seconds())
    response.cookies.append(
        Cookie(
            key=SESSION_COOKIE,
            value=cookie,
            httponly=True,
            secure=secure,
            samesite="lax",
            max_age=max_age,
            path="/",
        )
    )
    return response


@get("/login", name="sign_in", opt=access.public())
async def sign_in_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """The form; a signed-in account goes to its desk."""
    if request.scope.get("user"):
        return redirect(request, "desk")
    return _sign_in(request, blank(SignInForm))


def _sign_in(request: AnyRequest, form: Any, *, status: int = 200) -> Response[Any]:
    target = request.query_params.get("next", "")
    return render(
        request,
        "accounts/sign_in.html",
        status=status,
        form=form,
        link_form=blank(SignInLinkForm, email=form["email"].value),
        next=target,
    )


@post("/login", name="sign_in_submit", opt=access.public(), status_code=303)
async def sign_in_submit(request: Request[Any, Any, Any]) -> Response[Any]:
    """Checks e-mail and password."""
    data = await request.form()
    form = bind(SignInForm, data)
    if form.ok:
        try:
            account_id = await services.sign_in(form.value, ip=client_ip(request))
        except Invalid as refused:
            form.add_errors(refused)
        else:
            return await signed_in(request, account_id, safe_next(request, data.get("next")))
    return _sign_in(request, form, status=422)


@post("/login/link", name="request_link", opt=access.public(), status_code=303)
async def request_link(request: Request[Any, Any, Any]) -> Response[Any]:
    """Mails a link; the answer is the same whether or not there is an account."""
    form = bind(SignInLinkForm, await request.form())
    if not form.ok:
        page = blank(SignInForm, email=form["email"].value)
        page["email"].errors.extend(form["email"].errors)
        return _sign_in(request, page, status=422)
    await services.request_link(form.value.email, ip=client_ip(request))
    message = N_("If %(email)s has an account, a sign-in link is on its way.", email=form.value.email)
    return redirect(request, "sign_in", flash=message, kind="info")


@get("/login/link/{token:str}", name="use_link", opt=access.public())
async def use_link_page(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """A button: mail scanners open links, so opening alone does not use it up."""
    return render(request, "accounts/use_link.html", token=token, headers={"referrer-policy": "no-referrer"})


@post("/login/link/{token:str}", name="use_link_submit", opt=access.public(), status_code=303)
async def use_link_submit(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    """Signs in by link."""
    try:
        account_id = await services.use_link(token)
    except NotFound as gone:
        return redirect(request, "sign_in", flash=gone.message, kind="warning")
    return await signed_in(request, account_id, reverse(request, "desk"))


@get("/signup", name="sign_up", opt=access.public())
async def sign_up_page(request: Request[Any, Any, Any]) -> Response[Any]:
    """A candidate's first page."""
    if request.scope.get("user"):
        return redirect(request, "desk")
    return render(request, "accounts/sign_up.html", form=blank(SignUpForm), next=request.query_params.get("next", ""))


@post("/signup", name="sign_up_submit", opt=access.public(), status_code=303)
async def sign_up_submit(request: Request[Any, Any, Any]) -> Response[Any]:
    """Creates the account and signs in."""
    data = await request.form()
    form = bind(SignUpForm, data)
    if form.ok:
        try:
            zone = request.cookies.get("tz", "").replace("%2F", "/") or "Asia/Shanghai"
            account_id = await services.sign_up(form.value, ip=client_ip(request), timezone=zone[:64])
        except Invalid as refused:
            form.add_errors(refused)
        else:
            target = data.get("next") or reverse(request, "my_profile")
            welcome = N_("Welcome, %(name)s. Your account is ready.", name=form.value.name)
            return await signed_in(request, account_id, safe_next(request, target), welcome)
    return render(request, "accounts/sign_up.html", status=422, form=form, next=data.get("next", ""))


@post("/logout", name="sign_out", opt=access.public(), status_code=303)
async def sign_out(request: Request[Any, Any, Any]) -> Response[Any]:
    """Ends this browser's session."""
    await services.close_session(request.cookies.get(SESSION_COOKIE, ""))
    response = redirect(request, "home", flash=N_("You are signed out."), kind="info")
    response.delete_cookie(SESSION_COOKIE)
    return response


@get("/account", name="account", opt=access.signed_in())
async def account_page(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Where the account is signed in."""
    assert actor.account_id is not None
    return render(request, "accounts/account.html", sessions=await queries.sessions_of(actor.account_id))


@post("/account/sign-out-everywhere", name="sign_out_everywhere", opt=access.signed_in(), status_code=303)
async def sign_out_everywhere(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """Ends every session of the account."""
    await services.close_all_sessions(by=actor)
    response = redirect(request, "sign_in", flash=N_("You are signed out everywhere."), kind="info")
    response.delete_cookie(SESSION_COOKIE)
    return response


@get("/desk", name="desk", opt=access.signed_in())
async def desk(request: Request[Any, Any, Any], actor: NamedDependency[Actor]) -> Response[Any]:
    """The page where this account's work begins."""
    for role, route in request.app.state.desks:
        if role in actor.roles:
            return redirect(request, route)
    return redirect(request, "account")


HANDLERS = [
    desk,
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
