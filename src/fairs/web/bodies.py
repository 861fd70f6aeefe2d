"""Slow request bodies: a timeout, a minimum rate, and a cap of unfinished bodies per network and in total.

The server in front reads headers and has its own timeout for them; a body is passed on as it arrives, so it is watched
here. A body that arrives within `Limits.grace` costs two dictionary entries. Slower ones are checked twice a second.
"""

import asyncio
import ipaddress
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from fairs.core.errors import DomainError
from fairs.core.i18n import N_
from fairs.web.addresses import client_address, parse

log = structlog.get_logger("bodies")
SWEEP = 0.5  # seconds between two checks of waiting bodies
ON_DISK = 8  # of so many bytes of a form with files one is in memory
BATCH, BREATH = 50, 0.1  # this many are refused at once, then other tasks run for this many seconds


class BodyRefused(DomainError):
    """The rest of the body is not awaited; the connection ends with the response."""

    def __init__(self, status: int, code: str, message: object = "") -> None:
        super().__init__(message, code=code)
        self.status = status


@dataclass(frozen=True)
class Limits:
    """Seconds, bytes and counts per process. A body may take `base` + its bytes / `rate`, at most `longest`.

    A form with files (multipart) may take `longest_upload`, and counts for an eighth of its bytes: its files go to disk.
    """

    grace: float = 1.0
    idle: float = 10.0
    base: float = 20.0
    rate: float = 4_000.0
    longest: float = 300.0
    longest_upload: float = 900.0
    per_network: int = 64
    in_all: int = 512
    bytes_per_network: int = 64_000_000
    bytes_in_all: int = 192_000_000


@lru_cache(4096)
def network_of(address: str) -> str:
    """The unit that the caps count: an IPv4 address, the /64 of an IPv6 address."""
    known = parse(address)
    if known is None:
        return address
    return str(known) if known.version == 4 else str(ipaddress.ip_network((known, 64), strict=False))


def _is_upload(scope: Scope) -> bool:
    return any(name == b"content-type" and value.startswith(b"multipart/form-data") for name, value in scope["headers"])


