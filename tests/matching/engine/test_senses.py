"""Words of several senses: a pair is told in its own fields only. Elements and materials pair in both languages."""

import pytest

from fairs.matching.engine import conditions, senses, skills
from fairs.matching.engine.explanations import reasons
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.text import terms
from fairs.units import catalogues

# English text with its discipline, Chinese text with its own, the Chinese form, and whether the pair may be told.
CASES = [
    ("I make cells for batteries", "0805", "负责细胞培养，观察细胞形态", "0710", "细胞", False),
    ("I make cells for batteries", "0805", "负责细胞与材料的相互作用", "0805", "细胞", False),
    ("I make cells for batteries", "0805", "负责电芯的装配", "0808", "电芯", True),
    ("I sort cells and read their genes", "0710", "负责细胞分选", "1001", "细胞", True),
    ("I sort cells and read their genes", "0710", "负责电芯的装配", "0808", "电芯", False),
    ("Design of a plant for ammonia", "0817", "研究植物抗病", "0904", "植物", False),
    ("Plants and their pests", "0904", "研究植物抗病", "0904", "植物", True),
    ("Plants and their pests", "0904", "建设化工工厂", "0817", "工厂", False),
    ("Drivers and road safety", "0823", "调查驾驶员行为", "0823", "驾驶员", True),
    ("Drivers for graphics cards", "0812", "调查驾驶员行为", "0823", "驾驶员", False),
    ("Films of gallium nitride", "1401", "讲授电影史", "1301", "电影", False),
    ("Films of gallium nitride", "1401", "生长薄膜", "0805", "薄膜", True),
    ("Chips for radar", "1401", "设计芯片", "0809", "芯片", True),
    ("Chips in turning of steel", "0802", "设计芯片", "1401", "芯片", False),
    ("Vectors for gene therapy", "0710", "研究病毒载体", "1007", "载体", True),
    ("Vectors and tensors", "0701", "研究病毒载体", "1007", "载体", False),
    ("Banks and their risks", "0202", "研究银行风险", "0202", "银行", True),
    ("Banks of the river", "0815", "研究银行风险", "0202", "银行", False),
    ("Stress of students", "0402", "分析应力分布", "0801", "应力", False),
    ("Stress in shells", "0801", "分析应力分布", "0814", "应力", True),
    ("Springs and dampers", "0802", "设计弹簧", "0802", "弹簧", True),
    ("A mouse with a knocked-out gene", "0710", "饲养小鼠", "1001", "小鼠", True),
    ("A mouse with two buttons", "0812", "饲养小鼠", "1001", "小鼠", False),
    ("Hosts of parasites", "0906", "寄生虫与宿主", "0906", "宿主", True),
    ("Hosts in a data centre", "0812", "寄生虫与宿主", "0906", "宿主", False),
    ("Currents of the Pacific", "0707", "测量电流", "0808", "电流", False),
    ("Culture of minorities", "0304", "组织文化活动", "0304", "文化", True),
    ("Culture of bacteria", "0710", "组织文化活动", "0304", "文化", False),
    ("Beams of concrete", "0814", "计算梁的挠度", "0814", "梁", True),
    ("Faults of the crust", "0709", "电机故障", "0808", "故障", False),
    ("Copper and its alloys", "0805", "冶炼铜", "0806", "铜", True),
]


def told(profile: ProfileRecord, listing: ListingRecord) -> set[str]:
    found = reasons.collect_reasons(profile, listing, conditions.check(profile, listing))
    return {reason.params["zh"] for reason in found if reason.kind == "term"}


@pytest.mark.parametrize(("english", "ours", "chinese", "theirs", "form", "fits"), CASES)
def test_a_pair_is_told_where_its_sense_fits_both(
    english: str, ours: str, chinese: str, theirs: str, form: str, fits: bool
) -> None:
    profile = ProfileRecord(id="p", text_en=english, disciplines=(ours,))
    listing = ListingRecord(id="l", text_zh=chinese, disciplines=(theirs,))
    assert (form in told(profile, listing)) == fits
    turned = told(
        ProfileRecord(id="p", text_zh=chinese, disciplines=(theirs,)),
        ListingRecord(id="l", text_en=english, disciplines=(ours,)),
    )
    assert (form in turned) == fits


def test_without_a_discipline_the_text_must_speak_of_the_field() -> None:
    listing = ListingRecord(id="l", text_zh="负责细胞分选", disciplines=("0710",))
    assert told(ProfileRecord(id="p", text_en="I count cells"), listing) == set()
    assert "细胞" in told(ProfileRecord(id="p", text_en="Cells, genes and proteins of botany"), listing)


def test_a_text_of_another_field_outweighs_a_declaration() -> None:
    listing = ListingRecord(id="l", text_zh="负责细胞分选", disciplines=("0710",))
    text = "Cells, lithium-ion battery, power electronics, inverters"
    assert told(ProfileRecord(id="p", text_en=text, disciplines=("0710",)), listing) == set()


def test_a_skill_of_one_field_is_not_found_in_another_in_the_same_language() -> None:
    battery = ProfileRecord(id="p", text_en="cells for cars", skills=("cells",), disciplines=("0808",))
    for code, expected in (("0808", {"skill"}), ("0710", set())):
        listing = ListingRecord(id="l", text_en="we study cells", disciplines=(code,))
        found = reasons.collect_reasons(battery, listing, conditions.check(battery, listing))
        assert {reason.kind for reason in found} & {"term", "skill"} == expected


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("lithium", "锂"), ("钠", "Sodium"), ("solid electrolyte", "固态电解质"), ("solid electrolytes", "固体电解质"),
        ("graphene", "石墨烯"), ("all-solid-state battery", "全固态电池"), ("perovskite", "钙钛矿"),
        ("stem cells", "干细胞"), ("anomaly detection", "异常检测"), ("rare earths", "稀土"),
    ],
)  # fmt: skip
def test_elements_and_materials_are_one_skill_in_both_languages(ours: str, theirs: str) -> None:
    assert skills.keys_of(ours) == skills.keys_of(theirs)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("cell", "细胞"), ("film", "电影"), ("driver", "驾驶员"), ("chip", "芯片")]
)
def test_a_bare_word_of_several_senses_is_no_skill_of_another_language(ours: str, theirs: str) -> None:
    assert not skills.keys_of(ours) & skills.keys_of(theirs)


def test_a_skill_and_a_text_pair_by_their_element() -> None:
    profile = ProfileRecord(id="p", skills=("lithium", "solid electrolyte"))
    listing = ListingRecord(id="l", text_zh="研究锂金属与固态电解质界面")
    pairs = skills.common(profile, listing)
    assert ("solid electrolyte", "固态电解质") in pairs


def test_the_data_are_sound() -> None:
    codes = {item.code for item in catalogues.disciplines(hidden=True)} | {c.code for c in catalogues.categories()}
    for word, found in senses.load().items():
        assert found, word
        for sense in found:
            assert sense.zh, word
            assert sense.codes, word
            assert sense.codes <= codes, (word, sense.codes - codes)
    assert len(senses.load()) >= 100
    lines = terms.lines("materials.txt")
    pairs = [pair for line in lines for pair in line.partition(" ")[2].split("; ")]
    assert all(zh and en for zh, _, en in (pair.partition("=") for pair in pairs))
    assert len({pair.partition("=")[0] for pair in pairs}) == len(pairs)
