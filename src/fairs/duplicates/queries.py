"""Reads pairs, both sides of one, and what was merged."""

from fairs.core.errors import NotFound
from fairs.core.pagination import Page, paged
from fairs.core.rows import Select, fetch_as, fetch_one_as, fetch_value, fetch_value_or_none
from fairs.core.search_keys import like_words
from fairs.duplicates import rules
from fairs.duplicates.rows import AccountRow, MergeRow, PairRow, SideEntry
from fairs.duplicates.rules import Strength
from fairs.duplicates.tables import PairState
from fairs.registrations.rules import ENDED_STATES
from fairs.talents import phones
from fairs.talents.queries import COLUMNS
from fairs.talents.rows import TalentRow

_SIDE = (
    "coalesce({t}.name_passport, {r}.name_passport, '') AS {n}_passport, coalesce({t}.name_native, {r}.name_native, '')"
    " AS {n}_native, coalesce({t}.email, {r}.email, '') AS {n}_email"
)
_ONE, _OTHER = (_SIDE.format(t=f"t{n}", r=f"r{n}", n=name) for n, name in ((1, "one"), (2, "other")))
_PAIRS = (
    "duplicate_pair p LEFT JOIN talent t1 ON t1.id = p.one LEFT JOIN registration r1 ON r1.id = -p.one"
    " LEFT JOIN talent t2 ON t2.id = p.other LEFT JOIN registration r2 ON r2.id = -p.other"
    " LEFT JOIN account d ON d.id = p.decided_by"
)
_PAIR = (
    "p.id, p.one, p.other, p.score, p.reasons, p.state, p.found_at, p.decided_at, d.name AS decided_name,"
    f" {_ONE}, {_OTHER}"
)
_THERE = (
    f"coalesce(t1.id, r1.id) IS NOT NULL AND coalesce(t2.id, r2.id) IS NOT NULL AND coalesce(r1.state, '') NOT IN {ENDED_STATES}"
    f" AND coalesce(r2.state, '') NOT IN {ENDED_STATES} AND r1.talent IS NULL AND r2.talent IS NULL"
)
_AT_EVENT = (
    f"EXISTS (SELECT 1 FROM registration x JOIN event e ON e.id = x.event WHERE e.slug = :event AND x.state NOT IN {ENDED_STATES}"  # noqa: S608 - a constant: the ended states
    " AND (x.talent IN (p.one, p.other) OR x.id IN (-p.one, -p.other)))"
)
_MERGE = (
    "m.id, m.kept, m.gone, m.score, m.reasons, m.moved::text AS moved, m.images, m.photo, m.gone_email, m.gone_account,"
    " m.merged_by, m.merged_at, a.name AS merged_name, m.undo_until, m.undone_at, u.name AS undone_name,"
    " coalesce(t.name_passport, r.name_passport, '') AS kept_passport, coalesce(t.name_native, r.name_native, '') AS kept_native"
)
_MERGES = (
    "person_merge m LEFT JOIN account a ON a.id = m.merged_by LEFT JOIN account u ON u.id = m.undone_by"
    " LEFT JOIN talent t ON t.id = m.kept LEFT JOIN registration r ON r.id = -m.kept"
)


ORDERS = {  # sort key → SQL
    "-sure": "p.score DESC, p.id",
    "sure": "p.score, p.id",
    "person": "lower(coalesce(t1.name_passport, r1.name_passport, '')), p.id",
    "-person": "lower(coalesce(t1.name_passport, r1.name_passport, '')) DESC, p.id",
    "found": "p.found_at, p.id",
    "-found": "p.found_at DESC, p.id",
}


async def search(
    *,
    q: str = "",
    strength: str = "",
    reason: str = "",
    event: str = "",
    state: PairState = PairState.OPEN,
    sort: str = "",
    window: tuple[int, int, int],
) -> Page[PairRow]:
    """One page of the pairs, the most alike first or in another order of `ORDERS`; `q` is searched in both names and addresses."""
    select = Select(_PAIR, _PAIRS)
    select.where(_THERE)
    select.where("p.state = :state", state=state)
    if q:
        select.where(
            "NOT EXISTS (SELECT 1 FROM unnest(:words::text[]) AS word WHERE coalesce(t1.search_key, r1.search_key, '') || ' '"
            " || coalesce(t1.email, r1.email, '') || ' ' || coalesce(t2.search_key, r2.search_key, '') || ' '"
            " || coalesce(t2.email, r2.email, '') NOT LIKE word)",
            words=like_words(q.replace("\0", " ")),
        )
    if strength:
        lowest = rules.FROM[Strength(strength)]
        above = [value for value in rules.FROM.values() if value > lowest]
        select.where("p.score >= :lowest AND p.score < :above", lowest=lowest, above=min(above, default=1000))
    if reason:
        select.where(":reason::varchar = ANY(p.reasons)", reason=reason)
    if event:
        select.where(_AT_EVENT, event=event)
    return await paged(window, select.count, select.reader(PairRow, order=ORDERS.get(sort, ORDERS["-sure"])))


