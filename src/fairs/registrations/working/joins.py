"""What the statements of the working list join to a registration `r`: each part of a list names the texts that it needs."""

from collections.abc import Iterable

TALENT = "LEFT JOIN talent t ON t.id = r.talent"
ORGANISATION = "LEFT JOIN organisation o ON o.id = r.organisation"
ENTERED_BY = "LEFT JOIN account by_account ON by_account.id = r.entered_by"
UNIT = (TALENT, ORGANISATION, "LEFT JOIN unit u ON u.id = coalesce(o.unit, t.unit)")
OF_THE_EVENT = (  # ids of an event lie together: a range of an index is read instead of a whole table
    "BETWEEN (SELECT q.id FROM registration q WHERE q.event = :event ORDER BY q.id LIMIT 1)"
    " AND (SELECT q.id FROM registration q WHERE q.event = :event ORDER BY q.id DESC LIMIT 1)"
)


def joined(texts: Iterable[str]) -> str:
    """Each of the joins once, in their order."""
    return "".join(f" {sql}" for sql in dict.fromkeys(texts))
