"""Texts of the tests, written for them: people in English and posts in Chinese, one pair a field, and their disciplines."""

from datetime import date
from typing import Any

from fairs.matching.engine.records import ListingRecord, ProfileRecord

PAIRS: list[tuple[str, str, str, str]] = [
    (
        "0812",
        "I build deep learning models that read chest images. My convolutional neural networks find small lesions, and I "
        "have led a group of five on image segmentation and federated learning.",
        "医学影像智能分析算法工程师",
        "从事深度学习与计算机视觉研究，负责卷积神经网络在影像分割中的应用，熟悉联邦学习者优先。",
    ),
    (
        "0901",
        "Wheat breeder with ten years of work on drought tolerance, quantitative trait loci and marker-assisted selection "
        "in winter wheat; two registered cultivars.",
        "小麦育种首席专家",
        "开展冬小麦抗旱育种，挖掘数量性状位点，选育高产优质小麦新品种。",
    ),
    (
        "0805",
        "My research is on the corrosion and fatigue of magnesium alloys, their microstructure and heat treatment, and on "
        "protective coatings for light vehicle parts.",
        "轻合金材料研发",
        "研究镁合金的腐蚀行为与表面涂层，优化热处理工艺，改善微观组织和力学性能。",
    ),
    (
        "1002",
        "Consultant in cardiology. I run randomised controlled trials on heart failure and treat patients with coronary "
        "heart disease; trained in interventional surgery.",
        "心血管内科学科带头人",
        "负责冠心病与心力衰竭的临床诊断和治疗，组织随机对照试验，能独立完成介入手术。",
    ),
    (
        "0808",
        "Power electronics engineer: inverters for photovoltaic plants, control of microgrids, permanent magnet synchronous "
        "motors and their drives for electric vehicles.",
        "电力电子高级工程师",
        "研发光伏逆变器与微电网控制，设计电动汽车永磁同步电机驱动系统。",
    ),
    (
        "0830",
        "I design biological wastewater treatment: activated sludge, nitrogen removal and anaerobic digestion of sludge, with "
        "pilot plants for paper mills.",
        "污水处理技术负责人",
        "开发活性污泥法脱氮工艺和污泥厌氧消化技术，主持工业污水处理中试。",
    ),
    (
        "0832",
        "Food scientist working on probiotics and dairy fermentation, the flavour of yoghurt and the shelf life of cheese.",
        "乳品研发中心主任",
        "研究益生菌与乳制品发酵，改进酸奶风味，延长货架期。",
    ),
    (
        "0814",
        "Structural engineer for long bridges: prestressed concrete, seismic resistance and the health monitoring of "
        "cable-stayed bridges.",
        "桥梁结构工程研究员",
        "研究大跨度斜拉桥抗震设计，预应力混凝土耐久性和结构健康监测。",
    ),
    (
        "1007",
        "Medicinal chemist: design of kinase inhibitors, structure-activity relationships and liposome formulations for "
        "targeted delivery against tumours.",
        "创新药物研发科学家",
        "从事抑制剂药物设计与构效关系研究，开发脂质体靶向给药制剂，开展药代动力学评价。",
    ),
    (
        "0202",
        "Economist of finance and trade. I estimate the effect of exchange rates on exports and study green finance and "
        "carbon trading with panel data.",
        "应用经济学教授",
        "研究汇率与国际贸易、绿色金融和碳交易，熟悉计量经济方法。",
    ),
    (
        "0501",
        "I teach classical Chinese literature and write on Tang poetry, its rhetoric and its reception in Europe.",
        "中国古代文学教师",
        "讲授古代文学，从事唐诗与修辞研究，推动典籍海外传播。",
    ),
    (
        "0905",
        "Animal nutritionist for pigs and poultry: feed additives, gut microbiota and the growth performance of weaned piglets.",
        "畜禽营养与饲料专家",
        "研究猪和家禽的饲料添加剂、肠道菌群，提高断奶仔猪生长性能。",
    ),
]


def profiles() -> list[ProfileRecord]:
    """One English profile a field, without declared fields, in the order of PAIRS."""
    return [ProfileRecord(id=f"p{code}", text_en=text) for code, text, _, _ in PAIRS]


def listings() -> list[ListingRecord]:
    """One Chinese listing a field, without declared fields, in the order of PAIRS."""
    return [ListingRecord(id=f"l{code}", title_zh=title, text_zh=text) for code, _, title, text in PAIRS]


def declared_profile(**changes: Any) -> ProfileRecord:
    """A computer scientist with everything said."""
    values: dict[str, Any] = {
        "id": "p",
        "text_en": PAIRS[0][1],
        "disciplines": ("0812",),
        "industries": ("I65",),
        "degree": "doctor",
        "level": "associate",
        "languages": frozenset({"en", "zh"}),
        "engagements": frozenset({"full_time", "flexible"}),
        "cities": frozenset({"410100"}),
        "available_from": date(2019, 1, 1),
        "pay_min": 400_000,
        "needs_permit": True,
    }
    return ProfileRecord(**(values | changes))


def declared_listing(**changes: Any) -> ListingRecord:
    """A post that fits that computer scientist in every point."""
    values: dict[str, Any] = {
        "id": "l",
        "title_zh": PAIRS[0][2],
        "text_zh": PAIRS[0][3],
        "disciplines": ("0812",),
        "industries": ("I65",),
        "degree_min": "master",
        "level_min": "middle",
        "languages": frozenset({"en"}),
        "engagements": frozenset({"full_time"}),
        "city": "410105",
        "starts": date(2019, 3, 1),
        "pay_max": 500_000,
        "sponsors_permit": True,
    }
    return ListingRecord(**(values | changes))
