"""Read the rule of an event's tables, who has one, and who asked."""

from fairs.core.pagination import Page, paged, window
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_values
from fairs.core.search_keys import like_words
from fairs.core.wishes import WANTED
from fairs.meetings.giving.rows import OwnTables, RuleRow, WithoutTable
from fairs.meetings.tables import TableRuleKind

USUAL = RuleRow(TableRuleKind.REQUEST, 1)
_PUBLISHED = "SELECT count(*) FROM listing l WHERE l.event = :event AND l.organisation = o.id AND l.state = 'published'"
_MUTUAL = (
    "SELECT count(*) FROM preference a JOIN preference b ON b.talent = a.talent AND b.listing = a.listing"  # noqa: S608 - constants of the code; values are named arguments
    f" AND b.side = 'employer' AND b.level IN {WANTED} JOIN listing l ON l.id = a.listing AND l.organisation = o.id"
    f" WHERE a.event = :event AND a.side = 'talent' AND a.level IN {WANTED}"
)
_HAS_NONE = "NOT EXISTS (SELECT 1 FROM meeting_table h WHERE h.event = :event AND h.organisation = o.id)"
_CONCERNED = f"o.state = 'approved' AND {_HAS_NONE} AND (({_PUBLISHED}) > 0 OR r.state = 'waiting')"


async def rule_of(event_id: int) -> RuleRow:
    """The rule of an event; without a stored one, those get a table who ask."""
    found = await fetch_one_as(RuleRow, "SELECT kind, each FROM table_rule WHERE event = :event", event=event_id)
    return found or USUAL


async def without_table(event_id: int, *, q: str = "", page: int | None = None) -> Page[WithoutTable]:
    """Approved employers that take part and have no table of their own; those who asked first, the longest waiting first."""
    columns = (
        f"o.id, o.name_zh, o.name_en, u.name_zh AS unit_zh, u.name_en AS unit_en, ({_PUBLISHED}) AS listings,"
        f" ({_MUTUAL}) AS mutual, r.state, r.note, r.asked_at"
    )
    source = "organisation o JOIN unit u ON u.id = o.unit LEFT JOIN table_request r ON r.organisation = o.id AND r.event = :event"
    select = Select(columns, source, event=event_id).where(_CONCERNED)
    if q:
        select.where(
            "lower(concat_ws(' ', o.name_zh, o.name_en, o.uscc, o.search_key)) LIKE ALL (:words::text[])",
            words=like_words(q),
        )
    order = "(r.state = 'waiting') DESC NULLS LAST, r.asked_at, o.id"
    return await paged(window(page, None), select.count, select.reader(WithoutTable, order=order))


async def ids_without_table(event_id: int) -> list[int]:
    """The same employers as `without_table`, by id."""
    return await fetch_values(
        int,
        "SELECT o.id FROM organisation o LEFT JOIN table_request r ON r.organisation = o.id AND r.event = :event"  # noqa: S608 - constants of the code
        f" WHERE {_CONCERNED} ORDER BY o.id",
        event=event_id,
    )


async def own_tables(event_id: int, organisations: list[int]) -> list[OwnTables]:
    """What each of these employers has at an event."""
    return await fetch_as(
        OwnTables,
        f"SELECT o.id, o.name_zh, o.name_en, o.state = 'approved' AS approved, ({_PUBLISHED}) AS listings,"  # noqa: S608 - constants of the code
        " ARRAY(SELECT h.number FROM meeting_table h WHERE h.event = :event AND h.organisation = o.id ORDER BY h.number)"
        " AS numbers, r.state, r.answer FROM organisation o LEFT JOIN table_request r ON r.organisation = o.id"
        " AND r.event = :event WHERE o.id = ANY(:ids::bigint[]) ORDER BY o.id",
        event=event_id,
        ids=organisations,
    )


async def events_with_own_tables(organisation_id: int) -> list[int]:
    """Events whose rule gives tables, and where this employer has a published listing."""
    return await fetch_values(
        int,
        "SELECT DISTINCT t.event FROM table_rule t JOIN listing l ON l.event = t.event AND l.state = 'published'"
        " WHERE t.kind = 'own' AND l.organisation = :id ORDER BY t.event",
        id=organisation_id,
    )
