"""Listings of the employers: people and projects."""

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random
from typing import Any

from fairs.demo.content.employers import Scope
from fairs.demo.content.fragments import Topic, fields, read
from fairs.demo.content.model import Employer, EmployerKind, Listing
from fairs.demo.content.phrasing import capital, fill, lower_en, thousands, weighted
from fairs.listings.tables import ListingKind
from fairs.units import catalogues

PER_SCALE = 240
_PROJECT_SHARE = 0.25
_URGENT_SHARE = 0.18
_ENGLISH_SHARE = 0.35
_SPONSORING = (True, True, None, True, True, False, True, None, True, True)  # by number: a draw would shift later ones
_DOCTOR = "doctor"
_DEGREES = {
    _DOCTOR: ("博士学位", "a doctorate"),
    "master": ("硕士及以上学位", "a master's degree or above"),
    "bachelor": ("本科及以上学历", "a bachelor's degree or above"),
}
_WEIGHTS: dict[str, int] = {
    EmployerKind.UNIVERSITY: 6,
    EmployerKind.INSTITUTE: 4,
    EmployerKind.HOSPITAL: 4,
    EmployerKind.STATE_FIRM: 4,
    EmployerKind.FOREIGN_FIRM: 3,
    EmployerKind.PARK: 3,
}


def make_listings(
    seed: int, scale: int, employers: Sequence[Employer], scopes: Mapping[str, Scope]
) -> tuple[Listing, ...]:
    rng = Random(f"{seed}:listings")
    total = PER_SCALE * scale
    owners = _owners(employers, total, rng)
    writer = Writer(rng, scopes)
    ordered = sorted(owners, key=lambda employer: employer.key)
    projects = _projects(ordered, rng)
    return tuple(
        writer.write(number, employer, project=number in projects) for number, employer in enumerate(ordered, 1)
    )


def _owners(employers: Sequence[Employer], total: int, rng: Random) -> list[Employer]:
    """Two for each, the rest by weight of the kind."""
    rest = total - 2 * len(employers)
    weights = [_WEIGHTS.get(employer.kind, 3) for employer in employers]
    return [*employers, *employers, *rng.choices(list(employers), weights=weights, k=rest)]


def _projects(owners: Sequence[Employer], rng: Random) -> set[int]:
    """The numbers of the listings that are projects: a fixed share, with parks before others."""
    chances = {
        number: rng.random() - (employer.kind == EmployerKind.PARK) / 3 for number, employer in enumerate(owners, 1)
    }
    return set(sorted(chances, key=chances.__getitem__)[: round(len(owners) * _PROJECT_SHARE)])


