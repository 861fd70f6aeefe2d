"""How alike two records are: a score out of named reasons. Pure.

Names are compared in both scripts and in any order; a name alone never suffices, as thousands of people share one.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import combinations

from fairs.core.search_keys import fold, readings, squash, words_of

HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]+")
ORCID = re.compile(r"\b(\d{4})-(\d{4})-(\d{4})-(\d{3}[\dX])\b")
CROWD = 60  # records that share a key: above it, the key says nothing about one person
SHORTEST_PHONE = 7  # digits
PHONE_ENDING = 8  # digits that do not depend on how the country is written


class Reason(StrEnum):
    """What two records have in common, or what speaks against them."""

    EMAIL = "email"
    MAILBOX = "mailbox"
    PHONE = "phone"
    ORCID = "orcid"
    NAME = "name"
    ORDER = "order"
    SCRIPT = "script"
    INITIALS = "initials"
    BIRTH = "birth"
    YEAR = "year"
    PLACE = "place"
    OTHER_NAME = "other_name"
    OTHER_BIRTH = "other_birth"
    OTHER_ORCID = "other_orcid"
    OTHER_COUNTRY = "other_country"


WEIGHTS = {
    Reason.EMAIL: 60,
    Reason.MAILBOX: 50,
    Reason.PHONE: 45,
    Reason.ORCID: 80,
    Reason.NAME: 40,
    Reason.ORDER: 35,
    Reason.SCRIPT: 35,
    Reason.INITIALS: 15,
    Reason.BIRTH: 35,
    Reason.YEAR: 10,
    Reason.PLACE: 20,
    Reason.OTHER_NAME: -25,
    Reason.OTHER_BIRTH: -50,
    Reason.OTHER_ORCID: -60,
    Reason.OTHER_COUNTRY: -15,
}


class Strength(StrEnum):
    """How sure a pair is, from the score."""

    SURE = "sure"
    LIKELY = "likely"
    POSSIBLE = "possible"


FROM: dict[Strength, int] = {Strength.SURE: 90, Strength.LIKELY: 70, Strength.POSSIBLE: 50}
"""The lowest score of each; what is below the last is not shown."""


def strength(score: int) -> Strength:
    """The word for a score that is shown."""
    return next((name for name, lowest in FROM.items() if score >= lowest), Strength.POSSIBLE)


@dataclass(frozen=True)
class Known:
    """What is known of a record. `births`: `1980-05-01` or a year; `phones`: digits; `event`: of a registration without a profile."""

    id: int
    names: tuple[str, ...]
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    orcids: frozenset[str] = frozenset()
    births: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    country: str = ""
    event: int = 0

    @cached_property
    def han(self) -> frozenset[str]:
        """Names in Chinese characters, simplified."""
        return frozenset("".join(HAN.findall(fold(name))) for name in self.names if HAN.search(name))

    @cached_property
    def latin(self) -> tuple[tuple[str, ...], ...]:
        """The words of each name in another script."""
        found = (tuple(words_of(name)) for name in self.names if not HAN.search(name))
        return tuple(dict.fromkeys(words for words in found if words))

    @cached_property
    def roman(self) -> tuple[str, ...]:
        """The names in Latin letters."""
        return tuple(name for name in self.names if squash(name).isascii() and squash(name))

    @cached_property
    def sounds(self) -> frozenset[str]:
        """The Chinese names in pinyin, surname first and last, in all readings."""
        found: set[str] = set()
        for name in self.han:
            for surname, rest in readings(name):
                given = "".join(rest)
                for way in (surname + given, given + surname):
                    found |= {way, way.replace("v", "u"), way.replace("v", "yu")}
        return frozenset(found)

    @cached_property
    def turned(self) -> frozenset[str]:
        """Each name without spaces, in every order of its words that people use."""
        return frozenset("".join((*words[at:], *words[:at])) for words in self.latin for at in range(len(words)))

    @cached_property
    def mailboxes(self) -> frozenset[str]:
        """Addresses without what follows a plus sign, which is the same mailbox."""
        return frozenset(mailbox(email) for email in self.emails)

    @cached_property
    def letters(self) -> frozenset[str]:
        """The letters of the names in order of the alphabet: the same for every order of the words, and for both scripts."""
        return frozenset("".join(sorted(name)) for name in (*self.turned, *self.sounds)) | self.han


def mailbox(email: str) -> str:
    """The address without a tag."""
    name, _, domain = email.lower().partition("@")
    return f"{name.partition('+')[0]}@{domain}"


def orcids_in(text: str) -> frozenset[str]:
    """The ORCID iDs of a text whose check digit is right."""
    return frozenset("-".join(found) for found in ORCID.findall(text) if _checked("".join(found)))


def _checked(digits: str) -> bool:
    total = 0
    for digit in digits[:-1]:
        total = (total + int(digit)) * 2
    rest = (12 - total % 11) % 11
    return digits[-1] == ("X" if rest == 10 else str(rest))


def place(text: str) -> str:
    """An employer or a university as it is compared."""
    return squash(text)


def _names(one: Known, other: Known) -> list[Reason]:
    """What the names say. People of one name in their own script may have different ones in the passport."""
    found = _same_name(one, other)
    if found is None:
        return []
    both = (one.roman, other.roman)
    if found == Reason.NAME and all(both):
        first, second = (Known(number, names) for number, names in enumerate(both))
        if _same_name(first, second) == Reason.OTHER_NAME:
            return [Reason.NAME, Reason.OTHER_NAME]
    return [found]


def _same_name(one: Known, other: Known) -> Reason | None:
    if one.han & other.han:
        return Reason.NAME
    if one.han and other.han:
        return Reason.OTHER_NAME
    if {"".join(words) for words in one.latin} & {"".join(words) for words in other.latin}:
        return Reason.NAME
    if one.turned & other.turned or {tuple(sorted(w)) for w in one.latin} & {tuple(sorted(w)) for w in other.latin}:
        return Reason.ORDER
    if one.sounds & other.turned or other.sounds & one.turned:
        return Reason.SCRIPT
    if any(_by_initials(first, second) for first in one.latin for second in other.latin):
        return Reason.INITIALS
    return Reason.OTHER_NAME if (one.latin and other.latin) or (one.names and other.names) else None


def _by_initials(first: Sequence[str], second: Sequence[str]) -> bool:
    """`M. Fernandez` and `Maria Fernandez`: a common word, and every other word of the shorter one begins one of the other."""
    common = {word for word in first if len(word) > 1} & set(second)
    if not common:
        return False
    short, long = sorted(([word for word in words if word not in common] for words in (first, second)), key=len)
    if not short:
        return bool(long) and len(common) > 1  # a middle name that only one has
    free = list(long)
    for word in short:
        match = next((w for w in free if w[0] == word[0] and 1 in (len(w), len(word))), None)
        if match is None:
            return False
        free.remove(match)
    return True


def _same_phone(one: Known, other: Known) -> bool:
    for first in one.phones:
        for second in other.phones:
            short, long = sorted((first, second), key=len)
            if len(short) >= SHORTEST_PHONE and long.endswith(short.lstrip("0")):
                return True
    return False


def _same_birth(one: Known, other: Known) -> Reason | None:
    if not one.births or not other.births:
        return None
    if any(len(birth) == 10 for birth in one.births & other.births):
        return Reason.BIRTH
    whole = [{birth for birth in known.births if len(birth) == 10} for known in (one, other)]
    years = [{birth[:4] for birth in known.births} for known in (one, other)]
    if all(whole) or not years[0] & years[1]:
        return Reason.OTHER_BIRTH
    return Reason.YEAR


def reasons(one: Known, other: Known) -> tuple[Reason, ...]:
    """All that speaks for and against the two being one person, the strongest first."""
    found: list[Reason | None] = [*_names(one, other), _same_birth(one, other)]
    if one.emails & other.emails:
        found.append(Reason.EMAIL)
    elif one.mailboxes & other.mailboxes:
        found.append(Reason.MAILBOX)
    if _same_phone(one, other):
        found.append(Reason.PHONE)
    if one.orcids and other.orcids:
        found.append(Reason.ORCID if one.orcids & other.orcids else Reason.OTHER_ORCID)
    if one.places & other.places:
        found.append(Reason.PLACE)
    if one.country and other.country and one.country != other.country:
        found.append(Reason.OTHER_COUNTRY)
    return tuple(sorted((reason for reason in found if reason), key=lambda reason: -WEIGHTS[reason]))


def score(found: Iterable[Reason]) -> int:
    """From 0 to 100."""
    return max(0, min(100, sum(WEIGHTS[reason] for reason in found)))


def keys(known: Known) -> set[str]:
    """Two records are compared when they have one of these in common. A name counts only together with something else."""
    found = {f"m:{email}" for email in known.mailboxes}
    found |= {f"p:{digits[-PHONE_ENDING:]}" for digits in known.phones if len(digits) >= SHORTEST_PHONE}
    found |= {f"o:{orcid}" for orcid in known.orcids}
    beside = {*known.places, *known.births, *(birth[:4] for birth in known.births)}
    found |= {f"n:{letters}@{more}" for letters in known.letters for more in beside}
    initials = {f"{word}|{rest[0]}" for words in known.latin for word in words for rest in words if rest != word}
    found |= {f"i:{initial}@{birth}" for initial in initials for birth in known.births}
    return found


def comparable(one: Known, other: Known) -> bool:
    """Two registrations without a profile are compared within an event: elsewhere there is nothing to merge."""
    return one.id > 0 or other.id > 0 or one.event == other.event


@dataclass(frozen=True)
class Pair:
    """Two records that may be of one person."""

    one: int
    other: int
    score: int
    reasons: tuple[Reason, ...]


def pairs(records: Sequence[Known]) -> list[Pair]:
    """All pairs with enough in common, the most alike first."""
    blocks: dict[str, list[Known]] = defaultdict(list)
    for record in records:
        for key in keys(record):
            blocks[key].append(record)
    found: dict[tuple[int, int], Pair] = {}
    seen: set[tuple[int, int]] = set()
    for block in blocks.values():
        if not 1 < len(block) <= CROWD:
            continue
        for first, second in combinations(block, 2):
            one, other = (first, second) if first.id < second.id else (second, first)
            if (one.id, other.id) in seen or not comparable(one, other):
                continue
            seen.add((one.id, other.id))
            why = reasons(one, other)
            points = score(why)
            if points >= FROM[Strength.POSSIBLE]:
                found[one.id, other.id] = Pair(one.id, other.id, points, why)
    return sorted(found.values(), key=lambda pair: (-pair.score, pair.one, pair.other))
