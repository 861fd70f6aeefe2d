import pytest

from fairs.core.names import address_problem


@pytest.mark.parametrize(
    "name",
    [
        "Visit https://evil.example/x",
        "http:/evil",
        "www.evil example",
        "evil.example",
        "Win at evil.com now",
        "ＥＶＩＬ．ＣＯＭ",
        "evil。com",
        "evil．cn",
        "evil｡com",
        "evil․com",
        "e\u200bvil.c\u200bom",
        "evil\u00ad.com",
        "例子.中国",
        "例子。公司",
        "t.co",
        "x.cn",
        "163.com",
        "me@evil.example",
        "me＠evil.example",
        "me @ evil",
        "me﹫evil",
        "mailto:me",
        "192.0.2.1",
        "sub.domain.evil.org/path",
        "evil.com/path",
        "Dr.Smith",
    ],
)
def test_address_in_a_name_is_refused(name: str) -> None:
    assert address_problem(name) is not None


@pytest.mark.parametrize(
    "name",
    [
        "Maria Fernandez",
        "J. R. R. Tolkien",
        "J.R.R. Tolkien",
        "Dr. Anne-Marie O'Brien, Jr.",
        "Md. Rahman",
        "王小明",
        "阿里木·买买提",
        "ジョン・スミス",
        "Мария Фернандес",
        "Siemens (China) Co., Ltd.",
        "Luoyang Bearing & Tools Co.,Ltd.",
        "Zhengzhou No.1 Middle School",
        "U.S.A. Institute",
        "3M Company",
        "郑州轻工业大学（河南）",
        "S.p.A. Ferrari",
        "A/B Testing Institute",
        "Institute: new materials",
        "",
    ],
)
def test_name_is_taken(name: str) -> None:
    assert address_problem(name) is None
