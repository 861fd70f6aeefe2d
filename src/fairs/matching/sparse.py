"""Sparse rows beside each other: products of one row with some of another matrix, without touching the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairs.matching.lexical import Postings
from fairs.matching.text import Floats


@dataclass(frozen=True, slots=True)
class Sparse:
    """Row → columns and values; `width` columns."""

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: Floats
    width: int

    @classmethod
    def of_postings(cls, postings: Postings) -> "Sparse":
        """The texts of a pool by row."""
        width = len(postings.vocabulary.columns)
        columns = np.repeat(np.arange(width, dtype=np.int32), np.diff(postings.starts))
        order = np.argsort(postings.texts, kind="stable")
        starts = np.concatenate(([0], np.cumsum(np.bincount(postings.texts, minlength=postings.count))))
        return cls(starts.astype(np.int64), columns[order], postings.values[order], width)

    @classmethod
    def of_keys(cls, owned: Sequence[frozenset[str]], places: dict[str, int]) -> "Sparse":
        """Rows of ones; a product counts what is common. `places`: key → column, added to, to be shared by both sides."""
        columns = [[places.setdefault(key, len(places)) for key in sorted(keys)] for keys in owned]
        starts = np.concatenate(([0], np.cumsum([len(row) for row in columns], dtype=np.int64)))
        flat = np.array([column for row in columns for column in row], dtype=np.int32)
        return cls(starts, flat, np.ones(len(flat), dtype=np.float32), len(places))

    def dots(self, other: "Sparse", row: int, rows: NDArray[np.int64], scratch: Floats) -> NDArray[np.float64]:
        """Products of a row of `other` with `rows` of this one. `scratch`: zeros a column, left as zeros."""
        own = slice(other.starts[row], other.starts[row + 1])
        sizes = self.starts[rows + 1] - self.starts[rows]
        ends = np.cumsum(sizes)
        if not len(rows) or not ends[-1] or own.start == own.stop:
            return np.zeros(len(rows), dtype=np.float64)
        scratch[other.columns[own]] = other.values[own]
        at = np.arange(ends[-1]) + np.repeat(self.starts[rows] - ends + sizes, sizes)
        products = scratch[self.columns[at]] * self.values[at]
        scratch[other.columns[own]] = 0.0
        sums = np.concatenate(([0.0], np.cumsum(products, dtype=np.float64)))
        return np.asarray(sums[ends] - sums[ends - sizes])
