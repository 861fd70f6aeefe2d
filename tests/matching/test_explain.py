"""`fairs match explain`: one pair in words, its place in the person's list, and one sentence for what cannot be explained."""

import click
import pytest

from fairs.core import db, i18n
from fairs.matching import cli, encoding, explain, queries, services
from fairs.matching.engine.explanations.reasons import Reason
from fairs.matching.retrieval import pool_cache
from tests import factories
from tests.matching.people import read_everything

pytestmark = pytest.mark.usefixtures("db")


async def _place() -> tuple[int, int]:
    return await factories.organisation(), await factories.event()


async def _printed(capsys: pytest.CaptureFixture[str], talent: int, listing: int, lang: str = "en") -> list[str]:
    assert await cli._explained(talent, listing, lang) == 0
    return capsys.readouterr().out.splitlines()


async def test_a_pair_is_told_with_its_place_and_why_it_is_above_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    organisation, event = await _place()
    talent = await factories.talent()
    near = await factories.listing(organisation, event, title_en="Near post")
    far = await factories.listing(organisation, event, title_en="Far post", city="410300")
    await read_everything()
    lines = await _printed(capsys, talent, near)
    assert lines[1] == f"Listing {near}: Near post"
    assert "Conditions: person / listing" in lines
    assert "  fits  City: Zhengzhou / Zhengzhou" in lines
    assert "  1.00  Your field, Computer Science and Technology, is the one they ask for." in lines
    assert "  0.80  A skill that the listing names: deep learning = 深度学习" in lines
    assert lines[-3] == "Place 1 of 2 in the person's list"
    assert lines[-2].startswith(f"Next comes listing {far}, Far post: ")
    assert lines[-1] == "Above the next one, which lacks: City."
    last = await _printed(capsys, talent, far)
    assert last[-2:] == ["Place 2 of 2 in the person's list", "It is the last one."]
    assert "  does not fit  City: Zhengzhou / Luoyang" in last


async def test_it_is_told_in_chinese_and_with_texts_that_are_not_read(capsys: pytest.CaptureFixture[str]) -> None:
    organisation, event = await _place()
    talent, listing = await factories.talent(), await factories.listing(organisation, event, pay_min=None, pay_max=None)
    lines = await _printed(capsys, talent, listing, "zh")
    assert "条件：人才 / 需求" in lines
    assert "  0.20  需求未说明：薪酬" in lines
    assert "  有一份文本尚未读取，暂不计入。" in lines
    assert lines[-1] == "这是最后一条。"


async def test_declined_pairs_have_no_place(capsys: pytest.CaptureFixture[str]) -> None:
    organisation, event = await _place()
    talent, listing = await factories.talent(), await factories.listing(organisation, event)
    await factories.preference(event, talent, listing, "talent", "no")
    lines = await _printed(capsys, talent, listing)
    assert lines[-1] == "Not in the person's list: one of the two declined the other."


async def test_strangers_and_what_is_hidden_are_one_sentence() -> None:
    organisation, event = await _place()
    talent, listing = await factories.talent(), await factories.listing(organisation, event)
    private = await factories.talent(visibility="private")
    draft = await factories.listing(organisation, event, state="draft")
    for pair, says in (
        ((talent + 1000, listing), f"there is no profile {talent + 1000}"),
        ((talent, 2**70), f"there is no listing {2**70}"),
        ((-1, listing), "there is no profile -1"),
        ((private, listing), f"profile {private} is private: it is not proposed"),
        ((talent, draft), f"listing {draft} is not published: it is not proposed"),
    ):
        with pytest.raises(click.ClickException) as refused:
            await cli._explained(*pair, "en")
        assert refused.value.message == says


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every pool is as large as those that are served as they were while their successors are made."""
    monkeypatch.setattr(pool_cache, "LARGE", 1)


@pytest.mark.usefixtures("large")
async def test_listing_published_a_moment_ago_is_told_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    organisation, event = await _place()
    talent = await factories.talent()
    far = await factories.listing(organisation, event, title_en="Far post", city="410300")
    await read_everything()
    assert [one.listing_id for one in await services.suggestions_for_talent(talent, event)] == [far]
    near = await factories.listing(organisation, event, title_en="Near post")
    await encoding.encode_listing({"listing": near})
    lines = await _printed(capsys, talent, near)
    assert lines[1] == f"Listing {near}: Near post"
    assert lines[-3] == "Place 1 of 2 in the person's list"


@pytest.mark.usefixtures("large")
async def test_listing_changed_a_moment_ago_is_told_as_it_is_now(capsys: pytest.CaptureFixture[str]) -> None:
    organisation, event = await _place()
    talent, listing = await factories.talent(), await factories.listing(organisation, event)
    await read_everything()
    assert len(await services.suggestions_for_talent(talent, event)) == 1
    await db.execute("UPDATE listing SET city = '410300', updated_at = now() WHERE id = $1", listing)
    assert "  does not fit  City: Zhengzhou / Luoyang" in await _printed(capsys, talent, listing)


async def test_listing_withdrawn_while_it_is_read_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation, event = await _place()
    talent, listing = await factories.talent(), await factories.listing(organisation, event)
    plain = queries.shown_listings

    async def read_then_withdrawn(ids: list[int], talent_id: int) -> object:
        found = await plain(ids, talent_id)
        await db.execute("UPDATE listing SET state = 'closed', updated_at = now() WHERE id = $1", listing)
        return found

    monkeypatch.setattr(queries, "shown_listings", read_then_withdrawn)
    with pytest.raises(click.ClickException) as refused:
        await cli._explained(talent, listing, "en")
    assert refused.value.message == f"listing {listing} is not published: it is not proposed"


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        (Reason("discipline_related", 0.7, {"profile": "0812", "listing": "0835"}), "Your field, Computer Science and "
         "Technology, is close to the one they ask for, Software Engineering."),
        (Reason("term", 0.9, {"zh": "深度学习", "en": "deep learning"}), "Both texts: deep learning = 深度学习"),
        (Reason("term", 0.9, {"zh": "", "en": "deep learning"}), "Both texts: deep learning"),
        (Reason("skill", 0.8, {"profile": "Python", "listing": "python"}), "A skill that the listing names: Python"),
        (Reason("industry_same", 0.4, {"industry": "I65"}), "The same industry: Software and Information Technology Services"),
        (Reason("pay_below", 0.4, {"asked": "9", "offered": "8"}), "The pay is below what you ask for."),
        (Reason("not_said", 0.2, {"side": "profile", "field": "text"}), "Not stated by the person: what the work is about"),
        (Reason("gate_met", 0.6, {"gate": "city", "asked": "1", "found": "1"}), ""),
    ],
)  # fmt: skip
def test_every_kind_of_reason_has_words(reason: Reason, says: str) -> None:
    with i18n.language("en"):
        assert explain.in_words(reason) == says
