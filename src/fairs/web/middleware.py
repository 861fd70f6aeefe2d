"""Around every request: an id, a language, a time zone, security headers, one log line."""

import asyncio
import secrets
import time
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

import structlog
from litestar.datastructures import MutableScopeHeaders
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from fairs.core import i18n
from fairs.core.services import Services

log = structlog.get_logger("http")
REQUESTS = Counter("fairs_http_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "fairs_http_request_seconds",
    "Time to answer",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob: mediastream:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    "x-frame-options": "DENY",
}


def header(scope: Scope, name: bytes) -> str:
    """A request header's value, or an empty text."""
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


def cookie(scope: Scope, name: str) -> str:
    """A cookie's value, or an empty text."""
    for part in header(scope, b"cookie").split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""


GONE = 499  # counted when the client disconnected before it had sent everything: the response is not read
METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})  # other methods are counted as one


@lru_cache(2048)  # as many as exist: routes are templates, methods and statuses few
def _counted(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)


def _without_body(send: Send) -> tuple[Receive, Send]:
    """Sends the head of a response and ends it there; a stream then sees a disconnected client."""
    asked, ended = False, asyncio.Event()

    async def nothing() -> Any:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await ended.wait()
        return {"type": "http.disconnect"}

    async def head(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            ended.set()

    return nothing, head


class RequestContextMiddleware:
    """Around the whole application, router errors included: the application's services, id, language and zone of this task.

    HEAD is answered like GET, without the body.
    """

    def __init__(self, app: ASGIApp, services: Services, *, secure: bool) -> None:
        headers = SECURITY_HEADERS | ({"strict-transport-security": "max-age=31536000"} if secure else {})
        self.app, self.services = app, services
        self.headers = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
        self.secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            with self.services.entered():
                await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        method = str(scope.get("method"))
        if method == "HEAD":
            scope |= {"method": HttpMethod.GET}
            receive, send = _without_body(send)
        scope["request_id"] = secrets.token_hex(8)  # type: ignore[typeddict-unknown-key]
        chosen = self._choose_language(scope)
        status = 500

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(message, scope, chosen)
            await send(message)

        try:
            with self.services.entered():
                await self.app(scope, receive, answer)
        finally:
            self._record(scope, method, status, time.perf_counter() - started)

    @staticmethod
    def _choose_language(scope: Scope) -> str | None:
        """`?lang` is the person's choice and is stored; else the stored one; else the browser's."""
        asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[0] if scope["query_string"] else ""
        chosen = asked if asked in i18n.LANGUAGES else None
        known = chosen or cookie(scope, "lang")
        scope["lang_chosen"] = chosen  # type: ignore[typeddict-unknown-key]
        scope["lang_known"] = known in i18n.LANGUAGES  # type: ignore[typeddict-unknown-key]
        spoken = header(scope, b"accept-language") if known not in i18n.LANGUAGES else ""
        i18n.set_lang(known if known in i18n.LANGUAGES else i18n.negotiate(spoken) if spoken else "en")
        i18n.set_zone(cookie(scope, "tz").replace("%2F", "/") or None)
        return chosen

    def _dress(self, message: Any, scope: Scope, chosen: str | None) -> None:
        sent = message["headers"] = list(message["headers"])
        present = {name.lower(): value for name, value in sent}
        own = (*self.headers, (b"x-request-id", str(scope.get("request_id")).encode("ascii")))
        sent.extend(pair for pair in own if pair[0] not in present)
        if present.get(b"content-type", b"").startswith(b"text/html"):
            if b"cache-control" not in present:
                sent.append((b"cache-control", b"no-store" if scope.get("user") else b"no-cache"))
            MutableScopeHeaders.from_message(message)["content-language"] = i18n.HTML_LANG[i18n.current_lang()]
        elif scope.get("user") and b"cache-control" not in present:
            sent.append((b"cache-control", b"no-store"))  # files and JSON for one person
        if chosen:
            secure = "; Secure" if self.secure else ""
            cookie_line = f"lang={chosen}; Path=/; Max-Age=31536000; SameSite=Lax{secure}"
            sent.append((b"set-cookie", cookie_line.encode("ascii")))

    @staticmethod
    def _record(scope: Scope, method: str, status: int, seconds: float) -> None:
        route = scope.get("path_template") or "unmatched"  # never the path itself: links contain tokens
        method = method if method in METHODS else "other"
        if scope.get("gone"):
            status = GONE
        counter, histogram = _counted(method, route, status)
        counter.inc()
        histogram.observe(seconds)
        quiet = status == GONE or scope.get("quiet")
        if not quiet and (status >= 400 or seconds > 1):
            log.info(
                "request",
                id=scope.get("request_id"),
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
            )
