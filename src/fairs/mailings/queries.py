"""Read mailings, and whom they are for."""

from collections.abc import Sequence
from typing import Any

from fairs.accounts.actor import Actor
from fairs.checkin.tallies import STANDING
from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value
from fairs.core.search_keys import like_words
from fairs.events.queries import require_run
from fairs.mailings.rows import Candidate, Filters, ListedMailing, ListedRecipient, MailingRow, StateCount
from fairs.mailings.tables import Reason
from fairs.registrations.rules import ENDED_STATES

_MAILING = (
    "SELECT m.id, m.event, e.slug, m.kind, m.trigger, m.days, m.hour, m.subject_zh, m.subject_en, m.text_zh, m.text_en,"
    " m.filters::text AS filters, m.per_minute, m.state, m.turn, m.next_at, a.name AS made_by, m.created_at, m.started_at,"
    " m.ended_at, e.timezone, e.starts_at, e.ends_at"
    " FROM mailing m JOIN event e ON e.id = m.event LEFT JOIN account a ON a.id = m.made_by"
)
ARRIVED = (  # registration `r` came in
    "EXISTS (SELECT 1 FROM scan s JOIN gate g ON g.id = s.gate AND g.kind = 'entry'"  # noqa: S608 - a constant of the code
    f" WHERE s.registration = r.id AND s.outcome = 'admitted' AND {STANDING})"
)
_CHOSEN: dict[str, str] = {  # filter → its condition
    "state": "r.state = :state",
    "category": "r.category = :category",
    "session": "EXISTS (SELECT 1 FROM registration_session x JOIN event_session t ON t.id = x.session"
    " WHERE x.registration = r.id AND t.code = :session)",
    "country": "r.nationality = :country",
    "unit": "EXISTS (SELECT 1 FROM organisation o JOIN unit u ON u.id = o.unit WHERE o.id = r.organisation AND u.code = :unit)",
    "lang": "r.lang = :lang",
    "chosen": "EXISTS (SELECT 1 FROM registration_bulk_row x JOIN registration_bulk b ON b.id = x.bulk WHERE x.registration = r.id"
    " AND b.id = :chosen::text::bigint AND b.event = r.event AND b.kind = 'mail')",
}
# A person who withdrew gets nothing unless the mailing is for those who did. One address gets one mail: the first live one.
_JUDGED = """
SELECT registration, address, CASE WHEN reason = '' AND row_number() OVER (PARTITION BY address, reason ORDER BY registration) > 1
    THEN 'same_address' ELSE reason END AS reason
FROM (
    SELECT r.id AS registration, r.email AS address, CASE
        WHEN r.state IN {ended} AND :state NOT IN {ended} THEN 'withdrew'
        WHEN r.email = '' THEN 'no_address'
        ELSE coalesce((SELECT s.kind FROM mail_suppression s WHERE s.address = r.email
            AND (:newsletter OR s.kind <> 'newsletter') ORDER BY s.id DESC LIMIT 1), '') END AS reason
    FROM registration r WHERE r.event = :event{conditions}
) judged
"""
SHOWN_STATE = "CASE WHEN x.state = 'written' THEN coalesce(o.state, 'sent') ELSE x.state END"


def audience(
    event_id: int, filters: Filters, *, newsletter: bool, conditions: Sequence[str] = (), **arguments: Any
) -> tuple[str, dict[str, Any]]:
    """SELECT of everybody who passes the filters and the further conditions, with the reason why somebody gets no mail."""
    chosen: list[str] = []
    values: dict[str, Any] = {"event": event_id, "newsletter": newsletter, "state": filters.state, **arguments}
    for name, test in _CHOSEN.items():
        if value := getattr(filters, name):
            chosen.append(test)
            values[name] = value
    if filters.arrived:
        chosen.append(ARRIVED if filters.arrived == "yes" else f"NOT {ARRIVED}")
    where = "".join(f" AND {one}" for one in (*chosen, *conditions))
    return _JUDGED.replace("{conditions}", where).replace("{ended}", ENDED_STATES), values


async def candidates(
    event_id: int, filters: Filters, *, newsletter: bool, most: int, left_out: bool = False
) -> list[Candidate]:
    """The newest of those who get it now; `left_out`: of those who pass the filters and get none, with the reason."""
    sql, values = audience(event_id, filters, newsletter=newsletter)
    return await fetch_as(
        Candidate,
        f"SELECT * FROM ({sql}) c WHERE (reason <> '') = :left_out ORDER BY registration DESC LIMIT :most",  # noqa: S608 - constants of the code; values are named arguments
        left_out=left_out,
        most=most,
        **values,
    )


async def counts(event_id: int, filters: Filters, *, newsletter: bool) -> dict[str, int]:
    """reason → how many get no mail for it; the empty one: how many get it."""
    sql, values = audience(event_id, filters, newsletter=newsletter)
    counted = f"SELECT reason AS state, count(*) AS n FROM ({sql}) c GROUP BY reason"  # noqa: S608 - constants of the code; values are named arguments
    return {row.state: row.n for row in await fetch_as(StateCount, counted, **values)}