class Writer:
    """Writes listings so that no employer repeats a text."""

    def __init__(self, rng: Random, scopes: Mapping[str, Scope]) -> None:
        self._rng = rng
        self._scopes = scopes
        self._titles: set[tuple[str, str]] = set()
        self._texts: set[str] = set()

    def write(self, number: int, employer: Employer, *, project: bool) -> Listing:
        while True:
            listing = self._draft(number, employer, project)
            title = (employer.key, listing.title_zh)
            if title not in self._titles and listing.description_zh not in self._texts:
                self._titles.add(title)
                self._texts.add(listing.description_zh)
                return listing

    def _draft(self, number: int, employer: Employer, project: bool) -> Listing:
        code, index = self._subject(employer)
        if project:
            return self._project(number, employer, code, fields()[code].topics[index])
        return self._people(number, employer, code, index)

    def _subject(self, employer: Employer) -> tuple[str, int]:
        scope = self._scopes[employer.key]
        other = 0.5 if employer.kind.is_firm else 1.8
        code = weighted(self._rng, {code: 3.0 if place == 0 else other for place, code in enumerate(scope)})
        return code, self._rng.choice(scope[code])

    def _people(self, number: int, employer: Employer, code: str, index: int) -> Listing:
        rng, texts = self._rng, read("listings")
        topic = fields()[code].topics[index]
        zh, en, degree, factor = _post(employer, code, index, rng)
        engagement = _engagement(zh, employer, rng)
        low = max(10, round(texts["pay"][employer.kind] * factor * rng.uniform(0.8, 1.15)))
        high = round(low * rng.uniform(1.25, 1.7))
        values = _values(topic, code, degree, rng) | {
            "pay": f"{low}—{high}",
            "pay_en": f"{low * 10},000–{high * 10},000",
        }
        values |= _people_sentences(employer, values, rng)
        description_en = fill(rng.choice(texts["people"]["en"]), values)
        english = rng.random() < _ENGLISH_SHARE
        urgent = self._urgency(values)
        return Listing(
            key=f"listing-{number:04}", employer=employer.key, kind=ListingKind.PEOPLE, unit=employer.unit,
            title_zh=rng.choice((f"{zh}（{topic.t_zh}方向）", f"{zh}（{topic.t2_zh}）", f"{zh}——{topic.t_zh}")),
            title_en=f"{en}, {topic.t2_en}" if english else None,
            description_zh=fill(rng.choice(texts["people"]["zh"]), values),
            description_en=description_en if english else None,
            discipline=code, degree=degree, engagement=engagement, headcount=_headcount(zh, degree, rng),
            pay_min=low, pay_max=high, budget=None, term_years=None,
            urgent=urgent is not None, urgent_reason_zh=urgent and urgent[0], urgent_reason_en=urgent and urgent[1],
            sponsors_permit=_SPONSORING[number % len(_SPONSORING)], valid_to=_valid_to(rng),
        )  # fmt: skip

    def _project(self, number: int, employer: Employer, code: str, topic: Topic) -> Listing:
        rng = self._rng
        section: Mapping[str, Any] = read("listings")["startup" if employer.kind == EmployerKind.PARK else "project"]
        budget = rng.choice((30, 50, 60, 80, 100, 120, 150, 200, 300, 500, 800))
        values = _values(topic, code, "master", rng) | {"budget": budget, "budget_en": thousands(budget)}
        values |= _project_sentences(employer, rng)
        english = rng.random() < _ENGLISH_SHARE
        urgent = self._urgency(values)
        place = rng.randrange(len(section["titles_en"]))
        return Listing(
            key=f"listing-{number:04}", employer=employer.key, kind=ListingKind.PROJECT, unit=employer.unit,
            title_zh=fill(rng.choice(section["titles"]), values),
            title_en=fill(section["titles_en"][place], values) if english else None,
            description_zh=fill(rng.choice(section["zh"]), values),
            description_en=fill(rng.choice(section["en"]), values) if english else None,
            discipline=code, degree=catalogues.NO_DEGREE, engagement=_project_engagement(employer, rng), headcount=None,
            pay_min=None, pay_max=None, budget=budget, term_years=int(values["term"]),
            urgent=urgent is not None, urgent_reason_zh=urgent and urgent[0], urgent_reason_en=urgent and urgent[1],
            sponsors_permit=_SPONSORING[number % len(_SPONSORING)], valid_to=_valid_to(rng),
        )  # fmt: skip

    def _urgency(self, values: Mapping[str, Any]) -> tuple[str, str] | None:
        """The reason in both languages for about a sixth of the listings."""
        if self._rng.random() >= _URGENT_SHARE:
            return None
        reasons = read("listings")["urgent"]
        place = self._rng.randrange(len(reasons["zh"]))
        return fill(reasons["zh"][place], values), fill(reasons["en"][place], values)


