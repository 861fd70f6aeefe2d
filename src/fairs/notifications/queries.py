"""Read the outbox."""

from collections.abc import Sequence

from prometheus_client.core import GaugeMetricFamily

from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value_or_none
from fairs.core.search_keys import patterns_of
from fairs.notifications.rows import MAIL_COLUMNS, Kind, KindCount, ListedMail, MailFile, MailRow, StateCount
from fairs.notifications.tables import MailState

_LISTED = (
    "m.id, m.kind, m.lang, m.to_email, m.to_name, m.subject, m.state, m.attempts, m.last_error, m.created_at,"
    " m.sent_at, (SELECT count(*) FROM mail_attachment a WHERE a.mail = m.id) AS files"
)


async def search_mails(
    *, q: str = "", state: str = "", kind: str = "", window: tuple[int, int, int]
) -> Page[ListedMail]:
    """One page of mails, newest first; `q` is searched in address, name and subject."""
    select = Select(_LISTED, "outgoing_mail m")
    select.where(
        "lower(m.to_email || ' ' || m.to_name || ' ' || m.subject) ~ ALL (:patterns::text[])",
        patterns=patterns_of(q),
    )
    if state:
        select.where("m.state = :state", state=state)
    if kind:
        select.where("m.kind = :kind", kind=kind)
    return await paged(window, select.count, select.reader(ListedMail, order="m.id DESC"))


async def kinds() -> list[str]:
    """All kinds of mail in the outbox."""
    return [row.kind for row in await fetch_as(Kind, "SELECT DISTINCT kind FROM outgoing_mail ORDER BY kind")]


async def counts_by_state() -> dict[str, int]:
    """Number of mails by state."""
    rows = await fetch_as(StateCount, "SELECT state, count(*) AS n FROM outgoing_mail GROUP BY state")
    return {row.state.value: row.n for row in rows}


async def mail_by_id(mail_id: int) -> MailRow:
    """A mail with its texts. Raises NotFound."""
    sql = f"SELECT {MAIL_COLUMNS} FROM outgoing_mail WHERE id = :id"  # noqa: S608 - constants of the code; values are named arguments
    row = await fetch_one_as(MailRow, sql, id=mail_id) if 0 < mail_id < 2**63 else None
    if row is None:
        raise NotFound
    return row


async def files_of(mail_id: int) -> list[MailFile]:
    """A mail's files, without their contents."""
    return await fetch_as(
        MailFile,
        "SELECT id, filename, content_type, length(content) AS size FROM mail_attachment WHERE mail = :mail ORDER BY id",
        mail=mail_id,
    )


async def mail_gauges() -> list[GaugeMetricFamily]:
    """Mails by state, and the age of the oldest waiting one; for /metrics."""
    mails = GaugeMetricFamily("fairs_mails", "Mails by state", labels=["state"])
    counted = await counts_by_state()
    for state in MailState:
        mails.add_metric([state.value], counted.get(state.value, 0))
    age = await fetch_value_or_none(
        float,
        "SELECT extract(epoch FROM now() - min(j.created)) FROM pgqueuer j"
        " WHERE j.entrypoint = 'mail.deliver' AND j.status IN ('queued', 'picked')",
    )
    oldest = GaugeMetricFamily("fairs_mails_oldest_seconds", "Age of the oldest mail not delivered", value=age or 0.0)
    return [mails, oldest]


async def waiting_by_kind(states: Sequence[str]) -> list[KindCount]:
    """Number of mails by kind in these states, most first."""
    return await fetch_as(
        KindCount,
        "SELECT state, kind, count(*) AS n FROM outgoing_mail WHERE state = ANY(:states::text[])"
        " GROUP BY state, kind ORDER BY state, n DESC, kind",
        states=list(states),
    )
