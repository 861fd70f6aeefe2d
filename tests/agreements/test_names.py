"""A signature is the name of the party, however it is typed; nobody else's."""

import pytest

from fairs.agreements.names import is_name_of

MARIA = ("欧阳䶮", "Maria Fernandez")


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Maria Fernandez", MARIA),
        ("  maria   FERNANDEZ ", MARIA),
        ("Fernandez Maria", MARIA),
        ("FERNANDEZ, Maria", MARIA),
        ("María Fernández", MARIA),
        ("Ｍａｒｉａ　Ｆｅｒｎａｎｄｅｚ", MARIA),
        ("欧阳䶮", MARIA),
        ("欧 阳 䶮", MARIA),
        ("Lukasz Zolc", ("Łukasz Żółć",)),
        ("Soren Aarestrup", ("Søren Aarestrup",)),
        ("STRASSE Jürgen", ("Jürgen Straße",)),
        ("Jean Pierre Dupont", ("Jean-Pierre Dupont",)),
        ("Sean O Brien", ("Seán O’Brien",)),
        ("Dupont Jean-Pierre", ("Jean-Pierre Dupont",)),
        ("garcia lopez ana maria", ("Ana María García López",)),
        ("阿依古丽·买买提", ("阿依古丽买买提",)),
        ("İSMAİL Yılmaz", ("Ismail Yilmaz",)),
        ("김철수", ("김철수", "Kim Cheolsu")),
        ("Cheolsu KIM", ("김철수", "Kim Cheolsu")),
        ("アンナ", ("ｱﾝﾅ",)),
    ],
)
def test_name_is_known_in_every_way_of_writing(typed: str, names: tuple[str, ...]) -> None:
    assert is_name_of(typed, names)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Maria", MARIA),
        ("Fernandez", MARIA),
        ("Mario Fernandez", MARIA),
        ("Maria Fernandez Lopez", MARIA),
        ("Donald Duck", MARIA),
        ("欧阳", MARIA),
        ("..", MARIA),
        ("", MARIA),
        ("--", ("—",)),
        ("Maria Fernandez", ()),
        ("", ("", "")),
        ("कमल", ("कमाल",)),
    ],
)
def test_other_name_is_refused(typed: str, names: tuple[str, ...]) -> None:
    assert not is_name_of(typed, names)
