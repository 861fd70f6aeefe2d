"""Liveness and readiness."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Response, get

from fairs.core import db, migrations, space
from fairs.core.job_watch import WORKER
from fairs.core.pubsub import HUB
from fairs.core.services import Service, unwired
from fairs.web import access

PERIODIC: Service[Callable[[], Awaitable[dict[str, list[str]]]]] = Service(unwired("health.PERIODIC"))
"""Names of periodic jobs that are overdue, and of those that failed."""


@get("/healthz", name="healthz", opt=access.public_api(), sync_to_thread=False)
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@get("/readyz", name="readyz", opt=access.public_api())
async def readyz() -> Response[dict[str, Any]]:
    """Database reachable, at this version's schema, space to write, and this process's worker running: 200, else 503.

    `worker` is `none` where jobs run elsewhere; `jobs_stuck`, `listener` and `periodic` are reported but do not make a server
    unready.
    """
    state: dict[str, Any] = {**WORKER().report(), "listener": "listening" if HUB().listening else "lost"}
    try:
        async with asyncio.timeout(3):
            count = await db.fetchval("SELECT count(*) FROM migration WHERE app_name = 'fairs'")
            behind = len(migrations.known()) - int(count)
            if behind == 0:
                state["periodic"] = await PERIODIC()()
    except Exception:
        return Response({"status": "not ready", "database": "unreachable", **state}, status_code=503)
    room = await space.has_room()
    ready = behind == 0 and room and WORKER().well
    state = {
        "status": "ready" if ready else "not ready",
        "database": "reachable",
        "migrations_missing": behind,
        "disk": "has room" if room else "full",
        **state,
    }
    return Response(state, status_code=200 if ready else 503)
