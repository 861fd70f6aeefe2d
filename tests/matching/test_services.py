import asyncio
from datetime import date
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from fairs.core import db, i18n, jobs
from fairs.core.errors import NotFound
from fairs.core.wishes import Side
from fairs.matching import encoding, inputs, presentation, queries, services
from fairs.matching.engine.conditions import State
from fairs.matching.retrieval import pool_cache
from fairs.matching.services import Wanted
from fairs.matching.tables import OwnerKind
from fairs.matching.text import encoder
from tests import factories
from tests.matching.people import make_listings, make_people, read_everything, waiting_jobs

pytestmark = pytest.mark.usefixtures("db")


async def place() -> tuple[int, int]:
    """(organisation, event)."""
    return await factories.organisation(), await factories.event()


async def vectors() -> list[tuple[object, ...]]:
    rows = await db.fetch("SELECT owner_kind, owner_id, lang, length(vector), model FROM text_vector ORDER BY id")
    return [tuple(row) for row in rows]


async def test_everybody_finds_the_right_listing_first_in_either_language() -> None:
    organisation, event = await place()
    people, listings = await make_people(), await make_listings(organisation, event)
    assert await read_everything() == len(people) + len(listings)
    first = {}
    for code, talent in people.items():
        found = await services.suggestions_for_talent(talent, event)
        assert (found.state, found.pool, len(found)) == ("ready", len(listings), len(listings))
        assert all(one.read for one in found)
        first[code] = found[0].listing_id
    assert first == listings


async def test_every_listing_finds_the_right_person_first_in_either_language() -> None:
    organisation, event = await place()
    people, listings = await make_people(), await make_listings(organisation, event)
    await read_everything()
    first = {code: (await services.suggestions_for_listing(listing))[0].talent_id for code, listing in listings.items()}
    assert first == people


async def test_reasons_are_told_in_both_languages() -> None:
    organisation, event = await place()
    talent = await factories.talent(languages=["en"])
    listing = await factories.listing(organisation, event, languages=["zh"], city="410300")
    other = await factories.listing(
        organisation,
        event,
        discipline="0901",
        title_zh="小麦育种专家",
        description_zh="抗旱育种",
        languages=["zh"],
        city="410300",
    )
    await read_everything()
    found = await services.suggestions_for_talent(talent, event)
    assert [one.listing_id for one in found] == [listing, other]
    told = presentation.described(found[0], Side.TALENT)
    assert told == {
        "sentence": "Your field, Computer Science and Technology, is the one they ask for. Your skills that count here: "
        "deep learning. Both texts mention tumours. The pay reaches what you ask for.",
        "conditions": [
            {"state": "met", "label": "Degree", "you": "Doctorate", "they": "Doctorate"},
            {"state": "met", "label": "Engagement", "you": "Full-time appointment", "they": "Full-time appointment"},
            {"state": "missed", "label": "City", "you": "Zhengzhou", "they": "Luoyang"},
            {"state": "missed", "label": "Languages", "you": "English", "they": "Chinese"},
            {"state": "unknown", "label": "Work permit", "you": "is needed", "they": "not stated"},
        ],
        "terms": [
            {"left": "deep learning", "right": "深度学习", "same": True},
            {"left": "tumours", "right": "肿瘤", "same": True},
        ],
        "missing": "",
        "above": "Above the next one, whose field is further from yours.",
    }  # fmt: skip
    with i18n.language("zh"):
        chinese = presentation.described(found[0], Side.TALENT)
    assert chinese["sentence"] == (
        "您的学科“计算机科学与技术”正是对方所需。您在此用得上的技能：deep learning。双方文本都提到肿瘤。薪酬达到您的期望。"
    )


