import pytest

from fairs.core import i18n
from fairs.organisations import rules

RIGHT = "91110000600037341L"  # the example of python-stdnum


@pytest.mark.parametrize(
    "typed",
    [
        RIGHT,
        RIGHT.lower(),
        " 91 1100 006000 37341L ",
        "91110000-600037341-L",
        "９１１１００００６０００３７３４１Ｌ",
        f"\t{RIGHT}\n",
    ],
)
def test_code_is_stored_in_one_way(typed: str) -> None:
    assert rules.compact_uscc(typed) == RIGHT
    assert rules.uscc_problem(rules.compact_uscc(typed)) is None


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("9111000060003734", "The code has 18 characters, this has 16"),
        (RIGHT + "0", "The code has 18 characters, this has 19"),
        ("9111000A600037341L", "The code begins with eight digits"),
        ("91110000600037341I", "never I, O, S, V or Z"),
        ("9111000060003734中L", "never I, O, S, V or Z"),
        ("91110000600037341A", "does not fit the others"),
        ("²1110000600037341L", "does not fit the others"),
        ("😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", "begins with eight digits"),
    ],
)
def test_code_refused_says_what_is_wrong(typed: str, says: str) -> None:
    with i18n.language("en"):
        assert says in str(rules.uscc_problem(rules.compact_uscc(typed)))


def test_decisions_and_edits_follow_the_state() -> None:
    assert [rules.can_decide(state) for state in ("pending", "approved", "rejected")] == [True, False, False]
    assert [rules.is_fixed(state) for state in ("pending", "approved", "rejected")] == [False, True, False]
    after = [rules.state_after_edit(state) for state in ("pending", "approved", "rejected")]
    assert after == ["pending", "approved", "pending"]
