import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from fairs.accounts.actor import SYSTEM, Actor
from fairs.core import db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import parse
from fairs.listings import queries, services
from fairs.listings.forms import ListingForm, PeopleForm, ProjectForm, UrgentForm
from fairs.listings.rules import SORTS, Filters, Totals
from tests import factories
from tests.cast import make_actor

pytestmark = pytest.mark.usefixtures("db")

PEOPLE: dict[str, Any] = {
    "title_zh": "医学影像人工智能研究员",
    "title_en": "Researcher in AI for medical images",
    "description_zh": "研究深度学习在肿瘤CT影像诊断中的应用。",
    "discipline": "0812",
    "degree": "doctor",
    "engagement": ["full_time", "flexible"],
    "city": "410100",
    "headcount": "2",
    "pay_min": "30",
    "pay_max": "50",
}


def people(**given: Any) -> ListingForm:
    return parse(PeopleForm, PEOPLE | given)


async def cast(state: str = "approved") -> tuple[Actor, int, int]:
    organisation, event = await factories.organisation(state=state), await factories.event()
    return await make_actor("employer", organisation_id=organisation), organisation, event


async def jobs() -> list[dict[str, int]]:
    rows = await db.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = $1 ORDER BY id", services.ENCODE)
    return [json.loads(row["payload"]) for row in rows]


async def state_of(listing_id: int) -> str:
    return str(await db.fetchval("SELECT state FROM listing WHERE id = $1", listing_id))


async def test_create_listing_is_a_draft_that_nobody_is_told_of() -> None:
    boss, organisation, event = await cast()
    listing = await services.create_listing(people(), organisation_id=organisation, event_id=event, by=boss)
    row = await queries.listing_by_id(listing)
    stored = {
        name: getattr(row, name)
        for name in ("kind", "state", "headcount", "pay_min", "pay_max", "engagement", "published_at")
    }
    assert stored == {
        "kind": "people",
        "state": "draft",
        "headcount": 2,
        "pay_min": 30,
        "pay_max": 50,
        "engagement": ["full_time", "flexible"],
        "published_at": None,
    }
    for typed in ("yixueyingxiang", "yxyx", "medical", "jisuanji", "computer", "zhengzhou", "郑州", "肿瘤"):
        assert typed in row.search_key, typed
    assert await jobs() == []


async def test_create_listing_for_another_employer_is_not_found() -> None:
    boss, _, event = await cast()
    other = await factories.organisation()
    with pytest.raises(NotFound):
        await services.create_listing(people(), organisation_id=other, event_id=event, by=boss)
    bureau = await make_actor("bureau", email="b@example.org", unit_id=await factories.unit_id())
    with pytest.raises(NotFound):
        await services.create_listing(people(), organisation_id=other, event_id=event, by=bureau)


async def test_create_listing_at_a_fair_that_is_wound_up_is_refused() -> None:
    boss, organisation, _ = await cast()
    over = await factories.event(state="follow_up")
    with pytest.raises(Conflict):
        await services.create_listing(people(), organisation_id=organisation, event_id=over, by=boss)


async def test_publish_listing_shows_it_and_has_it_encoded() -> None:
    boss, organisation, event = await cast()
    listing = await services.create_listing(people(), organisation_id=organisation, event_id=event, by=boss)
    await services.publish_listing(listing, by=boss)
    await services.publish_listing(listing, by=boss)
    page = await queries.published_listings(event, Filters())
    assert [row.id for row in page.rows] == [listing]
    assert await jobs() == [{"listing": listing}]
    actions = await db.fetch("SELECT action FROM audit_entry WHERE object_kind = 'listing' ORDER BY id")
    assert [row["action"] for row in actions] == ["listing.create", "listing.publish"]


@pytest.mark.parametrize("state", ["pending", "rejected"])
async def test_publish_listing_of_an_employer_that_is_not_approved_is_refused(state: str) -> None:
    boss, organisation, event = await cast(state)
    listing = await services.create_listing(people(), organisation_id=organisation, event_id=event, by=boss)
    with pytest.raises(Conflict):
        await services.publish_listing(listing, by=boss)
    assert await state_of(listing) == "draft"


async def test_publish_listing_after_its_last_day_is_refused() -> None:
    boss, organisation, event = await cast()
    yesterday = queries.today() - timedelta(days=1)
    listing = await factories.listing(organisation, event, state="draft", valid_to=yesterday)
    with pytest.raises(Conflict):
        await services.publish_listing(listing, by=boss)