async def count_new(row: MailingRow, filters: Filters, conditions: Sequence[str], **arguments: Any) -> int:
    """How many a rule would reach now who are not entered yet."""
    sql, values = audience(row.event, filters, newsletter=row.newsletter, conditions=conditions, **arguments)
    return await fetch_value(
        int,
        f"SELECT count(*) FROM ({sql}) c WHERE reason = '' AND NOT EXISTS (SELECT 1 FROM mailing_recipient x"  # noqa: S608 - constants of the code; values are named arguments
        " WHERE x.mailing = :mailing AND (x.registration = c.registration OR (x.address = c.address AND x.state <> 'excluded')))",
        mailing=row.id,
        **values,
    )


async def mailing_by_id(mailing_id: int) -> MailingRow:
    """A mailing or a rule. Raises NotFound."""
    row = None
    if 0 < mailing_id < 2**63:
        row = await fetch_one_as(MailingRow, f"{_MAILING} WHERE m.id = :id", id=mailing_id)
    if row is None:
        raise NotFound
    return row


async def locked_mailing(mailing_id: int) -> MailingRow:
    """The same, locked. Raises NotFound."""
    row = None
    if 0 < mailing_id < 2**63:
        row = await fetch_one_as(MailingRow, f"{_MAILING} WHERE m.id = :id FOR UPDATE OF m", id=mailing_id)
    if row is None:
        raise NotFound
    return row


async def mailing_for(actor: Actor, mailing_id: int) -> MailingRow:
    """A mailing of an event that the actor runs. Raises NotFound."""
    row = await mailing_by_id(mailing_id)
    await require_run(actor, row.event)
    return row


async def mailings_of(event_id: int, window: tuple[int, int, int]) -> Page[ListedMailing]:
    """One page of an event's mailings, the newest first."""
    select = Select(
        "m.id, m.kind, m.subject_zh, m.subject_en, m.state, a.name AS made_by, m.created_at,"
        " (SELECT count(*) FROM mailing_recipient x WHERE x.mailing = m.id AND x.state <> 'excluded') AS people,"
        " (SELECT count(*) FROM mailing_recipient x WHERE x.mailing = m.id AND x.state = 'waiting') AS left",
        "mailing m LEFT JOIN account a ON a.id = m.made_by",
    )
    select.where("m.event = :event AND m.trigger = ''", event=event_id)
    return await paged(window, select.count, select.reader(ListedMailing, order="m.id DESC"))


async def rules_of(event_id: int) -> list[MailingRow]:
    """The rules of an event."""
    return await fetch_as(
        MailingRow, f"{_MAILING} WHERE m.event = :event AND m.trigger <> '' ORDER BY m.id", event=event_id
    )


async def running() -> list[MailingRow]:
    """Every mailing that is being sent, and every rule that is on, of events that take place."""
    return await fetch_as(
        MailingRow, f"{_MAILING} WHERE m.state = 'sending' AND e.state NOT IN ('draft', 'cancelled') ORDER BY m.id"
    )


async def waiting_in(mailing_id: int) -> int:
    """How many wait for their mail."""
    return await fetch_value(
        int, "SELECT count(*) FROM mailing_recipient WHERE mailing = :id AND state = 'waiting'", id=mailing_id
    )


async def counts_by_state(mailing_id: int) -> dict[str, int]:
    """state → how many."""
    rows = await fetch_as(
        StateCount,
        f"SELECT {SHOWN_STATE} AS state, count(*) AS n FROM mailing_recipient x"  # noqa: S608 - a constant of the code
        " LEFT JOIN outgoing_mail o ON o.id = x.mail WHERE x.mailing = :mailing GROUP BY 1",
        mailing=mailing_id,
    )
    return {row.state: row.n for row in rows}


async def recipients(
    mailing_id: int, *, q: str = "", state: str = "", reason: str = "", window: tuple[int, int, int]
) -> Page[ListedRecipient]:
    """One page of a mailing's people."""
    select = Select(
        "x.id, r.number, coalesce(nullif(r.name_native, ''), r.name_passport) AS name, x.address, r.lang,"
        f" {SHOWN_STATE} AS state, x.reason, x.mail, coalesce(o.last_error, '') AS error, o.sent_at",
        "mailing_recipient x JOIN registration r ON r.id = x.registration LEFT JOIN outgoing_mail o ON o.id = x.mail",
    )
    select.where("x.mailing = :mailing", mailing=mailing_id)
    if q:
        select.where(
            "(lower(x.address || ' ' || r.number) || ' ' || r.search_key) LIKE ALL (:words::text[])",
            words=like_words(q.replace("\0", " ")),
        )
    if state:
        select.where(f"{SHOWN_STATE} = :state", state=state)
    if reason in {one.value for one in Reason}:
        select.where("x.reason = :reason", reason=reason)
    return await paged(window, select.count, select.reader(ListedRecipient, order="x.id"))
