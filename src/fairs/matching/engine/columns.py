"""The declared fields of many records as columns of numbers, so that one record is scored against 30,000 at once."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fairs.matching.engine import conditions, field_similarity
from fairs.matching.engine.records import ListingRecord, ProfileRecord

AnyRecord = ProfileRecord | ListingRecord
Numbers = NDArray[np.float64]
Codes = NDArray[np.int32]
COMPARED = {
    **{name: rule.attributes for name, rule in conditions.BY_VALUE.items()},
    **{name: field.attributes for name, field in field_similarity.BY_VALUE.items()},
}
"""What is compared value by value: its name → the attribute of a profile, of a listing."""


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
    """All fields of the records of one side. Days are ordinals, open ends the first and last day there is; pay 0: not said."""

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
            {name: Column.of(records, own[side], known.of[name] if known else None) for name, own in COMPARED.items()},
            np.array([(b or date.min).toordinal() for b, _ in spans], dtype=np.int64),
            np.array([(e or date.max).toordinal() for _, e in spans], dtype=np.int64),
            np.array([bool(b or e) for b, e in spans], dtype=np.bool_),
            np.array([record.pay_min or 0 for record in records], dtype=np.int64),
            np.array([getattr(record, "pay_max", None) or 0 for record in records], dtype=np.int64),
            np.array([bool(record.disciplines) for record in records], dtype=np.int64),
        )

    def replaced(self, kept: NDArray[np.int64], added: Sequence[AnyRecord]) -> "Columns":
        """The rows `kept`, in this order, and after them new records."""
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
