"""The log is read page by page, each filter from an index."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairs.audit import queries
from fairs.audit.queries import Place, Wanted
from fairs.core import db as database

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


async def _fill(rows: int) -> None:
    """Entries of 50 accounts and the system, of six kinds, three of them each moment."""
    await database.execute(
        "INSERT INTO audit_entry (at, actor_account_id, actor_label, action, object_kind, object_id)"
        " SELECT $2::timestamptz + (n / 3) * interval '1 second', nullif(n % 51, 0), 'somebody',"
        " (ARRAY['listing.save', 'event.update', 'session.open', 'talent.save', 'meeting.book'])[1 + n % 5],"
        " (ARRAY['listing', 'event', 'account', 'talent', 'meeting', 'organisation'])[1 + n % 6], (n % 997)::text"
        " FROM generate_series(1, $1::int) AS n",
        rows,
        NOON,
    )


async def _all(wanted: Wanted, size: int) -> list[int]:
    found: list[int] = []
    place: Place | None = None
    while True:
        page = await queries.entries(wanted, size=size, after=place)
        found += [entry.id for entry in page]
        if len(page) < size:
            return found
        place = Place.read(Place(page[-1].at, page[-1].id).text)
        assert place is not None


@pytest.mark.parametrize(
    ("wanted", "condition"),
    [
        (Wanted(), "true"),
        (Wanted(people=(3, 7)), "actor_account_id IN (3, 7)"),
        (Wanted(people=()), "false"),
        (Wanted(nobody=True), "actor_account_id IS NULL"),
        (Wanted(kind="talent"), "object_kind = 'talent'"),
        (Wanted(action="meeting.book", kind="talent"), "action = 'meeting.book' AND object_kind = 'talent'"),
        (Wanted(objects=(("event", "7"), ("listing", "12"))), "(object_kind, object_id) IN (('event', '7'), ('listing', '12'))"),
        (
            Wanted(people=(3,), since=NOON + timedelta(seconds=100), until=NOON + timedelta(seconds=200)),
            "actor_account_id = 3 AND at >= '2026-11-20 04:01:40Z' AND at < '2026-11-20 04:03:20Z'",
        ),
    ],
)  # fmt: skip
async def test_pages_together_are_the_log(db: None, wanted: Wanted, condition: str) -> None:
    await _fill(2000)
    rows = await database.fetch(f"SELECT id FROM audit_entry WHERE {condition} ORDER BY at DESC, id DESC")
    assert await _all(wanted, 37) == [row["id"] for row in rows]
    assert [entry.id async for chunk in queries.all_entries(wanted) for entry in chunk] == [row["id"] for row in rows]


async def _plan(monkeypatch: pytest.MonkeyPatch, wanted: Wanted) -> str:
    seen: list[tuple[str, dict[str, Any]]] = []

    async def explained(_row: object, sql: str, /, **arguments: Any) -> list[Any]:
        seen.append((sql, arguments))
        return []

    with monkeypatch.context() as patched:
        patched.setattr(queries, "fetch_as", explained)
        await queries.entries(wanted, size=51, after=Place(NOON + timedelta(seconds=9000), 5))
    from fairs.core.rows import bound

    sql, values = bound(seen[0][0], seen[0][1])
    return json.dumps(json.loads(await database.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *values)))


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(people=(3, 7)),
        Wanted(nobody=True),
        Wanted(kind="talent"),
        Wanted(action="meeting.book"),
        Wanted(objects=(("event", "7"), ("listing", "12"))),
        Wanted(since=NOON, until=NOON + timedelta(seconds=900)),
        Wanted(people=(3,), since=NOON, until=NOON + timedelta(seconds=900)),
    ],
)
async def test_no_filter_reads_the_whole_log(db: None, monkeypatch: pytest.MonkeyPatch, wanted: Wanted) -> None:
    await _fill(30_000)
    await database.execute("ANALYZE audit_entry")
    plan = await _plan(monkeypatch, wanted)
    assert "Seq Scan" not in plan
    assert "ix_audit_entry_" in plan


@pytest.mark.parametrize("text", ["", "12", "a-b", "-", "1-²", "9" * 20 + "-1", "1-" + "9" * 30])
def test_what_is_no_place_begins_anew(text: str) -> None:
    assert Place.read(text) is None