def _post(employer: Employer, code: str, index: int, rng: Random) -> tuple[str, str, str, float]:
    """Chinese and English name of the post, required degree, factor on pay."""
    if employer.kind.is_firm:
        fitting = [post for post in fields()[code].posts if index in post.topics]
        if fitting and rng.random() < 0.45:
            post = rng.choice(fitting)
            degree, factor = rng.choice((("master", 1.1), ("doctor", 1.5), ("bachelor", 0.7)))
            return post.zh, post.en, degree, factor
    kind = employer.kind
    if kind == EmployerKind.HOSPITAL and code[:2] != "10":
        kind = EmployerKind.INSTITUTE
    zh, en, degree, factor = rng.choice(read("listings")["posts"]["firm" if kind.is_firm else kind])
    return zh, en, degree, factor


def _values(topic: Topic, code: str, degree: str, rng: Random) -> dict[str, Any]:
    facts, texts = catalogues.discipline(code), fields()[code]
    skill, skill2 = rng.sample(texts.skills, 2)
    return {
        "t": topic.t_zh, "t2": topic.t2_zh, "how": topic.how_zh, "goal": topic.goal_zh, "disc": facts.zh,
        "t_en": topic.t_en, "t2_en": topic.t2_en, "how_en": topic.how_en, "disc_en": lower_en(facts.en),
        "degree": _DEGREES[degree][0], "degree_en": _DEGREES[degree][1],
        "Degree_en": capital(_DEGREES[degree][1]),
        "skill": skill[0], "skill2": skill2[0], "skill_en": skill[1], "n": rng.randint(4, 14), "y": rng.randint(2, 8),
    }  # fmt: skip


def _people_sentences(employer: Employer, values: Mapping[str, Any], rng: Random) -> dict[str, str]:
    texts = read("listings")["people"]
    firm = "_firm" if employer.kind.is_firm or employer.kind == EmployerKind.PARK else ""
    duties = texts["duties_hospital"] if employer.kind == EmployerKind.HOSPITAL else texts["duties" + firm]
    return {
        "duty": rng.choice(duties),
        "exp": fill(rng.choice(texts["exps"]), values),
        "prefer": rng.choice(texts["prefer"]),
        "why": rng.choice(texts["whys" + firm]),
        "offer": fill(rng.choice(texts["offers" + firm]), values),
        "offer_en": capital(fill(rng.choice(texts["offers_en"]), values)),
    }


def _project_sentences(employer: Employer, rng: Random) -> dict[str, Any]:
    texts = read("listings")["project"]
    sites = texts["sites"][:-1] if employer.kind.is_firm else texts["sites"]
    return {
        "bg": rng.choice(texts["bg"]),
        "site": rng.choice(sites),
        "mode": rng.choice(texts["modes"]),
        "term": rng.randint(1, 3),
    }


def _engagement(post: str, employer: Employer, rng: Random) -> tuple[str, ...]:
    if "博士后" in post:
        return ("postdoc",)
    if any(word in post for word in ("客座", "顾问", "导师")):
        return tuple(rng.sample(("flexible", "short_visit", "consulting", "lecture"), 2))
    if (
        employer.kind in (EmployerKind.UNIVERSITY, EmployerKind.INSTITUTE, EmployerKind.HOSPITAL)
        and rng.random() < 0.35
    ):
        return ("full_time", "flexible")
    return ("full_time",) if rng.random() < 0.75 else ("full_time", "project")


def _project_engagement(employer: Employer, rng: Random) -> tuple[str, ...]:
    if employer.kind == EmployerKind.PARK:
        return ("startup",) if rng.random() < 0.6 else ("startup", "tech_transfer")
    return (
        "project",
        *rng.sample(("tech_transfer", "consulting", "offshore", "short_visit"), rng.randint(0, 2)),
    )


def _headcount(post: str, degree: str, rng: Random) -> int:
    if any(word in post for word in ("带头人", "首席", "总监", "主管", "组长", "负责人", "主任", "经理")):
        return 1
    return rng.choice((1, 1, 2, 2, 3) if degree == _DOCTOR else (1, 2, 2, 3, 5, 8))


def _valid_to(rng: Random) -> date:
    return rng.choice((date(2018, 12, 31), date(2019, 3, 31), date(2019, 6, 30), date(2019, 12, 31)))
