"""Is it alive, is it ready, what does it count."""

import asyncio
from typing import Any

from litestar import Response, get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from fairs.core import db, migrations, space
from fairs.web import access


@get("/healthz", name="healthz", opt=access.public_api(), sync_to_thread=False)
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@get("/readyz", name="readyz", opt=access.public_api())
async def readyz() -> Response[dict[str, Any]]:
    """Database reachable, at this version's schema, and room to write: 200, else 503."""
    try:
        async with asyncio.timeout(3):
            count = await db.fetchval("SELECT count(*) FROM migration WHERE app_name = 'fairs'")
    except Exception:
        return Response({"status": "not ready", "database": "unreachable"}, status_code=503)
    behind = len(migrations.known()) - int(count)
    room = await space.has_room()
    ready = behind == 0 and room
    state = {
        "status": "ready" if ready else "not ready",
        "database": "reachable",
        "migrations_missing": behind,
        "disk": "has room" if room else "full",
    }
    return Response(state, status_code=200 if ready else 503)


@get("/metrics", name="metrics", opt=access.public_api(), sync_to_thread=False, include_in_schema=False)
def metrics() -> Response[bytes]:
    """Prometheus text of this process."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
