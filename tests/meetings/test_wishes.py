"""Wishes: what each side may say, what the other side is told of it, and when both want to meet."""

import asyncio

import pytest

from fairs.accounts.actor import Actor
from fairs.core import db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.wishes import Side
from fairs.meetings import queries, services
from fairs.units import catalogues
from tests import factories
from tests.cast import make_actor
from tests.fair import profile_of
from tests.meetings.stage import booked, mails, make_stage

pytestmark = pytest.mark.usefixtures("db")


async def levels() -> list[tuple[str, str]]:
    return [tuple(row) for row in await db.fetch("SELECT side, level FROM preference ORDER BY side")]


async def test_wish_is_kept_changed_and_taken_back() -> None:
    stage = await make_stage()
    for level in ("meet", "must", "no", "no"):
        said = await services.express(stage.listing, stage.talent, level, side=Side.TALENT, by=stage.candidate)
        assert said == services.Expressed(mutual=False, news=False)
        assert await levels() == [("talent", level)]
    await services.express(stage.listing, stage.talent, "", side=Side.TALENT, by=stage.candidate)
    assert await levels() == []
    assert await mails() == []
    logged = await db.fetch(
        "SELECT after ->> 'level' AS level FROM audit_entry WHERE action = 'preference.set' ORDER BY id"
    )
    assert [row["level"] for row in logged] == ["meet", "must", "no", ""]


async def test_mutual_wish_is_told_to_both_sides_once() -> None:
    stage = await make_stage()
    await services.express(stage.listing, stage.talent, "meet", side=Side.TALENT, by=stage.candidate)
    said = await services.express(stage.listing, stage.talent, "must", side=Side.EMPLOYER, by=stage.employer)
    assert said == services.Expressed(mutual=True, news=True)
    told = [("interest_mutual", "en", "maria@example.org"), ("interest_mutual", "en", "wang@example.org")]
    assert await mails() == told
    await services.express(stage.listing, stage.talent, "", side=Side.EMPLOYER, by=stage.employer)
    again = await services.express(stage.listing, stage.talent, "meet", side=Side.EMPLOYER, by=stage.employer)
    assert again == services.Expressed(mutual=True, news=True)
    assert await mails() == told


async def test_wishes_said_at_the_same_moment_are_seen_as_mutual() -> None:
    stage = await make_stage()
    both = await asyncio.gather(
        services.express(stage.listing, stage.talent, "meet", side=Side.TALENT, by=stage.candidate),
        services.express(stage.listing, stage.talent, "meet", side=Side.EMPLOYER, by=stage.employer),
    )
    assert sorted(said.news for said in both) == [False, True]
    assert len(await mails()) == 2


async def test_strangers_cannot_speak_for_others() -> None:
    stage = await make_stage()
    other = await make_actor("employer", email="other@example.org", organisation_id=await factories.organisation())
    bob = await make_actor("candidate", email="bob@example.org")
    await profile_of(bob)
    strangers: list[tuple[Side, Actor]] = [
        (Side.EMPLOYER, other),
        (Side.TALENT, bob),
        (Side.TALENT, stage.employer),
        (Side.EMPLOYER, stage.candidate),
    ]
    for side, actor in strangers:
        with pytest.raises(NotFound):
            await services.express(stage.listing, stage.talent, "meet", side=side, by=actor)
    assert await levels() == []


async def test_private_profile_can_neither_ask_nor_be_asked() -> None:
    stage = await make_stage(visibility="private")
    with pytest.raises(Conflict) as refused:
        await services.express(stage.listing, stage.talent, "meet", side=Side.TALENT, by=stage.candidate)
    assert (refused.value.code, refused.value.message) == ("private", services.PRIVATE)
    with pytest.raises(NotFound):
        await services.express(stage.listing, stage.talent, "meet", side=Side.EMPLOYER, by=stage.employer)
    await services.express(stage.listing, stage.talent, "no", side=Side.TALENT, by=stage.candidate)
    assert await levels() == [("talent", "no")]


async def test_wish_for_a_closed_listing_is_refused_but_can_be_taken_back() -> None:
    stage = await make_stage()
    await services.express(stage.listing, stage.talent, "meet", side=Side.TALENT, by=stage.candidate)
    await db.execute("UPDATE listing SET state = 'closed'")
    with pytest.raises(Conflict):
        await services.express(stage.listing, stage.talent, "must", side=Side.TALENT, by=stage.candidate)
    await services.express(stage.listing, stage.talent, "", side=Side.TALENT, by=stage.candidate)
    await db.execute("UPDATE listing SET state = 'draft'")
    with pytest.raises(NotFound):
        await services.express(stage.listing, stage.talent, "meet", side=Side.TALENT, by=stage.candidate)


