"""Valid calls of scanners bypass the router, which takes longer than reading, deciding and answering together.

All other calls, also those whose token is not cached, go to the router, so nothing is refused here. Errors inside are
raised by the route's handler.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar.enums import ScopeType
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from litestar.types import ASGIApp, Receive, Scope, Send

from fairs.accounts.actor import Device
from fairs.accounts.middleware import device_at_hand
from fairs.checkin import services
from fairs.checkin.forms import read_scans
from fairs.checkin.rules import Result
from fairs.core import clock

PATH = "/api/v1/checkin/scans"
FAILED = "scans_failed"  # key in the scope: the error for the handler to raise
MOST = 5_000_000  # bytes, the limit of all routes
_encoder = msgspec.json.Encoder()


class Results(msgspec.Struct):
    """Answers in the order sent."""

    results: list[Result]


async def results_of(body: bytes, device: Device) -> Results:
    """No model, no template, one transaction for concurrent calls."""
    scans = read_scans(body, device_id=device.token_id, now=clock.now())
    return Results(await services.record_scans(scans, device))


def server_time() -> str:
    """The time by which gates open and close: in a rehearsal it differs from the devices' time."""
    return clock.now().isoformat(timespec="milliseconds")


class DirectScans:
    """ASGI application around the router."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        device = _sender(scope) if scope["type"] == ScopeType.HTTP and scope["path"] == PATH else None
        if device is None:
            await self.app(scope, receive, send)
            return
        try:
            told = _encoder.encode(await results_of(await _whole(receive), device))
        except Exception as error:
            scope[FAILED] = error  # type: ignore[literal-required]
            await self.app(scope, receive, send)
            return
        scope["user"] = device
        scope["path_template"] = PATH
        await send({"type": "http.response.start", "status": 200, "headers": _headers(len(told))})
        await send({"type": "http.response.body", "body": told, "more_body": False})


def _sender(scope: Scope) -> Device | None:
    """The device that sends the call, if its headers are valid."""
    if scope.get("method") != "POST" or scope.get("root_path"):
        return None
    authorization = host = length = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = value
        elif name == b"content-length":
            length = value
        elif name == b"host":
            host = value
    if not (length.isdigit() and 0 < int(length) <= MOST and _is_plain(host)):
        return None
    return device_at_hand(authorization)


def _is_plain(host: bytes) -> bool:
    """A name or an IPv4 address, with an optional port; the router checks others."""
    name, _, port = host.partition(b":")
    return name.replace(b".", b"").replace(b"-", b"").isalnum() and (port.isdigit() or not port)


async def _whole(receive: Receive) -> bytes:
    """The body; the timeout around this raises when it does not arrive."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message: Any = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        more = message.get("more_body", False)
        if size > MOST:
            raise RequestEntityTooLarge
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _headers(length: int) -> Sequence[tuple[bytes, bytes]]:
    return [
        (b"content-type", b"application/json"),
        (b"cache-control", b"no-store"),
        (b"x-server-time", server_time().encode("ascii")),
        (b"content-length", str(length).encode("ascii")),
    ]
