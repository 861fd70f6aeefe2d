"""Every person against every listing, by all but the words of their texts: vectors, fields, declared fields, conditions.

The possible contribution of words decides how long a shortlist must be. Scores are squares of shares, 0 to 1: only their
order counts. Listings with mostly equal fields share nearly all operations except the three products of their texts, which
take half of the time.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.bulk.sparse_matrix import Sparse
from fairs.matching.engine import conditions, field_similarity
from fairs.matching.engine.columns import COMPARED
from fairs.matching.engine.pairing import Pairing
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.retrieval.record_pool import Pool, relations
from fairs.matching.settings import THEIRS, YOURS, Settings
from fairs.matching.text.encoder import Floats

LEXICAL = 0.08
"""Assumed word cosine of every pair, so that texts have the right weight beside the declared fields."""
_SPREAD = 10_000_000  # cached numbers of vectors over all people: 40 MB
ROWS = 32
"""Listings processed together: with fewer, threads wait for each other, with more, the data leaves the processor's cache."""
_Int = NDArray[np.int64]


class Room(NamedTuple):
    """Work buffers: for the three signals, and for values computed from them."""

    signals: Floats
    scratch: Floats


class Estimated(NamedTuple):
    """Some listings against all people. Everything except `rows` is overwritten by the next result."""

    rows: _Int
    scores: Floats
    signals: Floats
    """Cosine, agreement and expected worth, each exact."""


class _Kind(NamedTuple):
    """Values of one kind of listing with all people. A score is (own of you + `you`) · (own of them + `they`) · `share`."""

    disciplines: Floats
    """The disciplines' share in the fit."""
    fits: Floats | None
    """1 where there is a fit; None: everywhere."""
    you: Floats
    """Weighted sum of the shared parts."""
    they: Floats
    share: Floats
    """Factor of the conditions, divided by the weights of all known parts."""


