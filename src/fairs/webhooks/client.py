"""One POST to an address of the internet: checked where it connects, bounded in time and size, never redirected."""

import asyncio
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpcore

from fairs.webhooks import rules

SECONDS = 10.0  # for the whole call
MOST = 64 * 1024  # bytes of the answer that are read
_TIMEOUT = {"connect": 5.0, "read": SECONDS, "write": SECONDS, "pool": SECONDS}


class AddressRefused(Exception):
    """The name leads to an address that is not of the public internet."""


@dataclass(frozen=True)
class Outcome:
    """What came back: a status, or why there is none."""

    status: int | None
    milliseconds: int
    error: str = ""

    @property
    def ok(self) -> bool:
        """Only 2xx counts; a redirect is not followed."""
        return self.status is not None and 200 <= self.status < 300


class _Guarded(httpcore.AsyncNetworkBackend):
    """Resolves a name once, checks every address, and connects to a checked one: a name cannot change in between."""

    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore gives it by this name
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not addresses or not all(self._may(address) for address in addresses):
            raise AddressRefused
        error: Exception = AddressRefused()
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise error

    def _may(self, address: str) -> bool:
        return rules.is_public(address) or (self._loopback and rules.is_loopback(address))

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise AddressRefused

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _reason(error: BaseException) -> str:
    """A short reason for the log; nothing that the other side sent."""
    if isinstance(error, AddressRefused):
        return "address_refused"
    if isinstance(error, TimeoutError | httpcore.TimeoutException):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, socket.gaierror):
        return "unknown_name"
    if error.__cause__ is not None or error.__context__ is not None:
        inner = error.__cause__ or error.__context__
        if isinstance(inner, ssl.SSLError):
            return "tls"
    return "no_connection"


async def post(url: str, body: bytes, headers: dict[str, str], *, loopback: bool) -> Outcome:
    """Send a body; never raises for what the other side or the network does."""
    started = time.perf_counter()
    status: int | None = None
    error = ""
    told = {"content-type": "application/json", "user-agent": "fairs-webhooks/1", "connection": "close", **headers}
    sent = [(name.encode("ascii"), value.encode("ascii")) for name, value in told.items()]
    if not rules.fits(url, loopback=loopback):
        return Outcome(None, 0, "address_refused")
    try:
        async with (
            asyncio.timeout(SECONDS),
            httpcore.AsyncConnectionPool(network_backend=_Guarded(loopback=loopback), max_connections=1) as pool,
            pool.stream("POST", url, headers=sent, content=body, extensions={"timeout": _TIMEOUT}) as answer,
        ):
            status = answer.status
            size = 0
            async for part in answer.aiter_stream():
                size += len(part)
                if size > MOST:
                    break
    except (OSError, TimeoutError, AddressRefused, httpcore.TimeoutException, httpcore.NetworkError) as failed:
        error = _reason(failed)
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, UnicodeError, ValueError):
        error = "not_http"
    if error:
        status = None
    return Outcome(status, round((time.perf_counter() - started) * 1000), error)
