"""People, listings and vectors for the benchmarks: as large, as mixed and as clustered as real ones, and nobody's.

A text is made of terms of neighbouring fields. Its vector is the mean of those terms' real vectors with noise of a third of
its length, which is what the encoder's averaging gives: purely random vectors would have no neighbours to find.
"""

import random
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from fairs.matching.engine import rank
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.retrieval import dense_vectors, record_pool
from fairs.matching.settings import DEFAULT
from fairs.matching.text import encoder, field_model, terms

# isort: split
import numpy as np  # only now: fairs.matching asks for one BLAS thread
from numpy.typing import NDArray

SEED = 11
_SPREAD = 25  # terms around the first that a text draws from
_NOISE = 0.3


@lru_cache(maxsize=1)
def _term_vectors() -> dict[str, NDArray[np.float32]]:
    lexicon = terms.load().terms
    both = encoder.encode([term.zh for term in lexicon] + [term.en for term in lexicon], processes=1).astype(np.float32)
    return {"zh": both[: len(lexicon)], "en": both[len(lexicon) :]}


def written(chance: random.Random, language: str, chars: int) -> tuple[str, list[int]]:
    """A text of about `chars` characters of one field's terms, and their numbers."""
    lexicon = terms.load().terms
    start = chance.randrange(len(lexicon))
    words: list[str] = []
    numbers: list[int] = []
    while sum(map(len, words)) < chars:
        numbers.append(min(len(lexicon) - 1, start + chance.randrange(_SPREAD)))
        term = lexicon[numbers[-1]]
        words.append(f"研究{term.zh}的方法与应用" if language == "zh" else f"research on {term.en} and its use")
    return ("，" if language == "zh" else ", ").join(words)[:chars], numbers


def _vector(numbers: Sequence[int], language: str, drawn: np.random.Generator) -> encoder.Vectors:
    mean = _term_vectors()[language][list(numbers)].mean(axis=0)
    noise = drawn.normal(size=encoder.DIMENSIONS) * _NOISE / encoder.DIMENSIONS**0.5
    placed = encoder.unit((mean / np.linalg.norm(mean) + noise)[None, :].astype(np.float32))
    vector: encoder.Vectors = placed[0].astype(np.float16)
    return vector


def _declared(chance: random.Random, numbers: Sequence[int]) -> tuple[str, ...]:
    """The discipline of the text for 72 of 100, another one for 13, none for 15."""
    lexicon = terms.load().terms
    told = lexicon[numbers[0]] if chance.random() < 0.85 else lexicon[chance.randrange(len(lexicon))]
    return (told.code,) if chance.random() < 0.85 else ()


def people(count: int) -> tuple[list[ProfileRecord], dict[str, encoder.Vectors]]:
    """English profiles of 600 characters."""
    chance, drawn = random.Random(SEED), np.random.default_rng(SEED)
    made, vectors = [], {}
    for i in range(count):
        told, numbers = written(chance, "en", 600)
        vectors[told] = _vector(numbers, "en", drawn)
        made.append(
            ProfileRecord(
                id=f"p{i:06}",
                text_en=told,
                disciplines=_declared(chance, numbers),
                skills=tuple(terms.load().terms[n].en for n in numbers[:4]),
                degree=chance.choice(("bachelor", "master", "doctor")),
                languages=frozenset(chance.sample(("en", "zh", "de", "fr"), 2)),
                engagements=frozenset(chance.sample(("full_time", "flexible", "project", "lecture"), 2)),
                cities=frozenset(chance.sample(("410100", "410300", "410700"), chance.randint(0, 2))),
                available_from=date(2018, chance.randint(1, 12), 1),
                pay_min=chance.randrange(100_000, 600_000, 10_000),
            )
        )
    return made, vectors


def listings(count: int) -> tuple[list[ListingRecord], dict[str, encoder.Vectors]]:
    """Chinese listings of 160 characters."""
    chance, drawn = random.Random(SEED + 1), np.random.default_rng(SEED + 1)
    made, vectors = [], {}
    for i in range(count):
        told, numbers = written(chance, "zh", 160)
        vectors[told] = _vector(numbers, "zh", drawn)
        made.append(
            ListingRecord(
                id=f"l{i:06}",
                text_zh=told,
                disciplines=_declared(chance, numbers),
                industries=(chance.choice(("I65", "C27", "P83")),),
                degree_min=chance.choice(("bachelor", "master", "doctor")),
                languages=frozenset(chance.sample(("en", "zh"), chance.randint(0, 1))),
                engagements=frozenset({chance.choice(("full_time", "flexible", "project", "lecture"))}),
                city=chance.choice(("410105", "410300", "410700", "411000", "410200", None)),
                ends=date(2019, chance.randint(1, 12), 1),
                pay_min=chance.randrange(100_000, 300_000, 10_000),
                pay_max=chance.randrange(300_000, 900_000, 10_000),
            )
        )
    return made, vectors


def pools(
    count_people: int, count_listings: int
) -> tuple[rank.Pool[ProfileRecord], rank.Pool[ListingRecord], dict[str, encoder.Vectors]]:
    """Both sides ready in one space."""
    offers, vectors = listings(count_listings)
    persons, more = people(count_people)
    vectors |= more
    theirs = rank.prepare(offers, vectors)
    return rank.prepare(persons, vectors, space=theirs.texts.space), theirs, vectors


def index_vectors(count: int, seed: int) -> encoder.Floats:
    """As pgvector's index keeps them: from 3 to 8 terms of one discipline, half of them with a term of any other."""
    drawn = np.random.default_rng(seed)
    model, lexicon = field_model.load(), terms.load().terms
    side = _term_vectors()["en"]
    centred = model.centres.centred(side, ["en"] * len(side))
    of = {code: np.flatnonzero([term.code == code for term in lexicon]) for code in sorted({t.code for t in lexicon})}
    codes = [sorted(of)[i] for i in drawn.integers(len(of), size=count)]
    rows = np.zeros((count, encoder.DIMENSIONS), dtype=np.float32)
    for row, code in enumerate(codes):
        rows[row] = centred[drawn.choice(of[code], min(len(of[code]), int(drawn.integers(3, 9))))].mean(axis=0)
        if drawn.random() < 0.5:
            rows[row] += _NOISE * centred[drawn.integers(len(centred))]
    rows = encoder.unit(rows) + drawn.normal(size=rows.shape).astype(np.float32) * np.float32(
        0.35 / encoder.DIMENSIONS**0.5
    )
    rows = encoder.on_grid(rows)
    odds = np.exp(field_model.SHARPNESS * rows @ model.head + model.bias)
    declared = [(code,) if drawn.random() < 0.85 else () for code in codes]
    return dense_vectors.joined(
        rows, record_pool.believed_of(declared, odds / odds.sum(axis=1, keepdims=True), DEFAULT)
    )
