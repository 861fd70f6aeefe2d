"""Small tools of the text builder: numbers, capitals, picks."""

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")
_RANGE = re.compile(r"<(\d+)-(\d+)>")
_PROPER = ("Chinese", "Western", "China", "CPC")
_WITH_ARTICLE = ("University of", "National ", "Technical University", "Polytechnic University", "Norwegian ")
_OPENING = re.compile(r"(^|[.!?] )\{(\w+)\}")


def numbered(text: str, rng: Random) -> str:
    """``<12-35>`` becomes a number of that range, rounded as in speech: 1,340 becomes 1,300."""

    def number(match: re.Match[str]) -> str:
        value = rng.randint(int(match[1]), int(match[2]))
        step = 100 if value >= 1000 else 10 if value >= 100 else 1
        return str(value // step * step)

    return _RANGE.sub(number, text)


def capital(text: str) -> str:
    """First letter upper case, the rest as it is."""
    return text[:1].upper() + text[1:]


def fill(template: str, values: Mapping[str, object]) -> str:
    """The template with its fields; a value that opens an English sentence gets a capital."""
    opened = _OPENING.sub(lambda match: match[1] + capital(str(values[match[2]])), template)
    return opened.format_map(values)


def lower_en(name: str) -> str:
    """A discipline's name inside a sentence: ``Traditional Chinese Medicine`` → ``traditional Chinese medicine``."""
    return " ".join(word if word in _PROPER else word.lower() for word in name.split())


def the_university(name: str) -> str:
    """The name, with an article where running text needs one."""
    return f"the {name}" if name.startswith(_WITH_ARTICLE) else name


def weighted(rng: Random, options: Mapping[T, float]) -> T:
    return rng.choices(list(options), weights=list(options.values()))[0]


def sample(rng: Random, options: Sequence[T], count: int) -> list[T]:
    """Up to ``count`` distinct ones, in random order."""
    return rng.sample(list(options), min(count, len(options)))


def joined_en(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def thousands(value: int) -> str:
    """10,000 yuan as plain yuan with separators: 26 → 260,000."""
    return f"{value * 10_000:,}"
