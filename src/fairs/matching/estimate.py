"""Every person against every listing, by all but the words of their texts: vectors, fields, declared fields, gates.

What words may add decides how long a shortlist has to be. Scores are squares of shares, 0 to 1:
only their order counts. One listing costs some twenty operations over all people; listings of one kind share most of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fairs.matching.columns import Numbers, Pairing
from fairs.matching.records import ListingRecord, ProfileRecord
from fairs.matching.settings import THEIRS, YOURS, Settings
from fairs.matching.standing import Pool, relations
from fairs.matching.text import Floats

LEXICAL = 0.08
"""What the word cosine is taken to be of every pair, so that texts stand right beside the declared fields."""
_STATIC = ("degree", "engagement", "city", "language", "permit", "industry", "level")
_Int = NDArray[np.int64]


class _Sides(NamedTuple):
    """For one listing over all people: the product of missed gates, and sums of known parts with their weights."""

    gates: Floats
    you: Floats
    you_known: Floats
    they: Floats
    they_known: Floats


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

    @classmethod
    def of(cls, people: Pool[ProfileRecord], offers: Pool[ListingRecord], settings: Settings) -> "Estimate":
        """Both pools must stand in one space."""
        worth = relations(settings)
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
        )

    def tile(self, rows: _Int) -> Floats:
        """(listings × people) for some listings, quickest when those of one kind lie together."""
        text, field = self._texts(rows), self.left[2][rows] @ self.right[2]
        np.minimum(field, np.float32(1), out=field)
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
            fit = field[at]
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
        return share.astype(np.float32), (texts | fields).astype(np.float32)

    def _sides(self, row: int) -> _Sides:
        people, settings = self.pairing.people, self.settings
        gates = np.ones(len(people.declares), dtype=np.float32)
        for name, table in self.pairing.missed.items():
            factor = settings.missed[name] ** ((name in YOURS) + (name in THEIRS))
            factors: Numbers = np.where(table, factor, 1.0)
            gates *= _spread(factors, self.pairing, name, row)
        sums = [np.zeros_like(gates) for _ in range(4)]
        for name, part in self.pairing.parts.items():
            worth, known = _known(_spread(part, self.pairing, name, row))
            for at, weights in ((0, settings.yours), (2, settings.theirs)):
                sums[at] += np.float32(weights.get(name, 0.0)) * worth
                sums[at + 1] += np.float32(weights.get(name, 0.0)) * known
        return _Sides(gates, *sums)

    def _score(self, row: int, fit: Floats, fits: Floats, sides: _Sides) -> Floats:
        gates = sides.gates
        people, offers, settings = self.pairing.people, self.pairing.offers, self.settings
        if offers.dated[row]:
            late = np.maximum(people.begins, offers.begins[row]) > np.minimum(people.ends, offers.ends[row])
            both = settings.missed["dates"] ** (("dates" in YOURS) + ("dates" in THEIRS))
            gates = gates * np.where(late & people.dated, np.float32(both), np.float32(1))
        own = {"fit": (fit * fits, fits)}
        if offers.pay_max[row] or offers.pay_min[row]:
            own["pay"] = _known(self.pairing.pay(slice(None), row).astype(np.float32))
        if keys := self.offers.skills.owned[row]:
            own["skills"] = _known(self.people.skills.worths(keys, settings.declared.skills_enough))
        score = _side(own, sides.you, sides.you_known, settings.yours)
        score *= _side(own, sides.they, sides.they_known, settings.theirs)
        score *= gates
        return score


def _known(worth: Floats) -> tuple[Floats, Floats]:
    """With 0 for what is not known, and 1 where it is."""
    known = ~np.isnan(worth)
    return np.where(known, worth, np.float32(0)), known.astype(np.float32)


def _spread(table: Numbers, pairing: Pairing, name: str, row: int) -> Floats:
    own = table[:, pairing.offers.of[name].codes[row]].astype(np.float32)
    return np.asarray(own[pairing.people.of[name].codes])


def _side(
    own: Mapping[str, tuple[Floats, Floats]], sums: Floats, known: Floats, weights: Mapping[str, float]
) -> Floats:
    """`blend.side_score`: `sums` and `known` of the shared parts, and each own part with where it is known."""
    total, weight = sums.copy(), known.copy()
    for name, (part, here) in own.items():
        if weights.get(name):
            share = np.float32(weights[name])
            total += part * share
            weight += here * share
    np.maximum(weight, np.float32(1e-9), out=weight)
    total /= weight
    return total
