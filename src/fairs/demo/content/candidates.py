"""Invented candidates from all over the world."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from fairs.demo.content.careers import Career, Place, make_career, residence_of
from fairs.demo.content.fragments import fields
from fairs.demo.content.model import Candidate, IdType, Listing, TextLocale
from fairs.demo.content.names import NameBook, Person, cultures
from fairs.demo.content.phrasing import weighted
from fairs.demo.content.profiles import Profile, ProfileWriter
from fairs.talents.tables import Visibility

PER_SCALE = 400
_MAIN_UNITS = ("410100", "410300", "410700", "410173")
_ID_TYPES: Mapping[str, IdType] = {
    "CN": "cn_id",
    "HK": "hk_mo_permit",
    "MO": "hk_mo_permit",
    "TW": "tw_permit",
}
# Number ranges that regulators reserve for fiction.
_PHONES = {
    "US": ("+1202555{:04}", 100, 199),
    "CA": ("+1416555{:04}", 100, 199),
    "GB": ("+447700900{:03}", 0, 999),
    "FR": ("+3363998{:04}", 0, 9999),
    "AU": ("+61491570{:03}", 156, 159),
    "DE": ("+4917139200{:02}", 0, 99),
    "SE": ("+46701740{:03}", 605, 699),
}


def make_candidates(seed: int, scale: int, listings: Sequence[Listing]) -> tuple[Candidate, ...]:
    rng = Random(f"{seed}:candidates")
    book, writer = NameBook(rng), ProfileWriter(rng)
    demand = Demand(listings)
    return tuple(
        _candidate(number, book.anyone(), demand, book, writer, rng) for number in range(1, PER_SCALE * scale + 1)
    )


class Demand:
    """Demand per discipline, and its units: candidates roughly know what is on offer."""

    def __init__(self, listings: Sequence[Listing]) -> None:
        self.weights: dict[str, float] = dict.fromkeys(fields(), 1.5)
        self.units: dict[str, list[str]] = defaultdict(list)
        share = PER_SCALE / max(1, len(listings))
        for listing in listings:
            self.weights[listing.discipline] += share
            self.units[listing.discipline].append(listing.unit)

    def wanted_units(self, discipline: str, rng: Random) -> tuple[str, ...]:
        pool = [*self.units[discipline], *_MAIN_UNITS]
        count = rng.choices((1, 2, 3, 4), weights=(2, 4, 3, 1))[0]
        return tuple(dict.fromkeys(rng.choice(pool) for _ in range(count)))


def _candidate(
    number: int, person: Person, demand: Demand, book: NameBook, writer: ProfileWriter, rng: Random
) -> Candidate:
    discipline = weighted(rng, demand.weights)
    home = residence_of(person, rng)
    career = make_career(person, home, discipline, rng)
    locale = _text_locale(person, rng)
    profile = writer.write(career, discipline, locale)
    available, months = _availability(profile.engagement, rng)
    return Candidate(
        key=f"candidate-{number:04}", name_passport=person.passport, name_native=person.native,
        given_name=person.given, family_name=person.family, email=book.address(person),
        phone=_phone(home, rng), citizenship=person.country, residence=home.country, city_en=home.city_en,
        city_zh=home.city_zh, timezone=home.timezone, id_type=_ID_TYPES.get(person.country, "passport"),
        birth=_birth(career, rng), degree=career.degree, institution_en=career.institution_en,
        institution_zh=career.institution_zh, institution_country=career.institution_country,
        graduated=career.graduated, discipline=discipline, years=career.years, text_locale=locale,
        position=career.position_zh if locale == "zh" else career.position_en,
        organisation=career.organisation_zh if locale == "zh" else career.organisation_en,
        headline=profile.headline, research_summary=profile.summary, skills=profile.skills,
        languages=_languages(person, home, locale, rng), engagement=profile.engagement,
        wanted_units=demand.wanted_units(discipline, rng), available_from=available, months_per_year=months,
        pay_min=_pay(career, profile, rng), visibility=_visibility(rng),
    )  # fmt: skip


def _text_locale(person: Person, rng: Random) -> TextLocale:
    chance = {"zh_cn": 0.85, "zh_hk": 0.45, "zh_mo": 0.6, "zh_tw": 0.6}.get(person.culture, 0.03)
    return "zh" if rng.random() < chance else "en"


def _birth(career: Career, rng: Random) -> date:
    age = {"doctor": 29, "master": 25, "bachelor": 22}[career.degree] + rng.randint(0, 4)
    return date(career.graduated - age, 1, 1) + timedelta(days=rng.randint(0, 364))


def _phone(home: Place, rng: Random) -> str | None:
    known = _PHONES.get(home.country)
    return known[0].format(rng.randint(known[1], known[2])) if known else None


def _languages(person: Person, home: Place, locale: TextLocale, rng: Random) -> tuple[tuple[str, str], ...]:
    """Mother tongue first; English for nearly all; some Chinese for every fourth guest and all who write in it."""
    spoken: dict[str, str] = {}
    for place, code in enumerate(cultures()[person.culture]["languages"]):
        spoken[code] = "native" if place == 0 else rng.choice(("b2", "c1", "c1", "c2"))
    spoken.setdefault("en", rng.choice(("b2", "c1", "c1", "c2")))
    if "zh" not in spoken and (locale == "zh" or rng.random() < 0.25):
        spoken["zh"] = rng.choice(("hsk5", "hsk6") if locale == "zh" else ("hsk1", "hsk2", "hsk3", "hsk4"))
    local = {
        "DE": "de",
        "FR": "fr",
        "JP": "ja",
        "KR": "ko",
        "RU": "ru",
        "IT": "it",
        "ES": "es",
        "NL": "nl",
        "SE": "sv",
    }
    if home.country in local and rng.random() < 0.6:
        spoken.setdefault(local[home.country], rng.choice(("a2", "b1", "b2", "c1")))
    return tuple(spoken.items())


def _availability(engagement: Sequence[str], rng: Random) -> tuple[date, int]:
    """The first day and the months a year."""
    day = date(2018, 11, 1) + timedelta(days=30 * rng.randint(0, 14))
    if "full_time" in engagement or "startup" in engagement or "postdoc" in engagement:
        return day.replace(day=1), rng.choice((9, 10, 12, 12, 12))
    return day.replace(day=1), rng.randint(1, 6)


def _pay(career: Career, profile: Profile, rng: Random) -> int:
    base = {"doctor": 20, "master": 13, "bachelor": 9}[career.degree]
    factor = 1.3 if "flexible" in profile.engagement else 1.0
    return round((base + min(career.years, 25) * rng.uniform(0.6, 1.5)) * factor * rng.uniform(0.85, 1.2))


def _visibility(rng: Random) -> Visibility:
    options: dict[Visibility, Any] = {Visibility.EMPLOYERS: 5, Visibility.MATCHED: 4, Visibility.PRIVATE: 1}
    return weighted(rng, options)
