"""What an event's entries, or those of the last earlier event, have measured: the shares of which a rehearsal's crowd is made."""

from fairs.checkin import tallies
from fairs.checkin.rehearsal.crowd import Assumptions
from fairs.checkin.rehearsal.rows import MeasuredRow
from fairs.checkin.tables import Reason
from fairs.core import clock
from fairs.core.rows import fetch_one_as, fetch_values

ENOUGH = 200  # people who came in: fewer say little
# Whom the gate sends to the desk; who is early, late or finds it full waits at the gate.
DESK = (
    Reason.FORGED,
    Reason.UNKNOWN,
    Reason.WRONG_EVENT,
    Reason.REVOKED,
    Reason.NOT_CONFIRMED,
    Reason.NOT_SIGNED_UP,
    Reason.WRONG_CATEGORY,
)
_ENTRY = "scan s JOIN gate g ON g.id = s.gate AND g.kind = 'entry' LEFT JOIN registration r ON r.id = s.registration WHERE g.event = e.id"
_MEASURED = f"""
SELECT e.slug, e.title_zh, e.title_en,
    (SELECT count(DISTINCT s.registration) FROM {_ENTRY} AND s.outcome = 'admitted' AND {tallies.STANDING}) AS people,
    (SELECT count(DISTINCT s.registration) FROM {_ENTRY} AND s.outcome = 'admitted' AND s.direction = 'in' AND s.device_id IS NOT NULL
        AND upper(s.code_seen) = r.number AND {tallies.STANDING}) AS looked_up,
    (SELECT count(DISTINCT coalesce(s.registration, -s.id)) FROM {_ENTRY} AND s.outcome = 'refused'
        AND s.reason = ANY(:desk::text[])) AS refused,
    (SELECT count(*) FROM registration w WHERE w.event = e.id AND w.entered_by IS NOT NULL AND w.category <> 'employer'
        AND w.created_at >= e.starts_at - interval '3 hours' AND w.created_at < e.ends_at) AS walk_ins
FROM event e WHERE e.id = :event
"""  # noqa: S608 - constants of this file
# This event first, then those before it, of the same unit first. Events that nobody entered are left out.
_BEFORE = """
SELECT o.id FROM event e JOIN event o ON o.id = e.id OR (o.starts_at < e.starts_at AND o.ends_at < :now) WHERE e.id = :event
    AND o.demo = e.demo AND EXISTS (SELECT 1 FROM gate g JOIN admission a ON a.gate = g.id WHERE g.event = o.id AND g.kind = 'entry')
ORDER BY o.id <> e.id, o.unit <> e.unit, o.starts_at DESC, o.id DESC LIMIT 6
"""


async def measured(event_id: int) -> MeasuredRow | None:
    """The nearest event with enough people; None when there is none."""
    for event in await fetch_values(int, _BEFORE, event=event_id, now=clock.now()):
        found = await fetch_one_as(MeasuredRow, _MEASURED, event=event, desk=[reason.value for reason in DESK])
        if found is not None and found.people >= ENOUGH:
            return found
    return None


def shares(found: MeasuredRow) -> dict[str, float]:
    """The shares of the form, in per cent of the people who came."""
    came = found.people
    return {
        "lookup_percent": _percent(found.looked_up, came),
        "trouble_percent": _percent(found.refused, came),
        "walk_in_percent": _percent(found.walk_ins, came),
    }


def _percent(part: int, whole: int) -> float:
    return min(100.0, round(100 * part / whole, 1))


def assumed(found: MeasuredRow | None) -> Assumptions:
    """What is assumed of people: the shares as measured, everything else the working values."""
    if found is None:
        return Assumptions()
    share = {name: value / 100 for name, value in shares(found).items()}
    return Assumptions(
        lookup_share=share["lookup_percent"],
        trouble_share=share["trouble_percent"],
        walk_in_share=share["walk_in_percent"],
    )
