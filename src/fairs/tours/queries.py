"""Reads tours: for who runs them, for their hosts, and for their members."""

from typing import Any

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.core.rows import fetch_as, fetch_one_as
from fairs.tours.rows import Employer, GroupRow, HostContact, HostedStop, PlanRow, QuotaRow, Size, StateCount, StopRow
from fairs.tours.rules import COMING, OPEN

_BIGGEST = 2**63 - 1
_STOP = (
    "s.id, s.event, s.kind, s.state, s.starts_at, s.ends_at, coalesce(u.code, '') AS unit, s.unit AS unit_id,"
    " coalesce(u.name_zh, '') AS unit_zh, coalesce(u.name_en, '') AS unit_en, s.organisation,"
    " coalesce(o.name_zh, '') AS organisation_zh, coalesce(o.name_en, '') AS organisation_en, s.title_zh, s.title_en, s.place_zh,"
    " s.place_en, s.host_name, s.host_phone, s.host_email, s.interpreters, s.places, s.bring_zh, s.bring_en, s.note_zh,"
    " s.note_en, s.pinned, s.gate, coalesce(g.code, '') AS gate_code, s.asked_at, s.answered_at, s.reason, s.revision,"
    " s.updated_at, ARRAY(SELECT t.grp FROM tour_stop_group t JOIN tour_group n ON n.id = t.grp WHERE t.stop = s.id ORDER BY n.name)"
    " AS groups, ARRAY(SELECT n.name FROM tour_stop_group t JOIN tour_group n ON n.id = t.grp WHERE t.stop = s.id ORDER BY n.name)"
    " AS group_names"
)
_STOPS = "tour_stop s LEFT JOIN unit u ON u.id = s.unit LEFT JOIN organisation o ON o.id = s.organisation LEFT JOIN gate g ON g.id = s.gate"
AT_STOP = (  # whether member `m` is to be at stop `s`
    "(NOT EXISTS (SELECT 1 FROM tour_stop_group t WHERE t.stop = s.id) OR m.grp IN"
    " (SELECT t.grp FROM tour_stop_group t WHERE t.stop = s.id))"
)
_HOSTED = (
    f"SELECT {_STOP}, e.slug, e.title_zh AS event_zh, e.title_en AS event_en, e.timezone,"  # noqa: S608 - constants of this file
    f" (SELECT count(*) FROM tour_member m WHERE m.event = s.event AND m.state = ANY(:coming::text[]) AND {AT_STOP}) AS people,"
    " coalesce(nullif(e.contact_name, ''), p.contact_name, '') AS contact_name,"
    " coalesce(nullif(e.contact_phone, ''), p.contact_phone, '') AS contact_phone,"
    " coalesce(nullif(e.contact_email, ''), p.contact_email, '') AS contact_email"
    f" FROM {_STOPS} JOIN event e ON e.id = s.event LEFT JOIN event p ON p.id = e.parent"
    " WHERE s.state <> 'planned' AND s.asked_at IS NOT NULL"
    " AND (s.organisation = ANY(:organisations::bigint[]) OR s.unit = ANY(:units::bigint[]))"
)


async def plan_of(event_id: int) -> PlanRow:
    """How a tour is planned; the usual values before anybody has said something."""
    row = await fetch_one_as(
        PlanRow,
        "SELECT p.event, coalesce(a.code, '') AS start, coalesce(z.code, '') AS finish, p.begins, p.ends, p.per_day, p.seats,"
        " p.most_groups, p.reply_by, p.released_at FROM tour_plan p LEFT JOIN unit a ON a.id = p.start"
        " LEFT JOIN unit z ON z.id = p.finish WHERE p.event = :event",
        event=event_id,
    )
    return row or PlanRow(event_id, "", "", 9, 18, 3, 45, 1, None, None)


async def groups_of(event_id: int) -> list[GroupRow]:
    """The groups of a tour by name."""
    return await fetch_as(
        GroupRow,
        "SELECT g.id, g.name, (SELECT count(*) FROM tour_member m WHERE m.grp = g.id AND m.state = ANY(:coming::text[])) AS people"
        " FROM tour_group g WHERE g.event = :event ORDER BY g.name",
        event=event_id,
        coming=list(COMING),
    )


async def sizes(event_id: int) -> dict[int | None, int]:
    """group → its people with a place; None: without a group."""
    rows = await fetch_as(
        Size,
        "SELECT grp, count(*) AS people FROM tour_member WHERE event = :event AND state = ANY(:coming::text[]) GROUP BY grp",
        event=event_id,
        coming=list(COMING),
    )
    return {row.grp: row.people for row in rows}


async def stops_of(event_id: int, *, lock: bool = False) -> list[StopRow]:
    """All stops of a tour in order of time, cancelled ones too."""
    return await fetch_as(
        StopRow,
        f"SELECT {_STOP} FROM {_STOPS} WHERE s.event = :event ORDER BY s.starts_at, s.ends_at, s.id"  # noqa: S608 - constants of this file
        + (" FOR UPDATE OF s" if lock else ""),
        event=event_id,
    )


