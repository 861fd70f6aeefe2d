"""Identifies the caller: reads the session cookie or the bearer token, once per request."""

import time

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from fairs.accounts import queries, services, tokens
from fairs.accounts.actor import Actor, Device
from fairs.audit.services import set_origin
from fairs.core import i18n
from fairs.core.pubsub import HUB
from fairs.core.scopes import Scope as TokenScope
from fairs.core.services import Service
from fairs.web import access
from fairs.web.addresses import client_address
from fairs.web.middleware import cookie, header

SESSION_COOKIE = "fairs_session"
_DEVICE_SECONDS = 2.0  # how long a device's token is cached; a revocation clears it at once
_devices: Service[dict[str, tuple[float, Device]]] = Service(dict)


def _forget_devices(_: dict[str, object]) -> None:
    _devices().clear()


async def _device(token: str) -> Device | None:
    devices = _devices()
    known = devices.get(token)
    if known and known[0] > time.monotonic():
        return known[1]
    devices.pop(token, None)
    found = await queries.device_by_token(token)
    if found:
        if len(devices) > 2000:
            devices.clear()
        devices[token] = (time.monotonic() + _DEVICE_SECONDS, found)
    return found


def device_at_hand(authorization: bytes) -> Device | None:
    """The cached device of an Authorization header; None when it is not cached, or may not scan."""
    scheme, _, token = authorization.decode("latin-1").partition(" ")
    known = _devices().get(token)
    if known is None or known[0] <= time.monotonic() or scheme.lower() != "bearer":
        return None
    return known[1] if TokenScope.CHECK_IN in known[1].scopes else None


class AccountMiddleware(ASGIMiddleware):
    """Sets scope["user"] to Actor or Device; the account's language applies unless `?lang` or a cookie overrides it."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, trusted_proxy: bool) -> None:
        self.trusted_proxy = trusted_proxy
        HUB().on("tokens", _forget_devices)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        ip = client_address(scope, self.trusted_proxy)
        scope["client_ip"] = ip  # type: ignore[typeddict-unknown-key]
        set_origin(str(scope.get("request_id", "")), ip)
        scope["user"] = await self._identify(scope)
        user = scope["user"]
        if isinstance(user, Actor) and user.session_id:
            await self._follow_language(scope, user)
        await next_app(scope, receive, send)

    @staticmethod
    async def _identify(scope: Scope) -> Actor | Device | None:
        rule = scope["route_handler"].opt.get(access.KEY)
        if rule is None or rule.credential == access.Credential.BROWSER:
            session = cookie(scope, SESSION_COOKIE)
            return await queries.actor_by_session(session) if session else None
        scheme, _, token = header(scope, b"authorization").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return None
        if token.startswith("fdev_"):
            return await _device(token)
        actor = await queries.actor_by_token(token)
        if actor is not None and actor.token_id is not None:
            await tokens.touch(actor.token_id)
        return actor

    @staticmethod
    async def _follow_language(scope: Scope, user: Actor) -> None:
        chosen = scope.get("lang_chosen")
        if isinstance(chosen, str) and user.account_id:
            await services.set_language(user.account_id, chosen)
        elif not scope.get("lang_known"):
            i18n.set_lang(user.lang)
