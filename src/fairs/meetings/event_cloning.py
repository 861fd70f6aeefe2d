"""The hall of a copied event: slots on the new days and tables without their employers."""

from fairs.core.rows import execute
from fairs.events.domain_events import EventCloned

_PAIRS = "unnest(:old::bigint[], :new::bigint[]) AS m (old, new) JOIN event e ON e.id = m.old"
_SHIFTED = "((s.{0} AT TIME ZONE e.timezone) + make_interval(days => :days)) AT TIME ZONE e.timezone"
_SLOTS = f"""
INSERT INTO meeting_slot (event, starts_at, ends_at)
SELECT m.new, {_SHIFTED.format("starts_at")}, {_SHIFTED.format("ends_at")}
FROM {_PAIRS} JOIN meeting_slot s ON s.event = m.old ORDER BY s.id
"""  # noqa: S608 - constants of this file
_TABLES = f"""
INSERT INTO meeting_table (event, organisation, number)
SELECT m.new, NULL, t.number FROM {_PAIRS} JOIN meeting_table t ON t.event = m.old ORDER BY t.id
"""  # noqa: S608 - constants of this file

_TABLE_GATES = """
INSERT INTO table_gate (gate, hall_table)
SELECT g.id, t.id FROM unnest(:old::bigint[], :new::bigint[]) AS m (old, new) JOIN gate b ON b.event = m.old
JOIN table_gate x ON x.gate = b.id JOIN meeting_table y ON y.id = x.hall_table
JOIN gate g ON g.event = m.new AND g.code = b.code JOIN meeting_table t ON t.event = m.new AND t.number = y.number ORDER BY x.id
"""
_WAITS = f"""
INSERT INTO attendance_rule (event, wait_minutes, before_minutes)
SELECT m.new, r.wait_minutes, r.before_minutes FROM {_PAIRS} JOIN attendance_rule r ON r.event = m.old ORDER BY r.id
"""  # noqa: S608 - constants of this file


async def on_event_cloned(event: EventCloned) -> None:
    """All tables are shared at first: which employers come is not known yet."""
    if not event.tables:
        return
    both = {"old": list(event.pairs), "new": list(event.pairs.values())}
    await execute(_SLOTS, **both, days=event.days)
    await execute(_TABLES, **both)
    await execute(_TABLE_GATES, **both)
    await execute(_WAITS, **both)