@pytest.mark.parametrize(
    ("nationality", "said", "told"),
    [
        ("ES", True, ("met", "the employer applies", "由用人单位申办")),
        ("ES", False, ("missed", "the employer does not apply", "用人单位不申办")),
        ("ES", None, ("unknown", "not stated", "未说明")),
        ("CN", True, None),
        ("CN", False, None),
        ("HK", False, None),
        ("TW", None, None),
    ],
)
async def test_work_permit_is_told_to_foreigners_only(
    nationality: str, said: bool | None, told: tuple[str, str, str] | None
) -> None:
    organisation, event = await place()
    talent = await factories.talent(nationality=nationality)
    listing = await factories.listing(organisation, event, sponsors_permit=said)
    await read_everything()
    for_person = (await services.suggestions_for_talent(talent, event))[0]
    for_employer = (await services.suggestions_for_listing(listing))[0]
    spoken = []
    for lang, label in (("en", "Work permit"), ("zh", "工作许可")):
        with i18n.language(lang):
            seen = [
                (condition, condition["they"])
                for condition in presentation.described(for_person, Side.TALENT)["conditions"]
            ]
            seen += [
                (condition, condition["you"])
                for condition in presentation.described(for_employer, Side.EMPLOYER)["conditions"]
            ]
        spoken += [(condition["state"], said_of) for condition, said_of in seen if condition["label"] == label]
    assert spoken == ([(told[0], told[1])] * 2 + [(told[0], told[2])] * 2 if told else [])


async def test_next_one_that_misses_more_is_the_reason_told() -> None:
    organisation, event = await place()
    talent = await factories.talent()
    near = await factories.listing(organisation, event)
    far = await factories.listing(organisation, event, city="410300")
    await read_everything()
    found = await services.suggestions_for_talent(talent, event)
    assert [one.listing_id for one in found] == [near, far]
    assert presentation.above(found[0].reasons, Side.TALENT) == "Above the next one, which lacks: City."
    assert presentation.above(found[1].reasons, Side.TALENT) == ""


async def test_what_nobody_may_see_is_never_suggested() -> None:
    organisation, event = await place()
    pending = await factories.organisation(state="pending")
    shown = await factories.listing(organisation, event)
    await factories.listing(organisation, event, state="draft")
    await factories.listing(organisation, event, state="closed")
    await factories.listing(pending, event)
    await factories.listing(organisation, await factories.event())
    talent = await factories.talent(visibility="private")
    open_one, matched = await factories.talent(), await factories.talent(visibility="matched")
    await read_everything()
    assert [one.listing_id for one in await services.suggestions_for_talent(talent, event)] == [shown]
    found = await services.suggestions_for_listing(shown)
    assert {one.talent_id: one.other.named for one in found} == {open_one: True, matched: False}
    assert presentation.person(next(one.other for one in found if one.talent_id == matched)) == (
        "Candidate from Spain, Computer Science and Technology"
    )


async def test_hidden_profile_is_gone_although_the_pool_is_old() -> None:
    organisation, event = await place()
    listing, talent = await factories.listing(organisation, event), await factories.talent()
    await read_everything()
    assert len(await services.suggestions_for_listing(listing)) == 1
    await db.execute("UPDATE talent SET visibility = 'private' WHERE id = $1", talent)  # no new updated_at
    ready = await pool_cache.talents()
    assert len(await services.suggestions_for_listing(listing)) == 0
    assert ready.version.records == 0


async def test_declined_pairs_are_left_out_on_both_sides() -> None:
    organisation, event = await place()
    talent = await factories.talent()
    liked, declined, refused = [await factories.listing(organisation, event) for _ in range(3)]
    for listing, side, level in ((liked, "employer", "meet"), (declined, "talent", "no"), (refused, "employer", "no")):
        await factories.preference(event, talent, listing, side, level)
    await read_everything()
    found = await services.suggestions_for_talent(talent, event)
    assert [(one.listing_id, one.other.wanted) for one in found] == [(liked, True)]
    assert len(await services.suggestions_for_listing(declined)) == 0
    assert len(await services.suggestions_for_listing(refused)) == 0


