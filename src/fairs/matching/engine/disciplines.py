"""How two disciplines are related: the catalogue's tree, the neighbours across its branches, and believed disciplines.

A declared discipline is strong evidence, not proof: people tick the wrong box. What a record is *believed* to be about is
the declaration, weighed by Bayes against the field of its own text (`believed`). Two records fit by the expected
value over both beliefs (`Relations.expected`); with certain declarations that is the value of their distance.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files

import numpy as np

from fairs.matching.settings import Distance
from fairs.matching.text import field_model
from fairs.matching.text.encoder import GRID, Floats, rounded
from fairs.units import catalogues

_ORDER = {distance: place for place, distance in enumerate(Distance)}


@lru_cache(maxsize=1)
def neighbours() -> dict[frozenset[str], str]:
    """Pairs of first-level disciplines between which staff moves, with the reason (data/neighbours.txt)."""
    pairs: dict[frozenset[str], str] = {}
    reason = ""
    for line in (files("fairs.matching") / "data" / "neighbours.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            continue
        if line.endswith(":"):
            reason = line.removesuffix(":")
        else:
            pairs.update((frozenset(pair.split("-")), reason) for pair in line.split())
    return pairs


def distance(ours: str, theirs: str) -> Distance:
    """Distance of two codes of the catalogue, of four digits or (a whole category) two."""
    if ours == theirs:
        return Distance.SAME
    if frozenset((ours, theirs)) in neighbours():
        return Distance.RELATED
    return Distance.CATEGORY if ours[:2] == theirs[:2] else Distance.FAR


def nearest(ours: Iterable[str], theirs: Iterable[str]) -> tuple[Distance, str, str] | None:
    """The nearest pair of disciplines of two records: its distance and both codes; None when one side has none."""
    pairs = [(distance(a, b), a, b) for a in ours for b in theirs]
    if len(pairs) < 2:
        return pairs[0] if pairs else None
    return min(pairs, key=lambda pair: (_ORDER[pair[0]], pair[1], pair[2]))


@dataclass(frozen=True)
class Relations:
    """The value of every pair of codes as a matrix over `codes` (four digits, then the categories), symmetric."""

    codes: tuple[str, ...]
    worth: Floats

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Code → row."""
        return {code: row for row, code in enumerate(self.codes)}

    @cached_property
    def modelled(self) -> Sequence[int]:
        """Rows of the field model's codes, in the model's order."""
        return [self.place[code] for code in field_model.load().codes]

    def believed(self, declared: Sequence[Sequence[str]], odds: Floats, trust: float, sharpness: float) -> Floats:
        """(records × codes): what each record is about. `odds` are the text's probabilities of the model's codes, zero without
        text.

        With a text, the declaration has the prior probability `trust`, and all other fields are equally likely; the text's
        probabilities, to the power `sharpness` since they are overconfident, update that. Without a text the declaration is
        used as it is: 1 for each code. All zero when nothing is known.
        """
        rows = np.zeros((len(declared), len(self.codes)), dtype=np.float64)
        has_text = np.asarray(odds.any(axis=1), dtype=np.bool_).reshape(-1)
        rows[:, self.modelled] = np.where(has_text[:, None], odds.astype(np.float64) ** sharpness, 0.0)
        for row, codes in enumerate(declared):
            known = [code for code in codes if code in self.place]
            if not known:
                continue
            if has_text[row]:
                rows[row] *= self._prior(tuple(known), trust)
            else:
                rows[row, [self.place[code] for code in known]] = 1.0
        total = np.where(has_text, rows.sum(axis=1), 1.0)
        shares = rows / np.where(total > 0, total, 1.0)[:, None]
        return np.asarray(np.rint(shares * GRID) / GRID, dtype=np.float32)

    def _prior(self, declared: tuple[str, ...], trust: float) -> Floats:
        meant = [
            [row for row, code in enumerate(self.codes) if len(code) == 4 and code.startswith(one)] for one in declared
        ]
        prior = np.full(len(self.codes), (1.0 - trust) / len(self.codes), dtype=np.float64)
        for rows in meant:
            prior[rows] += trust / len(declared) / max(1, len(rows))
        return np.asarray(prior, dtype=np.float32)

    def expected(self, ours: Floats, theirs: Floats) -> Floats:
        """The expected value of one belief (codes) against many (records × codes), 0 to 1, rounded."""
        return rounded(np.minimum(theirs @ self.nearness(ours[None, :])[0], np.float32(1)))

    def nearness(self, beliefs: Floats) -> Floats:
        """(records × codes): the value of each code for a belief, on the grid like beliefs: sums do not depend on the BLAS."""
        worth = np.minimum(beliefs.astype(np.float64) @ self.worth, 1.0)
        return np.asarray(np.rint(worth * GRID) / GRID, dtype=np.float32)


@lru_cache(maxsize=8)
def relations(worths: tuple[tuple[Distance, float], ...]) -> Relations:
    """The matrix for these values of the distances."""
    codes = (*(item.code for item in catalogues.disciplines(hidden=True)), *(c.code for c in catalogues.categories()))
    of = dict(worths)
    worth = np.array([[of[distance(a, b)] for b in codes] for a in codes], dtype=np.float32)
    return Relations(codes, worth)
