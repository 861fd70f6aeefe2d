"""The product's server as the agent sees it."""

import json
import ssl
from dataclasses import dataclass
from typing import Any

import httpcore

from fairs.badges.agent.printer import Page

SECONDS = 20.0
Headers = dict[bytes | str, bytes | str]


class Away(Exception):
    """The server cannot be reached, or is busy: try again."""


class Denied(Exception):
    """The server said no for good: the token is wrong or was switched off."""


class Taken(Exception):
    """Another agent prints for this printer."""


@dataclass(frozen=True, slots=True)
class Job:
    """A badge to print. `begun`: it was given out before, to `agent`."""

    id: int
    begun: bool
    agent: str
    page: Page


class Server:
    """Calls with the printer's token."""

    def __init__(
        self,
        base: str,
        token: str,
        *,
        agent: str,
        version: str,
        address: str,
    ) -> None:
        self._base = base.rstrip("/")
        self._headers: Headers = {
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "accept": "*/*",
        }
        self._about = {"agent": agent, "version": version[:20], "address": address[:200]}
        self._pool = httpcore.AsyncConnectionPool(ssl_context=ssl.create_default_context(), max_connections=2)

    async def close(self) -> None:
        """End the connections."""
        await self._pool.aclose()

    async def next(self, reason: str) -> tuple[Job | None, float]:
        """(the next job, seconds until the next call). Raises Away, Denied, Taken."""
        told = json.loads(await self._call("POST", "/api/v1/printing/next", self._about | {"reason": reason[:200]}))
        job = told["job"]
        if job is None:
            return None, float(told["again_in"])
        page = Page(float(job["width"]), float(job["height"]), job["sides"] == "two")
        return Job(int(job["id"]), bool(job["begun"]), str(job["agent"]), page), float(told["again_in"])

    async def document(self, job: int) -> bytes:
        """The page to print. Raises Away, Denied."""
        return await self._call("GET", f"/api/v1/printing/jobs/{job}/document")

    async def report(self, job: int, state: str, reason: str = "") -> str:
        """Tell how a job stands; returns the state that is stored. Raises Away, Denied."""
        told = await self._call("POST", f"/api/v1/printing/jobs/{job}", {"state": state, "reason": reason[:200]})
        return str(json.loads(told)["state"])

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> bytes:
        content = json.dumps(body).encode() if body is not None else None
        try:
            status, answer = await self.exchange(method, self._base + path, self._headers, content)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as failed:
            raise Away(str(failed) or type(failed).__name__) from failed
        if status == 200:
            return answer
        if status == 409:
            raise Taken
        if status in (401, 403, 404, 422):
            raise Denied(f"HTTP {status} for {path}")
        raise Away(f"HTTP {status}")

    async def exchange(self, method: str, url: str, headers: Headers, content: bytes | None) -> tuple[int, bytes]:
        """(status, body) of one call."""
        timeout = {"connect": SECONDS, "read": SECONDS, "write": SECONDS, "pool": SECONDS}
        answer = await self._pool.request(
            method, url, headers=headers, content=content, extensions={"timeout": timeout}
        )
        return answer.status, answer.content