async def test_filters_keep_what_is_asked_for() -> None:
    organisation, event = await place()
    talent = await factories.talent()
    post = await factories.listing(organisation, event)
    project = await factories.listing(organisation, event, kind="project", city="410300")
    await read_everything()

    async def ids(wanted: Wanted) -> list[int]:
        return [one.listing_id for one in await services.suggestions_for_talent(talent, event, wanted=wanted)]

    assert await ids(Wanted()) == [post, project]
    assert await ids(Wanted(kind="project")) == [project]
    assert await ids(Wanted(city="410300")) == [project]
    assert await ids(Wanted(fitting=True)) == [post]
    assert await ids(Wanted(city="410200")) == []
    await factories.registration(event, talent=talent)
    await factories.talent()
    coming = await services.suggestions_for_listing(post, wanted=Wanted(coming=True))
    assert [(one.talent_id, one.other.coming) for one in coming] == [(talent, True)]


async def test_text_that_is_not_read_yet_is_said_and_asked_for() -> None:
    organisation, event = await place()
    talent = await factories.talent()
    listing = await factories.listing(organisation, event)
    found = await services.suggestions_for_talent(talent, event)
    assert (found.state, found[0].listing_id, found[0].read) == ("being_read", listing, False)
    assert "not_said" not in {reason.kind for reason in found[0].reasons}
    assert sorted(await waiting_jobs()) == ["matching.encode_listing", "matching.encode_talent"]
    await services.suggestions_for_talent(talent, event)
    assert len(await waiting_jobs()) == 2


async def test_profile_without_text_still_gets_suggestions() -> None:
    organisation, event = await place()
    talent = await factories.talent(headline="", summary="", skills=[], languages=[], degree="")
    near, far = (
        await factories.listing(organisation, event),
        await factories.listing(organisation, event, discipline="0901"),
    )
    await read_everything()
    found = await services.suggestions_for_talent(talent, event)
    assert (found.state, [one.listing_id for one in found]) == ("no_text", [near, far])
    assert found.not_said == ("text", "degree", "languages")


async def test_job_reads_a_text_once_and_again_when_it_changes(dsn: str) -> None:
    organisation, event = await place()
    talent = await factories.talent()
    listing = await factories.listing(organisation, event, title_en="Researcher", description_en="Medical images")
    for _ in range(2):
        await jobs.enqueue(encoding.ENCODE_TALENT, {"talent": talent})
        await jobs.enqueue(encoding.ENCODE_LISTING, {"listing": listing})
    await jobs.drain(dsn)
    model = encoder.model_version()
    assert sorted(await vectors()) == [
        ("listing", listing, "en", 1024, model),
        ("listing", listing, "zh", 1024, model),
        ("talent", talent, "en", 1024, model),
    ]
    before = await db.fetch("SELECT owner_kind, lang, updated_at, text_hash FROM text_vector ORDER BY owner_kind, lang")
    await encoding.encode_listing({"listing": listing})
    assert before == await db.fetch(
        "SELECT owner_kind, lang, updated_at, text_hash FROM text_vector ORDER BY owner_kind, lang"
    )
    await db.execute("UPDATE listing SET title_en = '', description_en = ''")
    await db.execute("UPDATE talent SET summary = '深度学习', headline = '', skills = '{}', summary_lang = 'zh'")
    await encoding.encode_listing({"listing": listing})
    await encoding.encode_talent({"talent": talent})
    assert sorted(await vectors()) == [("listing", listing, "zh", 1024, model), ("talent", talent, "zh", 1024, model)]
    await db.execute("DELETE FROM talent")
    await encoding.encode_talent({"talent": talent})
    assert [row[0] for row in await vectors()] == ["listing"]


