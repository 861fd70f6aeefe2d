"""A pool of records prepared for text comparison: read once, then compared any number of times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from fairs.matching.text import field_model
from fairs.matching.text.encoder import DIMENSIONS, GRID, Floats, Vectors, on_grid
from fairs.matching.text.field_model import Centres
from fairs.matching.text.lexical import Postings, Reading, Vocabulary, read, union
from fairs.matching.text.tokens import Language

VectorsByText = Mapping[str, Vectors]
Texts = tuple[str, ...]
_EMPTY = Reading("en", {}, {})


@dataclass(frozen=True, slots=True)
class Signals:
    """One query against every record of a pool: vector cosine, word cosine, and the probability of a common field.

    `odds` are the query's own probabilities of the model's fields, all zero when it has no text.
    """

    cosine: Floats
    lexical: Floats
    agreement: Floats
    odds: Floats


@dataclass(frozen=True, slots=True)
class Space:
    """Parameters that both sides must share to be compared: the centre of each language and the rarity of words."""

    centres: Centres
    vocabulary: Vocabulary
    known: dict[str, Reading] = field(default_factory=dict)
    """Texts read for the fit, so that building a pool of them does not read them again; a pool keeps none."""

    @classmethod
    def fit(cls, records: Sequence[Texts], vectors: VectorsByText) -> "Space":
        """Estimated from the records of both sides."""
        texts = list(dict.fromkeys(text for record in records for text in record))
        readings = [read(text) for text in texts]
        languages: list[Language] = [reading.language for reading in readings]
        centres = field_model.load().centres.estimate(_stack(texts, vectors), languages)
        return cls(centres, Vocabulary.fit(readings), dict(zip(texts, readings, strict=True)))

    def place(self, records: Sequence[Texts], vectors: VectorsByText) -> tuple[Floats, list[Reading]]:
        """Centred unit vectors on the grid (the mean of the texts) and readings; all zero for a record without text."""
        texts = [text for record in records for text in record]
        readings = [self.known.get(text) or read(text) for text in texts]
        centred = self.centres.centred(_stack(texts, vectors), [reading.language for reading in readings])
        placed = np.zeros((len(records), DIMENSIONS), dtype=np.float32)
        joined: list[Reading] = []
        at = 0
        for row, record in enumerate(records):
            own = slice(at, at + len(record))
            at += len(record)
            placed[row] = centred[own].sum(axis=0) if record else 0.0
            joined.append(union(readings[own]) if record else _EMPTY)
        return on_grid(placed), joined


def _coarse(odds: Floats) -> Floats:
    """Probabilities on the grid of the vectors, whose products every BLAS sums to the same value."""
    return np.asarray(np.rint(odds * np.float32(GRID)) / np.float32(GRID), dtype=np.float32)


def _stack(texts: Sequence[str], vectors: VectorsByText) -> Floats:
    if not texts:
        return np.zeros((0, DIMENSIONS), dtype=np.float32)
    return np.stack([vectors[text] for text in texts]).astype(np.float32)


@dataclass(frozen=True, slots=True)
class TextPool:
    """The text side of a pool, in the order of its records."""

    space: Space
    centred: Floats
    odds: Floats
    agreement: Floats
    postings: Postings
    has_text: NDArray[np.bool_]

    @classmethod
    def build(cls, records: Sequence[Texts], vectors: VectorsByText, space: Space) -> "TextPool":
        """Reads every text (about 0.4 ms each) not cached in the space; `vectors` has the encoder's vector of each text."""
        centred, readings = space.place(records, vectors)
        odds = field_model.load().distributions(centred, readings)
        has_text = centred.any(axis=1) | np.array([bool(r.bag) for r in readings], dtype=bool)
        kept = Space(space.centres, space.vocabulary)
        return cls(kept, centred, odds, _coarse(odds), Postings.build(readings, space.vocabulary), has_text)

    def replaced(self, kept: NDArray[np.int64], added: "TextPool") -> "TextPool":
        """The rows `kept`, in this order, followed by those of `added`, which was built in the same space."""
        return TextPool(
            self.space,
            np.concatenate((self.centred[kept], added.centred)),
            np.concatenate((self.odds[kept], added.odds)),
            np.concatenate((self.agreement[kept], added.agreement)),
            self.postings.replaced(kept, added.postings),
            np.concatenate((self.has_text[kept], added.has_text)),
        )

    def signals(self, query: Texts, vectors: VectorsByText) -> Signals:
        """One record of the other side against the whole pool."""
        centred, readings = self.space.place([query], vectors)
        odds = field_model.load().distributions(centred, readings)
        return self.compare(centred[0], readings[0], odds[0])

    def compare(self, centred: Floats, reading: Reading, odds: Floats) -> Signals:
        """The same for a query that is already placed in this pool's space."""
        said = np.float32(bool(reading.bag) or bool(centred.any()))
        return Signals(
            self.centred @ centred,
            self.postings.similarity(reading),
            (self.agreement @ _coarse(odds)) * self.has_text * said,
            odds * said,
        )
