"""What a relay answers: the scanners' pages and calls. Everything else of the product is not there."""

import json
import re

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

_OPEN = re.compile(
    r"/(scan(/.*)?|sw\.js|static/.+|favicon\.ico|healthz|readyz"
    r"|api/v1/checkin/(scans|status|snapshot|gates|gates/[^/]+/counters))"
)
_ELSEWHERE = re.compile(r"/api/v1/checkin/(people|scans/[^/]+/(?:undo|let-in))")


class RelayDoor:
    """ASGI application around the router: 404 for what a relay does not do, 503 for what only the server can."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or _OPEN.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
        elif scope["path"] == "/":
            await _answer(send, 303, b"", location=b"/scan")
        elif _ELSEWHERE.fullmatch(scope["path"]):
            await _answer(send, 503, _problem(503, "Only the server can do this; this is a venue relay."))
        else:
            await _answer(send, 404, _problem(404, "A venue relay answers scanners only."))


def _problem(status: int, detail: str) -> bytes:
    return json.dumps({"type": "about:blank", "title": detail, "status": status, "detail": detail}).encode()


async def _answer(send: Send, status: int, body: bytes, location: bytes = b"") -> None:
    headers = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    if location:
        headers.append((b"location", location))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
