"""Form values typed before a session ended: kept for two hours, sealed, for the same browser and person only.

A form posted after its session ended, or after another began in another tab, is not carried out. Its values are kept
under a key that only the browser's cookie contains; after sign-in its page shows them and the person sends the form.
Passwords, files and tokens are never kept.
"""

from datetime import timedelta
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from fairs.accounts import rate_limits, tables
from fairs.accounts.actor import Actor
from fairs.accounts.attempts import Caller
from fairs.accounts.returning import page_of_form, sign_in_path
from fairs.core import clock, crypto, db
from fairs.core.errors import TooMany
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_value_or_none
from fairs.web import access, csrf
from fairs.web.errors import wants_json
from fairs.web.middleware import cookie
from fairs.web.templating import redirect_to

COOKIE = "fairs_kept"
PARAMETER = "kept"
LIFE = timedelta(hours=2)
LARGEST = 64_000  # bytes of a form
MOST_FIELDS = 500
EACH = 10  # forms of one browser, the latest
SECRET_NAMES = ("password", "passwd", "token", "secret", "proof", "otp")


class KeptForm(msgspec.Struct, frozen=True):
    """The address it was posted to, its session's account (empty text: none), the values."""

    action: str
    owner: str
    values: dict[str, list[str]]


def typed_values(data: Any) -> dict[str, list[str]]:
    """Field → values of a form, without files and fields named like a secret."""
    kept: dict[str, list[str]] = {}
    for name, value in list(data.multi_items())[:MOST_FIELDS]:
        if isinstance(value, str) and not any(secret in name.lower() for secret in SECRET_NAMES):
            kept.setdefault(name, []).append(value)
    return kept


async def keep(form: KeptForm, browser: str, caller: Caller) -> str:
    """The key of the kept form; empty text when it is too large or there are too many."""
    plain = msgspec.json.encode(form)
    if not form.values or len(plain) > LARGEST:
        return ""
    try:
        await rate_limits.cap([rate_limits.Counter("kept-form", caller.site, 600, 3600)])
    except TooMany:
        return ""
    key, now = crypto.new_token()[:22], clock.now()
    async with db.transaction_or_join():
        await tables.KeptForm(
            token_hash=crypto.hash_token(key),
            browser_hash=crypto.hash_token(browser),
            sealed=crypto.encrypt(plain, f"kept form {browser}"),
            expires_at=now + LIFE,
        ).save()
        await execute(
            "DELETE FROM kept_form WHERE expires_at < :now OR (browser_hash = :browser AND id NOT IN"
            " (SELECT id FROM kept_form WHERE browser_hash = :browser ORDER BY id DESC LIMIT :each))",
            browser=crypto.hash_token(browser),
            now=now,
            each=EACH,
        )
    return key


async def kept(key: str, browser: str) -> KeptForm | None:
    """The form kept under this key for this browser."""
    sealed = await fetch_value_or_none(
        bytes,
        "SELECT sealed FROM kept_form WHERE token_hash = :key AND browser_hash = :browser AND expires_at > :now",
        key=crypto.hash_token(key),
        browser=crypto.hash_token(browser),
        now=clock.now(),
    )
    try:
        return msgspec.json.decode(crypto.decrypt(sealed, f"kept form {browser}"), type=KeptForm) if sealed else None
    except (ValueError, msgspec.MsgspecError):
        return None


async def answer_late(request: Request[Any, Any, Any], token: str) -> Response[Any] | None:
    """Answer a form posted too late: redirect to its page, via the sign-in page if needed. None: refuse the form."""
    if wants_json(request):
        return None
    user = request.scope.get("user")
    owner = csrf.owner_in(token)
    stranger = isinstance(user, Actor) and user.account_id and owner not in {"", csrf.owner_of(user.account_id)}
    browser = request.cookies.get(COOKIE, "") or crypto.new_token()
    values = {} if stranger else typed_values(await request.form())
    found = KeptForm(request.scope["path"], owner, values)
    caller = Caller(ip=str(request.scope.get("client_ip", "")))
    key = await keep(found, browser, caller)
    page = page_of_form(request)
    target = with_key(page, key) if key else page
    rule = request.scope["route_handler"].opt.get(access.KEY)
    if user is None and not (rule and rule.anyone):
        flash: object = N_("You were signed out. Sign in again and continue where you were: what you typed is kept.")
        target = sign_in_path(request, target)
    elif stranger:
        flash = N_("Another person has signed in here since. Nothing was sent.")
    else:
        flash = N_("You signed in or out in another window, so nothing was sent.") if not key else ""
    response: Response[Any] = redirect_to(request, target, flash=flash, kind="info")
    if key:
        secure = request.app.state.settings.secure_cookies
        life = int(LIFE.total_seconds())
        response.cookies.append(
            Cookie(key=COOKIE, value=browser, httponly=True, secure=secure, samesite="lax", max_age=life, path="/")
        )
    return for_htmx(request, response)


def for_htmx(request: Request[Any, Any, Any], response: Response[Any]) -> Response[Any]:
    """A redirect that htmx follows for the whole window instead of swapping the page into a part of it."""
    if request.headers.get("hx-request"):
        response.headers["hx-redirect"] = response.headers.pop("Location")
        response.status_code = 401
    return response


def with_key(page: str, key: str) -> str:
    """The page's address with the key of a kept form."""
    path, mark, query = page.partition("?")
    others = [part for part in query.split("&") if part and not part.startswith(f"{PARAMETER}=")] if mark else []
    return f"{path}?{'&'.join([*others, f'{PARAMETER}={key}'])}"


class KeptFormMiddleware(ASGIMiddleware):
    """Finds the kept form named by an address, to fill in the page (`web.templating.render`)."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "csrf_exempt"

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        if scope.get("method") == "GET" and f"{PARAMETER}=".encode() in scope["query_string"]:
            scope["kept_form"] = await self._find(scope)  # type: ignore[typeddict-unknown-key]
        await next_app(scope, receive, send)

    @staticmethod
    async def _find(scope: Scope) -> KeptForm | None:
        browser = cookie(scope, COOKIE)
        key = Request[Any, Any, Any](scope).query_params.get(PARAMETER, "")
        found = await kept(key, browser) if browser and key else None
        user = scope.get("user")
        account = user.account_id if isinstance(user, Actor) else None
        if found and found.owner and (account is None or csrf.owner_of(account) != found.owner):
            return None
        return found
