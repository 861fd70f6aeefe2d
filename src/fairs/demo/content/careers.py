"""Residence, studies and present work of a candidate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from fairs.demo.content.fragments import pair, read
from fairs.demo.content.names import Person
from fairs.demo.content.phrasing import weighted

YEAR = 2018
_HUBS: Mapping[str, float] = {
    "US": 6, "GB": 5, "DE": 4, "JP": 4, "AU": 3, "CA": 2, "FR": 2, "SG": 2, "SE": 1, "NL": 2, "KR": 2, "RU": 2,
    "CH": 1, "BE": 1, "IE": 1, "NZ": 1, "HK": 1, "IT": 1,
}  # fmt: skip
_TECHNICAL = (
    "Technolog",
    "Technical",
    "Polytechnic",
    "Politecnico",
    "ETH",
    "EPFL",
    "IIT",
    "KAIST",
    "AGH",
    "Leoben",
    "Technion",
)
_LAND = ("Agri", "Kasetsart", "Wageningen", "Hohenheim", "Lincoln")
_TEACHING = ("讲师", "副教授", "教授")
_NO_COMPANY = ("0202", "0601", "1004", "1201")
_CLINICAL = ("1002", "1005")


@dataclass(frozen=True, slots=True)
class Place:
    country: str
    city_en: str
    city_zh: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Career:
    """Degree, institution and present post; ``years`` since graduation; ``industry`` when in a company."""

    degree: str
    rank: int
    graduated: int
    years: int
    institution_en: str
    institution_zh: str
    institution_country: str
    position_en: str
    position_zh: str
    organisation_en: str
    organisation_zh: str
    industry: bool
    place: Place


def residence_of(person: Person, rng: Random) -> Place:
    """The home country for most, a country of study for Chinese citizens and for a third of the others."""
    world = read("world")
    at_home = person.country != "CN" and person.country in world and rng.random() < 0.66
    country = person.country if at_home else weighted(rng, _HUBS)
    facts = world[country]
    city_en, city_zh = pair(rng.choice(facts["cities"]))
    return Place(country, city_en, city_zh, facts["tz"])


def make_career(person: Person, home: Place, discipline: str, rng: Random) -> Career:
    degree, rank = _degree(discipline, rng)
    years = int(rng.triangular(0, 31, 4))
    country, institution = _institution(person, home, discipline, rng)
    position = _position(discipline, rank, years, rng)
    organisation = _organisation(position[5], position[0] in _TEACHING, discipline, home, rng)
    name_en, name_zh = pair(institution)
    return Career(
        degree=degree,
        rank=rank,
        graduated=YEAR - years,
        years=years,
        institution_en=name_en,
        institution_zh=name_zh,
        institution_country=country,
        position_en=position[1],
        position_zh=position[0],
        organisation_en=organisation[0],
        organisation_zh=organisation[1],
        industry=position[5],
        place=home,
    )


def _degree(discipline: str, rng: Random) -> tuple[str, int]:
    if discipline in _CLINICAL:
        return "doctor", 4
    return rng.choices((("doctor", 4), ("master", 3), ("bachelor", 2)), weights=(66, 26, 8))[0]


def _institution(person: Person, home: Place, discipline: str, rng: Random) -> tuple[str, str]:
    """A real university that plausibly teaches the discipline, in the country of residence, origin or a likely one."""
    world = read("world")
    first = home.country if rng.random() < 0.7 or person.country == "CN" else person.country
    countries = [first, home.country, *rng.choices(list(_HUBS), weights=list(_HUBS.values()), k=6), "GB"]
    for country in countries:
        fitting = [name for name in world[country]["universities"] if _teaches(name, discipline)]
        if fitting:
            return country, rng.choice(fitting)
    raise LookupError(f"no university for {discipline}")


def _teaches(university: str, discipline: str) -> bool:
    if any(word in university for word in _LAND):
        return discipline[:2] == "09" or discipline in ("0710", "0828", "0832", "0830", "0202")
    technical = any(word in university for word in _TECHNICAL)
    return not technical or not (discipline[:2] in ("06", "09", "10") or discipline == "0202")


def _position(discipline: str, rank: int, years: int, rng: Random) -> Sequence[Any]:
    positions = read("voices")["positions"]
    rows = positions["clinical"] if discipline in _CLINICAL else positions["rows"]
    fitting = [row for row in rows if row[2] <= rank and row[3] <= years <= row[4]]
    if discipline in _NO_COMPANY:
        fitting = [row for row in fitting if not row[5]] or [positions["rows"][1]]
    found: Sequence[Any] = rng.choice(fitting)
    return found


def _organisation(industry: bool, teaching: bool, discipline: str, home: Place, rng: Random) -> tuple[str, str]:
    """The present employer, invented or unnamed."""
    if industry:
        firm = rng.choice(read("voices")["positions"]["firms"])
        return f"{firm}, {home.city_en}", f"{firm}（{home.city_zh}）"
    if discipline in _CLINICAL:
        return f"Teaching hospital, {home.city_en}", f"{home.city_zh}某教学医院"
    if teaching:
        return f"University department, {home.city_en}", f"{home.city_zh}某高校院系"
    return rng.choice(
        (
            (f"Research institute, {home.city_en}", f"{home.city_zh}某研究所"),
            (f"University research group, {home.city_en}", f"{home.city_zh}某高校课题组"),
        )
    )
