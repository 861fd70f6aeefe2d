"""Reference catalogues in memory: typed, immutable, read once on first use.

The data is in ``units/data/*.json`` (provenance in its README). ``choices`` gives the entries of a picker
with a search text of both languages, pinyin, initials and aliases: no picker needs pypinyin at run time.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import msgspec

from fairs.core.i18n import Lang
from fairs.units.entries import (
    AgreementTransition,
    BadgeSheet,
    BadgeSize,
    Cluster,
    Coded,
    Country,
    Currency,
    Degree,
    Discipline,
    EngagementType,
    FollowUpPlan,
    FormTemplate,
    FreezePlan,
    Industry,
    Named,
    OrganisationKind,
    Region,
    RegistrationCategory,
    Reminder,
    Retention,
    StepNeed,
    StrategicZone,
    Target,
    UnitFact,
    VisaLetter,
)
from fairs.units.kinds import UnitKind

Locale = Lang
Choice = tuple[str, str, str]
T = TypeVar("T")
NO_DEGREE = "none"  # the key of the lowest degree: as what a listing asks for, it asks for none


@cache
def raw(name: str) -> Mapping[str, Any]:
    """A whole data file, for the few readers that need its nested parts (points, work_permit, events)."""
    content: Mapping[str, Any] = msgspec.json.decode((files("fairs.units") / "data" / f"{name}.json").read_bytes())
    return content


@cache
def _rows(name: str, part: str, kind: type[T]) -> tuple[T, ...]:
    return msgspec.convert(raw(name)[part], tuple[kind, ...])  # type: ignore[valid-type]


@cache
def _by_code() -> dict[str, Discipline]:
    return {item.code: item for item in disciplines(hidden=True)}


def categories() -> tuple[Coded, ...]:
    return _rows("disciplines", "categories", Coded)


def disciplines(*, hidden: bool = False) -> tuple[Discipline, ...]:
    """First-level disciplines by code; ``hidden`` also gives the military ones."""
    items = _rows("disciplines", "items", Discipline)
    return items if hidden else tuple(item for item in items if not item.hidden)


def discipline(code: str) -> Discipline:
    """The discipline of a four-digit code. Raises KeyError for an unknown one."""
    return _by_code()[code]


def degrees() -> tuple[Degree, ...]:
    return _rows("degrees", "degrees", Degree)


def engagement_types() -> tuple[EngagementType, ...]:
    return _rows("engagement_types", "items", EngagementType)


def industry_sections() -> tuple[Coded, ...]:
    return _rows("industries", "sections", Coded)


def industries() -> tuple[Industry, ...]:
    return _rows("industries", "divisions", Industry)


def clusters() -> tuple[Cluster, ...]:
    return _rows("industries", "clusters", Cluster)


def countries() -> tuple[Country, ...]:
    return _rows("countries", "items", Country)


def regions() -> tuple[Region, ...]:
    return _rows("regions", "items", Region)


def cities() -> tuple[Region, ...]:
    """The 18 cities, in the order of their codes."""
    return tuple(item for item in regions() if item.level == UnitKind.CITY)


def strategic_zones() -> tuple[StrategicZone, ...]:
    return _rows("regions", "zones", StrategicZone)


def units() -> tuple[UnitFact, ...]:
    """The 30 reporting units: the province first, then cities, counties and the airport zone."""
    return _rows("units", "items", UnitFact)


def delegations() -> tuple[UnitFact, ...]:
    """The 29 units below the province."""
    return tuple(item for item in units() if item.kind != UnitKind.PROVINCE)


def languages() -> tuple[Coded, ...]:
    return _rows("languages", "items", Coded)


def language_levels() -> tuple[Named, ...]:
    return _rows("languages", "levels", Named)


def event_kinds() -> tuple[Named, ...]:
    return _rows("events", "event_kinds", Named)


def event_families() -> tuple[Named, ...]:
    """What the parts of an edition are grouped by, in the order in which they are shown."""
    return _rows("events", "event_families", Named)


def session_kinds() -> tuple[Named, ...]:
    return _rows("events", "session_kinds", Named)


def organisation_kinds() -> tuple[OrganisationKind, ...]:
    return _rows("organisation_kinds", "items", OrganisationKind)


def registration_categories() -> tuple[RegistrationCategory, ...]:
    return _rows("registration_categories", "items", RegistrationCategory)


def registration_forms() -> tuple[FormTemplate, ...]:
    """Forms of registration to begin with."""
    return _rows("registration_forms", "items", FormTemplate)


def visa_letters() -> tuple[VisaLetter, ...]:
    """Kinds of invitation letters of a tour."""
    return _rows("visa_letters", "items", VisaLetter)


def currencies() -> tuple[Currency, ...]:
    """Currencies in which expenses are entered, the usual one first."""
    return _rows("currencies", "items", Currency)


def badge_sizes() -> tuple[BadgeSize, ...]:
    return _rows("badge_sizes", "sizes", BadgeSize)


def badge_sheets() -> tuple[BadgeSheet, ...]:
    return _rows("badge_sizes", "sheets", BadgeSheet)


@cache
def must_limits() -> dict[str, int]:
    """Side → how often it may say must meet: a person at one event, an employer for one listing."""
    return {row["key"]: row["must"] for row in raw("wish_limits")["items"]}


def agreement_states() -> tuple[Named, ...]:
    return _rows("agreement_states", "states", Named)


def agreement_reasons() -> tuple[Named, ...]:
    return _rows("agreement_states", "reason_codes", Named)


@cache
def agreement_transitions() -> tuple[AgreementTransition, ...]:
    rows = raw("agreement_states")["transitions"]
    return tuple(
        AgreementTransition(
            row["from"], row["to"], row["by"], row["proof"], frozenset(StepNeed(need) for need in row["needs"])
        )
        for row in rows
    )


@cache
def followup() -> FollowUpPlan:
    plan = raw("agreement_states")["followup"]
    return FollowUpPlan(tuple(plan["reminder_days"]), plan["lapse_after_days"])


@cache
def reminder_days(key: str) -> tuple[int, ...]:
    """Days before its begin on which people are reminded of a fair or of meetings, the earliest first."""
    return next(one.days_before for one in _rows("reminders", "items", Reminder) if one.key == key)


@cache
def freeze_plan() -> FreezePlan:
    """When months are frozen by the clock."""
    return msgspec.convert(raw("snapshots")["freeze"], FreezePlan)


def targets() -> tuple[Target, ...]:
    return _rows("targets", "items", Target)


def retention() -> tuple[Retention, ...]:
    return _rows("legal_duties", "retention", Retention)


def label(kind: str, value: str, locale: Locale) -> str:
    """A picker's label of a stored value; the value itself when the catalogue no longer has it."""
    return _labels(kind, locale).get(value, value)