@pytest.mark.parametrize("state", ["draft", "follow_up", "archived", "cancelled"])
async def test_nobody_wishes_to_meet_in_an_event_that_does_not_allow_it(state: str) -> None:
    stage = await make_stage()
    await db.execute("UPDATE event SET state = $1", state)
    for side, actor in ((Side.TALENT, stage.candidate), (Side.EMPLOYER, stage.employer)):
        with pytest.raises(Conflict):
            await services.express(stage.listing, stage.talent, "meet", side=side, by=actor)


async def test_unknown_level_is_refused() -> None:
    stage = await make_stage()
    with pytest.raises(Invalid):
        await services.express(stage.listing, stage.talent, "maybe", side=Side.TALENT, by=stage.candidate)


async def test_wish_cannot_be_taken_back_while_there_is_a_meeting() -> None:
    stage = await make_stage()
    await booked(stage)
    with pytest.raises(Conflict) as refused:
        await services.express(stage.listing, stage.talent, "no", side=Side.TALENT, by=stage.candidate)
    assert refused.value.message == services.CANCEL_FIRST


async def test_declining_is_never_told_to_the_other_side() -> None:
    stage = await make_stage()
    await services.express(stage.listing, stage.talent, "meet", side=Side.TALENT, by=stage.candidate)
    await services.express(stage.listing, stage.talent, "no", side=Side.EMPLOYER, by=stage.employer)
    mine = await queries.wishes_of_talent(stage.talent)
    assert [(row.talent_level, row.employer_level) for row in mine] == [("meet", None)]
    theirs = await queries.wishes_of_organisations([stage.organisation], stage.event)
    assert [(row.employer_level, row.talent_level) for row in theirs] == [("no", "meet")]


async def test_person_shown_after_a_match_is_named_when_both_want_to_meet() -> None:
    stage = await make_stage(visibility="matched")
    await services.express(stage.listing, stage.talent, "meet", side=Side.TALENT, by=stage.candidate)
    before = await queries.wishes_of_organisations([stage.organisation], stage.event)
    await services.express(stage.listing, stage.talent, "meet", side=Side.EMPLOYER, by=stage.employer)
    after = await queries.wishes_of_organisations([stage.organisation], stage.event)
    assert ([row.named for row in before], [row.named for row in after]) == ([False], [True])


async def test_must_meet_is_limited_for_a_listing_also_when_all_say_it_at_once() -> None:
    stage = await make_stage()
    limit = catalogues.must_limits()["employer"]
    people = [await factories.talent() for _ in range(limit + 6)]
    said = await asyncio.gather(
        *(services.express(stage.listing, one, "must", side=Side.EMPLOYER, by=stage.employer) for one in people),
        return_exceptions=True,
    )
    refused = [one for one in said if isinstance(one, Conflict)]
    assert len(refused) == 6
    assert {(one.code, one.extra["limit"], one.extra["used"]) for one in refused} == {("must_limit", limit, limit)}
    assert await db.fetchval("SELECT count(*) FROM preference WHERE level = 'must'") == limit
    chosen = await db.fetchval("SELECT talent FROM preference WHERE level = 'must' LIMIT 1")
    await services.express(stage.listing, chosen, "must", side=Side.EMPLOYER, by=stage.employer)  # said already
    await services.express(stage.listing, chosen, "meet", side=Side.EMPLOYER, by=stage.employer)
    left = {row["talent"] for row in await db.fetch("SELECT talent FROM preference")}
    other = next(one for one in people if one not in left)
    await services.express(stage.listing, other, "must", side=Side.EMPLOYER, by=stage.employer)


async def test_must_meet_is_limited_for_a_person_in_one_event() -> None:
    stage = await make_stage()
    limit = catalogues.must_limits()["talent"]
    organisation = await factories.organisation()
    listings = [await factories.listing(organisation, stage.event) for _ in range(limit + 1)]
    for listing in listings[:limit]:
        await services.express(listing, stage.talent, "must", side=Side.TALENT, by=stage.candidate)
    with pytest.raises(Conflict) as refused:
        await services.express(listings[limit], stage.talent, "must", side=Side.TALENT, by=stage.candidate)
    assert str(limit) in str(refused.value.message)
    elsewhere = await factories.listing(organisation, await factories.event())
    await services.express(elsewhere, stage.talent, "must", side=Side.TALENT, by=stage.candidate)
