"""The declared fields of many records as columns of numbers, so that one record is scored against 30,000 at once.

A mirror of `conditions`, `field_similarity` and `scoring`, which stay the reference: each of their functions is called
once for every pair of *different* values, and its results are copied to the records by code. Only dates and pay, whose
values nearly all differ, are computed here again. A property test requires both to give the same scores.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairs.matching.engine import conditions, field_similarity
from fairs.matching.engine.conditions import State
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.settings import THEIRS, YOURS, Declared, Far, Settings

AnyRecord = ProfileRecord | ListingRecord
Numbers = NDArray[np.float64]
Codes = NDArray[np.int32]
_NAMES = {  # compared attributes: of a profile, of a listing
    "degree": ("degree", "degree_min"),
    "engagement": ("engagements", "engagements"),
    "city": ("cities", "city"),
    "language": ("languages", "languages"),
    "permit": ("needs_permit", "sponsors_permit"),
    "industry": ("industries", "industries"),
    "level": ("level", "level_min"),
}
_CONDITIONS: Mapping[str, Callable[[ProfileRecord, ListingRecord], conditions.Condition]] = {
    "degree": conditions.degree,
    "engagement": conditions.engagement,
    "city": conditions.city,
    "language": conditions.language,
    "permit": conditions.permit,
}
_FIRST, _LAST = date.min.toordinal(), date.max.toordinal()


@dataclass(frozen=True, slots=True)
class Column:
    """One field: a code for each record, and for each code a record that has this value."""

    codes: Codes
    known: dict[Hashable, int]
    examples: tuple[Any, ...]

    @classmethod
    def of(cls, records: Sequence[AnyRecord], name: str, known: "Column | None" = None) -> "Column":
        """The codes of `records`; values that `known` has keep its codes."""
        read: Callable[[AnyRecord], Hashable] = attrgetter(name)
        numbers = dict(known.known) if known else {}
        examples = list(known.examples) if known else []
        codes = np.zeros(len(records), dtype=np.int32)
        for row, record in enumerate(records):
            value = read(record)
            code = numbers.get(value)
            if code is None:
                code = numbers[value] = len(examples)
                examples.append(record)
            codes[row] = code
        return cls(codes, numbers, tuple(examples))


@dataclass(frozen=True, slots=True)
class Columns:
    """All fields of the records of one side. Days are ordinals, open ends the first and last possible day; pay 0: unknown."""

    of: dict[str, Column]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    dated: NDArray[np.bool_]
    pay_min: NDArray[np.int64]
    pay_max: NDArray[np.int64]
    declares: NDArray[np.int64]

    @classmethod
    def build(cls, records: Sequence[AnyRecord], known: "Columns | None" = None) -> "Columns":
        """Positions are those of `records`, which are all of one side."""
        side = 1 if records and isinstance(records[0], ListingRecord) else 0
        spans = [_span(record) for record in records]
        return cls(
            {name: Column.of(records, own[side], known.of[name] if known else None) for name, own in _NAMES.items()},
            np.array([(b or date.min).toordinal() for b, _ in spans], dtype=np.int64),
            np.array([(e or date.max).toordinal() for _, e in spans], dtype=np.int64),
            np.array([bool(b or e) for b, e in spans], dtype=np.bool_),
            np.array([record.pay_min or 0 for record in records], dtype=np.int64),
            np.array([getattr(record, "pay_max", None) or 0 for record in records], dtype=np.int64),
            np.array([bool(record.disciplines) for record in records], dtype=np.int64),
        )

    def replaced(self, kept: NDArray[np.int64], added: Sequence[AnyRecord]) -> "Columns":
        """The rows `kept`, in this order, followed by new records."""
        new = Columns.build(added, self)
        of = {
            name: Column(np.concatenate((self.of[name].codes[kept], one.codes)), one.known, one.examples)
            for name, one in new.of.items()
        }
        names = ("begins", "ends", "dated", "pay_min", "pay_max", "declares")
        return Columns(of, *(np.concatenate((getattr(self, n)[kept], getattr(new, n))) for n in names))


def _span(record: AnyRecord) -> tuple[date | None, date | None]:
    if isinstance(record, ListingRecord):
        return record.starts, record.ends
    return record.available_from, record.available_to


Rows = int | NDArray[np.int64] | slice
"""Row indices of a side; both sides' rows are combined by NumPy broadcasting (one with many, or in pairs)."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """People and listings combined: the results for each pair of values, computed once."""

    people: Columns
    offers: Columns
    missed: Mapping[str, NDArray[np.bool_]]
    parts: Mapping[str, Numbers]
    overlearned: NDArray[np.bool_]
    settings: Settings

    @classmethod
    def of(cls, people: Columns, offers: Columns, settings: Settings) -> "Pairing":
        """Calls the plain functions once for each pair of different values."""
        how = settings.declared
        missed = {
            name: _table(people, offers, name, _is_missed(condition)).astype(np.bool_)
            for name, condition in _CONDITIONS.items()
        }
        parts = {
            "industry": _table(people, offers, "industry", lambda p, o: _number(field_similarity.industry(p, o, how))),
            "engagement": _table(people, offers, "engagement", lambda p, o: _number(field_similarity.engagement(p, o))),
            "level": _table(people, offers, "level", lambda p, o: _number(field_similarity.level(p, o, how))),
        }
        learned = _table(
            people, offers, "degree", lambda p, o: float(field_similarity.is_overlearned(p, o, settings.far))
        )
        return cls(people, offers, missed, parts, learned.astype(np.bool_), settings)

    def _at(self, table: NDArray[Any], name: str, i: Rows, j: Rows) -> NDArray[Any]:
        return np.asarray(table[self.people.of[name].codes[i], self.offers.of[name].codes[j]])

    def missing(self, i: Rows, j: Rows) -> dict[str, NDArray[np.bool_]]:
        """Which conditions are missed, by name; unknown and free ones are not."""
        found = {name: self._at(table, name, i, j) for name, table in self.missed.items()}
        begin = np.maximum(self.people.begins[i], self.offers.begins[j])
        end = np.minimum(self.people.ends[i], self.offers.ends[j])
        found["dates"] = (begin > end) & self.people.dated[i] & self.offers.dated[j]
        return found

    def declared(self, i: Rows, j: Rows) -> dict[str, Numbers]:
        """Industry, engagement, pay and level of each pair, 0 to 1, NaN where one side declares nothing."""
        found = {name: self._at(table, name, i, j) for name, table in self.parts.items()}
        found["pay"] = self.pay(i, j)
        return found

    def pay(self, i: Rows, j: Rows) -> Numbers:
        """Pay of each pair, NaN where one side declares nothing."""
        low, high = self.offers.pay_min[j], self.offers.pay_max[j]
        return pay_worth(self.people.pay_min[i], low, high, self.settings.declared)

    def far(self, i: Rows, j: Rows) -> Numbers:
        """`field_similarity.far` of each pair."""
        learned = self._at(self.overlearned, "degree", i, j)
        low, high = self.offers.pay_min[j], self.offers.pay_max[j]
        return far(learned, self.people.pay_min[i], low, high, self.settings.far)

    def fit(self, text: Numbers, field: Numbers, i: Rows, j: Rows) -> Numbers:
        """`scoring.fit`: both are NaN where unknown."""
        share = np.array(self.settings.declared_shares)[self.people.declares[i] + self.offers.declares[j]]
        both = share * field + (1 - share) * text
        return np.asarray(np.where(np.isnan(field), text, np.where(np.isnan(text), field, both)))

    def scores(self, text: Numbers, field: Numbers, skills: Numbers, i: Rows, j: Rows) -> Numbers:
        """The mutual score of each pair, 0 to 100, not rounded. The three joint stages are passed in, NaN where unknown."""
        parts = {"fit": self.fit(text, field, i, j), "skills": skills, **self.declared(i, j)}
        missing = self.missing(i, j)
        you = _side(parts, self.settings.yours) * _factor(missing, YOURS, self.settings) * self.far(i, j)
        they = _side(parts, self.settings.theirs) * _factor(missing, THEIRS, self.settings)
        return np.asarray(100.0 * np.sqrt(np.maximum(you, 0.0) * np.maximum(they, 0.0)))


