"""The pipeline: conditions → declared fields → texts → scores → reasons, over plain records. Deterministic, no database.

`prepare` reads a pool once (about a second for 3,000 records); after that one record is ranked against the pool in some
tens of milliseconds, and a new or changed record needs no full run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from fairs.matching import settings as rules
from fairs.matching.engine import conditions, field_similarity, scoring, skills
from fairs.matching.engine.conditions import Condition, State
from fairs.matching.engine.explanations import reasons
from fairs.matching.engine.explanations.reasons import Reason
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.engine.vectorised_scoring import Columns, Numbers, Pairing
from fairs.matching.exposure import exposure
from fairs.matching.exposure.exposure import ExposurePrices
from fairs.matching.retrieval.record_pool import Pool, Record, believed, changed, prepare, relations
from fairs.matching.settings import DEFAULT, Settings
from fairs.matching.text import field_model
from fairs.matching.text.encoder import DIGITS, encode
from fairs.matching.text.shared_terms import shared_terms
from fairs.matching.text.text_pool import VectorsByText

__all__ = ["Match", "Pool", "changed", "prepare", "rank_listings", "rank_profiles"]
_EVERY = slice(None)
_CLOSE = 2 * 10.0 ** (2 - DIGITS)
"""Two units of a rounded score: the vectorised scores may differ from the plain functions in the last digits."""


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
class Joint:
    """The joint stages' values for one pair, 0 to 1; None when one side has nothing to compare."""

    text: float | None
    field: float | None
    skills: float | None


@dataclass(frozen=True, slots=True)
class Joints:
    """The same for one record with every record of a pool; NaN for None."""

    text: Numbers
    field: Numbers
    skills: Numbers

    @property
    def parts(self) -> tuple[Numbers, Numbers, Numbers]:
        """The three arrays in the order in which `vectorised_scoring.Pairing.scores` takes them."""
        return self.text, self.field, self.skills

    def at(self, row: int) -> Joint:
        """The values for one record of the pool."""
        return Joint(*(None if np.isnan(part[row]) else float(part[row]) for part in self.parts))


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
    joints = compare(profile, pool, vectors, settings)
    pairing = Pairing.of(Columns.build([profile]), pool.columns, settings)
    scores = pairing.scores(*joints.parts, 0, _EVERY)

    def plainly(row: int) -> Match:
        return score(profile, pool.records[row], joints.at(row), settings)

    turns = _turns(profile.id, scores, lambda: pairing.missing(0, _EVERY), exposure_prices, settings)
    found = _in_parts(scores, turns, plainly, keep, top, settings.balance.window)
    found.sort(key=lambda one: (one[0], -one[2].score, one[2].listing_id))
    return [_explained(match, profile, pool.records[row], settings) for _, row, match in found[:top]]


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
    joints = compare(listing, pool, vectors, settings)
    pairing = Pairing.of(pool.columns, Columns.build([listing]), settings)
    scores = pairing.scores(*joints.parts, _EVERY, 0)

    def plainly(row: int) -> Match:
        return score(pool.records[row], listing, joints.at(row), settings)

    turns = _turns(listing.id, scores, lambda: pairing.missing(_EVERY, 0), exposure_prices, settings)
    found = _in_parts(scores, turns, plainly, keep, top, settings.balance.window)
    found.sort(key=lambda one: (one[0], -one[2].score, one[2].profile_id))
    return [_explained(match, pool.records[row], listing, settings) for _, row, match in found[:top]]


def _turns(
    query: str,
    scores: Numbers,
    missing: Callable[[], Mapping[str, NDArray[np.bool_]]],
    exposure_prices: ExposurePrices | None,
    settings: Settings,
) -> Sequence[int]:
    """Rows of the pool in the order in which they are considered for the first places; none without prices."""
    if exposure_prices is None:
        return ()
    held = np.logical_or.reduce([np.broadcast_to(condition, scores.shape) for condition in missing().values()])
    turns = exposure.turns_of(query, exposure_prices.marks)
    row = exposure.Row(scores, scores / 100.0, exposure_prices.ranks, turns, held)
    order: list[int] = exposure.in_turn(row, exposure_prices.prices, settings.balance).tolist()
    return order


def _in_parts(
    scores: Numbers,
    turns: Sequence[int],
    plainly: Callable[[int], Match],
    keep: Keep | None,
    top: int,
    window: int,
) -> list[tuple[bool, int, Match]]:
    """(not among the first, row, match), unsorted: the first `window` kept rows in turn, and the best of the rest."""
    matches = ((row, plainly(row)) for row in (turns if top else ()))
    first = list(islice((one for one in matches if keep is None or keep(one[1])), window))
    taken = {row for row, _ in first}
    rest = [one for one in _best(scores, plainly, keep, top + len(first)) if one[0] not in taken]
    return [(False, *one) for one in first] + [(True, *one) for one in rest]


def _best(scores: Numbers, plainly: Callable[[int], Match], keep: Keep | None, top: int) -> list[tuple[int, Match]]:
    """Rows with their matches: the `top` best that are kept, and all within the rounding error of the vectorised scores."""
    matches: list[tuple[int, Match]] = []
    for row in np.argsort(-scores, kind="stable").tolist() if top else ():
        if len(matches) >= top and scores[row] < matches[top - 1][1].score - _CLOSE:
            break
        match = plainly(row)
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


def score(profile: ProfileRecord, listing: ListingRecord, joint: Joint, settings: Settings) -> Match:
    """One pair, field by field: the reference that `vectorised_scoring` mirrors for many."""
    checked = conditions.check(profile, listing)
    declared = bool(profile.disciplines) + bool(listing.disciplines)
    parts = {
        "fit": scoring.fit(joint.text, joint.field, declared, settings),
        "skills": joint.skills,
        "industry": field_similarity.industry(profile, listing, settings.declared),
        "engagement": field_similarity.engagement(profile, listing),
        "pay": field_similarity.pay(profile, listing, settings.declared),
        "level": field_similarity.level(profile, listing, settings.declared),
    }
    far = field_similarity.far(profile, listing, settings.far)
    you = scoring.side_score(parts, settings.yours) * scoring.condition_factor(checked, rules.YOURS, settings) * far
    they = scoring.side_score(parts, settings.theirs) * scoring.condition_factor(checked, rules.THEIRS, settings)
    both = scoring.mutual(you, they)
    told = {"text": joint.text, "field": joint.field, **parts, "far": far if far < 1.0 else None}
    known = {name: part for name, part in told.items() if part is not None}
    return Match(profile.id, listing.id, _percent(both), _percent(you), _percent(they), checked, known)


def _percent(share: float) -> float:
    return round(100.0 * share, DIGITS - 2)


def _explained(match: Match, profile: ProfileRecord, listing: ListingRecord, settings: Settings) -> Match:
    return replace(match, reasons=explain(profile, listing, match.conditions, settings))


def explain(
    profile: ProfileRecord, listing: ListingRecord, checked: tuple[Condition, ...], settings: Settings = DEFAULT
) -> tuple[Reason, ...]:
    """All reasons of one pair, strongest first."""
    return reasons.collect_reasons(profile, listing, checked, settings.strengths)


def warm_up() -> None:
    """Loads the dictionary, the lexicon and the field model (about a second), so that no request waits for it."""
    field_model.load()
    shared_terms(["深度学习"], ["deep learning"])
