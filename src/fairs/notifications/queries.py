"""Reading the outbox."""

from collections.abc import Sequence

import asyncpg
from prometheus_client.core import GaugeMetricFamily

from fairs.core import db
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.search_keys import like_words
from fairs.notifications.tables import MailState


async def search_mails(
    *, q: str = "", state: str = "", kind: str = "", window: tuple[int, int, int]
) -> Page[asyncpg.Record]:
    """One page of mails, the newest first; `q` is looked for in address, name and subject."""
    words = like_words(q.replace("\0", " "))
    where = (
        " WHERE ($1 = '' OR m.state = $1) AND ($2 = '' OR m.kind = $2) AND NOT EXISTS (SELECT 1 FROM"
        " unnest($3::text[]) AS word WHERE lower(m.to_email || ' ' || m.to_name || ' ' || m.subject) NOT LIKE word)"
    )
    columns = (
        "SELECT m.id, m.kind, m.lang, m.to_email, m.to_name, m.subject, m.state, m.attempts, m.last_error, m.created_at,"
        " m.sent_at, (SELECT count(*) FROM mail_attachment a WHERE a.mail = m.id) AS files"
    )
    return await paged(
        window,
        lambda: db.fetchval(f"SELECT count(*) FROM outgoing_mail m{where}", state, kind, words),  # noqa: S608 - a constant above
        lambda *part: db.fetch(
            f"{columns} FROM outgoing_mail m{where} ORDER BY m.id DESC LIMIT $4 OFFSET $5", state, kind, words, *part
        ),
    )


async def kinds() -> list[str]:
    """The kinds of mail there are."""
    return [row["kind"] for row in await db.fetch("SELECT DISTINCT kind FROM outgoing_mail ORDER BY kind")]


async def counts_by_state() -> dict[str, int]:
    """How many mails are in each state."""
    return {
        row["state"]: row["n"] for row in await db.fetch("SELECT state, count(*) AS n FROM outgoing_mail GROUP BY 1")
    }


async def mail_by_id(mail_id: int) -> asyncpg.Record:
    """A mail with its texts. Raises NotFound."""
    row = await db.fetchrow("SELECT * FROM outgoing_mail WHERE id = $1", mail_id) if 0 < mail_id < 2**63 else None
    if row is None:
        raise NotFound
    return row


async def files_of(mail_id: int) -> list[asyncpg.Record]:
    """id, filename, content_type and size (None: not made yet) of a mail's files."""
    return await db.fetch(
        "SELECT id, filename, content_type, length(content) AS size FROM mail_attachment WHERE mail = $1 ORDER BY id",
        mail_id,
    )


async def mail_gauges() -> list[GaugeMetricFamily]:
    """Mails by state, and how long the oldest has been waiting; for /metrics."""
    mails = GaugeMetricFamily("fairs_mails", "Mails by state", labels=["state"])
    counted = {
        row["state"]: row["n"]
        for row in await db.fetch("SELECT state, count(*) AS n FROM outgoing_mail GROUP BY state")
    }
    for state in MailState:
        mails.add_metric([state.value], counted.get(state.value, 0))
    age = await db.fetchval(
        "SELECT extract(epoch FROM now() - min(j.created)) FROM pgqueuer j"
        " WHERE j.entrypoint = 'mail.deliver' AND j.status IN ('queued', 'picked')"
    )
    oldest = GaugeMetricFamily(
        "fairs_mails_oldest_seconds", "Age of the oldest mail not delivered", value=float(age or 0)
    )
    return [mails, oldest]


async def waiting_by_kind(states: Sequence[str]) -> list[asyncpg.Record]:
    """state, kind and n: how many mails of each kind are in these states, the most first."""
    return await db.fetch(
        "SELECT state, kind, count(*) AS n FROM outgoing_mail WHERE state = ANY($1::text[])"
        " GROUP BY state, kind ORDER BY state, n DESC, kind",
        list(states),
    )
