"""The invented content of the demo edition: determinism, uniqueness, right codes, both languages, speed."""

import re
import time
from collections import Counter
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from stdnum.cn import uscc

from fairs.demo.content import Candidate, DemoEdition, Listing, build
from fairs.demo.content.credit_codes import credit_code
from fairs.demo.content.fragments import fields, voices
from fairs.demo.content.model import EmployerKind
from fairs.demo.content.phrasing import fill, lower_en, numbered
from fairs.units import catalogues

SEED = 2018
HAN = re.compile(r"[\u4e00-\u9fff]")
LEFTOVER = re.compile(r"[{}<>]|\bNone\b|  |，，|。。|；。|，。|\.\.")
DISCRIMINATION = re.compile(
    "男性|女性|限男|限女|男士|女士|周岁|岁以下|岁以上|年龄|已婚|未婚|婚姻|婚育|汉族|少数民族|籍贯|户籍|户口|身高|相貌|形象好|"
    r"青年|\b(male|female|young|age|married|unmarried|ethnic)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def edition() -> DemoEdition:
    return build(SEED, 1)


@pytest.fixture(scope="module")
def triple() -> DemoEdition:
    return build(SEED, 3)


def codes(kind: str) -> set[str]:
    return {value for value, _, _ in catalogues.choices(kind, "en")}


def test_build_is_deterministic(edition: DemoEdition) -> None:
    assert build(SEED, 1) == edition


def test_build_differs_by_seed(edition: DemoEdition) -> None:
    other = build(SEED + 1, 1)
    assert other.candidates != edition.candidates
    assert other.listings != edition.listings


def test_sizes_at_scale_1_and_3(edition: DemoEdition, triple: DemoEdition) -> None:
    assert (len(edition.employers), len(edition.listings), len(edition.candidates)) == (62, 240, 400)
    assert (len(triple.employers), len(triple.listings), len(triple.candidates)) == (186, 720, 1200)


def test_every_delegation_has_employers_and_listings(edition: DemoEdition) -> None:
    delegations = {unit.code for unit in catalogues.delegations()}
    assert {item.unit for item in edition.employers} == delegations
    assert {item.unit for item in edition.listings} == delegations


def test_every_kind_of_employer_is_there(edition: DemoEdition) -> None:
    assert {item.kind for item in edition.employers} == {
        "university", "institute", "hospital", "state_firm", "private_firm", "foreign_firm", "park",
    }  # fmt: skip


def test_every_employer_has_at_least_two_listings(edition: DemoEdition) -> None:
    counts = Counter(item.employer for item in edition.listings)
    assert set(counts) == {item.key for item in edition.employers}
    assert min(counts.values()) >= 2


@pytest.mark.parametrize("scale", [1, 3, 10])
def test_names_addresses_and_codes_are_unique(scale: int) -> None:
    found = build(SEED, scale)
    for values in (
        [item.name_zh for item in found.employers],
        [item.name_en for item in found.employers],
        [item.uscc for item in found.employers],
        [item.contact_email for item in found.employers] + [item.email for item in found.candidates],
        [item.name_passport for item in found.candidates],
        [item.key for part in (found.employers, found.listings, found.candidates) for item in part],
        [item.research_summary for item in found.candidates],
        [item.description_zh for item in found.listings],
        [(item.employer, item.title_zh) for item in found.listings],
    ):
        assert [value for value, count in Counter(values).items() if count > 1] == []


def test_credit_codes_are_valid(triple: DemoEdition) -> None:
    assert [item.uscc for item in triple.employers if not uscc.is_valid(item.uscc)] == []
    assert all(item.uscc[2:8] == item.unit and item.uscc[8:11] == "DEM" for item in triple.employers)
    assert credit_code(EmployerKind.PRIVATE_FIRM, "410100", 1) != credit_code(EmployerKind.PRIVATE_FIRM, "410100", 2)


def test_codes_are_in_the_catalogues(edition: DemoEdition) -> None:
    disciplines, engagement, degrees = codes("disciplines"), codes("engagement_types"), codes("degrees")
    units, countries, levels = codes("delegations"), codes("countries"), codes("language_levels")
    assert {item.industry for item in edition.employers} <= codes("industries")
    assert {zone for item in edition.employers for zone in item.zones} <= codes("zones")
    assert {code for item in edition.employers for code in item.disciplines} <= disciplines
    both: list[Listing | Candidate] = [*edition.listings, *edition.candidates]
    assert {item.discipline for item in both} <= disciplines
    assert {item.degree for item in both} <= degrees
    assert {kind for item in both for kind in item.engagement} <= engagement
    assert {unit for item in edition.candidates for unit in item.wanted_units} <= units
    assert {country for item in edition.candidates for country in (item.citizenship, item.residence)} <= countries
    assert {item.institution_country for item in edition.candidates} <= countries
    assert {code for item in edition.candidates for code, _ in item.languages} <= codes("languages")
    assert {level for item in edition.candidates for _, level in item.languages} <= levels
    assert {item.kind for item in edition.sessions} <= codes("session_kinds")


def test_listings_are_mostly_people_and_partly_english(edition: DemoEdition) -> None:
    people = [item for item in edition.listings if item.kind == "people"]
    assert 0.68 < len(people) / len(edition.listings) < 0.82
    assert 0.25 < sum(item.title_en is not None for item in edition.listings) / len(edition.listings) < 0.45
    assert all((item.title_en is None) == (item.description_en is None) for item in edition.listings)
    assert all(HAN.search(item.title_zh) and HAN.search(item.description_zh) for item in edition.listings)
    assert not any(HAN.search(item.description_en or "") for item in edition.listings)


def test_listing_terms_fit_their_kind(edition: DemoEdition) -> None:
    for item in edition.listings:
        if item.kind == "people":
            assert item.headcount
            assert 0 < (item.pay_min or 0) < (item.pay_max or 0)
            assert (item.budget, item.term_years) == (None, None)
        else:
            assert item.budget
            assert item.term_years
            assert (item.headcount, item.pay_min, item.pay_max) == (None, None, None)
        assert item.urgent == (item.urgent_reason_zh is not None) == (item.urgent_reason_en is not None)


def test_most_employers_apply_for_the_work_permit_and_some_do_not_say(edition: DemoEdition) -> None:
    assert Counter(item.sponsors_permit for item in edition.listings) == {True: 168, None: 48, False: 24}


def test_listings_name_no_discriminatory_condition(triple: DemoEdition) -> None:
    texts = [
        text
        for item in triple.listings
        for text in (item.title_zh, item.description_zh, item.title_en or "", item.description_en or "")
    ]
    assert [found.group() for text in texts if (found := DISCRIMINATION.search(text))] == []


def test_candidates_write_in_both_languages_and_many_scripts(edition: DemoEdition) -> None:
    chinese = [item for item in edition.candidates if item.text_locale == "zh"]
    assert 0.25 < len(chinese) / len(edition.candidates) < 0.36
    assert all(HAN.search(item.research_summary) for item in chinese)
    english = [item for item in edition.candidates if item.text_locale == "en"]
    assert not any(HAN.search(item.research_summary + item.headline) for item in english)
    assert len({item.citizenship for item in edition.candidates}) >= 45
    natives = "".join(item.name_native for item in edition.candidates)
    for script in (
        "[а-я]",
        "[\u0600-\u06ff]",
        "[\u0900-\u097f]",
        "[가-힣]",
        "[α-ω]",
        "[\u0e00-\u0e7f]",
        "[א-ת]",
    ):
        assert re.search(script, natives), script


def test_texts_have_no_leftovers(triple: DemoEdition) -> None:
    texts = [
        *(text for item in triple.employers for text in (item.intro_zh, item.intro_en, item.name_zh, item.name_en)),
        *(text for item in triple.listings for text in (item.title_zh, item.description_zh, item.description_en or "")),
        *(text for item in triple.candidates for text in (item.headline, item.research_summary)),
    ]
    assert [text for text in texts if LEFTOVER.search(text)] == []


def test_hong_kong_macao_and_taiwan_people_have_their_own_permits(triple: DemoEdition) -> None:
    kinds = {item.citizenship: item.id_type for item in triple.candidates}
    assert (kinds["HK"], kinds["MO"], kinds["TW"], kinds["CN"]) == (
        "hk_mo_permit", "hk_mo_permit", "tw_permit", "cn_id",
    )  # fmt: skip
    assert kinds["DE"] == "passport"


def test_addresses_and_zones_of_candidates_are_usable(edition: DemoEdition) -> None:
    assert all(re.fullmatch(r"[a-z0-9.]+@example\.(org|net)", item.email) for item in edition.candidates)
    assert all(ZoneInfo(item.timezone) for item in edition.candidates)
    assert all(1945 < item.birth.year < 2000 for item in edition.candidates)


def test_sessions_lie_inside_the_conference_and_rooms_are_free(edition: DemoEdition) -> None:
    rooms = {room.code for room in edition.rooms}
    for item in edition.sessions:
        assert item.room in rooms
        assert edition.conference.starts_at <= item.starts_at < item.ends_at <= edition.conference.ends_at
    for room in rooms:
        held = sorted((item.starts_at, item.ends_at) for item in edition.sessions if item.room == room)
        assert all(first[1] <= second[0] for first, second in pairwise(held)), room


def test_tour_stops_have_employers(edition: DemoEdition) -> None:
    assert [item.unit for item in edition.stops] == ["410100", "410300", "410800", "410700", "411000"]
    assert all(item.employers for item in edition.stops)


def test_there_are_enough_fields_and_topics() -> None:
    assert len(fields()) >= 35
    assert min(len(item.topics) for item in fields().values()) >= 6
    assert set(fields()) <= codes("disciplines")


def test_topics_are_written_in_their_language() -> None:
    for item in fields().values():
        for topic in item.topics:
            english = (topic.t_en, topic.t2_en, topic.how_en, topic.got_en)
            chinese = (topic.t_zh, topic.t2_zh, topic.how_zh, topic.got_zh, topic.goal_zh)
            assert not any(HAN.search(text) or text.endswith(".") for text in english), english
            assert all(HAN.search(text) and not text.endswith("。") for text in chinese), chinese


def test_posts_and_lines_point_at_topics() -> None:
    for item in fields().values():
        places = range(len(item.topics))
        pointing = [part.topics for part in item.posts] + [part.topics for part in item.lines]
        assert all(index in places for topics in pointing for index in topics), item.code


def test_voices_exist_in_both_languages() -> None:
    assert len(voices("en")) >= 6
    assert len(voices("zh")) >= 5


def test_fill_gives_capitals_at_sentence_starts() -> None:
    assert fill("{t}. {t} and {t}: {t}", {"t": "bees"}) == "Bees. Bees and bees: bees"
    assert lower_en("Traditional Chinese Medicine") == "traditional Chinese medicine"


def test_numbered_keeps_the_range() -> None:
    values = {int(numbered("<3-5>", Random(seed))) for seed in range(50)}
    assert values == {3, 4, 5}


def test_scale_1_takes_under_two_seconds() -> None:
    start = time.perf_counter()
    build(7, 1)
    assert time.perf_counter() - start < 2
