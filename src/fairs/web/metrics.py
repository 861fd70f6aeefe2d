"""Metrics as Prometheus text: of all processes of this server, and of the queue and the mail of all servers.

Counters are added up in files of a folder that `fairs serve` makes (prometheus_client's multiprocess mode). Values from
the database are counted on each request.
"""

import asyncio
import contextlib
import hmac
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import structlog
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from fairs.core.job_watch import backlog
from fairs.core.services import Service
from fairs.settings import Settings
from fairs.web import access

Gauges = Callable[[], Awaitable[list[GaugeMetricFamily]]]
SOURCES: Service[tuple[Gauges, ...]] = Service(tuple)
"""Gauges that slices count in the database."""
SHARED = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's name for it
DATABASE_SECONDS = 3.0
HEAD_SECONDS, HEAD_BYTES = 5.0, 8192
log = structlog.get_logger("metrics")


async def job_gauges() -> list[GaugeMetricFamily]:
    """The queue of all processes."""
    counts = await backlog()
    jobs = GaugeMetricFamily("fairs_jobs", "Background jobs by state", labels=["state"])
    for state in ("waiting", "later", "retrying", "running", "stuck", "failed"):
        jobs.add_metric([state], getattr(counts, state))
    oldest = GaugeMetricFamily("fairs_jobs_oldest_seconds", "Age of the oldest job that is due", value=counts.oldest)
    return [jobs, oldest]


class _Read:
    """A collector of metrics that have been read already."""

    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self.families = families

    def collect(self) -> list[GaugeMetricFamily]:
        return self.families


async def text() -> bytes:
    """All metrics."""
    families: list[GaugeMetricFamily] = []
    up = 1
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            for source in (job_gauges, *SOURCES()):
                families += await source()
    except Exception as error:
        up = 0
        log.warning("metrics_without_database", error=repr(error))
    families.append(GaugeMetricFamily("fairs_database_up", "Whether the database answered", value=up))
    registry = CollectorRegistry()
    registry.register(_Read(families))
    if shared := os.environ.get(SHARED):
        MultiProcessCollector(registry, path=shared)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(registry) + generate_latest(REGISTRY)


def admits(token: str, authorization: str) -> bool:
    """Whether a request with this header may read them; an empty token allows every request."""
    return not token or hmac.compare_digest(authorization.encode(), f"Bearer {token}".encode())


@get("/metrics", name="metrics", opt=access.public_api(), include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Prometheus text. Not at this address when metrics have their own port."""
    settings: Settings = request.app.state.settings
    if settings.metrics_port:
        raise NotFoundException
    if not admits(settings.metrics_token, request.headers.get("authorization", "")):
        return Response(b"", status_code=401, headers={"www-authenticate": "Bearer"}, media_type="text/plain")
    return Response(await text(), media_type=CONTENT_TYPE_LATEST)


def address(port: str) -> tuple[str, int]:
    """`9100` or `host:9100`; without a host it is this machine only. Raises ValueError."""
    host, _, number = port.rpartition(":")
    found = int(number)
    if not 0 < found < 65536:
        raise ValueError(port)
    return host.strip("[]") or "127.0.0.1", found


@contextlib.asynccontextmanager
async def own_port(settings: Settings) -> AsyncIterator[None]:
    """Serve metrics on their own port. Every process listens; the one the system chooses answers for all. No port: nothing."""
    if not settings.metrics_port:
        yield
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(HEAD_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
            writer.write(await _answer(head.decode("latin-1"), settings))
            await writer.drain()
        writer.close()

    host, port = address(settings.metrics_port)
    try:
        server = await asyncio.start_server(answer, host, port, limit=HEAD_BYTES, reuse_port=True)
    except OSError as error:
        log.error("metrics_port", port=settings.metrics_port, error=str(error))
        yield
        return
    try:
        yield
    finally:
        server.close()


async def _answer(head: str, settings: Settings) -> bytes:
    """The full response to a request's head."""
    lines = head.split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    verb, _, path = lines[0].partition(" ")
    if verb != "GET" or path.split(" ")[0].split("?")[0] != "/metrics":
        status, body = "404 Not Found", b""
    elif not admits(settings.metrics_token, headers.get("authorization", "")):
        status, body = "401 Unauthorized\r\nwww-authenticate: Bearer", b""
    else:
        status, body = "200 OK", await text()
    lead = f"HTTP/1.1 {status}\r\ncontent-type: {CONTENT_TYPE_LATEST}\r\ncontent-length: {len(body)}\r\n"
    return (lead + "connection: close\r\n\r\n").encode() + body
