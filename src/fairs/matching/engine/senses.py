"""English words with different meanings in different fields: *cells* of a battery are no 细胞 (data/senses.txt).

A shared term with such a word is shown only when its sense suits both records: the discipline that each declares is one of
the sense's, and neither text mentions more of another sense's fields. A record without discipline and terms gets no such pair.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from fairs.matching.engine import disciplines
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.text import terms
from fairs.matching.text.lexical import read
from fairs.matching.text.shared_terms import TermPair

Codes = frozenset[str]


@dataclass(frozen=True, slots=True)
class Sense:
    """One meaning of a word: its Chinese forms and the disciplines (four digits, or a whole category) that use it so."""

    zh: frozenset[str]
    codes: Codes


@lru_cache(maxsize=1)
def load() -> dict[str, tuple[Sense, ...]]:
    """Word in its precise form → its senses."""
    found: dict[str, tuple[Sense, ...]] = {}
    for line in (files("fairs.matching") / "data" / "senses.txt").read_text("utf-8").splitlines():
        word, _, senses = line.partition(":")
        if senses and not line.startswith("#"):
            found[terms.phrase(word)[0]] = tuple(map(_sense, senses.split(";")))
    return found


def _sense(text: str) -> Sense:
    forms, _, codes = text.partition(">")
    return Sense(frozenset(forms.split()), frozenset(codes.split()))


@lru_cache(maxsize=1)
def _by_zh() -> dict[str, tuple[Sense, ...]]:
    found: dict[str, tuple[Sense, ...]] = {}
    for senses in load().values():
        for sense in senses:
            for form in sense.zh:
                found[form] = (*found.get(form, ()), sense)
    return found


def ambiguous(english: str) -> str:
    """The precise form of a single word with several senses; empty for every other term."""
    phrase = terms.phrase(english)
    return phrase[0] if len(phrase) == 1 and phrase[0] in load() else ""


def fitting(pairs: Iterable[TermPair], profile: ProfileRecord, listing: ListingRecord) -> list[TermPair]:
    """The pairs whose sense suits both records; terms with one meaning always do."""
    return [pair for pair in pairs if fits(pair, profile, listing)]


def fits(pair: TermPair, profile: ProfileRecord, listing: ListingRecord) -> bool:
    """Whether one sense of the pair suits both records."""
    word = ambiguous(pair.en)
    if not word and (pair.en or pair.zh not in _by_zh()):
        return True
    rivals = load()[word] if word else _by_zh()[pair.zh]
    return any(
        _suits(sense, rivals, profile) and _suits(sense, rivals, listing) for sense in _meant(pair.zh, word, rivals)
    )


def _meant(zh: str, word: str, senses: tuple[Sense, ...]) -> tuple[Sense, ...]:
    """Possible meanings of the pair: the senses of its Chinese form, else the field under which the lexicon lists it."""
    if not zh or not word:
        return senses
    named = tuple(sense for sense in senses if zh in sense.zh)
    number = terms.load().by_zh.get(zh)
    if named or number is None:
        return named
    return (Sense(frozenset({zh}), _around(terms.load().terms[number].code)),)


@lru_cache(maxsize=256)
def _around(code: str) -> Codes:
    """A discipline and its neighbours."""
    return frozenset({code}).union(*(pair for pair in disciplines.neighbours() if code in pair))


def _suits(sense: Sense, rivals: tuple[Sense, ...], record: ProfileRecord | ListingRecord) -> bool:
    if record.disciplines and not any(_within(code, sense.codes) for code in record.disciplines):
        return False
    own = _spoken(record.texts, sense.codes)
    other = max((_spoken(record.texts, rival.codes) for rival in rivals if rival.zh != sense.zh), default=0)
    return own >= other if record.disciplines else own > other


def _within(code: str, codes: Codes) -> bool:
    """Whether a discipline is one of these; a whole category is when one of its disciplines is."""
    return code in codes or code[:2] in codes or (len(code) == 2 and any(one.startswith(code) for one in codes))


def _spoken(texts: Iterable[str], codes: Codes) -> int:
    return sum(times for text in texts for code, times in _fields(text) if _within(code, codes))


@lru_cache(maxsize=512)
def _fields(text: str) -> tuple[tuple[str, int], ...]:
    """(discipline, count) of the lexicon's terms with one meaning in a text."""
    known = terms.load().terms
    return tuple(
        (known[number].code, times) for number, times in read(text).terms.items() if not ambiguous(known[number].en)
    )