async def test_publish_listing_checks_the_conditions_once_more() -> None:
    boss, organisation, event = await cast()
    listing = await factories.listing(organisation, event, state="draft", description_zh="仅限男性，35岁以下。")
    with pytest.raises(Conflict) as refused:
        await services.publish_listing(listing, by=boss)
    assert "仅限男性" in str(refused.value.message)


async def test_change_of_a_published_listing_keeps_it_published_and_encodes_it_anew() -> None:
    boss, organisation, event = await cast()
    listing = await services.create_listing(people(), organisation_id=organisation, event_id=event, by=boss)
    await services.publish_listing(listing, by=boss)
    await services.update_listing(
        listing, people(title_zh="新的标题", urgent_asked="on", urgent_reason="项目已开工"), by=boss
    )
    row = await queries.listing_by_id(listing)
    assert (row.state, row.title_zh, row.urgent_reason) == ("published", "新的标题", "项目已开工")
    assert await jobs() == [{"listing": listing}, {"listing": listing}]


async def test_change_of_the_kind_is_not_possible() -> None:
    boss, organisation, event = await cast()
    listing = await services.create_listing(people(), organisation_id=organisation, event_id=event, by=boss)
    project = parse(ProjectForm, {name: value for name, value in PEOPLE.items() if name not in ("degree", "headcount")})
    with pytest.raises(NotFound):
        await services.update_listing(listing, project, by=boss)


async def test_close_and_publish_again_keeps_the_first_day() -> None:
    boss, organisation, event = await cast()
    listing = await services.create_listing(people(), organisation_id=organisation, event_id=event, by=boss)
    with pytest.raises(Conflict):
        await services.close_listing(listing, by=boss)
    await services.publish_listing(listing, by=boss)
    first = (await queries.listing_by_id(listing)).published_at
    await services.close_listing(listing, by=boss)
    await services.close_listing(listing, by=boss)
    assert await state_of(listing) == "closed"
    assert (await queries.published_listings(event, Filters())).total == 0
    await services.publish_listing(listing, by=boss)
    row = await queries.listing_by_id(listing)
    assert (row.state, row.published_at) == ("published", first)


async def test_strangers_of_the_same_role_cannot_touch_a_listing() -> None:
    boss, organisation, event = await cast()
    listing = await services.create_listing(people(), organisation_id=organisation, event_id=event, by=boss)
    rival = await make_actor("employer", email="r@example.org", organisation_id=await factories.organisation())
    for act in (
        services.publish_listing(listing, by=rival),
        services.close_listing(listing, by=rival),
        services.update_listing(listing, people(), by=rival),
    ):
        with pytest.raises(NotFound):
            await act
    with pytest.raises(NotFound):
        await queries.listing_for(rival, listing)


async def test_the_system_may_write_for_any_employer() -> None:
    _, organisation, event = await cast()
    listing = await services.create_listing(
        people(), organisation_id=organisation, event_id=event, by=SYSTEM, demo=True
    )
    await services.publish_listing(listing, by=SYSTEM)
    assert await state_of(listing) == "published"


async def test_publishing_is_told_to_the_live_pages() -> None:
    boss, organisation, event = await cast()
    listing = await services.create_listing(people(), organisation_id=organisation, event_id=event, by=boss)
    heard: asyncio.Queue[str] = asyncio.Queue()

    def hear(*told: Any) -> None:
        heard.put_nowait(told[-1])

    async with db.connection() as listener:
        await listener.add_listener("fairs", hear)
        await services.publish_listing(listing, by=boss)
        async with asyncio.timeout(5):
            told = json.loads(await heard.get())
        await listener.remove_listener("fairs", hear)
    assert told == {"topic": f"event:{event}", "data": {"what": "listing"}}


async def test_form_finds_every_error_at_once_with_the_words_quoted() -> None:
    bad = PEOPLE | {
        "title_zh": "男性研究员优先录用男性",
        "description_zh": "限男性，35岁以下。",
        "pay_max": "20",
        "urgent_asked": "on",
        "headcount": "0",
        "start_by": "2001-01-01",
    }
    with pytest.raises(Invalid) as refused:
        parse(PeopleForm, bad)
    fields = {name: str(messages[0]) for name, messages in refused.value.fields.items()}
    assert set(fields) == {"title_zh", "description_zh", "pay_max", "urgent_reason", "headcount", "start_by"}
    assert "“限男性”" in fields["description_zh"]
    assert "“35岁以下”" in fields["description_zh"]


