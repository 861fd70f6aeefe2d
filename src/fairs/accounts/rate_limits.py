"""Counting attempts in PostgreSQL, so that all processes share the count."""

from datetime import timedelta

from fairs.core import clock, db
from fairs.core.errors import TooMany
from fairs.core.i18n import N_


async def hit(key: str, *, limit: int, seconds: int) -> None:
    """Count one attempt of `key`. Raises TooMany when there were more than `limit` in the window."""
    now = clock.now()
    row = await db.fetchrow(
        "INSERT INTO rate_limit AS r (key, window_start, hits) VALUES ($1, $2, 1) ON CONFLICT (key) DO UPDATE SET"
        " hits = CASE WHEN r.window_start < $3 THEN 1 ELSE r.hits + 1 END,"
        " window_start = CASE WHEN r.window_start < $3 THEN $2 ELSE r.window_start END"
        " RETURNING hits, window_start",
        key[:200],
        now,
        now - timedelta(seconds=seconds),
    )
    if row and row["hits"] > limit:
        wait = max(1, int((row["window_start"] + timedelta(seconds=seconds) - now).total_seconds()))
        minutes = max(1, round(wait / 60))
        raise TooMany(N_("Too many attempts. Please wait %(minutes)s min.", minutes=minutes), retry_after=wait)


async def forget(key: str) -> None:
    """Start counting afresh: after a success."""
    await db.execute("DELETE FROM rate_limit WHERE key = $1", key[:200])
