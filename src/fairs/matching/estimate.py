"""Every person against every listing, by all but the words of their texts: vectors, fields, declared fields, gates.

What words may add decides how long a shortlist has to be. Scores are squares of shares, 0 to 1:
only their order counts. One listing costs some twenty operations over all people; listings of one kind share most of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairs.matching.columns import Pairing, pay_worth
from fairs.matching.records import ListingRecord, ProfileRecord
from fairs.matching.settings import THEIRS, YOURS, Settings
from fairs.matching.standing import Pool, relations
from fairs.matching.text import Floats

LEXICAL = 0.08
"""What the word cosine is taken to be of every pair, so that texts stand right beside the declared fields."""
_STATIC = ("degree", "engagement", "city", "language", "permit", "industry", "level")
_SPREAD = 20_000_000  # numbers kept of vectors over all people: 80 MB
_Int = NDArray[np.int64]


class _Sides(NamedTuple):
    """For one listing over all people: the product of missed gates, and sums of known parts with their weights."""

    gates: Floats
    you: Floats
    you_known: Floats
    they: Floats
    they_known: Floats
    shares: dict[tuple[object, ...], Floats]
    """1 / weight of the known parts, by which of the listing's own parts there are."""


@dataclass(frozen=True)
class Estimate:
    """Prepared once for two pools of one space."""

    people: Pool[ProfileRecord]
    offers: Pool[ListingRecord]
    pairing: Pairing
    settings: Settings
    left: tuple[Floats, Floats, Floats]
    right: tuple[Floats, Floats, Floats]
    people_about: NDArray[np.bool_]
    offers_about: NDArray[np.bool_]
    kinds: _Int
    """Which listings agree in all fields but dates and pay."""
    wishes: tuple[_Int, _Int, Floats]
    """Different pay asked by people, which of them each asks, and 1 where one is asked."""
    everybody: Floats
    spread: dict[tuple[object, ...], Floats] = field(default_factory=dict)
    """Vectors over all people, by field and value."""

    @classmethod
    def of(cls, people: Pool[ProfileRecord], offers: Pool[ListingRecord], settings: Settings) -> "Estimate":
        """Both pools must stand in one space."""
        worth = relations(settings)
        wishes, place = np.unique(people.columns.pay_min, return_inverse=True)
        codes = [offers.columns.of[name].codes for name in _STATIC]
        return cls(
            people,
            offers,
            Pairing.of(people.columns, offers.columns, settings),
            settings,
            (offers.texts.centred, offers.texts.agreement, worth.nearness(offers.beliefs)),
            tuple(np.ascontiguousarray(m.T) for m in (people.texts.centred, people.texts.agreement, people.beliefs)),  # type: ignore[arg-type]
            np.asarray(people.beliefs.any(axis=1)),
            np.asarray(offers.beliefs.any(axis=1)),
            np.unique(np.stack(codes, axis=1), axis=0, return_inverse=True)[1].reshape(-1),
            (wishes, place.reshape(-1), (people.columns.pay_min != 0).astype(np.float32)),
            np.ones(len(people.records), dtype=np.float32),
        )

    def tile(self, rows: _Int) -> Floats:
        """(listings × people) for some listings, quickest when those of one kind lie together."""
        text, expected = self._texts(rows), self.left[2][rows] @ self.right[2]
        np.minimum(expected, np.float32(1), out=expected)
        found = np.empty_like(text)
        shares: dict[tuple[bool, bool, bool], tuple[Floats, Floats]] = {}
        kind, sides = -1, None
        for at, row in enumerate(rows.tolist()):
            if sides is None or self.kinds[row] != kind:
                kind, sides = self.kinds[row], self._sides(row)
            said, about = self.offers.texts.has_text[row], self.offers_about[row]
            known = bool(self.pairing.offers.declares[row]), bool(said), bool(about)
            if known not in shares:
                shares[known] = self._shares(*known)
            share, fits = shares[known]
            fit = expected[at]
            fit -= text[at]
            fit *= share
            fit += text[at]
            found[at] = self._score(row, fit, fits, sides)
        return found

    def _texts(self, rows: _Int) -> Floats:
        """Worth of the texts, as `blend` has it, in float32 and without words."""
        how = self.settings
        signal = self.left[1][rows] @ self.right[1]
        np.maximum(signal, 1e-12, out=signal)
        np.log(signal, out=signal)
        signal *= how.field_power
        np.exp(signal, out=signal)
        signal *= how.field_weight
        signal += self.left[0][rows] @ self.right[0]
        signal += how.lexical_weight * LEXICAL - how.text_middle
        signal *= -1.0 / how.text_spread
        np.exp(signal, out=signal)
        signal += 1.0
        return np.asarray(np.reciprocal(signal, out=signal))

    def _shares(self, declares: bool, said: bool, about: bool) -> tuple[Floats, Floats]:
        """For all people: the share of the disciplines in the fit, and 1 where there is a fit at all."""
        texts, fields = self.people.texts.has_text & said, self.people_about & about
        share = np.array(self.settings.declared_shares)[self.pairing.people.declares + int(declares)]
        share = np.where(texts, np.where(fields, share, 0.0), 1.0)
        fits = texts | fields
        return share.astype(np.float32), self.everybody if fits.all() else fits.astype(np.float32)

    def _sides(self, row: int) -> _Sides:
        """All of one kind of listing: a product and sums of what `_spread` keeps for each value of each field."""
        gates = np.ones(len(self.people.records), dtype=np.float32)
        for name in self.pairing.missed:
            gates *= self._gate(name, row)
        sums = [np.zeros_like(gates) for _ in range(4)]
        for name in self.pairing.parts:
            worth, known = self._part(name, row)
            for at, weights in ((0, self.settings.yours), (2, self.settings.theirs)):
                if weights.get(name):
                    sums[at] += np.float32(weights[name]) * worth
                    sums[at + 1] += np.float32(weights[name]) * known
        return _Sides(gates, sums[0], sums[1], sums[2], sums[3], {})

    def _gate(self, name: str, row: int) -> Floats:
        """For all people what a gate multiplies the product of both sides' scores by."""
        code = int(self.pairing.offers.of[name].codes[row])

        def make() -> Floats:
            factor = self.settings.missed[name] ** ((name in YOURS) + (name in THEIRS))
            own = np.where(self.pairing.missed[name][:, code], factor, 1.0).astype(np.float32)
            return np.asarray(own[self.pairing.people.of[name].codes])

        return self._spread((name, code), make)

    def _part(self, name: str, row: int) -> tuple[Floats, Floats]:
        """For all people the worth of a part and where it is known."""
        code = int(self.pairing.offers.of[name].codes[row])

        def make(known: bool) -> Floats:
            own = self.pairing.parts[name][:, code]
            found = ~np.isnan(own) if known else np.nan_to_num(own)
            return np.asarray(found.astype(np.float32)[self.pairing.people.of[name].codes])

        worth = self._spread((name, code, "worth"), lambda: make(False))
        return worth, self._spread((name, code, "known"), lambda: make(True))

    def _spread(self, key: tuple[object, ...], make: Callable[[], Floats]) -> Floats:
        found = self.spread.get(key)
        if found is None:
            if len(self.spread) * len(self.people.records) >= _SPREAD:
                self.spread.clear()
            found = self.spread[key] = make()
        return found

    def _score(self, row: int, fit: Floats, fits: Floats, sides: _Sides) -> Floats:
        offers, settings = self.pairing.offers, self.settings
        own = {"fit": (fit if fits is self.everybody else fit * fits, fits)}
        if offers.pay_max[row] or offers.pay_min[row]:
            own["pay"] = self._pay(row)
        if keys := self.offers.skills.owned[row]:
            own["skills"] = self._skills(keys)
        score = _side(own, sides.you, sides.you_known, settings.yours, sides.shares)
        score *= _side(own, sides.they, sides.they_known, settings.theirs, sides.shares)
        score *= sides.gates
        if offers.dated[row]:
            score *= self._dates(row)
        return score

    def _dates(self, row: int) -> Floats:
        """`gates.dates` as the factor that a missed one is."""
        people, begin, end = self.pairing.people, self.pairing.offers.begins[row], self.pairing.offers.ends[row]

        def make() -> Floats:
            late = np.maximum(people.begins, begin) > np.minimum(people.ends, end)
            factor = self.settings.missed["dates"] ** (("dates" in YOURS) + ("dates" in THEIRS))
            return np.where(late & people.dated, factor, 1.0).astype(np.float32)

        return self._spread(("dates", int(begin), int(end)), make)

    def _pay(self, row: int) -> tuple[Floats, Floats]:
        """Counted once for each different wish."""
        wishes, place, known = self.wishes
        low, high = self.pairing.offers.pay_min[row], self.pairing.offers.pay_max[row]

        def make() -> Floats:
            worth = pay_worth(wishes, low, high, self.settings.declared)
            return np.asarray(np.nan_to_num(worth).astype(np.float32)[place])

        return self._spread(("pay", int(low), int(high)), make), known

    def _skills(self, keys: frozenset[str]) -> tuple[Floats, Floats]:
        """`skills.worth`."""
        index, size = self.people.skills, len(keys)

        def make(known: bool) -> Floats:
            possible = np.minimum(np.minimum(index.sizes, size), self.settings.declared.skills_enough)
            return (possible > 0).astype(np.float32) if known else (1.0 / np.maximum(possible, 1)).astype(np.float32)

        worth = np.zeros(len(index.sizes), dtype=np.float32)
        for key in keys:
            rows = index.rows.get(key)
            if rows is not None:
                worth[rows] += 1.0
        worth *= self._spread(("skills", size), lambda: make(False))
        np.minimum(worth, np.float32(1), out=worth)
        return worth, self._spread(("skills", "known"), lambda: make(True))


def _side(
    own: Mapping[str, tuple[Floats, Floats]],
    sums: Floats,
    known: Floats,
    weights: Mapping[str, float],
    shares: dict[tuple[object, ...], Floats],
) -> Floats:
    """`blend.side_score`: `sums` and `known` of the shared parts, and each own part with where it is known."""
    counted = [(name, *own[name], np.float32(weights[name])) for name in own if weights.get(name)]
    key = (id(sums), *((name, id(here)) for name, _, here, _ in counted))
    share = shares.get(key)
    if share is None:
        weight = known + sum((here * own_weight for _, _, here, own_weight in counted), start=np.float32(0))
        share = shares[key] = np.asarray(np.reciprocal(np.maximum(weight, np.float32(1e-9))))
    total = sums.copy()
    for _, part, _, own_weight in counted:
        total += part * own_weight
    total *= share
    return total
