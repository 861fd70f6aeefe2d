"""Invented employers in every delegation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from fairs.demo.content.credit_codes import credit_code
from fairs.demo.content.fragments import Line, fields, pair, read
from fairs.demo.content.model import Employer, EmployerKind
from fairs.demo.content.names import NameBook, slug
from fairs.demo.content.phrasing import fill, joined_en, lower_en, sample
from fairs.units import catalogues
from fairs.units.kinds import UnitKind

_PUBLIC_TITLES = (
    ("人事处处长", "Head of Personnel"),
    ("人才工作办公室主任", "Director, Talent Office"),
    ("科技处处长", "Head of Science and Technology"),
    ("人才引进主管", "Recruitment Officer"),
)
_FIRM_TITLES = (
    ("人力资源部部长", "Head of Human Resources"),
    ("人力资源总监", "Human Resources Director"),
    ("副总经理", "Deputy General Manager"),
    ("技术中心主任", "Head of the Technical Centre"),
    ("招聘主管", "Recruitment Lead"),
)
_SUFFIXES: Mapping[str, tuple[tuple[str, str], ...]] = {
    EmployerKind.STATE_FIRM: (("集团有限公司", "Group Co., Ltd."), ("有限责任公司", "Co., Ltd.")),
    EmployerKind.PRIVATE_FIRM: (
        ("有限公司", "Co., Ltd."),
        ("股份有限公司", "Joint Stock Co., Ltd."),
        ("科技有限公司", "Tech Co., Ltd."),
    ),
    EmployerKind.FOREIGN_FIRM: (("有限公司", "Co., Ltd."),),
}


Scope = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """One employer to be invented; ``line`` is the business of a firm."""

    unit: str
    kind: EmployerKind
    disciplines: tuple[str, ...]
    line: Line


@dataclass(frozen=True, slots=True)
class Name:
    zh: str
    en: str
    brand: str


def plans(scale: int, rng: Random) -> Iterator[Plan]:
    """The given places, then the same mix with other businesses for every further scale."""
    for turn in range(scale):
        for unit, entries in read("places")["units"].items():
            for entry in entries:
                yield _plan(unit, entry, turn, rng)


def _plan(unit: str, entry: str, turn: int, rng: Random) -> Plan:
    kind, _, rest = entry.partition(":")
    codes = [code.partition("#") for code in rest.split(",")]
    lines = fields()[codes[0][0]].lines
    line = lines[int(codes[0][2] or 0)] if turn == 0 else rng.choice(lines)
    return Plan(unit, EmployerKind(kind), tuple(code for code, _, _ in codes), line)


def make_employers(seed: int, scale: int) -> tuple[tuple[Employer, ...], Mapping[str, Scope]]:
    """The employers, and for each key the topics it needs, by discipline."""
    rng = Random(f"{seed}:employers")
    people = NameBook(rng)
    names: set[str] = set()
    employers: list[Employer] = []
    scopes: dict[str, Scope] = {}
    for number, plan in enumerate(plans(scale, rng), 1):
        scope = _scope(plan, rng)
        employer = _employer(number, plan, tuple(scope), _name(plan, names, rng), people, rng)
        employers.append(employer)
        scopes[employer.key] = scope
    return tuple(employers), scopes


def _scope(plan: Plan, rng: Random) -> Scope:
    """Public bodies need all topics of their disciplines, a firm those of its business and its support."""
    if not plan.kind.endswith("firm"):
        return {code: tuple(range(len(fields()[code].topics))) for code in plan.disciplines}
    primary = plan.disciplines[0]
    support = read("places")["support"][primary[:2]]
    others = {code: tuple(topics) for code, topics in sample(rng, support, 2) if code != primary}
    return {primary: plan.line.topics} | others


def _employer(
    number: int, plan: Plan, disciplines: tuple[str, ...], name: Name, people: NameBook, rng: Random
) -> Employer:
    founded, staff = _age_and_size(plan.kind, rng)
    texts = _intro_values(plan, name, founded, staff, rng)
    intro = read("employers")[plan.kind]
    contact = people.person("zh_cn", "CN")
    title = rng.choice(_FIRM_TITLES if plan.kind.is_firm or plan.kind == EmployerKind.PARK else _PUBLIC_TITLES)
    return Employer(
        key=f"employer-{number:04}",
        unit=plan.unit,
        kind=plan.kind,
        name_zh=name.zh,
        name_en=name.en,
        uscc=credit_code(plan.kind, plan.unit, number),
        industry=_industry(plan),
        disciplines=disciplines,
        zones=tuple(zone.key for zone in catalogues.strategic_zones() if plan.unit in zone.regions),
        founded=founded,
        staff=staff,
        intro_zh="".join(fill(rng.choice(variants), texts) for variants in intro["zh"]),
        intro_en=fill(rng.choice(intro["en"]), texts),
        contact_name_zh=contact.native,
        contact_name_en=contact.passport,
        contact_title_zh=title[0],
        contact_title_en=title[1],
        contact_email=f"{slug(contact.passport)}.{name.brand}@example.org",
    )


def _industry(plan: Plan) -> str:
    fixed: dict[str, str] = {
        EmployerKind.UNIVERSITY: "P83",
        EmployerKind.HOSPITAL: "Q84",
        EmployerKind.INSTITUTE: "M73",
        EmployerKind.PARK: "M75",
    }
    return fixed.get(plan.kind) or fields()[plan.disciplines[0]].industries[0]


def _age_and_size(kind: EmployerKind, rng: Random) -> tuple[int, int]:
    years: dict[str, tuple[int, int]] = {
        EmployerKind.UNIVERSITY: (1950, 2004),
        EmployerKind.HOSPITAL: (1948, 1998),
        EmployerKind.STATE_FIRM: (1952, 1996),
        EmployerKind.INSTITUTE: (1986, 2016),
        EmployerKind.PRIVATE_FIRM: (1993, 2014),
        EmployerKind.FOREIGN_FIRM: (1999, 2014),
        EmployerKind.PARK: (2001, 2016),
    }
    sizes: dict[str, tuple[int, int]] = {
        EmployerKind.UNIVERSITY: (900, 2200),
        EmployerKind.HOSPITAL: (800, 3200),
        EmployerKind.STATE_FIRM: (1200, 9000),
        EmployerKind.INSTITUTE: (60, 400),
        EmployerKind.PRIVATE_FIRM: (80, 1600),
        EmployerKind.FOREIGN_FIRM: (150, 1200),
        EmployerKind.PARK: (20, 60),
    }
    staff = rng.randint(*sizes[kind])
    return rng.randint(*years[kind]), staff // 10 * 10


def _intro_values(plan: Plan, name: Name, founded: int, staff: int, rng: Random) -> Mapping[str, object]:
    unit_zh, unit_en = place(plan.unit)
    areas = [catalogues.discipline(code) for code in plan.disciplines[:3]]
    sales = rng.randint(2, 28)
    researcher_share = 0.72 if plan.kind == EmployerKind.INSTITUTE else rng.uniform(0.08, 0.2)
    return {
        "name": name.zh, "name_en": name.en, "city": unit_zh, "city_en": unit_en, "year": founded, "staff": staff,
        "rd": max(8, int(staff * researcher_share)), "sales": sales, "sales_en": f"{sales / 10:g} billion" if sales >= 10 else f"{sales}00 million",
        "labs": rng.randint(3, 12),
        "beds": rng.randint(8, 32) * 100, "tenants": rng.randint(35, 220), "students": rng.randint(120, 320) * 100,
        "make": plan.line.make_zh, "make_en": plan.line.make_en,
        "area": "、".join(area.zh for area in areas), "area_en": joined_en([lower_en(area.en) for area in areas]),
    }  # fmt: skip


def place(unit: str) -> tuple[str, str]:
    """The short names of a unit as used in a company's name: 洛阳, Luoyang."""
    facts = next(item for item in catalogues.units() if item.code == unit)
    if facts.kind == UnitKind.ZONE:
        return "郑州航空港", "Zhengzhou Airport"
    return facts.name_zh[:-1] if len(facts.name_zh) > 2 else facts.name_zh, facts.name_en