def _is_missed(
    condition: Callable[[ProfileRecord, ListingRecord], conditions.Condition],
) -> Callable[[Any, Any], float]:
    return lambda profile, listing: float(condition(profile, listing).state is State.MISSED)


def _number(part: float | None) -> float:
    return np.nan if part is None else part


def _table(people: Columns, offers: Columns, name: str, ask: Callable[[Any, Any], float]) -> Numbers:
    """(different values of the people × of the listings)."""
    left, right = people.of[name].examples, offers.of[name].examples
    return np.array([[ask(p, o) for o in right] for p in left], dtype=np.float64).reshape(len(left), len(right))


def pay_worth(asked: Any, low: Any, high: Any, rules: Declared) -> Numbers:
    """`field_similarity.pay`."""
    top = np.where(high != 0, high, low)
    bottom = np.minimum(np.where(low != 0, low, top), top)
    known = (asked != 0) & (top != 0)
    safe = np.where(known, asked, 1)
    below = rules.pay_touch * np.maximum(0.0, (top / safe - rules.pay_none) / (1.0 - rules.pay_none))
    overlap = np.where(bottom >= asked, 1.0, (top - asked) / np.where(top > bottom, top - bottom, 1))
    above = rules.pay_touch + (1.0 - rules.pay_touch) * overlap
    return np.asarray(np.where(known, np.where(top < asked, below, above), np.nan))


def far(learned: Any, asked: Any, low: Any, high: Any, rules: Far) -> Numbers:
    """`field_similarity.far`; `learned` is `field_similarity.is_overlearned`."""
    top = np.where(high != 0, high, low)
    reached = (top / np.where(asked != 0, asked, 1) - rules.pay_to) / (rules.pay_from - rules.pay_to)
    factor = rules.pay + (1.0 - rules.pay) * np.clip(reached, 0.0, 1.0)
    pay = np.where((asked != 0) & (top != 0), factor, 1.0)
    return np.asarray(pay * np.where(learned & ((asked == 0) | (top < rules.pay_from * asked)), rules.degree, 1.0))


def _side(parts: Mapping[str, Numbers], weights: Mapping[str, float]) -> Numbers:
    """`scoring.side_score`."""
    total: Any = 0.0
    summed: Any = 0.0
    for name, part in parts.items():
        if name in weights:
            known = ~np.isnan(part)
            total = total + weights[name] * known
            summed = summed + weights[name] * np.where(known, part, 0.0)
    return np.asarray(summed / np.where(total > 0, total, 1.0))


def _factor(missing: Mapping[str, NDArray[np.bool_]], names: Sequence[str], settings: Settings) -> Numbers:
    """`scoring.condition_factor`."""
    product: Any = 1.0
    for name in names:
        product = product * np.where(missing[name], settings.missed[name], 1.0)
    return np.asarray(product)
