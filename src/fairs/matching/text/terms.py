"""The field lexicon: technical terms in both languages under the disciplines they belong to (data/terms.txt).

One line per discipline: its code, then `中文=english` pairs. Written for this product; it names the subjects of a field,
and is used in three stages: shared terms as pairs, the words of the lexical layer, and the field head (`field_model.py`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from fairs.matching.text.tokens import singular, words

Phrase = tuple[str, ...]

_MAX_WORDS = 6
_MAX_HAN = 12


@dataclass(frozen=True, slots=True)
class Term:
    """One technical term in both languages; `code` is the four-digit discipline under which it is listed."""

    number: int
    zh: str
    en: str
    code: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All terms, indexed by Chinese form and by English phrase."""

    terms: tuple[Term, ...]
    by_zh: dict[str, int]
    by_en: dict[Phrase, int]

    def in_chinese(self, segments: list[str]) -> Iterator[int]:
        """Numbers of the terms in a segmented Chinese text, longest first from the left, one per occurrence."""
        at = 0
        while at < len(segments):
            for size, joined in reversed(list(_joined(segments, at))):
                if (number := self.by_zh.get(joined)) is not None:
                    yield number
                    at += size
                    break
            else:
                yield from self._inside(segments[at])
                at += 1

    def _inside(self, segment: str) -> Iterator[int]:
        """Terms of three characters and more inside one longer segment; shorter ones would match by accident."""
        at = 0
        while at + 3 <= len(segment):
            for end in range(min(len(segment), at + _MAX_HAN), at + 2, -1):
                if (number := self.by_zh.get(segment[at:end])) is not None:
                    yield number
                    at = end - 1
                    break
            at += 1

    def in_english(self, text_words: list[str]) -> Iterator[int]:
        """Numbers of the terms in a list of precise word forms (`tokens.singular`), longest first from the left."""
        at = 0
        while at < len(text_words):
            for size in range(min(_MAX_WORDS, len(text_words) - at), 0, -1):
                if (number := self.by_en.get(tuple(text_words[at : at + size]))) is not None:
                    yield number
                    at += size - 1
                    break
            at += 1


def _joined(segments: list[str], at: int) -> Iterator[tuple[int, str]]:
    joined = ""
    for size, segment in enumerate(segments[at : at + 5], start=1):
        joined += segment
        if len(joined) > _MAX_HAN:
            return
        yield size, joined


def phrase(english: str) -> Phrase:
    """The precise form of an English term, used as its key."""
    return tuple(singular(w) for w in words(english))


def parse(lines: Iterable[str]) -> Lexicon:
    """Parses the text format of a lexicon; a term belongs to the first line that contains it."""
    terms: list[Term] = []
    by_zh: dict[str, int] = {}
    by_en: dict[Phrase, int] = {}
    for line in lines:
        code, _, pairs = line.strip().partition(" ")
        for pair in filter(None, pairs.split("; ")):
            zh, _, en = pair.partition("=")
            term = Term(len(terms), zh, en, code)
            terms.append(term)
            by_zh.setdefault(zh, term.number)
            by_en.setdefault(phrase(en), term.number)
    return Lexicon(tuple(terms), by_zh, by_en)


def lines(name: str) -> list[str]:
    """Lines of one of the included files in this format."""
    return (files("fairs.matching") / "data" / name).read_text("utf-8").splitlines()


@lru_cache(maxsize=1)
def load() -> Lexicon:
    """The included lexicon, read once per process."""
    return parse(lines("terms.txt"))


@lru_cache(maxsize=1)
def materials() -> Lexicon:
    """Elements, materials and words of several senses, which belong to no single field (data/materials.txt)."""
    return parse(lines("materials.txt"))
