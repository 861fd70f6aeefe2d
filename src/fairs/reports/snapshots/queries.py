"""Read frozen months, count months anew, and compare the two row by row."""

from datetime import date, datetime
from typing import Any

from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged, window
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value, fetch_value_or_none
from fairs.events.domain_events import EventHolding
from fairs.reports.counting import SCOPE, Measure
from fairs.reports.queries import Scope
from fairs.reports.snapshots import rules
from fairs.reports.snapshots.rows import Difference, KeptRule, MonthNumber, SnapshotHead

_THINGS = " UNION ALL ".join(
    f"SELECT '{measure.key}' AS measure, {whole} AS whole, unit, value::bigint AS value, at::timestamptz AS at, mark, identity"  # noqa: S608 - constants of the code
    f" FROM ({measure.things(apart_by_unit=whole == 'false')}) AS counted"
    for measure in rules.FROZEN
    for whole in ("true", "false")
)
COUNTED = (
    f"{SCOPE}, things AS ({_THINGS}), counted AS (SELECT c.measure, c.whole, coalesce(u.code, '') AS unit, c.value, c.at, c.mark,"  # noqa: S608 - constants of the code; values are named arguments
    " c.identity, c.at >= :since AS inside FROM things c LEFT JOIN unit u ON u.id = c.unit WHERE c.at < :until)"
)
SUMS = (
    "SELECT measure, whole, CASE WHEN whole THEN '' ELSE unit END AS unit, (coalesce(sum(value) FILTER (WHERE inside), 0))::bigint"
    " AS in_month, (coalesce(sum(value), 0))::bigint AS so_far FROM counted GROUP BY 1, 2, 3"
)
_HEAD = (
    "SELECT s.id, s.month, s.number, s.reason, s.rules_version, s.complete, s.taken_at, s.taken_by, s.taken_label,"
    " (SELECT max(n.number) FROM snapshot n WHERE n.event = s.event AND n.month = s.month) AS last FROM snapshot s"
)


def arguments(scope: Scope, month: date) -> dict[str, Any]:
    """The arguments of COUNTED: everybody's things of a month. The year of the yearly measures is the month's."""
    since, until = rules.bounds(month, scope.zone)
    everybody = Scope(scope.event, None, scope.zone, month.year)
    return {**everybody.arguments, "since": since, "until": until}


async def snapshots_of(event_id: int) -> list[SnapshotHead]:
    """Every frozen month of an event, the newest month first, corrections before what they correct."""
    sql = f"{_HEAD} WHERE s.event = :event ORDER BY s.month DESC, s.number DESC"
    return await fetch_as(SnapshotHead, sql, event=event_id)


async def snapshot(event_id: int, month: date, number: int | None = None) -> SnapshotHead:
    """A frozen month: its newest correction, or the one with a number. Raises NotFound."""
    found = await fetch_one_as(
        SnapshotHead,
        f"{_HEAD} WHERE s.event = :event AND s.month = :month AND (:number::int IS NULL OR s.number = :number)"
        " ORDER BY s.number DESC LIMIT 1",
        event=event_id,
        month=month,
        number=number,
    )
    if found is None:
        raise NotFound
    return found


async def last_number(event_id: int, month: date) -> int:
    """How often the month was frozen."""
    sql = "SELECT coalesce(max(number), 0) FROM snapshot WHERE event = :event AND month = :month"
    return await fetch_value(int, sql, event=event_id, month=month)


async def completeness(event_id: int, month: date) -> bool | None:
    """Whether the month was over when it was frozen last; None: it is not frozen."""
    sql = "SELECT complete FROM snapshot WHERE event = :event AND month = :month ORDER BY number DESC LIMIT 1"
    return await fetch_value_or_none(bool, sql, event=event_id, month=month)


async def kept_rules(snapshot_id: int) -> dict[str, KeptRule]:
    """measure → its rule as it was."""
    rows = await fetch_as(
        KeptRule,
        "SELECT measure, version, name_zh, name_en, counted, rule_zh, rule_en FROM snapshot_rule WHERE snapshot = :id"
        " ORDER BY id",
        id=snapshot_id,
    )
    return {row.measure: row for row in rows}


async def kept_numbers(snapshot_id: int) -> list[MonthNumber]:
    """Every number of a frozen month."""
    return await fetch_as(
        MonthNumber,
        "SELECT measure, whole, unit, in_month, so_far FROM snapshot_number WHERE snapshot = :id",
        id=snapshot_id,
    )


async def numbers_today(scope: Scope, month: date) -> list[MonthNumber]:
    """Every number of a month as counted now, in one statement, so that they are consistent."""
    return await fetch_as(MonthNumber, f"{COUNTED} {SUMS}", **arguments(scope, month))


_COLUMNS = "d.mark, d.label_zh, d.label_en, u.name_zh AS unit_zh, u.name_en AS unit_en, d.before, d.after, d.at_before, d.at, d.ref"


def _compared(measure: Measure, *, whole: bool) -> str:
    """The things of both sides that differ; on the side of today also with the moment at which they count otherwise."""
    same = "f.identity = t.identity" if whole else "f.identity = t.identity AND f.unit = coalesce(t.code, '')"
    today = (
        "SELECT c.identity, c.mark, c.label_zh, c.label_en, c.value::bigint AS value, c.at::timestamptz AS at, c.ref, u.code,"  # noqa: S608 - constants of the code; values are named arguments
        f" c.at >= :since AND c.at < :until AS inside FROM ({measure.things(apart_by_unit=not whole)}) AS c"
        " LEFT JOIN unit u ON u.id = c.unit"
    )
    frozen = "SELECT identity, unit, mark, value, at FROM snapshot_row WHERE snapshot = :snapshot AND measure = :measure AND whole = :whole"
    return (
        f"({SCOPE}, t AS ({today}), f AS ({frozen}) SELECT coalesce(t.mark, f.mark) AS mark, t.label_zh, t.label_en,"  # noqa: S608 - constants of the code; values are named arguments
        " coalesce(t.code, f.unit) AS code, f.value AS before, CASE WHEN t.inside THEN t.value END AS after,"
        f" f.at AS at_before, t.at, t.ref::text AS ref FROM t FULL JOIN f ON {same}"
        " WHERE (f.identity IS NOT NULL OR t.inside)"
        " AND f.value IS DISTINCT FROM (CASE WHEN t.inside THEN t.value END)) AS d LEFT JOIN unit u ON u.code = d.code"
    )


async def differences(
    scope: Scope, head: SnapshotHead, measure: Measure, *, codes: list[str] | None, page: int | None
) -> Page[Difference]:
    """What was added, removed or changed in a measure's month since it was frozen. `codes`: of units, None: the whole."""
    select = Select(
        _COLUMNS,
        _compared(measure, whole=codes is None),
        **arguments(scope, head.month),
        snapshot=head.id,
        measure=measure.key,
        whole=codes is None,
    )
    if codes is not None:
        select.where("d.code = ANY(:codes::text[])", codes=codes)
    order = "coalesce(d.at_before, d.at), d.mark"
    return await paged(window(page, None), select.count, select.reader(Difference, order=order))


async def first_moment(event_id: int) -> datetime:
    """Since when something of an event may count."""
    sql = "SELECT least(created_at, starts_at) FROM event WHERE id = :id"
    return await fetch_value(datetime, sql, id=event_id)


async def on_event_holding(event: EventHolding) -> None:
    """`months` of an event that were frozen."""
    sql = "SELECT count(*) FROM snapshot WHERE event = :event"
    event.found["months"] = await fetch_value(int, sql, event=event.event_id)