async def listed(event: int, **filters: str) -> list[str]:
    page = await queries.published_listings(event, Filters(**filters))
    return sorted(row.title_zh for row in page.rows)


async def test_published_listings_are_found_in_both_languages_and_pinyin() -> None:
    boss, organisation, event = await cast()
    await db.execute(
        "UPDATE organisation SET search_key = '河南农业大学 | henannongyedaxue | hnnydx' WHERE id = $1", organisation
    )
    wheat = people(title_zh="小麦遗传育种学科带头人", title_en="", discipline="0901", city="410700")
    for form in (people(), wheat):
        listing = await services.create_listing(form, organisation_id=organisation, event_id=event, by=boss)
        await services.publish_listing(listing, by=boss)
    for typed in ("小麦", "xiaomai", "xmyc", "crop", "xinxiang xiaomai", "XIAOMAI 农业大学"):
        assert await listed(event, q=typed) == ["小麦遗传育种学科带头人"], typed
    assert len(await listed(event, q="hnnydx")) == 2
    assert await listed(event, q="wheat 100%") == []


async def test_published_listings_leave_out_what_is_not_open() -> None:
    organisation, event = await factories.organisation(), await factories.event()
    pending = await factories.organisation(state="pending")
    today = queries.today()
    await factories.listing(organisation, event, title_zh="open")
    await factories.listing(organisation, event, title_zh="last day", valid_to=today)
    await factories.listing(organisation, event, title_zh="over", valid_to=today - timedelta(days=1))
    await factories.listing(organisation, event, title_zh="draft", state="draft")
    await factories.listing(organisation, event, title_zh="closed", state="closed")
    await factories.listing(pending, event, title_zh="not approved")
    await factories.listing(organisation, await factories.event(), title_zh="elsewhere")
    assert await listed(event) == ["last day", "open"]


async def test_published_listings_pass_every_filter() -> None:
    organisation, event = await factories.organisation(), await factories.event()
    await factories.listing(organisation, event, title_zh="a")
    await factories.listing(organisation, event, title_zh="b", kind="project", city="410300", degree="none")
    await factories.listing(
        organisation, event, title_zh="c", discipline="1002", engagement=["lecture"], urgent=True, urgent_reason="now"
    )
    assert await listed(event, kind="project") == ["b"]
    assert await listed(event, category="08") == ["a", "b"]
    assert await listed(event, discipline="1002") == ["c"]
    assert await listed(event, city="410300") == ["b"]
    assert await listed(event, degree="doctor") == ["a", "c"]
    assert await listed(event, engagement="lecture") == ["c"]
    assert await listed(event, urgent="1") == ["c"]
    assert await listed(event, category="08", city="410300", kind="people") == []


async def test_published_listings_are_sorted_and_paged() -> None:
    organisation, event = await factories.organisation(), await factories.event()
    for at in range(5):
        await factories.listing(organisation, event, title_zh=str(at), pay_min=at, pay_max=10 + at, headcount=9 - at)
    page = await queries.published_listings(event, Filters(sort="pay"), number=2, size=2)
    assert ([row.title_zh for row in page.rows], page.total, page.pages) == (["2", "1"], 5, 3)
    page = await queries.published_listings(event, Filters(sort="heads"), number=1, size=1)
    assert [row.title_zh for row in page.rows] == ["0"]


