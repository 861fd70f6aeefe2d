"""How alike two records are."""

from typing import Any

import pytest

from fairs.duplicates.rules import (
    FROM,
    Known,
    Reason,
    Strength,
    mailbox,
    orcids_in,
    pairs,
    place,
    reasons,
    score,
    strength,
)


def known(number: int, *names: str, **more: Any) -> Known:
    values: dict[str, Any] = {
        key: value if isinstance(value, str | int) else frozenset(value) for key, value in more.items()
    }
    return Known(number, names, **values)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        (("王晓明",), ("王曉明",), Reason.NAME),
        (("王晓明",), ("Wang Xiaoming",), Reason.SCRIPT),
        (("王晓明",), ("Xiaoming WANG",), Reason.SCRIPT),
        (("王晓明",), ("Xiao Ming Wang",), Reason.SCRIPT),
        (("单雄信",), ("Shan Xiongxin",), Reason.SCRIPT),
        (("吕布",), ("Lyu Bu",), Reason.SCRIPT),
        (("欧阳修",), ("Ouyang Xiu",), Reason.SCRIPT),
        (("Maria Fernandez",), ("María  FERNÁNDEZ",), Reason.NAME),
        (("Maria Fernandez",), ("Fernandez, Maria",), Reason.ORDER),
        (("M. Fernandez",), ("Maria Fernandez",), Reason.INITIALS),
        (("Maria Isabel Fernandez",), ("Maria Fernandez",), Reason.INITIALS),
        (("Maria Fernandez",), ("Marta Fernandez",), Reason.OTHER_NAME),
        (("王伟", "Wang Wei"), ("汪伟", "Wang Wei"), Reason.OTHER_NAME),
        (("王晓明",), ("Li Xiaoming",), Reason.OTHER_NAME),
    ],
)
def test_names(one: tuple[str, ...], other: tuple[str, ...], reason: Reason) -> None:
    assert reasons(known(1, *one), known(2, *other)) == (reason,)
    assert reasons(known(2, *other), known(1, *one)) == (reason,)


def test_one_name_in_the_own_script_and_two_in_the_passport() -> None:
    found = reasons(known(1, "박민지", "Minji Park"), known(2, "박민지", "Donghyun Jang"))
    assert found == (Reason.NAME, Reason.OTHER_NAME)
    assert reasons(known(1, "박민지", "Minji Park"), known(2, "박민지", "Park Minji")) == (Reason.NAME,)
    assert reasons(known(1, "王伟", "Wang Wei"), known(2, "王伟")) == (Reason.NAME,)


def test_reasons_are_named_and_add_up() -> None:
    one = known(1, "王晓明", emails={"wang@example.org"}, phones={"8613800001111"}, births={"1980-05-01"}, country="CN")
    other = known(
        2, "Wang Xiaoming", emails={"w@example.net"}, phones={"13800001111"}, births={"1980-05-01"}, country="CN"
    )
    found = reasons(one, other)
    assert found == (Reason.PHONE, Reason.SCRIPT, Reason.BIRTH)
    assert score(found) == 100
    assert strength(80) == Strength.LIKELY


def test_what_speaks_against() -> None:
    one = known(1, "Maria Fernandez", births={"1980-05-01"}, orcids={"0000-0002-1825-0097"}, country="ES")
    other = known(2, "Maria Fernandez", births={"1990-05-01"}, orcids={"0000-0001-5109-3700"}, country="MX")
    assert set(reasons(one, other)) == {Reason.NAME, Reason.OTHER_BIRTH, Reason.OTHER_ORCID, Reason.OTHER_COUNTRY}
    assert score(reasons(one, other)) == 0


def test_a_year_and_a_day() -> None:
    assert Reason.YEAR in reasons(known(1, "A B", births={"1980"}), known(2, "A B", births={"1980-05-01"}))
    assert Reason.OTHER_BIRTH in reasons(known(1, "A B", births={"1980-05-02"}), known(2, "A B", births={"1980-05-01"}))
    assert Reason.OTHER_BIRTH in reasons(known(1, "A B", births={"1981"}), known(2, "A B", births={"1980-05-01"}))


def test_one_mailbox() -> None:
    assert mailbox("Maria+fair@Example.org") == "maria@example.org"
    one, other = known(1, "A B", emails={"a+fair@x.org"}), known(2, "A B", emails={"a@x.org"})
    assert Reason.MAILBOX in reasons(one, other)
    assert [pair.one for pair in pairs([one, other])] == [1]


def test_only_an_orcid_with_its_check_digit_counts() -> None:
    assert orcids_in("https://orcid.org/0000-0002-1825-0097, 0000-0002-1825-0098, 0000-0002-1694-233X") == {
        "0000-0002-1825-0097",
        "0000-0002-1694-233X",
    }


def test_a_name_alone_or_a_shared_telephone_alone_is_no_pair() -> None:
    assert pairs([known(1, "王伟"), known(2, "王伟")]) == []
    assert pairs([known(1, "王伟", phones={"037165550000"}), known(2, "李娜", phones={"037165550000"})]) == []
    assert pairs([known(1, "王伟", emails={"office@x.org"}), known(2, "李娜", emails={"office@x.org"})]) == []


def test_a_name_and_a_place() -> None:
    university = place("Zhengzhou University")
    found = pairs([known(1, "王伟", places={university}), known(2, "Wei Wang", places={place("zhengzhou university")})])
    assert [(pair.one, pair.other, pair.reasons) for pair in found] == [(1, 2, (Reason.SCRIPT, Reason.PLACE))]
    assert found[0].score >= FROM[Strength.POSSIBLE]


def test_registrations_without_a_profile_are_compared_within_an_event() -> None:
    def entry(number: int, event: int) -> Known:
        return known(-number, "王伟", phones={"13800001111"}, event=event)

    assert [(pair.one, pair.other) for pair in pairs([entry(1, 5), entry(2, 5), entry(3, 6)])] == [(-2, -1)]
    profile = known(7, "王伟", phones={"13800001111"})
    assert {(pair.one, pair.other) for pair in pairs([entry(1, 5), entry(3, 6), profile])} == {(-1, 7), (-3, 7)}


def test_what_a_crowd_shares_says_nothing() -> None:
    crowd = [known(number, "王伟", places={"zzu"}) for number in range(1, 200)]
    assert pairs(crowd) == []


def test_empty_and_strange_names() -> None:
    strange = [known(1), known(2, "", "…"), known(3, "👩‍🚀", "'"), known(4, "A" * 120)]
    assert pairs(strange) == []
    for one in strange:
        for other in strange:
            assert score(reasons(one, other)) <= 100
