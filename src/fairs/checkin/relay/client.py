"""Calls of a relay to its server."""

import ssl
import time
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpcore
import msgspec

T = TypeVar("T")
CONNECT = 5.0
QUICK = 2.0  # seconds: a slower answer tells nothing of the clock
JSON = [(b"content-type", b"application/json")]


class Unreachable(Exception):
    """No answer, or none that can be understood: try later."""


class Refused(Exception):
    """The server answers, and says no."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


class Ended(Refused):
    """The token is not valid any more: the copy has to go."""


def _detail(body: bytes, status: int) -> str:
    try:
        told = msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:
        return f"HTTP {status}"
    return str(told.get("detail") or told.get("title") or f"HTTP {status}")


class Server:
    """The server with this relay's token. `ahead`: by how much its clock was ahead of this machine's, at the last quick answer."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._headers = [(b"authorization", f"Bearer {token}".encode("ascii")), (b"accept", b"application/json")]
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(), max_connections=4, keepalive_expiry=60
        )
        self.ahead: timedelta | None = None

    async def close(self) -> None:
        """Close its connections."""
        await self._pool.aclose()

    async def get(self, path: str, kind: type[T], *, seconds: float = 30.0) -> T:
        """Raises Unreachable, Refused, Ended."""
        return await self._call("GET", path, None, kind, seconds)

    async def post(self, path: str, body: object, kind: type[T], *, seconds: float = 30.0) -> T:
        """Raises Unreachable, Refused, Ended."""
        return await self._call("POST", path, msgspec.json.encode(body), kind, seconds)

    async def _call(self, method: str, path: str, body: bytes | None, kind: type[T], seconds: float) -> T:
        waits = {"connect": CONNECT, "read": seconds, "write": seconds, "pool": seconds}
        asked = time.monotonic()
        try:
            answer = await self._pool.request(
                method,
                self.url + path,
                headers=[*self._headers, *(JSON if body is not None else [])],
                content=body,
                extensions={"timeout": waits},
            )
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError) as error:
            raise Unreachable(str(error) or type(error).__name__) from error
        self._hear_clock(dict(answer.headers).get(b"x-server-time", b""), time.monotonic() - asked)
        if answer.status == 401:
            raise Ended(401, _detail(answer.content, 401))
        if answer.status >= 500 or answer.status == 429:
            raise Unreachable(_detail(answer.content, answer.status))
        if answer.status != 200:
            raise Refused(answer.status, _detail(answer.content, answer.status))
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except msgspec.MsgspecError as error:
            raise Unreachable(f"{self.url} does not answer as a server of this version: {error}") from error

    def _hear_clock(self, told: bytes, took: float) -> None:
        if not told or took > QUICK:
            return
        try:
            theirs = datetime.fromisoformat(told.decode("ascii"))
        except ValueError:
            return
        self.ahead = theirs + timedelta(seconds=took / 2) - datetime.now(UTC)
