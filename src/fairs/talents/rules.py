"""Missing parts of a profile, visibility for a viewer, parsing of typed texts. No database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import phonenumbers

from fairs.core import cleaning
from fairs.core.i18n import N_
from fairs.talents.tables import Visibility

MAX_SKILLS, MAX_SKILL = 30, 80  # number of skills, characters of one
_SEPARATOR = re.compile(r"[,，、;；\n]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
_WIDTH = {Visibility.PRIVATE: 0, Visibility.MATCHED: 1, Visibility.EMPLOYERS: 2}

PARTS: tuple[tuple[str, object], ...] = (
    ("name_passport", N_("your name")),
    ("nationality", N_("nationality")),
    ("degree", N_("highest degree")),
    ("discipline", N_("field")),
    ("headline", N_("one line about you")),
    ("summary", N_("what you work on")),
    ("skills", N_("skills")),
    ("languages", N_("languages")),
    ("engagement", N_("how you want to work together")),
    ("visibility", N_("who may see you")),
)

HOME = frozenset({"CN", "HK", "MO", "TW"})  # studies there are not abroad; who returns is a citizen of one of them


@dataclass(frozen=True)
class Completeness:
    """How complete a profile is; `missing`: the fields that would help most, in page order."""

    done: int
    total: int
    missing: tuple[tuple[str, object], ...]


def completeness(profile: Mapping[str, Any] | None) -> Completeness:
    """Counts the parts used for suggestions. A private profile lacks its last part."""
    values = profile or {}
    missing = tuple((name, label) for name, label in PARTS if not _is_there(name, values.get(name)))
    return Completeness(len(PARTS) - len(missing), len(PARTS), missing)


def _is_there(name: str, value: Any) -> bool:
    return value in (Visibility.MATCHED, Visibility.EMPLOYERS) if name == "visibility" else bool(value)


class View(IntEnum):
    """How much of a profile a viewer sees."""

    NOTHING = 0
    PROFILE = 1
    CONTACT = 2  # e-mail and phone as well


@dataclass(frozen=True)
class Relation:
    """Relation of the viewer to the person: `mutual`: both sides want to meet; `meeting`: one is arranged."""

    is_self: bool = False
    sees_everything: bool = False
    own_bureau: bool = False
    any_bureau: bool = False
    approved_employer: bool = False
    mutual: bool = False
    meeting: bool = False


def view_of(visibility: str, relation: Relation) -> View:
    """The person and the organiser see all; bureaus what is not private; employers as much as the consent allows."""
    if relation.is_self or relation.sees_everything or relation.own_bureau:
        return View.CONTACT
    if visibility == Visibility.PRIVATE:
        return View.NOTHING
    met = relation.approved_employer and (relation.mutual or relation.meeting)
    if met:
        return View.CONTACT
    if relation.any_bureau or (relation.approved_employer and visibility == Visibility.EMPLOYERS):
        return View.PROFILE
    return View.NOTHING


def needs_consent(wanted: str, stored: str, stored_version: str, current_version: str) -> bool:
    """Whether showing the profile to `wanted` needs a new consent: a wider circle, or a text not yet accepted."""
    if _WIDTH.get(Visibility(wanted), 0) == 0:
        return False
    return stored_version != current_version or _WIDTH[Visibility(wanted)] > _WIDTH[Visibility(stored)]


def language_of(text: str) -> str:
    """`zh` when at least a quarter of the letters are Han, as in Chinese texts full of English terms; else `en`."""
    letters = len(_LETTER.findall(text))
    return "zh" if letters and len(_HAN.findall(text)) * 4 >= letters else "en"


def split_skills(text: str) -> list[str]:
    """Skills typed in one line, with Chinese or Western commas; each once, in typed order."""
    found = (" ".join(part.split()) for part in _SEPARATOR.split(text))
    return list(dict.fromkeys(part for part in found if part))


def refuse_skills(text: str) -> object | None:
    """Why a line of skills is refused."""
    skills = split_skills(text)
    if len(skills) > MAX_SKILLS:
        return N_("At most %(limit)s skills, these are %(count)s", limit=MAX_SKILLS, count=len(skills))
    if any(len(skill) > MAX_SKILL for skill in skills):
        return N_("Separate skills by commas: each at most %(limit)s characters", limit=MAX_SKILL)
    return None


def phone_number(text: str) -> str | None:
    """A number with its country code in international form; None when it cannot be one."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL))


def stored_phone(text: str) -> str:
    """A phone number in stored form; an invalid one as typed, so that it can be shown again."""
    folded = cleaning.phone(text)
    return (phone_number(folded) or folded) if folded else ""


def refuse_phone(text: str) -> object | None:
    """Why a phone number is refused."""
    return None if phone_number(text) else N_("Give the number with its country code, such as +49 30 901820")
