"""What handlers receive: the actor or device behind the request."""

from typing import Any

from litestar import Request

from fairs.accounts.actor import Actor, Device


def provide_actor(request: Request[Any, Any, Any]) -> Actor:
    """The signed-in account; routes that need one are guarded."""
    user = request.scope["user"]
    assert isinstance(user, Actor)
    return user


def provide_viewer(request: Request[Any, Any, Any]) -> Actor | None:
    """The signed-in account, or None on public pages."""
    user = request.scope.get("user")
    return user if isinstance(user, Actor) else None


def provide_device(request: Request[Any, Any, Any]) -> Device:
    """The scanner."""
    user = request.scope["user"]
    assert isinstance(user, Device)
    return user


def client_ip(request: Request[Any, Any, Any]) -> str:
    """Where the request came from."""
    return str(request.scope.get("client_ip", ""))
