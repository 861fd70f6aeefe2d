"""The shipped reference data and its typed access."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fairs.units import catalogues
from fairs.units.catalogues import (
    agreement_states,
    agreement_transitions,
    categories,
    choices,
    cities,
    clusters,
    countries,
    degrees,
    delegations,
    discipline,
    disciplines,
    engagement_types,
    industries,
    industry_sections,
    label,
    languages,
    raw,
    regions,
    strategic_zones,
    targets,
    units,
)
from fairs.units.entries import Target

DATA = Path(catalogues.__file__).parent / "data"
KINDS = [
    "categories",
    "disciplines",
    "degrees",
    "engagement_types",
    "industries",
    "industry_sections",
    "countries",
    "regions",
    "cities",
    "units",
    "delegations",
    "zones",
    "languages",
    "language_levels",
    "event_families",
    "event_kinds",
    "session_kinds",
    "organisation_kinds",
    "registration_categories",
    "agreement_states",
    "agreement_reasons",
]


def test_units_are_thirty_in_four_kinds() -> None:
    kinds = [unit.kind for unit in units()]
    assert {kind: kinds.count(kind) for kind in kinds} == {"province": 1, "city": 18, "county": 10, "zone": 1}
    assert units()[0].code == "410000"
    assert {unit.parent for unit in delegations()} == {"410000"}
    assert len(delegations()) == 29


def test_counties_are_the_ten_directly_administered() -> None:
    assert [unit.name_zh for unit in units() if unit.kind == "county"] == [
        "巩义市", "兰考县", "汝州市", "滑县", "长垣市", "邓州市", "永城市", "固始县", "鹿邑县", "新蔡县",
    ]  # fmt: skip


def test_cities_include_jiyuan() -> None:
    assert len(cities()) == 18
    assert cities()[-1].zh == "济源市"


def test_catalogue_sizes() -> None:
    sizes = [len(rows()) for rows in (categories, disciplines, degrees, engagement_types, industry_sections)]
    assert sizes == [14, 106, 4, 12, 20]
    assert [len(rows()) for rows in (industries, countries, regions, clusters)] == [97, 249, 199, 11]
    assert len(disciplines(hidden=True)) == 117


def test_references_between_catalogues_hold() -> None:
    codes = {region.code for region in regions()}
    divisions = {industry.code for industry in industries()}
    assert {item.category for item in disciplines(hidden=True)} <= {item.code for item in categories()}
    assert {item.section for item in industries()} == {item.code for item in industry_sections()}
    assert {code for cluster in clusters() for code in cluster.divisions} <= divisions
    assert {region.parent for region in regions()} - {None} <= codes
    assert {unit.code for unit in units()} <= codes
    assert {code for zone in strategic_zones() for code in zone.regions} <= codes


def test_transitions_join_known_states() -> None:
    states = {state.key for state in agreement_states()}
    assert {step.source for step in agreement_transitions()} <= states | {"*"}
    assert {step.target for step in agreement_transitions()} <= states
    assert len(agreement_transitions()) == 17


def test_labels_of_taiwan_hong_kong_and_macao_are_overridden() -> None:
    labels = {item.alpha2: (item.zh, item.en, item.is_foreign) for item in countries()}
    assert labels["TW"] == ("中国台湾", "Taiwan, China", False)
    assert labels["HK"] == ("中国香港", "Hong Kong, China", False)
    assert labels["MO"] == ("中国澳门", "Macao, China", False)
    assert label("countries", "TW", "zh") == "中国台湾"


def test_targets_keep_their_units_of_counting() -> None:
    assert [(item.key, item.value, item.unit_zh) for item in targets()] == [
        ("experts_funded", 2000, "人次"),
        ("overseas_talents", 3300, "人"),
        ("parks", 2, "个"),
        ("letters", None, "份"),
    ]
    assert isinstance(targets()[0], Target)


def test_degree_ranks_are_ordered() -> None:
    assert {degree.key: degree.rank for degree in degrees()} == {"doctor": 4, "master": 3, "bachelor": 2, "none": 0}


def test_discipline_by_code() -> None:
    assert discipline("0812").zh == "计算机科学与技术"
    with pytest.raises(KeyError):
        discipline("9999")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["zh", "en"])
def test_choices_have_unique_values_and_labels(kind: str, locale: Any) -> None:
    rows = choices(kind, locale)
    values = [value for value, _, _ in rows]
    assert len(set(values)) == len(values) > 0
    assert all(value and text and search for value, text, search in rows)


def test_choices_cover_every_kind() -> None:
    assert sorted(KINDS) == sorted(catalogues._SOURCES)


@pytest.mark.parametrize(
    ("query", "value"),
    [("luohe", "411100"), ("zhengzhou", "410100"), ("xyang", ""), ("changyuan", "410783"), ("zmd", "411700")],
)
def test_units_are_found_by_pinyin(query: str, value: str) -> None:
    found = [code for code, _, search in choices("units", "en") if query in search]
    assert found[:1] == ([value] if value else [])


def test_disciplines_are_found_in_both_languages_and_initials() -> None:
    search = {code: text for code, _, text in choices("disciplines", "zh")}["0812"]
    assert search.split("|")[0] == "计算机科学与技术"
    assert "computer science" in search
    assert "jisuanji" in search
    assert "jsjkxyjs" in search


def test_unknown_value_keeps_itself_as_label() -> None:
    assert label("disciplines", "0834", "en") == "0834"


def test_every_file_says_its_source_and_date() -> None:
    for path in DATA.glob("*.json"):
        meta = json.loads(path.read_text(encoding="utf-8"))["meta"]
        assert set(meta) >= {"title", "source", "checked"}, path.name


def test_every_file_is_named_in_the_readme() -> None:
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in DATA.glob("*.json") if f"`{path.name}`" not in readme] == []


def test_points_of_the_worked_cases_name_known_factors() -> None:
    vectors = json.loads((Path(__file__).parent / "points_test_vectors.json").read_text(encoding="utf-8"))
    factors = {factor["key"] for factor in raw("points")["factors"]}
    assert all(set(case["parts"]) == factors for case in vectors["cases"])
    assert languages()[0].code == "zh"


def test_everything_is_read_and_worked_out_once_and_without_pypinyin() -> None:
    program = """
import json, sys
from collections import Counter

opened, worked_out = Counter(), Counter()

def audit(event, arguments):
    if event == "open" and str(arguments[0]).endswith(".json"):
        opened[str(arguments[0])] += 1

def profile(frame, event, _):
    code = frame.f_code
    if event == "call" and code.co_name in ("raw", "_rows", "_search_text"):
        worked_out[f"{code.co_name} {[frame.f_locals[name] for name in code.co_varnames[: code.co_argcount]]}"] += 1

sys.addaudithook(audit)
from fairs.units import catalogues

sys.setprofile(profile)
for kind in [*catalogues._SOURCES] * 2:
    for locale in ("zh", "en"):
        catalogues.choices(kind, locale)
        catalogues.label(kind, "", locale)
sys.setprofile(None)
print(json.dumps([opened, worked_out, "pypinyin" in sys.modules]))
"""
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    opened, worked_out, pypinyin = json.loads(printed)
    assert {Path(name).stem for name in opened} >= {"disciplines", "industries", "countries", "regions", "aliases"}
    assert len(worked_out) > sum(len(catalogues._SOURCES[kind]()) for kind in KINDS)
    assert {what: times for what, times in (opened | worked_out).items() if times > 1} == {}
    assert not pypinyin
