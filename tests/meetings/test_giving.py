"""Tables of employers: given by the rule of the event, on request, or from the organiser's list."""

import asyncio
import re

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core import versions
from fairs.core.db import execute, fetch, fetchval
from fairs.core.errors import Conflict, NotFound
from fairs.listings.services import publish_listing
from fairs.meetings.giving import queries, services
from fairs.meetings.giving.forms import AskForm, RefuseForm, RuleForm
from fairs.organisations.forms import DecisionForm
from fairs.organisations.services import decide_organisation
from tests import factories, fair
from tests.cast import make_actor, post, sign_in, sign_out

WORDS = ("Zenith", "Kestrel", "Juniper", "Quartz")
LIST = "/organise/editions/fair/hall/employers"


async def _employer(event: int, n: int, **listing: object) -> fair.Employer:
    """An employer with a listing at the event."""
    made = await fair.employer(f"hr{n}@example.org", f"HR {n}", name_en=f"Works {WORDS[n]}")
    await factories.listing(made.organisation, event, **listing)
    return made


async def _organiser() -> Actor:
    return await make_actor("organiser", email="province@example.org")


async def _tables(event: int) -> list[tuple[int, int]]:
    rows = await fetch("SELECT number, organisation FROM meeting_table WHERE event = $1 ORDER BY number", event)
    return [(row["number"], row["organisation"]) for row in rows]


async def test_rule_gives_the_missing_tables_and_then_each_first_listing_its_own(db: None) -> None:
    event = await factories.event()
    organiser, first = await _organiser(), await _employer(event, 1)
    second = await _employer(event, 2, state="draft", published_at=None)
    assert await services.save_rule(event, RuleForm(kind="own", each=2), by=organiser) == 2
    assert await _tables(event) == [(1, first.organisation), (2, first.organisation)]
    draft = await fetchval("SELECT id FROM listing WHERE organisation = $1", second.organisation)
    await publish_listing(draft, by=second.actor)
    assert (await _tables(event))[2:] == [(3, second.organisation), (4, second.organisation)]
    again = await factories.listing(second.organisation, event, state="draft", published_at=None)
    await publish_listing(again, by=second.actor)
    assert len(await _tables(event)) == 4


async def test_without_that_rule_a_listing_gives_no_table(db: None) -> None:
    event = await factories.event()
    organiser = await _organiser()
    for number, kind in enumerate(("request", "pool"), start=1):
        await services.save_rule(event, RuleForm(kind=kind), by=organiser)
        made = await _employer(event, number, state="draft", published_at=None)
        listing = await fetchval("SELECT id FROM listing WHERE organisation = $1", made.organisation)
        await publish_listing(listing, by=made.actor)
    assert await _tables(event) == []


async def test_an_employer_approved_again_gets_its_table(db: None) -> None:
    event = await factories.event()
    organiser = await _organiser()
    made = await _employer(event, 1)
    await execute("UPDATE organisation SET state = 'pending' WHERE id = $1", made.organisation)
    assert await services.save_rule(event, RuleForm(kind="own"), by=organiser) == 0
    await decide_organisation(made.organisation, DecisionForm(decision="approve"), by=organiser)
    assert await _tables(event) == [(1, made.organisation)]


async def test_asking_refusing_and_giving(db: None) -> None:
    event = await factories.event()
    organiser, made = await _organiser(), await fair.employer()
    form = AskForm(organisation=made.organisation, note="two interviewers")
    assert (await queries.without_table(event)).total == 0
    assert not await services.ask_for_table(event, form, by=made.actor)
    [row] = (await queries.without_table(event)).rows
    assert (row.id, row.state, row.note) == (made.organisation, "waiting", "two interviewers")
    await services.refuse_table(event, made.organisation, RefuseForm(answer="the hall is full"), by=organiser)
    [own] = await queries.own_tables(event, [made.organisation])
    assert (own.state, own.answer, own.numbers) == ("refused", "the hall is full", [])
    with pytest.raises(Conflict):
        await services.refuse_table(event, made.organisation, RefuseForm(answer="x"), by=organiser)
    await services.ask_for_table(event, form, by=made.actor)
    await services.give_table(event, made.organisation, by=organiser)
    [own] = await queries.own_tables(event, [made.organisation])
    assert (own.state, own.numbers) == ("given", [1])
    for refused in (services.give_table(event, made.organisation, by=organiser), services.ask_for_table(event, form, by=made.actor)):  # fmt: skip
        with pytest.raises(Conflict):
            await refused
    stranger = await fair.employer("other@example.org")
    with pytest.raises(NotFound):
        await services.ask_for_table(event, form, by=stranger.actor)
    with pytest.raises(NotFound):
        await services.give_table(event, stranger.organisation, by=stranger.actor)


