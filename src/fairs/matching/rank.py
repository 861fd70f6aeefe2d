"""The pipeline: gates → declared fields → texts → blend → reasons, over plain records. Deterministic, no database.

`prepare` reads a pool once (about a second for 3,000 records); after that one record is ranked against the pool in some
tens of milliseconds, and a new or changed record needs no full run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import numpy as np

from fairs.matching import blend, disciplines, fields, gates, reasons, skills, structured
from fairs.matching import settings as rules
from fairs.matching.disciplines import Relations
from fairs.matching.gates import Gate, State
from fairs.matching.pool import Space, TextPool, VectorsByText
from fairs.matching.reasons import Reason
from fairs.matching.records import ListingRecord, ProfileRecord
from fairs.matching.settings import DEFAULT, Settings
from fairs.matching.shared import shared_terms
from fairs.matching.skills import SkillIndex
from fairs.matching.text import DIGITS, Floats, encode

Record = TypeVar("Record", ProfileRecord, ListingRecord)


@dataclass(frozen=True, slots=True)
class Match:
    """One proposal; scores are 0 to 100: for the person (`score_you`), for the listing's side, and for both."""

    profile_id: str
    listing_id: str
    score: float
    score_you: float
    score_they: float
    gates: tuple[Gate, ...]
    parts: dict[str, float] = field(default_factory=dict)
    """What each known part was worth, 0 to 1: fit, text, field, skills, industry, engagement, pay, level."""
    reasons: tuple[Reason, ...] = ()

    @property
    def missed(self) -> tuple[str, ...]:
        """Names of the gates that are missed; a suggestion without any can be shown first or alone."""
        return tuple(gate.name for gate in self.gates if gate.state is State.MISSED)


Keep = Callable[[Match], bool]


@dataclass(frozen=True, slots=True)
class Pool(Generic[Record]):
    """Records ready to be ranked; keep it for as long as the records and the settings of the fair stand.

    `beliefs` (records × codes): the disciplines that each record is believed to be about.
    """

    records: tuple[Record, ...]
    texts: TextPool
    beliefs: Floats
    skills: SkillIndex


@dataclass(frozen=True, slots=True)
class Joint:
    """What the many-at-once stages say of one pair, 0 to 1; None when one side has nothing to compare."""

    text: float | None
    field: float | None
    skills: float | None


def prepare(
    records: Sequence[Record],
    vectors: VectorsByText,
    against: Sequence[ProfileRecord | ListingRecord] = (),
    settings: Settings = DEFAULT,
) -> Pool[Record]:
    """A pool of one side. `against` are records of the other side: with them words and languages are weighed better."""
    every = [r.texts for r in (*records, *against)]
    space = Space.fit(every, vectors)
    texts = TextPool.build([r.texts for r in records], vectors, space)
    beliefs = _believed(records, texts.agreement * texts.has_text[:, None], settings)
    return Pool(tuple(records), texts, beliefs, SkillIndex.build(records))


def _relations(settings: Settings) -> Relations:
    return disciplines.relations(settings.declared.discipline)


def _believed(records: Sequence[ProfileRecord | ListingRecord], odds: Floats, settings: Settings) -> Floats:
    how = settings.declared
    return _relations(settings).believed([r.disciplines for r in records], odds, how.trust, how.sharpness)


def texts_to_encode(records: Sequence[ProfileRecord | ListingRecord], known: Mapping[str, object]) -> list[str]:
    """The texts of these records that have no vector yet, each once, in order."""
    return [t for t in dict.fromkeys(t for r in records for t in r.texts) if t not in known]


def encode_texts(records: Sequence[ProfileRecord | ListingRecord]) -> VectorsByText:
    """Vectors of all texts of these records, by text. Computes for long: for workers and tests."""
    texts = texts_to_encode(records, {})
    return dict(zip(texts, encode(texts), strict=True))