@cache
def _labels(kind: str, locale: Locale) -> dict[str, str]:
    return {value: text for value, text, _ in choices(kind, locale)}


def keys(kind: str) -> tuple[str, ...]:
    """The stored values of a catalogue, in its order. Raises KeyError for an unknown kind."""
    return tuple(_value(item) for item in _SOURCES[kind]())


def choices(kind: str, locale: Locale) -> list[Choice]:
    """``(value, label, search_text)`` for a picker. Raises KeyError for an unknown kind.

    The kinds are the keys of ``_SOURCES`` below.
    """
    return list(_choices(kind, locale))


@cache
def _choices(kind: str, locale: Locale) -> tuple[Choice, ...]:
    found = zip(_SOURCES[kind](), _search_texts(kind), strict=True)
    return tuple((_value(item), item.zh if locale == "zh" else item.en, text) for item, text in found)


@cache
def _search_texts(kind: str) -> tuple[str, ...]:
    return tuple(_search_text(kind, item) for item in _SOURCES[kind]())


def _value(item: Any) -> str:
    for attribute in ("code", "key", "alpha2"):
        if hasattr(item, attribute):
            return str(getattr(item, attribute))
    raise TypeError(f"{type(item).__name__} has no value for a picker")


def _search_text(kind: str, item: Any) -> str:
    """`names|of|the entry||its aliases#rank among the common ones`, in lower case; the last two only if it has any."""
    value, syllables = _value(item), item.syllables.split()
    whole = "".join(syllables)
    names = (item.zh, item.en, whole, whole.replace("v", "u"), "".join(word[0] for word in syllables), value)
    known = raw("aliases").get(kind, {"aliases": {}, "common": []})
    elsewhere = raw("names_elsewhere").get(kind, {}).get(value, ())
    others = (*known["aliases"].get(value, ()), *elsewhere, getattr(item, "alpha3", ""))
    own, aliases = (dict.fromkeys(name.lower() for name in texts if name) for texts in (names, others))
    text = "||".join(["|".join(own), *(["|".join(name for name in aliases if name not in own)] if any(others) else [])])
    return f"{text}#{known['common'].index(value)}" if value in known["common"] else text


_SOURCES: dict[str, Any] = {
    "categories": categories,
    "disciplines": disciplines,
    "degrees": degrees,
    "engagement_types": engagement_types,
    "industries": industries,
    "industry_sections": industry_sections,
    "countries": countries,
    "regions": regions,
    "cities": cities,
    "units": units,
    "delegations": delegations,
    "zones": strategic_zones,
    "languages": languages,
    "language_levels": language_levels,
    "event_kinds": event_kinds,
    "event_families": event_families,
    "session_kinds": session_kinds,
    "organisation_kinds": organisation_kinds,
    "registration_categories": registration_categories,
    "agreement_states": agreement_states,
    "agreement_reasons": agreement_reasons,
}
