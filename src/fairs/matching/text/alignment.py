"""Phrases shared by two texts but missing in all dictionaries: *carbon markets* = 碳市场.

A Chinese run of two or three words and an English phrase of the same length match when each word translates the other in
the same order by the dictionary, and the encoder finds the whole phrases similar. Measured in docs/matching.md. It encodes
the few phrases that pass the dictionary: call it off the event loop, for one pair at a time.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np

from fairs.matching.settings import DEFAULT, Strengths
from fairs.matching.text import glosses
from fairs.matching.text.encoder import encode
from fairs.matching.text.shared_terms import GENERIC, TermPair, sentences
from fairs.matching.text.tokens import STOP, clean, is_han, language, segments, stem, words

_SIZES = (2, 3)
_HAN = range(3, 9)
_LINKS = frozenset((files("fairs.matching") / "data" / "links.txt").read_text("utf-8").split())
"""Chinese function words that are part of no term."""


def aligned_terms(
    ours: Iterable[str], theirs: Iterable[str], told: Sequence[TermPair], strengths: Strengths = DEFAULT.strengths
) -> list[TermPair]:
    """Pairs beside those already `told`, none containing or contained in one of them. Encodes: some milliseconds each."""
    right = [clean(text) for text in theirs]
    found = {
        pair
        for left in map(clean, ours)
        for other in right
        for pair in _candidates(left, other)
        if not any(_overlaps(pair, known) for known in told)
    }
    ordered = sorted(found)
    if not ordered:
        return []
    chinese, english = (encode(side, processes=1).astype(np.float32) for side in zip(*ordered, strict=True))
    alike = (chinese * english).sum(axis=1)
    return [
        TermPair(zh, en, strengths.aligned_weight)
        for (zh, en), cosine in zip(ordered, alike, strict=True)
        if cosine >= strengths.aligned_from
    ]


def _candidates(left: str, right: str) -> Iterator[tuple[str, str]]:
    """(Chinese, English) phrases that translate each other word for word; nothing for two texts of one language."""
    if language(left) == language(right):
        return
    chinese, english = (left, right) if language(left) == "zh" else (right, left)
    runs: dict[tuple[int, str], set[tuple[str, ...]]] = {}
    for run in _runs(chinese):
        for token in _meanings(run[0]):
            runs.setdefault((len(run), token), set()).add(run)
    for phrase in _phrases(english):
        for run in runs.get((len(phrase), stem(phrase[0])), ()):
            if all(stem(word) in _meanings(part) for word, part in zip(phrase, run, strict=True)):
                yield "".join(run), " ".join(phrase)


def _phrases(english: str) -> Iterator[tuple[str, ...]]:
    for sentence in sentences(english):
        written = words(sentence)
        for size in _SIZES:
            for at in range(len(written) - size + 1):
                phrase = tuple(written[at : at + size])
                if not any(word in STOP or len(word) < 3 for word in phrase) and not GENERIC.issuperset(phrase):
                    yield phrase


def _runs(chinese: str) -> Iterator[tuple[str, ...]]:
    cut = segments(glosses.load().to_simplified(chinese))
    for size in _SIZES:
        for at in range(len(cut) - size + 1):
            run = tuple(cut[at : at + size])
            if all(is_han(part) and part not in _LINKS for part in run) and len("".join(run)) in _HAN:
                yield run


@lru_cache(maxsize=8_192)
def _meanings(segment: str) -> frozenset[str]:
    return frozenset(glosses.load().weights(segment))


def _overlaps(pair: tuple[str, str], known: TermPair) -> bool:
    zh, en = pair
    inside = known.zh and (zh in known.zh or known.zh in zh)
    return bool(inside or (known.en and (f" {en} " in f" {known.en} " or f" {known.en} " in f" {en} ")))
