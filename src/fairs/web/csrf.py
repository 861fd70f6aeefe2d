"""CSRF protection: a token bound to the browser's session, valid exactly as long as the session.

When signed in, it is a keyed hash of the session's cookie, so it is not stored and changes with every sign-in.
Before that it is a signed random text in the cookie `csrftoken`, and the form must contain the same. Either is sent back
as the field `_csrf_token` or the header `x-csrftoken`. The cookie always has the current token, for scripts.

What to do with a late form (its session has ended, or another began in another tab) is decided by a higher slice:
`on_late` is called when it is certain that a page of ours in this browser sent it, and may answer.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.enums import RequestEncodingType, ScopeType
from litestar.exceptions import PermissionDeniedException
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from litestar.utils.scope.state import ScopeState

from fairs.core import crypto
from fairs.web import access
from fairs.web.middleware import cookie

COOKIE, FIELD, HEADER = "csrftoken", "_csrf_token", "x-csrftoken"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
REFUSED = "CSRF token verification failed"
FORMS = {RequestEncodingType.URL_ENCODED, RequestEncodingType.MULTI_PART}
OnLate = Callable[[Request[Any, Any, Any], str], Awaitable[Response[Any] | None]]


def owner_of(account_id: int) -> str:
    """A token's reference to its account, which does not reveal the account."""
    return crypto.mac(str(account_id), "csrf owner")[:12]


def session_token(session: str, account_id: int) -> str:
    """The token of a session, computed from the value of its cookie."""
    owner = owner_of(account_id)
    return f"s.{owner}.{crypto.mac(f'{owner}|{session}', 'csrf session')}"


def _visitor_token() -> str:
    nonce = secrets.token_hex(8)
    return f"v.{nonce}.{crypto.mac(nonce, 'csrf visitor')}"


def _is_visitors(token: str) -> bool:
    kind, _, rest = token.partition(".")
    nonce, _, seal = rest.partition(".")
    return kind == "v" and secrets.compare_digest(seal, crypto.mac(nonce, "csrf visitor"))


def _is_sessions(token: str, session: str) -> bool:
    kind, _, rest = token.partition(".")
    owner, _, seal = rest.partition(".")
    return kind == "s" and secrets.compare_digest(seal, crypto.mac(f"{owner}|{session}", "csrf session"))


def owner_in(token: str) -> str:
    """The account reference in a token, unverified, or an empty text: use it only to reject other accounts."""
    parts = token.split(".")
    return parts[1] if len(parts) == 3 and parts[0] == "s" else ""


def cookie_for(token: str, *, secure: bool) -> Cookie:
    """The cookie with the current token."""
    return Cookie(key=COOKIE, value=token, httponly=True, secure=secure, samesite="lax", path="/")


def from_own_page(request: Request[Any, Any, Any], base_url: str) -> bool:
    """Whether the browser reports that a page of this site sent the request; scripts of other sites cannot fake that."""
    site = request.headers.get("sec-fetch-site")
    if site:
        return bool(site == "same-origin")
    origin = request.headers.get("origin") or request.headers.get("referer") or ""
    host = urlsplit(origin).netloc
    return bool(host) and host in {request.headers.get("host", ""), urlsplit(base_url).netloc}


@dataclass(frozen=True)
class _Sent:
    """The CSRF-relevant parts of a request."""

    session: str
    known: str
    token: str

    @property
    def fits_session(self) -> bool:
        return bool(self.session) and _is_sessions(self.token, self.session)

    @property
    def fits_visitor(self) -> bool:
        return bool(self.known) and secrets.compare_digest(self.token, self.known) and _is_visitors(self.token)


class CsrfMiddleware(ASGIMiddleware):
    """Refuses changing requests without the token. Routes with `csrf_exempt` in their `opt` read no cookie."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "csrf_exempt"

    def __init__(self, *, session_cookie: str, base_url: str, secure: bool, on_late: OnLate) -> None:
        self.session_cookie = session_cookie
        self.base_url = base_url
        self.secure = secure
        self.on_late = on_late

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        session, known = cookie(scope, self.session_cookie), cookie(scope, COOKIE)
        known = known if known.isascii() else ""
        present = self._present(scope, session, known)
        ScopeState.from_scope(scope).csrf_token = present
        answer = self._setting(send, known, present)
        if scope.get("method") in SAFE:
            await next_app(scope, receive, answer)
            return
        request: Request[Any, Any, Any] = scope["litestar_app"].request_class(scope=scope, receive=receive)
        sent = _Sent(session, known, await _token_in(request))
        user = scope.get("user")
        good = sent.fits_session or (user is None and sent.fits_visitor)
        rule = scope["route_handler"].opt.get(access.KEY)
        if good and (user is not None or rule is None or rule.anyone):
            await next_app(scope, receive, answer)
            return
        late = None
        if sent.token and (sent.fits_session or from_own_page(request, self.base_url)):
            late = await self.on_late(request, sent.token)
        if late is not None:
            await late.to_asgi_response(app=None, request=request)(scope, receive, answer)
        elif good:
            await next_app(scope, receive, answer)  # the guard decides access
        else:
            raise PermissionDeniedException(REFUSED)

    @staticmethod
    def _present(scope: Scope, session: str, known: str) -> str:
        account = getattr(scope.get("user"), "account_id", None)
        if session and account is not None:
            return session_token(session, account)
        return known if known and _is_visitors(known) else _visitor_token()

    def _setting(self, send: Send, known: str, present: str) -> Send:
        """Sends the cookie when it changes, unless the response sets it itself, as sign-in does."""

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and known != present:
                headers = MutableScopeHeaders.from_message(message)
                if not any(value.startswith(f"{COOKIE}=") for value in headers.getall("set-cookie", [])):
                    headers.add("set-cookie", cookie_for(present, secure=self.secure).to_header(header=""))
            await send(message)

        return answer


async def _token_in(request: Request[Any, Any, Any]) -> str:
    """The token sent, or an empty text: a file or non-ASCII text matches nothing."""
    token: object = request.headers.get(HEADER)
    if not token and request.content_type[0] in FORMS:
        token = (await request.form()).get(FIELD)
    return token if isinstance(token, str) and token.isascii() else ""
