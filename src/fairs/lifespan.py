"""Runs beside the requests of one process: pool, listener, connection monitor, and the worker if enabled."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import structlog
from litestar import Litestar

from fairs.badges import warming
from fairs.checkin.relay import keeping, syncing
from fairs.core import clock, jobs
from fairs.core.db import DB
from fairs.core.job_watch import WORKER
from fairs.core.pubsub import HUB
from fairs.core.services import Services
from fairs.core.tasks import spawn
from fairs.settings import Settings
from fairs.upkeep import timekeeper
from fairs.web import connections, metrics
from fairs.web.bodies import Bodies

log = structlog.get_logger("relay")
WARM = 3.0  # seconds after the start
FINISH, LEAVE = 1.0, 2.0  # seconds for running jobs, and until the worker is abandoned: the server is killed after 3


async def _relay(stop: asyncio.Event) -> None:
    """The work of a venue relay. When it has ended for good, the server of this process's parent stops."""
    relay = syncing.RELAY()
    assert relay is not None, "the settings name a server"
    while not stop.is_set():
        try:
            clock.move_by(timedelta(milliseconds=(await keeping.state()).ahead_ms))
            await relay.work(stop)
        except syncing.Stop as ended:
            log.error("relay_stops", why=str(ended))
            os.kill(int(os.environ.get("FAIRS_PARENT_PID") or os.getpid()), signal.SIGTERM)
            return
        except Exception as error:  # the doors go on; what failed is tried again
            log.error("relay_failed", error=repr(error), exc_info=error)
            await asyncio.sleep(syncing.PULL)


async def _work(dsn: str, stop: asyncio.Event) -> None:
    """The worker inside the server; it lets the first page load before it loads its library."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            await stop.wait()
    await jobs.work(dsn, stop, finish=FINISH)


async def _warm_up(stop: asyncio.Event) -> None:
    """The first badge at a desk costs no more than the next one; the first pages come before it."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WARM):
            await stop.wait()
    if not stop.is_set():
        await asyncio.to_thread(warming.warm_up)


def lifespan_for(
    settings: Settings, services: Services
) -> Callable[[Litestar], contextlib.AbstractAsyncContextManager[None]]:
    """Pool, listener and, if enabled, the worker: started with the server, stopped with it."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        with services.entered():
            async with life(app):
                yield

    @contextlib.asynccontextmanager
    async def life(app: Litestar) -> AsyncIterator[None]:
        await DB.start_connection_pool(min_size=2, max_size=settings.pool_size)
        await timekeeper.follow_clock()
        stop = asyncio.Event()
        tasks = [
            spawn(HUB().listen(settings.session_url), name="listener"),
            spawn(_warm_up(stop), name="warming of badges"),
        ]
        if not settings.trusted_proxy and isinstance(
            app.asgi_handler, Bodies
        ):  # a proxy's connections are those of many people
            tasks.append(spawn(connections.watch(app.asgi_handler.busy), name="watch of connections"))
        workers = []
        if settings.relay_url:
            workers.append(spawn(_relay(stop), name="relay"))
        if settings.inline_worker:
            WORKER().expect()
            workers += [
                spawn(_work(settings.session_url, stop), name="worker"),
                spawn(timekeeper.keep_time(stop), name="timekeeper"),
            ]
        try:
            async with metrics.own_port(settings):
                yield
        finally:
            stop.set()
            if workers:
                await asyncio.wait(workers, timeout=LEAVE)
            for task in (*tasks, *workers):
                task.cancel()
            await asyncio.gather(*tasks, *workers, return_exceptions=True)
            await DB.close_connection_pool()

    return lifespan
