import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairs.core import i18n
from fairs.reports import tiles
from fairs.reports.counting import GROUPS
from fairs.reports.measures import MEASURES, REACHED_BY, UNIT_COLUMNS
from fairs.units import catalogues


def test_every_measure_says_what_it_counts_in_both_languages() -> None:
    for measure in MEASURES.values():
        assert measure.group in GROUPS
        assert all((measure.zh, measure.en, measure.rule_zh, measure.rule_en))
        with i18n.language("zh"):
            zh = (measure.name, measure.unit_of_counting, measure.rule)
        with i18n.language("en"):
            assert all(a != b for a, b in zip(zh, (measure.name, measure.unit_of_counting, measure.rule), strict=True))


@pytest.mark.parametrize(
    ("key", "counted"),
    [
        ("registered", "人"),
        ("entries", "人次"),
        ("employers_on_site", "家"),
        ("listings_people", "个"),
        ("headcount", "人"),
        ("meetings_held", "场"),
        ("intents", "份"),
        ("amount", "元"),
        ("mutual_interests", "对"),
    ],
)
def test_units_of_counting_are_those_of_the_field(key: str, counted: str) -> None:
    with i18n.language("zh"):
        assert MEASURES[key].unit_of_counting == counted


def test_columns_by_unit_and_targets_name_measures() -> None:
    assert set(UNIT_COLUMNS) <= set(MEASURES)
    assert set(REACHED_BY.values()) <= set(MEASURES)
    assert set(REACHED_BY) <= {target.key for target in catalogues.targets()}


def test_every_state_has_its_measure() -> None:
    assert {key for key in MEASURES if key.startswith("state_")} == {
        f"state_{s.key}" for s in catalogues.agreement_states()
    }


@given(st.lists(st.tuples(st.floats(110, 117), st.floats(31, 37)), min_size=1, max_size=60))
def test_tiles_never_lie_on_each_other(places: list[tuple[float, float]]) -> None:
    found = tiles.layout([(str(n), x, y) for n, (x, y) in enumerate(places)])
    assert len(set(found.values())) == len(places)
    assert all(1 <= column <= tiles.COLUMNS and 1 <= row <= tiles.ROWS for column, row in found.values())


def test_tiles_lie_as_the_cities_do() -> None:
    found = tiles.unit_tiles()
    assert len(found) == 29
    zhengzhou, anyang, xinyang, sanmenxia, shangqiu = (
        found[c] for c in ("410100", "410500", "411500", "411200", "411400")
    )
    assert anyang[1] < zhengzhou[1] < xinyang[1]
    assert sanmenxia[0] < zhengzhou[0] < shangqiu[0]


def test_level_of_a_tile() -> None:
    assert [tiles.level(value, 8) for value in (0, 1, 3, 5, 8)] == [0, 1, 2, 3, 4]
    assert tiles.level(0, 0) == 0
