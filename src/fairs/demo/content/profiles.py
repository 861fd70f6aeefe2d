"""Self-descriptions of candidates."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from fairs.demo.content.careers import Career
from fairs.demo.content.fragments import Topic, Voice, fields, read, voices
from fairs.demo.content.model import TextLocale
from fairs.demo.content.phrasing import capital, fill, lower_en, numbered, sample, the_university
from fairs.units import catalogues


@dataclass(frozen=True, slots=True)
class Profile:
    headline: str
    summary: str
    skills: tuple[str, ...]
    engagement: tuple[str, ...]


class ProfileWriter:
    """Writes profiles, all different."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._written: set[str] = set()

    def write(self, career: Career, discipline: str, locale: TextLocale) -> Profile:
        rng = self._rng
        while True:
            main, second = rng.sample(fields()[discipline].topics, 2)
            values = _values(career, discipline, main, second, locale, rng)
            voice = _voice(career, discipline, locale, rng)
            summary = _compose(voice, values, locale, rng)
            if summary not in self._written:
                self._written.add(summary)
                break
        skills = fields()[discipline].skills
        place = 0 if locale == "zh" else 1
        return Profile(
            headline=fill(rng.choice(_headlines(career, locale)), values),
            summary=summary,
            skills=tuple(skill[place] for skill in sample(rng, skills, rng.randint(2, 5))),
            engagement=_engagement(career, voice, rng),
        )


def _wishes(career: Career, locale: TextLocale) -> list[str]:
    """Hopes of candidates; those in universities have a few more."""
    wishes: Mapping[str, list[str]] = read("voices")["wishes"]
    return wishes[locale] if career.industry else wishes[locale] + wishes[f"{locale}_academic"]


def _headlines(career: Career, locale: TextLocale) -> list[str]:
    """Templates; those that state years are left out for beginners."""
    templates: list[str] = read("voices")["headline"][locale]
    return [text for text in templates if career.years > 2 or "{years}" not in text]


def _voice(career: Career, discipline: str, locale: TextLocale, rng: Random) -> Voice:
    """A style that fits age, post and field."""
    known = {voice.name: voice for voice in voices(locale) if voice.min_rank <= career.rank}
    clinical = known.pop("clinician", None)
    if clinical and discipline in clinical.only:
        return clinical
    if "创" in career.position_zh:
        return known["founder"]
    known.pop("founder", None)
    names = ["note"]
    if career.years <= 3:
        names += ["young", "returnee"]
    else:
        names += ["engineer"] if career.industry else ["academic", "academic", "returnee"]
    if career.years >= 17 and not career.industry:
        names += ["senior", "senior"]
    fitting = [known[name] for name in names if name in known]
    return rng.choice(fitting or [known["engineer"]])


def _compose(voice: Voice, values: Mapping[str, Any], locale: TextLocale, rng: Random) -> str:
    sentences = [fill(rng.choice(slot), values) for slot in voice.slots]
    return (" " if locale == "en" else "").join(sentence for sentence in sentences if sentence)


def _values(
    career: Career, discipline: str, main: Topic, second: Topic, locale: TextLocale, rng: Random
) -> Mapping[str, Any]:
    english = locale == "en"
    facts, texts = catalogues.discipline(discipline), fields()[discipline]
    skill, skill2 = (skill[1 if english else 0] for skill in rng.sample(texts.skills, 2))
    subject, also, beside, beside2 = (
        (main.t_en, main.t2_en, second.t_en, second.t2_en)
        if english
        else (main.t_zh, main.t2_zh, second.t_zh, second.t2_zh)
    )
    position = career.position_en if english else career.position_zh
    return {
        "t": subject, "t2": also, "T": capital(subject), "u": rng.choice((beside, beside2)),
        "how": main.how_en if english else main.how_zh, "how2": second.how_en if english else second.how_zh,
        "got": numbered(main.got_en if english else main.got_zh, rng),
        "got2": numbered(second.got_en if english else second.got_zh, rng),
        "uni": the_university(career.institution_en) if english else career.institution_zh,
        "year": career.graduated, "year3": max(career.graduated + 2, 2018 - rng.randint(4, 15)),
        "years": max(2, career.years), "skill": skill, "skill2": skill2,
        "city": career.place.city_en if english else career.place.city_zh, "n": rng.randint(2, 9),
        "disc": lower_en(facts.en) if english else facts.zh, "wish": rng.choice(_wishes(career, locale)),
        "Pos": position, "pos": position,
    }  # fmt: skip


def _engagement(career: Career, voice: Voice, rng: Random) -> tuple[str, ...]:
    if voice.name == "founder":
        return ("startup", "project") if rng.random() < 0.6 else ("startup", "tech_transfer")
    if voice.name == "senior":
        return tuple(rng.sample(("flexible", "lecture", "consulting", "short_visit"), rng.randint(2, 3)))
    if career.rank == 4 and career.years <= 4 and not career.industry and rng.random() < 0.5:
        return ("full_time", "postdoc")
    main = rng.choices(("full_time", "flexible", "project", "short_visit"), weights=(55, 25, 12, 8))[0]
    extra = [kind for kind in ("project", "lecture", "consulting", "offshore") if kind != main]
    return (main, *sample(rng, extra, rng.choice((0, 0, 1, 1, 2))))
