"""The pipeline: conditions → declared fields → texts → scores → reasons, over plain records. Deterministic, no database.

`prepare` reads a pool once (about a second for 3,000 records); after that one record is ranked against the pool in some
tens of milliseconds, and a new or changed record needs no full run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Generic

import numpy as np
from numpy.typing import NDArray

from fairs.matching.engine import conditions, scoring, skills
from fairs.matching.engine.columns import Columns, Numbers
from fairs.matching.engine.conditions import Condition, State
from fairs.matching.engine.explanations import reasons
from fairs.matching.engine.explanations.reasons import Reason
from fairs.matching.engine.pairing import Pairing, Rows, Scored
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.exposure import exposure
from fairs.matching.exposure.exposure import ExposurePrices
from fairs.matching.retrieval.record_pool import Pool, Record, believed, changed, prepare, relations
from fairs.matching.settings import DEFAULT, Settings
from fairs.matching.text import field_model
from fairs.matching.text.encoder import DIGITS, encode
from fairs.matching.text.shared_terms import shared_terms
from fairs.matching.text.text_pool import VectorsByText

__all__ = ["Match", "Pool", "changed", "prepare", "rank_listings", "rank_profiles"]
_ONLY: Rows = 0
_EVERY: Rows = slice(None)
_CLOSE = 2 * 10.0 ** (2 - DIGITS)
"""Two steps of a rounded score: pairs that are nearer than this may be equal once they are rounded."""


@dataclass(frozen=True, slots=True)
class Match:
    """One proposal; scores are 0 to 100: for the person (`score_you`), for the listing's side, and for both."""

    profile_id: str
    listing_id: str
    score: float
    score_you: float
    score_they: float
    conditions: tuple[Condition, ...]
    parts: dict[str, float] = field(default_factory=dict)
    """The value of each known part, 0 to 1: fit, text, field, skills, industry, engagement, pay, level; `far` is the
    factor of the person's score when terms are far apart."""
    reasons: tuple[Reason, ...] = ()

    @property
    def missed(self) -> tuple[str, ...]:
        """Names of the missed conditions; a suggestion without any can be shown first or alone."""
        return tuple(condition.name for condition in self.conditions if condition.state is State.MISSED)


Keep = Callable[[Match], bool]


@dataclass(frozen=True, slots=True)
class Joints:
    """The joint stages' values for one record with each record of a pool, 0 to 1; NaN where one side has nothing to compare."""

    text: Numbers
    field: Numbers
    skills: Numbers

    @property
    def parts(self) -> tuple[Numbers, Numbers, Numbers]:
        """In the order in which `Pairing.score` takes them."""
        return self.text, self.field, self.skills


@dataclass(frozen=True, slots=True)
class Comparison(Generic[Record]):
    """One record of the other side against each record of a pool."""

    query: ProfileRecord | ListingRecord
    pool: Pool[Record]
    joints: Joints
    scored: Scored
    missing: Mapping[str, NDArray[np.bool_]]
    settings: Settings

    @classmethod
    def of(
        cls,
        query: ProfileRecord | ListingRecord,
        pool: Pool[Record],
        vectors: VectorsByText,
        settings: Settings = DEFAULT,
    ) -> "Comparison[Record]":
        """`vectors` must have the query's own texts."""
        joints, own = compare(query, pool, vectors, settings), Columns.build([query])
        if isinstance(query, ProfileRecord):
            pairing, i, j = Pairing.of(own, pool.columns, settings), _ONLY, _EVERY
        else:
            pairing, i, j = Pairing.of(pool.columns, own, settings), _EVERY, _ONLY
        missing = pairing.missing(i, j)
        return cls(query, pool, joints, pairing.score(*joints.parts, i, j, missing), missing, settings)

    @property
    def scores(self) -> Numbers:
        """The mutual scores in the order of the pool, 0 to 100, not rounded."""
        return np.asarray(100.0 * self.scored.both)

    def pair(self, row: int) -> tuple[ProfileRecord, ListingRecord]:
        """The query and a record of the pool, the person first."""
        record = self.pool.records[row]
        one, other = (self.query, record) if isinstance(self.query, ProfileRecord) else (record, self.query)
        assert isinstance(one, ProfileRecord)
        assert isinstance(other, ListingRecord)
        return one, other

    def match(self, row: int) -> Match:
        """One pair with its rounded scores, without reasons."""
        profile, listing = self.pair(row)
        columns = {"text": self.joints.text, "field": self.joints.field, **self.scored.parts}
        parts = {name: worth for name, column in columns.items() if not np.isnan(worth := float(column[row]))}
        if (far := float(self.scored.far[row])) < 1.0:
            parts["far"] = far
        both, you, they = (_percent(column[row]) for column in (self.scored.both, self.scored.you, self.scored.they))
        return Match(profile.id, listing.id, both, you, they, conditions.check(profile, listing), parts)

    def explained(self, match: Match, row: int) -> Match:
        """With its reasons."""
        return replace(match, reasons=explain(*self.pair(row), match.conditions, self.settings))


def texts_to_encode(records: Sequence[ProfileRecord | ListingRecord], known: Mapping[str, object]) -> list[str]:
    """The texts of these records without a vector, each once, in order."""
    return [t for t in dict.fromkeys(t for r in records for t in r.texts) if t not in known]


def encode_texts(records: Sequence[ProfileRecord | ListingRecord]) -> VectorsByText:
    """Vectors of all texts of these records, by text. Long CPU work: for workers and tests."""
    texts = texts_to_encode(records, {})
    return dict(zip(texts, encode(texts), strict=True))