def _has_body(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"transfer-encoding" or (name == b"content-length" and value != b"0"):
            return True
    return False


class Body:
    """The receiving end of one request."""

    __slots__ = (
        "began",
        "guard",
        "network",
        "over",
        "receive",
        "received",
        "refusal",
        "scope",
        "since",
        "task",
        "upload",
    )

    def __init__(self, guard: "Bodies", scope: Scope, receive: Receive, network: str) -> None:
        self.guard, self.receive, self.network = guard, receive, network
        self.scope: dict[str, Any] = scope  # type: ignore[assignment]
        self.began = self.since = 0.0
        self.received = 0
        self.over = False
        self.upload = _is_upload(scope)
        self.refusal: BodyRefused | None = None
        self.task: asyncio.Task[Any] | None = None

    async def __call__(self) -> Any:
        if self.over:
            return await self.receive()
        message = await self._next()
        if message["type"] != "http.request":
            self.scope["gone"] = True
            self.end()
            raise BodyRefused(400, "cut_off", N_("The connection ended before everything had arrived."))
        self.guard.count(self, len(message.get("body", b"")) // (ON_DISK if self.upload else 1))
        if not message.get("more_body", False):
            self.end()
        elif self.guard.too_many_bytes(self.network):
            raise busy()
        return message

    async def _next(self) -> Any:
        self.since = asyncio.get_running_loop().time()
        self.began = self.began or self.since
        self.task = asyncio.current_task()
        self.guard.wait_for(self)
        try:
            return await self.receive()
        except asyncio.CancelledError:
            if self.refusal is None:
                raise
            if self.task:
                self.task.uncancel()
            raise self.refusal from None
        finally:
            self.guard.waiting.pop(self, None)

    def refuse(self, refusal: BodyRefused) -> None:
        """Make the waiting receiver raise it. Not logged one by one: the guard writes one line for all."""
        self.refusal = refusal
        self.scope["quiet"] = True
        if self.task is not None:
            self.task.cancel()

    def end(self) -> None:
        """No more data is expected: its bytes no longer count as unfinished."""
        if not self.over:
            self.over = True
            self.guard.count(self, -self.received)


def busy() -> BodyRefused:
    """Too many bodies are in progress."""
    return BodyRefused(503, "busy", N_("Too much is arriving slowly at the moment. Please send it again in a while."))


def slow() -> BodyRefused:
    """The body did not arrive in time."""
    return BodyRefused(408, "timeout")


class Bodies:
    """Around the application: gives it a watched receiver when a request has a body."""

    def __init__(self, app: ASGIApp, *, trusted_proxy: bool, limits: Limits | None = None) -> None:
        self.app, self.trusted_proxy, self.limits = app, trusted_proxy, limits or Limits()
        self.busy: set[tuple[str, int]] = set()  # peers with a request in progress
        self.waiting: dict[Body, None] = {}
        self._bytes: Counter[str] = Counter()
        self._sweeping = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        peer = scope.get("client") or ("", 0)
        self.busy.add(peer)
        try:
            await self._serve(scope, receive, send)
        finally:
            self.busy.discard(peer)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _has_body(scope):
            await self.app(scope, receive, send)
            return
        body = Body(self, scope, receive, network_of(client_address(scope, self.trusted_proxy)))
        try:
            await self.app(scope, body, send)
        finally:
            body.end()

    def wait_for(self, body: Body) -> None:
        """A request waits for the next part of a body."""
        self.waiting[body] = None
        if not self._sweeping:
            self._sweeping = True
            asyncio.get_running_loop().call_later(SWEEP, self._sweep)

    def count(self, body: Body, size: int) -> None:
        """Bytes of an unfinished body arrived, or were released."""
        body.received += size
        self._bytes[body.network] += size
        if not self._bytes[body.network]:
            del self._bytes[body.network]

    def too_many_bytes(self, network: str) -> bool:
        """Whether unfinished bodies use more memory than allowed."""
        if self._bytes[network] > self.limits.bytes_per_network:
            return True
        return self._bytes.total() > self.limits.bytes_in_all

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweeping = bool(self.waiting)
        if not self._sweeping:
            return
        now = loop.time()
        waiting = [body for body in self.waiting if body.refusal is None]
        over_time = [body for body in waiting if self._is_over_time(body, now)]
        for body in over_time[:BATCH]:
            body.refuse(slow())
        late = [body for body in waiting if body.refusal is None and now - body.began > self.limits.grace]
        over = beyond(late, self.limits)[: BATCH - len(over_time[:BATCH])]
        for body in over:
            body.refuse(busy())
        refused = len(over_time[:BATCH]) + len(over)
        if refused:
            log.warning("bodies_refused", too_slow=refused - len(over), too_many=len(over), waiting=len(self.waiting))
        loop.call_later(BREATH if refused == BATCH else SWEEP, self._sweep)

    def _is_over_time(self, body: Body, now: float) -> bool:
        limits = self.limits
        longest, received = limits.longest, body.received
        if body.upload:
            longest, received = limits.longest_upload, received * ON_DISK
        allowed = min(longest, limits.base + received / limits.rate)
        return now - body.since > limits.idle or now - body.began > allowed


def beyond(late: list[Body], limits: Limits) -> list[Body]:
    """Those over the caps: in each network the latest to begin; the busiest networks are cut first."""
    counts = Counter(body.network for body in late)
    share = limits.per_network
    while share > 1 and sum(min(count, share) for count in counts.values()) > limits.in_all:
        share -= max(1, share // 8)
    kept: Counter[str] = Counter()
    found = []
    for body in sorted(late, key=lambda body: body.began):
        if kept[body.network] < share:
            kept[body.network] += 1
        else:
            found.append(body)
    return found