async def stop_of(event_id: int, stop_id: int, *, lock: bool = False) -> StopRow:
    """A stop of a tour. Raises NotFound."""
    row = None
    if 0 < stop_id <= _BIGGEST:
        row = await fetch_one_as(
            StopRow,
            f"SELECT {_STOP} FROM {_STOPS} WHERE s.event = :event AND s.id = :id"  # noqa: S608 - constants of this file
            + (" FOR UPDATE OF s" if lock else ""),
            event=event_id,
            id=stop_id,
        )
    if row is None:
        raise NotFound
    return row


async def hosted_stops(actor: Actor) -> list[HostedStop]:
    """Stops that the actor's employers or bureaus were asked to host, in order of time."""
    return await fetch_as(HostedStop, f"{_HOSTED} ORDER BY s.starts_at, s.id", **_own(actor))


async def hosted_stop(actor: Actor, stop_id: int) -> HostedStop:
    """One of them. Raises NotFound for all others."""
    row = None
    if 0 < stop_id <= _BIGGEST:
        row = await fetch_one_as(HostedStop, f"{_HOSTED} AND s.id = :id", id=stop_id, **_own(actor))
    if row is None or not actor.reaches(row.event):
        raise NotFound
    return row


async def stop_of_host(actor: Actor, stop_id: int, organisation: int) -> HostedStop:
    """A stop as this employer sees it, once it was asked. Raises NotFound."""
    own = {"organisations": [organisation], "units": [], "coming": list(COMING)}
    row = await fetch_one_as(HostedStop, f"{_HOSTED} AND s.id = :id", id=stop_id, **own)
    if row is None or not actor.reaches(row.event):
        raise NotFound
    return row


def _own(actor: Actor) -> dict[str, Any]:
    return {"organisations": actor.organisation_ids, "units": actor.unit_ids, "coming": list(COMING)}


async def host_contacts(stop: StopRow) -> list[HostContact]:
    """Who is asked: the accounts of the employer; where it has none, and without an employer, those of the city's bureau."""
    return await fetch_as(
        HostContact,
        "WITH found AS (SELECT a.id AS account, a.email, a.name, a.lang, m.role = 'employer' AS first FROM membership m"
        " JOIN account a ON a.id = m.account AND a.active WHERE (m.role = 'employer' AND m.organisation_id = :organisation::bigint)"
        " OR (m.role = 'bureau' AND m.unit = :unit::bigint))"
        " SELECT DISTINCT account, email, name, lang FROM found WHERE first = (SELECT bool_or(first) FROM found) ORDER BY account",
        organisation=stop.organisation,
        unit=stop.unit_id,
    )


async def employers_for(event_id: int) -> list[Employer]:
    """Approved employers with a listing at the tour or at the event above it, and those of its stops."""
    return await fetch_as(
        Employer,
        "SELECT o.id, o.name_zh, o.name_en, u.code AS unit FROM organisation o JOIN unit u ON u.id = o.unit"
        " WHERE (o.state = 'approved' AND EXISTS (SELECT 1 FROM listing l JOIN event e ON e.id = :event"
        " WHERE l.organisation = o.id AND l.state = 'published' AND l.event IN (e.id, e.parent)))"
        " OR EXISTS (SELECT 1 FROM tour_stop s WHERE s.event = :event AND s.organisation = o.id)"
        " ORDER BY u.position, o.name_zh, o.id",
        event=event_id,
    )


async def state_counts(event_id: int) -> dict[str, int]:
    """state → members."""
    rows = await fetch_as(
        StateCount,
        "SELECT state, count(*) AS number FROM tour_member WHERE event = :event GROUP BY state",
        event=event_id,
    )
    return {row.state: row.number for row in rows}


async def quotas_of(event_id: int) -> list[QuotaRow]:
    """The quotas of a tour: cities first."""
    return await fetch_as(
        QuotaRow,
        "SELECT q.id, coalesce(u.code, '') AS unit, q.discipline, q.places,"
        " count(m.id) FILTER (WHERE m.state = ANY(:coming::text[])) AS taken,"
        " count(m.id) FILTER (WHERE m.state = ANY(:open::text[])) AS invited"
        " FROM tour_quota q LEFT JOIN unit u ON u.id = q.unit LEFT JOIN (tour_member m LEFT JOIN talent t ON t.id = m.talent)"
        " ON m.event = q.event AND (m.unit = q.unit OR (q.unit IS NULL AND"
        " q.discipline IN (m.discipline, coalesce(t.discipline, ''))))"
        " WHERE q.event = :event GROUP BY q.id, u.code, u.position, q.discipline, q.places"
        " ORDER BY q.unit IS NULL, u.position, q.discipline",
        event=event_id,
        coming=list(COMING),
        open=list(OPEN),
    )