def rank_listings(
    profile: ProfileRecord,
    listings: Sequence[ListingRecord] | Pool[ListingRecord],
    vectors: VectorsByText,
    *,
    top: int = 50,
    keep: Keep | None = None,
    exposure_prices: ExposurePrices | None = None,
    settings: Settings = DEFAULT,
) -> list[Match]:
    """The best listings for a person, best first, ties by id. `vectors` must have the profile's own texts.

    `keep` excludes, before the best are taken, results the viewer does not want. `exposure_prices`: the pool's exposure
    prices choose which are shown first, see `exposure`; no score changes.
    """
    pool = listings if isinstance(listings, Pool) else prepare(listings, vectors, [profile], settings)
    return _ranked(Comparison.of(profile, pool, vectors, settings), top, keep, exposure_prices)


def rank_profiles(
    listing: ListingRecord,
    profiles: Sequence[ProfileRecord] | Pool[ProfileRecord],
    vectors: VectorsByText,
    *,
    top: int = 50,
    keep: Keep | None = None,
    exposure_prices: ExposurePrices | None = None,
    settings: Settings = DEFAULT,
) -> list[Match]:
    """The best people for a listing, best first, ties by id. `vectors` must have the listing's own texts."""
    pool = profiles if isinstance(profiles, Pool) else prepare(profiles, vectors, [listing], settings)
    return _ranked(Comparison.of(listing, pool, vectors, settings), top, keep, exposure_prices)


def _ranked(
    compared: Comparison[Record], top: int, keep: Keep | None, exposure_prices: ExposurePrices | None
) -> list[Match]:
    """Best first, equal scores by the id of the record."""
    turns = _turns(compared, exposure_prices)
    found = _in_parts(compared, turns, keep, top)
    found.sort(key=lambda entry: (entry[0], -entry[2].score, compared.pool.records[entry[1]].id))
    return [compared.explained(match, row) for _, row, match in found[:top]]


def _turns(compared: Comparison[Record], exposure_prices: ExposurePrices | None) -> Sequence[int]:
    """Rows of the pool in the order in which they are considered for the first places; none without prices."""
    if exposure_prices is None:
        return ()
    scores = compared.scores
    missed = np.logical_or.reduce([np.broadcast_to(where, scores.shape) for where in compared.missing.values()])
    turns = exposure.turns_of(compared.query.id, exposure_prices.marks)
    row = exposure.Row(scores, scores / 100.0, exposure_prices.ranks, turns, missed)
    order: list[int] = exposure.in_turn(row, exposure_prices.prices, compared.settings.balance).tolist()
    return order


def _in_parts(
    compared: Comparison[Record], turns: Sequence[int], keep: Keep | None, top: int
) -> list[tuple[bool, int, Match]]:
    """(not among the first, row, match), unsorted: the first `window` kept rows in turn, and the best of the rest."""
    matches = ((row, compared.match(row)) for row in (turns if top else ()))
    window = compared.settings.balance.window
    first = list(islice(((row, match) for row, match in matches if keep is None or keep(match)), window))
    taken = {row for row, _ in first}
    rest = [(row, match) for row, match in _best(compared, keep, top + len(first)) if row not in taken]
    return [(False, row, match) for row, match in first] + [(True, row, match) for row, match in rest]


def _best(compared: Comparison[Record], keep: Keep | None, top: int) -> list[tuple[int, Match]]:
    """Rows with their matches: the `top` best that are kept, and all that may equal the last of them once rounded."""
    scores = compared.scores
    matches: list[tuple[int, Match]] = []
    for row in np.argsort(-scores, kind="stable").tolist() if top else ():
        if len(matches) >= top and scores[row] < matches[top - 1][1].score - _CLOSE:
            break
        match = compared.match(row)
        if keep is None or keep(match):
            matches.append((row, match))
    return matches


def compare(
    query: ProfileRecord | ListingRecord, pool: Pool[Record], vectors: VectorsByText, settings: Settings = DEFAULT
) -> Joints:
    """One record of the other side against the whole pool: texts, believed disciplines and skills."""
    signals = pool.texts.signals(query.texts, vectors)
    worths = scoring.text_worth(
        scoring.text_signals(signals.cosine, signals.lexical, signals.agreement, settings), settings
    )
    belief = believed([query], signals.odds[None, :], settings)[0]
    expected = relations(settings).expected(belief, pool.beliefs)
    common = pool.skills.worths(skills.of(query), settings.declared.skills_enough)
    both_said, both_about = pool.texts.has_text & bool(query.texts), pool.beliefs.any(axis=1) & belief.any()
    return Joints(
        np.where(both_said, worths.astype(np.float64), np.nan),
        np.where(both_about, expected.astype(np.float64), np.nan),
        common.astype(np.float64),
    )


def _percent(share: float) -> float:
    return round(100.0 * float(share), DIGITS - 2)


def explain(
    profile: ProfileRecord, listing: ListingRecord, checked: tuple[Condition, ...], settings: Settings = DEFAULT
) -> tuple[Reason, ...]:
    """All reasons of one pair, strongest first."""
    return reasons.collect_reasons(profile, listing, checked, settings.strengths)


def warm_up() -> None:
    """Loads the dictionary, the lexicon and the field model (about a second), so that no request waits for it."""
    field_model.load()
    shared_terms(["深度学习"], ["deep learning"])
