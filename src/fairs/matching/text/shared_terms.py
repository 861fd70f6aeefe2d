"""Terms shared by two texts, as pairs of each text's form. Precision first: a wrong pair costs more than a missing one.

Pairs come from the field lexicon, and from the dictionary only for longer words with a specific gloss.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from fairs.matching.settings import DEFAULT
from fairs.matching.text import glosses, terms
from fairs.matching.text.terms import Phrase
from fairs.matching.text.tokens import STOP, clean, is_han, language, segments, singular, words

_HOW = DEFAULT.words
GENERIC = frozenset((files("fairs.matching") / "data" / "generic.txt").read_text("utf-8").split())
"""Single words whose match is correct but carries no information."""


@dataclass(frozen=True, slots=True)
class TermPair:
    """A technical term in both texts, in each text's form; the same form twice when it is identical."""

    zh: str
    en: str
    weight: float


def shared_terms(ours: Iterable[str], theirs: Iterable[str]) -> list[TermPair]:
    """Terms that both texts contain, across languages or within one; longer before shorter."""
    found: dict[tuple[str, str], TermPair] = {}
    right = [(text, language(clean(text))) for text in theirs]
    for left in ours:
        for other, name in right:
            mine = language(clean(left))
            if mine == name:
                pairs = _within(left, other, mine)
            else:
                pairs = _across(left, other) if mine == "zh" else _across(other, left)
            found.update(((p.zh, p.en), p) for p in pairs)
    return _without_parts(list(found.values()))


def _across(chinese: str, english: str) -> list[TermPair]:
    phrases = _phrases_of(english)
    return [
        TermPair(zh, " ".join(said), _weight(zh, phrase, known))
        for zh, phrase, known in _candidates(chinese)
        if (said := phrases.get(phrase)) is not None
    ]


def _within(left: str, right: str, name: str) -> list[TermPair]:
    books = _books()
    if name == "zh":
        both = {zh for zh, _, known in _candidates(left) if known} & {
            zh for zh, _, known in _candidates(right) if known
        }
        return [TermPair(zh, "", _weight(zh, (), True)) for zh in sorted(both)]
    mine, other = _phrases_of(left), _phrases_of(right)
    common = [
        phrase
        for phrase in mine
        if phrase in other and any(phrase in book.by_en for book in books) and _telling(phrase)
    ]
    return [TermPair("", " ".join(mine[phrase]), _weight("", phrase, True)) for phrase in common]


@lru_cache(maxsize=64)
def _phrases_of(english: str) -> dict[Phrase, Phrase]:
    """Precise form → form as written, of every run of one to six words inside a sentence."""
    phrases: dict[Phrase, Phrase] = {}
    for sentence in sentences(clean(english)):
        written = words(sentence)
        careful = [singular(w) for w in written]
        for size in range(1, 7):
            for at in range(len(written) - size + 1):
                phrases.setdefault(tuple(careful[at : at + size]), tuple(written[at : at + size]))
    return phrases


def sentences(text: str) -> list[str]:
    """Split at every mark that no term crosses."""
    for mark in "!?;:,()[]\n":
        text = text.replace(mark, ".")
    return text.split(".")


@lru_cache(maxsize=512)
def _candidates(chinese: str) -> tuple[tuple[str, Phrase, bool], ...]:
    """(Chinese form, English phrase, whether the lexicon has it) of every term found literally in the text."""
    dictionary = glosses.load()
    cut = segments(dictionary.to_simplified(clean(chinese)))
    candidates: dict[tuple[str, Phrase], bool] = {}
    for term in (book.terms[number] for book in _books() for number in book.in_chinese(cut)):
        phrase = terms.phrase(term.en)
        if len(phrase) > 1 or phrase[0] not in GENERIC:
            candidates[term.zh, phrase] = True
    for word in [*cut, *(a + b for a, b in pairwise(cut))]:
        if len(word) >= 3 and is_han(word):
            for rank, phrase in enumerate(dictionary.phrases(word)[:3]):
                if _telling(phrase) and (rank == 0 or len(phrase) > 1):
                    candidates.setdefault((word, phrase), False)
    return tuple((zh, phrase, known) for (zh, phrase), known in candidates.items())


def _books() -> tuple[terms.Lexicon, ...]:
    return terms.load(), terms.materials()


def _telling(phrase: Phrase) -> bool:
    """Whether a gloss from the dictionary alone is technical enough; two-character words are left to the lexicon."""
    if any(w in STOP for w in phrase) or all(w in GENERIC for w in phrase):
        return False
    return len(phrase) > 1 or len(phrase[0]) >= 6


def _weight(zh: str, phrase: Phrase, known: bool) -> float:
    longer = min(4, max(len(zh) // 2, len(phrase))) + (len(phrase) > 1)
    return (_HOW.lexicon if known else 0.0) + _HOW.by_length * longer


def _without_parts(pairs: list[TermPair]) -> list[TermPair]:
    """Without the pairs contained in a longer one, so that 神经网络 is shown and 网络 is not."""
    kept: list[TermPair] = []
    for pair in sorted(pairs, key=lambda p: (-len(p.zh), -len(p.en), p.zh, p.en)):
        if not any(pair.zh in k.zh and f" {pair.en} " in f" {k.en} " for k in kept):
            kept.append(pair)
    return kept