async def _offers(event: int, organisation: int, count: int) -> None:
    """Published listings that differ in everything that is filtered, in one statement."""
    await db.execute(
        "INSERT INTO listing (organisation, event, kind, state, title_zh, title_en, description_zh, description_en,"
        " discipline, degree, engagement, city, languages, headcount, pay_min, pay_max, urgent, urgent_reason, search_key,"
        " demo, created_at, updated_at, published_at)"
        " SELECT $1, $2, (ARRAY['people', 'people', 'project'])[1 + n % 3], 'published', 'T' || n, '', '', '',"
        " (ARRAY['0812', '0835', '1002', '0901'])[1 + n % 4], (ARRAY['doctor', 'master', 'none'])[1 + n / 2 % 3],"
        " CASE WHEN n % 5 = 0 THEN ARRAY['full_time', 'lecture'] ELSE ARRAY['full_time'] END,"
        " (ARRAY['410100', '410300', '410700'])[1 + n / 3 % 3], '{}', 1 + n % 7, n % 90, 10 + n % 90, n % 11 = 0, 'soon', 'wheat ' || n,"
        " false, now(), now(), now() - n * interval '1 minute' FROM generate_series(1, $3) n",
        organisation,
        event,
        count,
    )


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"category": "08"},
        {"category": "08", "degree": "doctor"},
        {"category": "08", "discipline": "0812", "urgent": "1"},
        {"category": "10", "discipline": "0812"},
        {"kind": "project", "city": "410300", "engagement": "lecture"},
        {"q": "wheat 12", "kind": "people"},
    ],
)
async def test_counts_are_what_each_choice_would_show(asked: dict[str, str]) -> None:
    event = await factories.event()
    for _ in range(2):
        await _offers(event, await factories.organisation(), 60)
    filters = Filters(**asked)
    counts = await queries.counts(event, filters)
    page = await queries.published_listings(event, filters, size=200)
    assert counts.totals == Totals(
        listings=page.total,
        heads=sum(row.headcount for row in page.rows if row.kind == "people"),
        employers=len({row.organisation for row in page.rows}),
    )
    for name, values in counts.values.items():
        for value, number in values.items():
            chosen = asked | {name: value}
            if name == "category":
                chosen.pop("discipline", None)
            found = await queries.published_listings(event, Filters(**chosen))
            assert found.total == number > 0, (name, value)
    for value in ("people", "project"):
        shown = (await queries.published_listings(event, Filters(**(asked | {"kind": value})))).total
        assert counts.values["kind"].get(value, 0) == shown


async def test_page_of_ten_times_the_listings_reads_as_little() -> None:
    """In each order, and the look whether the counts still hold: pages touched, as PostgreSQL counts them."""
    costs: dict[str, list[int]] = {}
    for count in (400, 4000):
        event, organisation = await factories.event(), await factories.organisation()
        await _offers(event, organisation, count)
        await db.execute("ANALYZE listing")
        for sort in SORTS:
            costs.setdefault(sort, []).append(
                await _touched(partial(queries.published_rows, event, Filters(sort=sort)))
            )
        costs.setdefault("state", []).append(await _touched(partial(queries.state_of_listings, event)))
    assert all(large <= 2 * small + 20 for small, large in costs.values()), costs


async def _touched(read: Callable[[], Awaitable[object]]) -> int:
    """Pages that the statement of a query touches; the statement is the one that the query sends."""
    sent: list[tuple[str, tuple[Any, ...]]] = []

    def note(record: Any) -> None:
        sent.append((record.query, record.args))

    async with db.DB.transaction(), db.connection() as connection:
        connection.add_query_logger(note)
        try:
            await read()
        finally:
            connection.remove_query_logger(note)
        total = 0
        for sql, arguments in sent:
            plan = json.loads(await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", *arguments))
            total += plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"]
    assert sent
    return total


async def test_urgent_is_asked_by_the_employer_and_set_by_the_province() -> None:
    boss, organisation, event = await cast()
    province = await make_actor("organiser", email="province@example.org")
    wanted = people(urgent_asked="on", urgent_reason="项目已开工")
    listing = await services.create_listing(wanted, organisation_id=organisation, event_id=event, by=boss)

    async def marked() -> bool:
        return (await queries.listing_by_id(listing)).urgent

    assert not await marked()
    grant = UrgentForm(decision="grant", note="属急需紧缺目录")
    with pytest.raises(NotFound):
        await services.decide_urgent(listing, grant, by=boss)
    await services.decide_urgent(listing, grant, by=province)
    assert await marked()
    await services.update_listing(
        listing, people(title_zh="新", urgent_asked="on", urgent_reason="项目已开工"), by=boss
    )
    assert await marked()
    await services.decide_urgent(listing, UrgentForm(decision="refuse", note="已不在目录"), by=province)
    assert not await marked()
    assert (await queries.urgent_asked(event, answer="refused", q="", page=1)).total == 1
    await services.update_listing(listing, people(urgent_asked="on", urgent_reason="另一理由"), by=boss)
    assert (await queries.urgent_asked(event, answer="waiting", q="", page=1)).total == 1
    await services.update_listing(listing, people(), by=boss)
    with pytest.raises(Conflict):
        await services.decide_urgent(listing, grant, by=province)