def _name(plan: Plan, taken: set[str], rng: Random) -> Name:
    """A name that is unique in the edition, in both languages."""
    brands: Any = read("places")["brands"]
    while True:
        first, second = pair(rng.choice(brands["first"])), pair(rng.choice(brands["second"]))
        brand_zh, brand_en = first[0] + second[0], first[1] + second[1]
        zh, en = _compose(plan, brand_zh, brand_en, rng)
        if not {zh, en, brand_zh} & taken:
            taken |= {zh, en} | ({brand_zh} if len(taken) < 900 else set())
            return Name(zh, en, brand_en.lower())


def _compose(plan: Plan, brand_zh: str, brand_en: str, rng: Random) -> tuple[str, str]:
    city_zh, city_en = place(plan.unit)
    head_zh, head_en = f"{city_zh}{brand_zh}", f"{city_en} {brand_en}"
    line = plan.line
    match plan.kind:
        case EmployerKind.UNIVERSITY:
            zh, en = read("places")["universities"][_university_type(plan.disciplines[0])]
            return f"{head_zh}{zh}", f"{head_en} {en}"
        case EmployerKind.HOSPITAL if plan.disciplines[0] == "1005":
            return f"{head_zh}中医院", f"{brand_en} Hospital of Chinese Medicine, {city_en}"
        case EmployerKind.HOSPITAL:
            return f"{head_zh}医院", f"{brand_en} Hospital, {city_en}"
        case EmployerKind.INSTITUTE:
            return f"{head_zh}{line.word_zh}研究院", f"{head_en} {line.word_en} Research Institute"
        case EmployerKind.PARK:
            return f"{head_zh}留学人员创业园", f"{head_en} Returnee Start-up Park"
        case EmployerKind.FOREIGN_FIRM:
            zh, en = pair(rng.choice(read("places")["brands"]["foreign"]))
            return (
                f"{zh}{brand_zh}（{city_zh}）{line.word_zh}有限公司",
                f"{en} {brand_en} {line.word_en} Co., Ltd.",
            )
    suffix_zh, suffix_en = rng.choice(_SUFFIXES[plan.kind])
    if line.word_zh.endswith(("科技", "技术")):
        suffix_zh, suffix_en = suffix_zh.removeprefix("科技"), suffix_en.removeprefix("Tech ")
    return f"{head_zh}{line.word_zh}{suffix_zh}", f"{head_en} {line.word_en} {suffix_en}"


def _university_type(code: str) -> str:
    return {"09": "agri", "10": "medical", "08": "tech"}.get(code[:2], "general")