async def test_two_jobs_at_once_and_a_change_between_leave_the_newest_text_read() -> None:
    talent = await factories.talent()

    async def change() -> None:
        await db.execute("UPDATE talent SET summary = 'Something else altogether'")
        await encoding.encode_talent({"talent": talent})

    await asyncio.gather(
        encoding.encode_talent({"talent": talent}), change(), encoding.encode_talent({"talent": talent})
    )
    [row] = await queries.profiles()
    stored = await db.fetch("SELECT text_hash FROM text_vector")
    text = inputs.texts_by_lang(inputs.profile_record(row))["en"]
    assert [item["text_hash"] for item in stored] == [inputs.text_hash(text)]


async def test_encode_missing_reads_everything_once() -> None:
    organisation, event = await place()
    await make_people()
    await make_listings(organisation, event)
    told: list[tuple[int, int]] = []
    assert await encoding.encode_missing(lambda done, total: told.append((done, total))) == 24
    assert told == [(24, 24)]
    assert await encoding.encode_missing() == 0
    await db.execute("UPDATE text_vector SET model = 'another'")
    assert await encoding.encode_missing() == 24


async def test_vector_of_another_text_or_model_is_not_used() -> None:
    talent = await factories.talent()
    await read_everything()
    [row] = await queries.profiles()
    record, stored = (
        inputs.profile_record(row),
        (await queries.vectors(OwnerKind.TALENT, encoder.model_version()))[talent],
    )
    whole = inputs.read(record, stored)
    assert whole.complete
    assert [vector.dtype for vector in whole.vectors.values()] == [np.float16]
    other = inputs.read(record, [structs.replace(stored[0], text_hash=b"other")])
    assert (other.complete, other.usable.texts, other.vectors) == (False, (), {})
    assert other.usable.id == str(talent)


async def test_unknown_people_and_listings_are_not_found() -> None:
    event = await factories.event()
    for number in (0, -1, 999_999, 2**70):
        with pytest.raises(NotFound):
            await services.suggestions_for_talent(number, event)
        with pytest.raises(NotFound):
            await services.suggestions_for_listing(number)


async def test_dates_and_permits_are_read_from_the_rows() -> None:
    organisation, event = await place()
    talent = await factories.talent(available_from=date(2019, 3, 1))
    await factories.listing(organisation, event, start_by=date(2019, 1, 31))
    found = await services.suggestions_for_talent(talent, event)
    conditions = {condition.name: condition.state for condition in found[0].conditions}
    assert (conditions["dates"], conditions["permit"]) == (State.MISSED, State.UNKNOWN)
    told = presentation.described(found[0], Side.EMPLOYER)["conditions"]
    assert {"state": "missed", "label": "Dates", "you": "start by 31 Jan 2019", "they": "from 1 Mar 2019"} in told


async def test_large_pool_is_served_while_its_successor_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_cache, "LARGE", 1)
    organisation, event = await place()
    talent = await factories.talent()
    first = await factories.listing(organisation, event)
    assert len(await services.suggestions_for_talent(talent, event)) == 1
    second = await factories.listing(organisation, event)
    for _ in range(100):
        found = {one.listing_id for one in await services.suggestions_for_talent(talent, event)}
        if len(found) == 2:
            break
        await asyncio.sleep(0.02)
    assert found == {first, second}


async def test_pages_of_a_ready_pool_do_not_read_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    organisation, event = await place()
    people, _ = await make_people(), await make_listings(organisation, event)
    await read_everything()
    talent = next(iter(people.values()))
    await services.suggestions_for_talent(talent, event)
    read: list[object] = []
    make = pool_cache.Cache._made

    async def counted(self: pool_cache.Cache[Any], *args: Any) -> Any:
        read.append(args[0])
        return await make(self, *args)

    monkeypatch.setattr(pool_cache.Cache, "_made", counted)
    for _ in range(5):
        await services.suggestions_for_talent(talent, event)
    assert read == []
    await factories.listing(organisation, event)
    await services.suggestions_for_talent(talent, event)
    assert read == [event]