async def pair_by_id(pair_id: int) -> PairRow:
    """A pair. Raises NotFound, also when one of its records is no more."""
    sql = f"SELECT {_PAIR} FROM {_PAIRS} WHERE p.id = :id AND {_THERE}"  # noqa: S608 - constants of the code
    row = await fetch_one_as(PairRow, sql, id=pair_id) if 0 < pair_id < 2**63 else None
    if row is None:
        raise NotFound
    return row


async def profile(talent_id: int, *, lock: bool = False) -> TalentRow | None:
    """A profile with its phone opened."""
    end = " FOR UPDATE" if lock else ""
    sql = f"SELECT {COLUMNS} FROM talent t WHERE t.id = :id{end}"  # noqa: S608 - constants of the code
    row = await fetch_one_as(TalentRow, sql, id=talent_id)
    return phones.opened(row) if row else None


async def entries(record: int) -> list[SideEntry]:
    """The registrations of a record: those of a profile, or the one that is the record itself."""
    return await fetch_as(
        SideEntry,
        "SELECT r.id, r.number, r.event, e.slug, e.title_zh, e.title_en, e.starts_at, e.ends_at, e.demo, r.category, r.state,"
        " r.created_at, r.talent, r.registrant, r.email, r.name_passport, r.name_native, r.nationality, r.organisation_name,"
        " r.phone, r.lang, EXISTS (SELECT 1 FROM admission a WHERE a.registration = r.id) AS arrived FROM registration r"
        " JOIN event e ON e.id = r.event WHERE r.talent = :record OR r.id = -:record::bigint"
        " ORDER BY e.starts_at DESC, r.id",
        record=record,
    )


async def account(account_id: int) -> AccountRow:
    """An account with the roles beyond a candidate's."""
    (row,) = await fetch_as(
        AccountRow,
        "SELECT a.id, a.email, a.active, a.email_confirmed_at IS NOT NULL AS proved, a.last_sign_in_at,"
        " ARRAY(SELECT m.role FROM membership m WHERE m.account = a.id AND m.role <> 'candidate' ORDER BY m.id) AS roles"
        " FROM account a WHERE a.id = :id",
        id=account_id,
    )
    return row


async def counts(record: int) -> dict[str, int]:
    """How many meetings and agreements a record has."""
    if record < 0:
        return {"meetings": 0, "agreements": 0, "wishes": 0}
    return {
        "meetings": await fetch_value(int, "SELECT count(*) FROM meeting WHERE talent = :id", id=record),
        "agreements": await fetch_value(int, "SELECT count(*) FROM agreement WHERE talent = :id", id=record),
        "wishes": await fetch_value(int, "SELECT count(*) FROM preference WHERE talent = :id", id=record),
    }


async def merges(*, q: str = "", window: tuple[int, int, int]) -> Page[MergeRow]:
    """What was merged, the newest first."""
    select = Select(_MERGE, _MERGES)
    if q:
        select.where(
            "NOT EXISTS (SELECT 1 FROM unnest(:words::text[]) AS word WHERE coalesce(t.search_key, r.search_key, '') NOT LIKE word)",
            words=like_words(q.replace("\0", " ")),
        )
    return await paged(window, select.count, select.reader(MergeRow, order="m.id DESC"))


async def merge_by_id(merge_id: int, *, lock: bool = False) -> MergeRow:
    """A merge. Raises NotFound."""
    sql = f"SELECT {_MERGE} FROM {_MERGES} WHERE m.id = :id{' FOR UPDATE OF m' if lock else ''}"  # noqa: S608 - constants
    row = await fetch_one_as(MergeRow, sql, id=merge_id) if 0 < merge_id < 2**63 else None
    if row is None:
        raise NotFound
    return row


async def later_merge(kept: int, gone: int, merge_id: int) -> bool:
    """Whether one of the two was merged again since, and that still stands."""
    sql = (
        "SELECT id FROM person_merge WHERE id > :merge AND undone_at IS NULL"
        " AND (kept = ANY(:records::bigint[]) OR gone = ANY(:records::bigint[])) LIMIT 1"
    )
    return await fetch_value_or_none(int, sql, merge=merge_id, records=[kept, gone]) is not None


async def open_pairs() -> int:
    """How many pairs wait for a decision."""
    return await fetch_value(int, f"SELECT count(*) FROM {_PAIRS} WHERE {_THERE} AND p.state = 'open'")  # noqa: S608 - constants