async def test_many_at_once_get_one_table_each(db: None) -> None:
    event = await factories.event()
    organiser = await _organiser()
    made = [await _employer(event, n) for n in range(4)]
    await asyncio.gather(
        services.give_all(event, by=organiser),
        services.give_all(event, by=organiser),
        services.save_rule(event, RuleForm(kind="own"), by=organiser),
    )
    tables = await _tables(event)
    assert sorted(owner for _, owner in tables) == sorted(one.organisation for one in made)
    assert [number for number, _ in tables] == [1, 2, 3, 4]


async def test_two_who_change_the_rule_see_each_other(db: None) -> None:
    event = await factories.event()
    organiser = await _organiser()
    seen = versions.version_of(RuleForm, {"kind": "request", "each": 1})
    await services.save_rule(event, RuleForm(kind="pool"), by=organiser, seen=seen)
    with pytest.raises(versions.Outdated):
        await services.save_rule(event, RuleForm(kind="own", each=3), by=organiser, seen=seen)


async def test_a_finished_event_takes_no_requests_and_gives_no_tables(db: None) -> None:
    event = await factories.event(state="follow_up")
    organiser, made = await _organiser(), await fair.employer()
    with pytest.raises(Conflict):
        await services.ask_for_table(event, AskForm(organisation=made.organisation), by=made.actor)
    with pytest.raises(Conflict):
        await services.save_rule(event, RuleForm(kind="own"), by=organiser)


async def test_pages_of_both_sides(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    organiser, made, other = await _organiser(), await _employer(event, 1), await _employer(event, 2)
    await sign_in(client, made.actor)
    page = (await client.get("/employer/meetings?event=fair")).text
    assert "You have no table of your own yet" in page
    asked = await post(client, "/e/fair/table", {"organisation": str(made.organisation), "note": "a demonstration"})
    assert asked.status_code == 303
    assert "The organiser answers here" in (await client.get(asked.headers["location"])).text
    sign_out(client)
    await sign_in(client, organiser)
    shown = (await client.get(LIST)).text
    assert shown.index("Works Kestrel") < shown.index("Works Juniper")
    assert "a demonstration" in shown
    assert "Works Juniper" not in (await client.get(f"{LIST}?q=kestrel")).text
    for odd in ("?page=x", "?q=%00", "?page=99"):
        assert (await client.get(LIST + odd)).status_code == 200
    refuse = f"{LIST}/{made.organisation}/refuse"
    assert (await post(client, refuse, {"answer": ""})).status_code == 422
    assert (await post(client, refuse, {"answer": "no room left"})).status_code == 303
    assert (await post(client, f"{LIST}/{other.organisation}/table")).status_code == 303
    found = re.search(r'name="_version" value="([^"]+)"', shown)
    assert found
    rule = "/organise/editions/fair/hall/rule"
    assert (await post(client, rule, {"kind": "nonsense", "each": "1"})).status_code == 422
    saved = await post(client, rule, {"kind": "pool", "each": "1", "_version": found[1]})
    assert saved.status_code == 303
    late = await post(client, rule, {"kind": "own", "each": "4", "_version": found[1]})
    assert late.status_code == 409
    assert 'name="_keep_kind"' in late.text
    assert (await post(client, f"{LIST}/tables")).status_code == 303
    assert "Every employer has a table" in (await client.get(LIST)).text
    sign_out(client)
    await sign_in(client, made.actor)
    assert "Your table: number 2" in (await client.get("/employer/meetings?event=fair")).text
