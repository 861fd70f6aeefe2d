"""Skills by meaning, in either language: *deep learning* and 深度学习 are one skill.

A skill's key is the number of its term in the field lexicon or in the skill list (data/skills.txt), else its own words.
A person's skills are the declared ones. A listing's are the declared ones, or, since few declare any, those found in its text.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fairs.matching.engine import senses
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.text import glosses, terms
from fairs.matching.text.encoder import Floats
from fairs.matching.text.tokens import clean, is_han, language, segments, singular, words

Keys = frozenset[str]
NOTHING: Keys = frozenset()


@lru_cache(maxsize=1)
def book() -> terms.Lexicon:
    """Terms of the field lexicon and the tools and methods of data/skills.txt, in lower case; a form keeps its first term."""
    return terms.parse(line.lower() for line in _lines())


@lru_cache(maxsize=1)
def written() -> tuple[terms.Term, ...]:
    """The same terms in the same order, in their written form."""
    return terms.parse(_lines()).terms


def _lines() -> Iterator[str]:
    for name in ("terms.txt", "skills.txt", "materials.txt"):
        yield from (line for line in terms.lines(name) if not line.startswith("senses "))


@lru_cache(maxsize=1)
def tool_groups() -> frozenset[str]:
    """Names of the groups of tools and methods."""
    return frozenset(line.partition(" ")[0] for line in terms.lines("skills.txt"))


def _key(number: int, chinese: bool) -> str:
    """Two Chinese words for one English term are one skill. A word of several senses is one only with itself."""
    term = book().terms[number]
    word = senses.ambiguous(term.en)
    if word:
        return f"#{term.zh if chinese else word}"
    return f"#{book().by_en[terms.phrase(term.en)]}"


def numbers_in(text: str) -> Counter[int]:
    """Numbers of the known terms in a text, with counts."""
    text = clean(text).lower()
    if language(text) == "zh":
        return Counter(book().in_chinese([s for s in segments(glosses.load().to_simplified(text)) if s != " "]))
    return Counter(book().in_english([singular(word) for word in words(text)]))


@lru_cache(maxsize=4_096)
def keys_of(skill: str) -> Keys:
    """Keys of one declared skill: its term, the terms in it, or, when none is known, its own words."""
    cleaned = glosses.load().to_simplified(clean(skill)).lower().strip()
    whole = book().by_zh.get(cleaned, book().by_en.get(terms.phrase(cleaned)) if not has_han(cleaned) else None)
    if whole is not None:
        return frozenset({_key(whole, has_han(cleaned))})
    inside = frozenset(_key(number, language(cleaned) == "zh") for number in numbers_in(cleaned))
    return inside or (frozenset({" ".join(cleaned.split())}) if cleaned else NOTHING)


def has_han(text: str) -> bool:
    """Whether a skill contains Chinese characters."""
    return any(is_han(character) for character in text)


@lru_cache(maxsize=4_096)
def found_in(text: str) -> Keys:
    """Keys of the skills that a text mentions."""
    chinese = language(clean(text)) == "zh"
    return frozenset(_key(number, chinese) for number in numbers_in(text))


def of_profile(profile: ProfileRecord) -> Keys:
    """Empty when the person declares none."""
    return NOTHING.union(*(keys_of(skill) for skill in profile.skills))


def of_listing(listing: ListingRecord) -> Keys:
    """Declared, else found in its text; empty when there are none."""
    if listing.skills:
        return NOTHING.union(*(keys_of(skill) for skill in listing.skills))
    return NOTHING.union(*(found_in(text) for text in listing.texts))


def of(record: ProfileRecord | ListingRecord) -> Keys:
    """The skills of either side's record."""
    return of_profile(record) if isinstance(record, ProfileRecord) else of_listing(record)


def worth(ours: Keys, theirs: Keys, enough: int) -> float | None:
    """Common skills divided by the possible number, 0 to 1, symmetric; None when one side has none."""
    if not ours or not theirs:
        return None
    return min(1.0, len(ours & theirs) / min(enough, len(ours), len(theirs)))


def common(profile: ProfileRecord, listing: ListingRecord) -> list[tuple[str, str]]:
    """(declared skill of the person, the listing's form) of each skill that both have, in the person's order."""
    pairs = []
    forms = tuple(_written(listing)) if profile.skills else ()
    for skill in profile.skills:
        shared = keys_of(skill)
        written = next((w for keys, w in forms if keys & shared), None)
        if written is not None:
            pairs.append((skill, written))
    return pairs


def _written(listing: ListingRecord) -> Iterator[tuple[Keys, str]]:
    """Keys → form: the declared skills as they are, or the terms as written in the texts."""
    if listing.skills:
        yield from ((keys_of(skill), skill) for skill in listing.skills)
        return
    for text in listing.texts:
        yield from _forms_in(text)


@lru_cache(maxsize=1_024)
def _forms_in(text: str) -> tuple[tuple[Keys, str], ...]:
    """Keys → form of the skills that a text mentions."""
    cleaned = glosses.load().to_simplified(clean(text)).lower()
    chinese = language(clean(text)) == "zh"
    plain = {singular(word): word for word in words(cleaned)}
    forms = []
    for number in numbers_in(text):
        term = book().terms[number]
        form = term.zh if chinese else " ".join(plain.get(w, w) for w in terms.phrase(term.en))
        forms.append((frozenset({_key(number, chinese)}), form))
    return tuple(forms)


@dataclass(frozen=True, slots=True)
class SkillIndex:
    """The inverted index of a pool's skills, so that one query is a count over few rows."""

    rows: dict[str, NDArray[np.int32]]
    sizes: NDArray[np.int32]
    owned: tuple[Keys, ...]

    @classmethod
    def build(cls, records: Sequence[ProfileRecord | ListingRecord]) -> "SkillIndex":
        """Positions of `records` are the result's positions."""
        return cls.of_keys([of(record) for record in records])

    @classmethod
    def of_keys(cls, owned: Sequence[Keys]) -> "SkillIndex":
        """The same from the records' skills."""
        rows: dict[str, list[int]] = {}
        for row, keys in enumerate(owned):
            for key in keys:
                rows.setdefault(key, []).append(row)
        sizes = np.array([len(keys) for keys in owned], dtype=np.int32)
        return cls({key: np.array(where, dtype=np.int32) for key, where in rows.items()}, sizes, tuple(owned))

    def replaced(self, kept: NDArray[np.int64], added: "SkillIndex") -> "SkillIndex":
        """The rows `kept`, in this order, followed by those of `added`."""
        return SkillIndex.of_keys([*(self.owned[row] for row in kept), *added.owned])

    def worths(self, query: Keys, enough: int) -> Floats:
        """`worth` of the query with every record; NaN where one side has no skills."""
        if not query:
            return np.full(len(self.sizes), np.nan, dtype=np.float32)
        common = np.zeros(len(self.sizes), dtype=np.int32)
        for key in query:
            common[self.rows.get(key, np.zeros(0, dtype=np.int32))] += 1
        possible = np.minimum(np.minimum(self.sizes, len(query)), enough)
        shares = np.minimum(1.0, common / np.maximum(possible, 1))
        return np.asarray(np.where(possible > 0, shares, np.nan), dtype=np.float32)


def declared(skills: Iterable[str]) -> tuple[str, ...]:
    """Skills as written, each once, empty ones left out."""
    return tuple(dict.fromkeys(text for skill in skills if (text := skill.strip())))
