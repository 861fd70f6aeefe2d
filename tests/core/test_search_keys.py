import pytest

from fairs.core.search_keys import fold, like, search_key, sort_key


@pytest.mark.parametrize("query", ["zhangwei", "zw", "张", "zhang wei", "ZHANG"])
def test_chinese_name_is_found_by_pinyin_and_initials(query: str) -> None:
    assert fold(query) in search_key("张伟")


def test_accents_and_case_do_not_matter() -> None:
    assert search_key("Émile ZOLA") == "emile zola"


def test_wildcards_of_a_query_are_literal() -> None:
    assert like("100%_a\\") == r"%100\%\_a\\%"


def test_names_sort_by_pinyin() -> None:
    assert sorted(["张伟", "Adam", "李娜", "王芳"], key=sort_key) == ["Adam", "李娜", "王芳", "张伟"]
