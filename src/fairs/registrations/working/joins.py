"""What the statements of the working list join to a registration `r`, by short names, in the order in which they are joined.

Plain SQL reads rows of higher slices, as everywhere where something is counted.
"""

from collections.abc import Iterable

_BETWEEN = (  # ids of an event lie together: a range of an index is read instead of the whole table
    "BETWEEN (SELECT q.id FROM registration q WHERE q.event = :event ORDER BY q.id LIMIT 1)"
    " AND (SELECT q.id FROM registration q WHERE q.event = :event ORDER BY q.id DESC LIMIT 1)"
)
JOINS: dict[str, str] = {
    "t": "LEFT JOIN talent t ON t.id = r.talent",
    "o": "LEFT JOIN organisation o ON o.id = r.organisation",
    "u": "LEFT JOIN unit u ON u.id = coalesce(o.unit, t.unit)",
    "came": "LEFT JOIN (SELECT d.registration, min(d.first_scanned_at) AS at FROM admission d JOIN gate g ON g.id = d.gate"
    " WHERE g.event = :event AND g.kind = 'entry' GROUP BY d.registration) came ON came.registration = r.id",
    "worn": "LEFT JOIN (SELECT b.registration, CASE WHEN EXISTS (SELECT 1 FROM badge_print p WHERE p.badge = b.id) THEN 'yes'"  # noqa: S608 - constants of the code
    f" ELSE 'no' END AS printed FROM badge b WHERE b.revoked_at IS NULL AND b.until IS NULL AND b.registration {_BETWEEN})"
    " worn ON worn.registration = r.id",
    "by": "LEFT JOIN account by_account ON by_account.id = r.entered_by",
}
_NEEDS = {"u": ("t", "o")}


def joined(names: Iterable[str]) -> str:
    """The joins with these names and what they need."""
    wanted = {needed for name in names for needed in (*_NEEDS.get(name, ()), name)}
    return "".join(f" {sql}" for name, sql in JOINS.items() if name in wanted)
