"""The scores of many pairs at once: each rule of `conditions`, `field_similarity` and `scoring` applied to columns.

What is compared value by value is asked once for each pair of *different* values, and the answers are spread over the records
by code. Dates and pay, of which nearly each record has its own, are computed for the whole column.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairs.matching.engine import conditions, field_similarity, scoring
from fairs.matching.engine.columns import Columns, Numbers
from fairs.matching.engine.conditions import State
from fairs.matching.settings import THEIRS, YOURS, Settings

Missing = Mapping[str, NDArray[np.bool_]]
Rows = int | NDArray[np.int64] | slice
"""Which rows of a side take part; both sides' rows are set against each other as NumPy does (one with many, or in pairs)."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs with their scores from 0 to 1: for the person, for the listing's side, and for both."""

    you: Numbers
    they: Numbers
    both: Numbers
    parts: Mapping[str, Numbers]
    """What each part is worth, 0 to 1, NaN where unknown: fit, skills, industry, engagement, level, pay."""
    far: Numbers
    """The factor of the person's score where terms are far apart, else 1."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """People and listings set against each other: the answers for each pair of values, computed once."""

    people: Columns
    offers: Columns
    missed: Mapping[str, NDArray[np.bool_]]
    parts: Mapping[str, Numbers]
    overlearned: NDArray[np.bool_]
    settings: Settings

    @classmethod
    def of(cls, people: Columns, offers: Columns, settings: Settings) -> "Pairing":
        """Asks the rules once for each pair of different values."""

        def table(name: str, ask: Callable[[Any, Any], float | None]) -> Numbers:
            left, right = people.of[name].examples, offers.of[name].examples
            answers = [[np.nan if (worth := ask(p, o)) is None else worth for o in right] for p in left]
            return np.array(answers, dtype=np.float64).reshape(len(left), len(right))

        def is_missed(name: str) -> NDArray[np.bool_]:
            rule = conditions.BY_VALUE[name].check
            return table(name, lambda p, o: rule(p, o).state is State.MISSED).astype(np.bool_)

        def part(name: str) -> Numbers:
            rule = field_similarity.BY_VALUE[name].worth
            return table(name, lambda p, o: rule(p, o, settings.declared))

        learned = table("degree", lambda p, o: field_similarity.is_overlearned(p, o, settings.far))
        return cls(
            people,
            offers,
            {name: is_missed(name) for name in conditions.BY_VALUE},
            {name: part(name) for name in field_similarity.BY_VALUE},
            learned.astype(np.bool_),
            settings,
        )

    def _at(self, table: NDArray[Any], name: str, i: Rows, j: Rows) -> NDArray[Any]:
        return np.asarray(table[self.people.of[name].codes[i], self.offers.of[name].codes[j]])

    def missing(self, i: Rows, j: Rows) -> Missing:
        """Which conditions are missed, by name; unknown and free ones are not."""
        found = {name: self._at(table, name, i, j) for name, table in self.missed.items()}
        people, offers = self.people, self.offers
        apart = ~conditions.touch(people.begins[i], people.ends[i], offers.begins[j], offers.ends[j])
        found["dates"] = apart & people.dated[i] & offers.dated[j]
        return found

    def declared(self, i: Rows, j: Rows) -> dict[str, Numbers]:
        """The worth of the declared fields of each pair, 0 to 1, NaN where one side said nothing."""
        found = {name: self._at(table, name, i, j) for name, table in self.parts.items()}
        low, high = self.offers.pay_min[j], self.offers.pay_max[j]
        found["pay"] = field_similarity.pay(self.people.pay_min[i], low, high, self.settings.declared)
        return found

    def far(self, i: Rows, j: Rows) -> Numbers:
        """`field_similarity.far` of each pair."""
        learned = self._at(self.overlearned, "degree", i, j)
        low, high = self.offers.pay_min[j], self.offers.pay_max[j]
        return field_similarity.far(learned, self.people.pay_min[i], low, high, self.settings.far)

    def score(self, text: Numbers, field: Numbers, skills: Numbers, i: Rows, j: Rows, missing: Missing) -> Scored:
        """Each pair, not rounded. The three stages that weigh many records at once come from outside, NaN where unknown;
        `missing` is that of the same pairs."""
        declares = self.people.declares[i] + self.offers.declares[j]
        parts = {"fit": scoring.fit(text, field, declares, self.settings), "skills": skills, **self.declared(i, j)}
        far = self.far(i, j)
        you = scoring.side_score(parts, self.settings.yours) * scoring.factor(missing, YOURS, self.settings) * far
        they = scoring.side_score(parts, self.settings.theirs) * scoring.factor(missing, THEIRS, self.settings)
        return Scored(you, they, scoring.mutual(you, they), parts, far)

    def scores(self, text: Numbers, field: Numbers, skills: Numbers, i: Rows, j: Rows) -> Numbers:
        """The mutual score of each pair, 0 to 100, not rounded."""
        return np.asarray(100.0 * self.score(text, field, skills, i, j, self.missing(i, j)).both)
