"""What handlers receive: the actor or device behind the request."""

from collections.abc import Mapping
from typing import Any

from litestar import Request

from fairs.accounts import known_browsers
from fairs.accounts.actor import Actor, Device
from fairs.accounts.attempts import Caller


def provide_actor(request: Request[Any, Any, Any]) -> Actor:
    """The signed-in account; guards protect routes that need one."""
    user = request.scope["user"]
    assert isinstance(user, Actor)
    return user


def provide_viewer(request: Request[Any, Any, Any]) -> Actor | None:
    """The signed-in account, or None on public pages."""
    user = request.scope.get("user")
    return user if isinstance(user, Actor) else None


def provide_device(request: Request[Any, Any, Any]) -> Device:
    """The scanner behind the request."""
    user = request.scope["user"]
    assert isinstance(user, Device)
    return user


def client_ip(request: Request[Any, Any, Any]) -> str:
    """IP address of the client."""
    return str(request.scope.get("client_ip", ""))


def caller_of(request: Request[Any, Any, Any], data: Mapping[str, Any]) -> Caller:
    """The source of an attempt, for counting; `data` is the form, which may contain a proof of work."""
    proof = data.get("proof")
    return Caller(
        ip=client_ip(request),
        browser=request.cookies.get(known_browsers.COOKIE, ""),
        proof=proof if isinstance(proof, str) else "",
    )
