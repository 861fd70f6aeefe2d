import pytest

from fairs.core.search_keys import fold, found_in, like, search_key, sort_key, surnames


@pytest.mark.parametrize("query", ["zhangwei", "zw", "张", "zhang wei", "ZHANG"])
def test_chinese_name_is_found_by_pinyin_and_initials(query: str) -> None:
    assert fold(query) in search_key("张伟")


def test_accents_and_case_do_not_matter() -> None:
    assert search_key("Émile ZOLA") == "emile zola"


def test_wildcards_of_a_query_are_literal() -> None:
    assert like("100%_a\\") == r"%100\%\_a\\%"


def test_names_sort_by_pinyin() -> None:
    assert sorted(["张伟", "Adam", "李娜", "王芳"], key=sort_key) == ["Adam", "李娜", "王芳", "张伟"]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łódź Ørsted Đorđević ıŞıK Ægir Þórr Straße ẞ", "lodz orsted dordevic isik aegir thorr strasse ss"),
        ("O’Brien O'Brien OʻBrien O`Brien Oʼ Brien", "obrien obrien obrien obrien o brien"),
        ("阿·买 阿•买 阿‧买 阿・买 阿･买", "阿 买 阿 买 阿 买 阿 买 阿 买"),
        ("歐陽國強 龍門 澤", "欧阳国强 龙门 泽"),
        ("\ufeffJo\u200bhn\u00a0\u2066 Doe\u200f \t", "john doe"),
        ("１３８ Ａｄａ", "138 ada"),
        ("well\u2011known \u2212 x\u2013y", "well-known - x-y"),
    ],
)
def test_spellings_of_one_name_are_one_key(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_every_surname_is_read_as_its_characters_can_be() -> None:
    from pypinyin import Style, pinyin

    strange = []
    for name, ways in surnames().items():
        for way in ways:
            if len(name) == 1 and way not in pinyin(name, heteronym=True, style=Style.NORMAL)[0]:
                strange.append((name, way))
    assert strange == []


@pytest.mark.parametrize(
    ("text", "typed", "marked"),
    [
        ("徐淑芬", "xusf", "徐淑芬"),
        ("徐淑芬", "xu", "徐"),
        ("单雄信", "shan", "单"),
        ("河南农业大学", "农業", "农业"),
        ("Siobhán O’Brien", "o'br", "O’Br"),
        ("Jürgen Strauß", "juerg", "Jürg"),
        ("John Smith", "smith", "Smith"),
    ],
)
def test_what_was_typed_is_marked_as_it_is_written(text: str, typed: str, marked: str) -> None:
    start, end = found_in(text, typed) or (0, 0)
    assert text[start:end] == marked


def test_marks_begin_at_words_only() -> None:
    assert found_in("John Smith", "mith") is None
    assert found_in("", "a") is None
    assert found_in("a" * 120, "a" * 121) is None
