"""Enforces each route's declared access; the only place that does."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import BaseRouteHandler

from fairs.accounts import presence, second
from fairs.accounts.actor import Actor, Device
from fairs.accounts.controllers import SECOND_NOW
from fairs.core.errors import Forbidden
from fairs.core.i18n import N_
from fairs.web import access

__all__ = ["access", "enforce_access"]


async def enforce_access(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """401 without an account, 403 for the wrong role or kind of token, the page that asks again before a dangerous act.

    A route without a declaration is closed.
    """
    if connection.scope.get("method") == "OPTIONS":
        return  # lists the allowed methods, nothing else
    rule = handler.opt.get(access.KEY)
    if not isinstance(rule, access.Access):
        raise PermissionDeniedException("no access declared")
    user = connection.scope.get("user")
    if rule.anyone:
        if isinstance(user, Actor) and second.lacks(user):
            connection.scope["user"] = None  # until it is set up, a public page is a stranger's
        elif isinstance(user, Actor):
            _require_scope(rule, user)
        return
    if user is None:
        raise NotAuthorizedException(
            headers={"www-authenticate": "Bearer"} if rule.credential != access.Credential.BROWSER else None
        )
    if isinstance(user, Device) != (rule.credential == access.Credential.DEVICE):
        raise PermissionDeniedException("another kind of token")
    if rule.roles and not (user.roles & rule.roles):
        raise PermissionDeniedException("role")
    _require_scope(rule, user)
    if isinstance(user, Actor) and rule.credential == access.Credential.BROWSER:
        if second.lacks(user) and not rule.without_second:
            raise presence.SecondNeeded(SECOND_NOW)
        if rule.confirm:
            assert isinstance(connection, Request)
            await presence.require(connection, rule, user)


def _require_scope(rule: access.Access, user: Actor | Device) -> None:
    """Raises Forbidden with the name of the scope that the token lacks."""
    if rule.scope is not None and rule.credential != access.Credential.BROWSER and rule.scope not in user.scopes:
        raise Forbidden(
            N_("This token lacks the scope “%(scope)s”.", scope=rule.scope), code="scope_missing", scope=rule.scope
        )