def rank_listings(
    profile: ProfileRecord,
    listings: Sequence[ListingRecord] | Pool[ListingRecord],
    vectors: VectorsByText,
    *,
    top: int = 50,
    keep: Keep | None = None,
    settings: Settings = DEFAULT,
) -> list[Match]:
    """The best listings for a person, best first, equal scores by id. `vectors` must have the profile's own texts.

    `keep` leaves out, before the best are taken, what the asker does not want to see.
    """
    pool = listings if isinstance(listings, Pool) else prepare(listings, vectors, [profile], settings)
    joints = _joints(profile, pool, vectors, settings)
    scored = [_score(profile, record, joint, settings) for record, joint in zip(pool.records, joints, strict=True)]
    best = sorted(filter(keep, scored) if keep else scored, key=lambda m: (-m.score, m.listing_id))[:top]
    own = {record.id: record for record in pool.records}
    return [_explained(match, profile, own[match.listing_id], settings) for match in best]


def rank_profiles(
    listing: ListingRecord,
    profiles: Sequence[ProfileRecord] | Pool[ProfileRecord],
    vectors: VectorsByText,
    *,
    top: int = 50,
    keep: Keep | None = None,
    settings: Settings = DEFAULT,
) -> list[Match]:
    """The best people for a listing, best first, equal scores by id. `vectors` must have the listing's own texts."""
    pool = profiles if isinstance(profiles, Pool) else prepare(profiles, vectors, [listing], settings)
    joints = _joints(listing, pool, vectors, settings)
    scored = [_score(record, listing, joint, settings) for record, joint in zip(pool.records, joints, strict=True)]
    best = sorted(filter(keep, scored) if keep else scored, key=lambda m: (-m.score, m.profile_id))[:top]
    own = {record.id: record for record in pool.records}
    return [_explained(match, own[match.profile_id], listing, settings) for match in best]


def _joints(
    query: ProfileRecord | ListingRecord, pool: Pool[Record], vectors: VectorsByText, settings: Settings
) -> list[Joint]:
    """One record of the other side against the whole pool: texts, believed disciplines and skills."""
    signals = pool.texts.signals(query.texts, vectors)
    worths = blend.text_worth(
        blend.text_signals(signals.cosine, signals.lexical, signals.agreement, settings), settings
    )
    belief = _believed([query], signals.odds[None, :], settings)[0]
    expected = _relations(settings).expected(belief, pool.beliefs)
    common = pool.skills.worths(skills.of(query), settings.declared.skills_enough)
    both_said, both_about = pool.texts.has_text & bool(query.texts), pool.beliefs.any(axis=1) & belief.any()
    return [
        Joint(
            float(text) if said else None,
            float(field) if about else None,
            None if np.isnan(skill) else float(skill),
        )
        for text, said, field, about, skill in zip(worths, both_said, expected, both_about, common, strict=True)
    ]


def _score(profile: ProfileRecord, listing: ListingRecord, joint: Joint, settings: Settings) -> Match:
    checked = gates.check(profile, listing)
    declared = bool(profile.disciplines) + bool(listing.disciplines)
    parts = {
        "fit": blend.fit(joint.text, joint.field, declared, settings),
        "skills": joint.skills,
        "industry": structured.industry(profile, listing, settings.declared),
        "engagement": structured.engagement(profile, listing),
        "pay": structured.pay(profile, listing, settings.declared),
        "level": structured.level(profile, listing, settings.declared),
    }
    you = blend.side_score(parts, settings.yours) * blend.gate_factor(checked, rules.YOURS, settings)
    they = blend.side_score(parts, settings.theirs) * blend.gate_factor(checked, rules.THEIRS, settings)
    both = blend.mutual(you, they)
    known = {
        name: part for name, part in {"text": joint.text, "field": joint.field, **parts}.items() if part is not None
    }
    return Match(profile.id, listing.id, _percent(both), _percent(you), _percent(they), checked, known)


def _percent(share: float) -> float:
    return round(100.0 * share, DIGITS - 2)


def _explained(match: Match, profile: ProfileRecord, listing: ListingRecord, settings: Settings) -> Match:
    return replace(match, reasons=explain(profile, listing, match.gates, settings))


def explain(
    profile: ProfileRecord, listing: ListingRecord, checked: tuple[Gate, ...], settings: Settings = DEFAULT
) -> tuple[Reason, ...]:
    """All reasons of one pair, strongest first."""
    return reasons.told(profile, listing, checked, settings.strengths)


def warm_up() -> None:
    """Loads the dictionary, the lexicon and the field model (about a second), so that no request pays for it."""
    fields.load()
    shared_terms(["深度学习"], ["deep learning"])