class _Values(NamedTuple):
    """The different values of some columns of the people, and the value index of each person."""

    of: tuple[_Int, ...]
    place: _Int

    @classmethod
    def among(cls, *columns: _Int) -> "_Values":
        found, place = np.unique(np.stack(columns), axis=1, return_inverse=True)
        return cls(tuple(found), place.reshape(-1))

    def spread(self, worth: NDArray[np.float64], out: Floats) -> Floats:
        """(listings × values) over all people."""
        return np.take(worth.astype(np.float32), self.place, axis=1, out=out, mode="clip")


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
    offers_pay: NDArray[np.bool_]
    offers_far: NDArray[np.bool_]
    """Where pay or degree may be far below a person's wish or degree."""
    kinds: _Int
    """Which listings are equal in all fields but dates, pay and skills, and in which of those are declared."""
    wishes: _Values
    """The people's pay and degree."""
    days: _Values
    """The people's first and last dates, and whether they are known."""
    skills: tuple[Sparse, Sparse]
    """Listing → skills that people have → people."""
    spread: dict[tuple[object, ...], Floats] = field(default_factory=dict)
    """Vectors over all people, by field and value."""

    @classmethod
    def of(cls, people: Pool[ProfileRecord], offers: Pool[ListingRecord], settings: Settings) -> "Estimate":
        """Both pools must use one space."""
        worth, mine = relations(settings), people.columns
        about = np.asarray(offers.beliefs.any(axis=1))
        pays = np.asarray((offers.columns.pay_max != 0) | (offers.columns.pay_min != 0))
        places = {key: place for place, key in enumerate(people.skills.rows)}
        pairing = Pairing.of(people.columns, offers.columns, settings)
        return cls(
            people,
            offers,
            pairing,
            settings,
            (offers.texts.centred, offers.texts.agreement, worth.nearness(offers.beliefs)),
            tuple(np.ascontiguousarray(m.T) for m in (people.texts.centred, people.texts.agreement, people.beliefs)),  # type: ignore[arg-type]  # a generator makes a tuple of unknown length
            np.asarray(people.beliefs.any(axis=1)),
            about,
            pays,
            pays | np.asarray(pairing.overlearned.any(axis=0))[offers.columns.of["degree"].codes],
            _kinds(offers, about, pays),
            _Values.among(mine.pay_min, mine.of["degree"].codes.astype(np.int64)),
            _Values.among(mine.begins, mine.ends, mine.dated.astype(np.int64)),
            (Sparse.of_keys(offers.skills.owned, places), Sparse.of_keys(people.skills.owned, places).turned()),
        )

    def room(self, rows: int) -> Room:
        """The buffers of `tile`, reusable: 12 bytes per pair and a little more. For one thread only."""
        people = len(self.people.records)
        return Room(*(np.empty((3, count, people), dtype=np.float32) for count in (rows, min(rows, ROWS))))

    def tile(self, rows: _Int, room: Room) -> Iterator[Estimated]:
        """(listings × people), step by step, for some listings; fastest when those of one kind are adjacent."""
        for out, left, right in zip(room.signals, self.left, self.right, strict=True):
            np.matmul(left[rows], right, out=out[: len(rows)])
        for at in range(0, len(rows), ROWS):
            own = rows[at : at + ROWS]
            signals = room.signals[:, at : at + len(own)]
            yield Estimated(own, self._scores(own, signals, room.scratch[:, : len(own)]), signals)

    def _scores(self, rows: _Int, signals: Floats, scratch: Floats) -> Floats:
        cosine, agreement, expected = signals
        fit, text, spare = scratch
        kinds = self._runs(rows)
        self._texts(cosine, agreement, text, spare)
        np.minimum(expected, np.float32(1), out=fit)
        fit -= text
        for run, kind in kinds:
            fit[run] *= kind.disciplines
        fit += text
        for run, kind in kinds:
            if kind.fits is not None:
                fit[run] *= kind.fits
        you = np.multiply(fit, np.float32(self.settings.yours.get("fit", 0.0)), out=text)
        they = np.multiply(fit, np.float32(self.settings.theirs.get("fit", 0.0)), out=fit)
        self._own(rows, spare, (you, they))
        for run, kind in kinds:
            you[run] += kind.you
            they[run] += kind.they
        you *= they
        for run, kind in kinds:
            you[run] *= kind.share
        if self.offers.columns.dated[rows].any():
            you *= self._dates(rows, spare)
        if self.offers_far[rows].any():
            you *= self._far(rows, spare)
        return np.asarray(you)

    def _own(self, rows: _Int, scratch: Floats, sides: tuple[Floats, ...]) -> None:
        """Adds to both sides the parts whose values differ in nearly every listing."""
        weighed = list(zip(sides, (self.settings.yours, self.settings.theirs), strict=True))
        for side, weights in weighed:
            if weights.get("pay") and self.offers_pay[rows].any():
                side += self._pay(rows, weights["pay"], scratch)
        if self.offers.skills.sizes[rows].any():
            at, worth = self._skills(rows)
            for side, weights in weighed:
                if weights.get("skills"):
                    side.reshape(-1)[at] += np.float32(weights["skills"]) * worth

    def _runs(self, rows: _Int) -> list[tuple[slice, _Kind]]:
        """Consecutive listings of one kind."""
        bounds = np.flatnonzero(np.diff(self.kinds[rows], prepend=-1, append=-1)).tolist()
        return [(slice(a, b), self._kind(int(rows[a]))) for a, b in pairwise(bounds)]

    def _texts(self, cosine: Floats, agreement: Floats, out: Floats, spare: Floats) -> None:
        """The text score as in `scoring`, in float32 and without words."""
        how = self.settings
        np.maximum(agreement, np.float32(1e-12), out=out)
        np.log(out, out=out)
        out *= how.field_power
        np.exp(out, out=out)
        out *= how.field_weight
        out += np.multiply(cosine, np.float32(how.vector_weight), out=spare)
        out += how.lexical_weight * LEXICAL - how.text_middle
        out *= -1.0 / how.text_spread
        np.exp(out, out=out)
        out += 1.0
        np.reciprocal(out, out=out)

    def _kind(self, row: int) -> _Kind:
        """Everything that listings of one kind share, from what `_spread` caches for each value of each field."""
        share, fits = self._shares(row)
        total = np.ones_like(fits)
        for name in self.pairing.missed:
            total *= self._gate(name, row)
        you, they = (self._side(row, weights) for weights in (self.settings.yours, self.settings.theirs))
        for (_, known), weights in ((you, self.settings.yours), (they, self.settings.theirs)):
            known += fits * np.float32(weights.get("fit", 0.0))
            total /= np.maximum(known, np.float32(1e-9), out=known)
        return _Kind(share, None if fits.all() else fits, you[0], they[0], total)

    def _side(self, row: int, weights: Mapping[str, float]) -> Floats:
        """`scoring.side_score` without the listing's own parts: the weighted sum of the parts, and the sum of known weights."""
        both = np.zeros((2, len(self.people.records)), dtype=np.float32)
        for name in self.pairing.parts:
            if weights.get(name):
                both += self._part(name, row, weights[name])
        for name, said, here in (
            ("pay", self.offers_pay[row], self.people.columns.pay_min),
            ("skills", self.offers.skills.sizes[row] > 0, self.people.skills.sizes),
        ):
            if said and weights.get(name):
                weight = np.float32(weights[name])
                both[1] += self._spread((name, weight), lambda weight=weight, here=here: weight * (here != 0))  # type: ignore[misc]  # no type is inferred for such a lambda
        return both

    def _shares(self, row: int) -> tuple[Floats, Floats]:
        """For all people: the disciplines' share in the fit, and 1 where a fit is known at all."""
        declares, said, about = (
            self.offers.columns.declares[row],
            self.offers.texts.has_text[row],
            self.offers_about[row],
        )

        def make() -> Floats:
            texts, fields = self.people.texts.has_text & said, self.people_about & about
            share = np.array(self.settings.declared_shares)[self.people.columns.declares + declares]
            share = np.where(texts, np.where(fields, share, 0.0), 1.0)
            return np.stack((share, texts | fields)).astype(np.float32)

        share, fits = self._spread(("fit", bool(declares), bool(said), bool(about)), make)
        return share, fits

    def _gate(self, name: str, row: int) -> Floats:
        """For all people the factor of a condition on the product of both sides' scores."""
        code = int(self.pairing.offers.of[name].codes[row])

        def make() -> Floats:
            factor = self.settings.missed[name] ** ((name in YOURS) + (name in THEIRS))
            own = np.where(self.pairing.missed[name][:, code], factor, 1.0).astype(np.float32)
            return np.asarray(own[self.pairing.people.of[name].codes])

        return self._spread((name, code), make)

    def _part(self, name: str, row: int, weight: float) -> Floats:
        """For all people the value of a part, and 1 where it is known, each times its weight."""
        code = int(self.pairing.offers.of[name].codes[row])

        def make() -> Floats:
            own = self.pairing.parts[name][:, code]
            found = np.stack((np.nan_to_num(own), ~np.isnan(own))).astype(np.float32) * np.float32(weight)
            return np.asarray(found[:, self.pairing.people.of[name].codes])

        return self._spread((name, code, weight), make)

    def _spread(self, key: tuple[object, ...], make: Callable[[], Floats]) -> Floats:
        found = self.spread.get(key)
        if found is None:
            if 2 * len(self.spread) * len(self.people.records) >= _SPREAD:
                self.spread.clear()
            found = self.spread[key] = make()
        return found

    def _dates(self, rows: _Int, out: Floats) -> Floats:
        """`conditions.dates` as the factor for a missed one."""
        begins, ends, dated = self.days.of
        own = self.offers.columns
        apart = ~conditions.touch(begins, ends, own.begins[rows, None], own.ends[rows, None])
        factor = self.settings.missed["dates"] ** (("dates" in YOURS) + ("dates" in THEIRS))
        missed = apart & (dated != 0) & own.dated[rows, None]
        return self.days.spread(np.where(missed, factor, 1.0), out)

    def _pay(self, rows: _Int, weight: float, out: Floats) -> Floats:
        """Value times weight, 0 where unknown."""
        low, high = self.offers.columns.pay_min[rows, None], self.offers.columns.pay_max[rows, None]
        worth = field_similarity.pay(self.wishes.of[0], low, high, self.settings.declared)
        return self.wishes.spread(np.nan_to_num(worth) * weight, out)

    def _far(self, rows: _Int, out: Floats) -> Floats:
        """The factor on a score when terms are far below."""
        asked, degrees = self.wishes.of
        own = self.offers.columns
        learned = self.pairing.overlearned[degrees, own.of["degree"].codes[rows, None]]
        worth = field_similarity.far(
            learned, asked, own.pay_min[rows, None], own.pay_max[rows, None], self.settings.far
        )
        return self.wishes.spread(worth, out)

    def _skills(self, rows: _Int) -> tuple[_Int, Floats]:
        """Positions in (rows × people) with common skills, and `skills.worth` there."""
        offered, having = self.skills
        count = len(self.people.records)
        at, listing = offered.entries(rows)
        where, skill = having.entries(offered.columns[at].astype(np.int64))
        common = np.bincount(listing[skill] * count + having.columns[where], minlength=len(rows) * count)
        places = np.flatnonzero(common != 0)  # on booleans: five times as fast
        sizes = np.minimum(self.offers.skills.sizes[rows[places // count]], self.people.skills.sizes[places % count])
        possible = np.minimum(sizes, self.settings.declared.skills_enough)
        return places, np.minimum(common[places] / possible, 1.0).astype(np.float32)


def _kinds(offers: Pool[ListingRecord], about: NDArray[np.bool_], pays: NDArray[np.bool_]) -> _Int:
    """A number for each listing, equal for all that share the result of `Estimate._kind`."""
    own = offers.columns
    stated = (own.declares, offers.texts.has_text, about, pays, offers.skills.sizes > 0)
    codes = np.stack([*(own.of[name].codes for name in COMPARED), *stated], axis=1)
    return np.asarray(np.unique(codes, axis=0, return_inverse=True)[1], dtype=np.int64).reshape(-1)
