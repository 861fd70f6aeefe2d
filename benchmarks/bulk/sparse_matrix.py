"""Sparse matrices by row: computes products of many pairs of rows at once, reading only those rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fairs.matching.text.encoder import Floats
from fairs.matching.text.lexical import Postings

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sparse:
    """Row → columns and values; `width` columns."""

    starts: Rows
    columns: NDArray[np.int32]
    values: Floats
    width: int

    @classmethod
    def of_postings(cls, postings: Postings, kept: NDArray[np.bool_]) -> "Sparse":
        """The texts of a pool by row, limited to the stems in `kept`."""
        sizes = np.diff(postings.starts)
        stays = np.repeat(kept, sizes)
        columns = np.repeat((np.cumsum(kept) - 1).astype(np.int32), sizes)[stays]
        texts = postings.texts[stays]
        order = np.argsort(texts, kind="stable")
        starts = _starts(np.bincount(texts, minlength=postings.count))
        return cls(starts, columns[order], postings.values[stays][order], int(kept.sum()))

    @classmethod
    def of_keys(cls, owned: Sequence[frozenset[str]], places: dict[str, int]) -> "Sparse":
        """Rows of ones; a product counts the common keys. `places`: key → column; other keys are skipped."""
        columns = [[places[key] for key in sorted(keys) if key in places] for keys in owned]
        flat = np.array([column for row in columns for column in row], dtype=np.int32)
        starts = _starts(np.array([len(row) for row in columns], dtype=np.int64))
        return cls(starts, flat, np.ones(len(flat), dtype=np.float32), len(places))

    def turned(self) -> "Sparse":
        """The transpose."""
        order = np.argsort(self.columns, kind="stable")
        rows = np.repeat(np.arange(len(self.starts) - 1, dtype=np.int32), np.diff(self.starts))
        starts = _starts(np.bincount(self.columns, minlength=self.width))
        return Sparse(starts, rows[order], self.values[order], len(self.starts) - 1)

    def entries(self, rows: Rows) -> tuple[Rows, Rows]:
        """The indices of these rows' entries, row after row, and the row in `rows` of each."""
        sizes = self.starts[rows + 1] - self.starts[rows]
        ends = np.cumsum(sizes)
        owner = np.repeat(np.arange(len(rows)), sizes)
        return np.arange(len(owner)) + (self.starts[rows] - ends + sizes)[owner], owner

    def dots(self, other: "Sparse", i: Rows, j: Rows) -> NDArray[np.float64]:
        """Products of rows `i` with rows `j` of `other`, in pairs. `i` is ascending and has few different rows."""
        first = np.concatenate(([True], i[1:] != i[:-1]))[: len(i)]
        rows = i[first]
        dense = np.zeros(len(rows) * self.width, dtype=np.float32)
        at, owner = self.entries(rows)
        dense[owner * self.width + self.columns[at]] = self.values[at]
        at, pair = other.entries(j)
        base = (np.cumsum(first) - 1) * self.width
        products = dense.take(base[pair] + other.columns.take(at)) * other.values.take(at)
        return np.bincount(pair, weights=products, minlength=len(i)).astype(np.float64)


def _starts(sizes: NDArray[np.int64]) -> Rows:
    return np.concatenate(([0], np.cumsum(sizes, dtype=np.int64))).astype(np.int64)
