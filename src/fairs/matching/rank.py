"""The pipeline: gates → declared fields → texts → blend → reasons, over plain records. Deterministic, no database.

`prepare` reads a pool once (about a second for 3,000 records); after that one record is ranked against the pool in some
tens of milliseconds, and a new or changed record needs no full run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from fairs.matching import blend, fields, gates, reasons, structured
from fairs.matching.blend import Settings
from fairs.matching.gates import Gate, State
from fairs.matching.pool import Signals, Space, TextPool, VectorsByText
from fairs.matching.reasons import Reason
from fairs.matching.records import ListingRecord, ProfileRecord
from fairs.matching.text import DIGITS, encode

Record = TypeVar("Record", ProfileRecord, ListingRecord)
DEFAULT = Settings()


@dataclass(frozen=True, slots=True)
class Match:
    """One proposal; scores are 0 to 100: for the person (`score_you`), for the listing's side, and for both."""

    profile_id: str
    listing_id: str
    score: float
    score_you: float
    score_they: float
    gates: tuple[Gate, ...]
    reasons: tuple[Reason, ...] = ()

    @property
    def missed(self) -> tuple[str, ...]:
        """Names of the gates that are missed; a suggestion without any can be shown first or alone."""
        return tuple(gate.name for gate in self.gates if gate.state is State.MISSED)


Keep = Callable[[Match], bool]


@dataclass(frozen=True, slots=True)
class Pool(Generic[Record]):
    """Records ready to be ranked; keep it for as long as the records and the settings of the fair stand."""

    records: tuple[Record, ...]
    texts: TextPool


def prepare(
    records: Sequence[Record], vectors: VectorsByText, against: Sequence[ProfileRecord | ListingRecord] = ()
) -> Pool[Record]:
    """A pool of one side. `against` are records of the other side: with them words and languages are weighed better."""
    every = [r.texts for r in (*records, *against)]
    space = Space.fit(every, vectors)
    return Pool(tuple(records), TextPool.build([r.texts for r in records], vectors, space))


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
    pool = listings if isinstance(listings, Pool) else prepare(listings, vectors, [profile])
    signals = pool.texts.signals(profile.texts, vectors)
    worths = _text_worths(signals, settings)
    scored = [_score(profile, record, t, settings) for record, t in zip(pool.records, worths, strict=True)]
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
    pool = profiles if isinstance(profiles, Pool) else prepare(profiles, vectors, [listing])
    signals = pool.texts.signals(listing.texts, vectors)
    worths = _text_worths(signals, settings)
    scored = [_score(record, listing, t, settings) for record, t in zip(pool.records, worths, strict=True)]
    best = sorted(filter(keep, scored) if keep else scored, key=lambda m: (-m.score, m.profile_id))[:top]
    own = {record.id: record for record in pool.records}
    return [_explained(match, own[match.profile_id], listing, settings) for match in best]


def _text_worths(signals: Signals, settings: Settings) -> list[float]:
    joint = blend.text_signals(signals.cosine, signals.lexical, signals.agreement, settings)
    return [float(worth) for worth in blend.text_worth(joint, settings)]


def _score(profile: ProfileRecord, listing: ListingRecord, text: float, settings: Settings) -> Match:
    checked = gates.check(profile, listing)
    nearest = structured.discipline(profile.disciplines, listing.disciplines)
    worth = text if profile.texts and listing.texts else None
    parts = {
        "fit": blend.fit(worth, nearest[0] if nearest else None, settings),
        "industry": structured.industry(profile, listing),
        "engagement": structured.engagement(profile, listing),
        "pay": structured.pay(profile, listing),
        "level": structured.level(profile, listing),
    }
    you = blend.side_score(parts, settings.yours) * blend.gate_factor(checked, blend.YOURS, settings)
    they = blend.side_score(parts, settings.theirs) * blend.gate_factor(checked, blend.THEIRS, settings)
    both = blend.mutual(you, they)
    return Match(profile.id, listing.id, _percent(both), _percent(you), _percent(they), checked)


def _percent(share: float) -> float:
    return round(100.0 * share, DIGITS - 2)


def _explained(match: Match, profile: ProfileRecord, listing: ListingRecord, settings: Settings) -> Match:
    told = explain(profile, listing, match.gates, settings)
    return Match(match.profile_id, match.listing_id, match.score, match.score_you, match.score_they, match.gates, told)


def explain(
    profile: ProfileRecord, listing: ListingRecord, checked: tuple[Gate, ...], settings: Settings = DEFAULT
) -> tuple[Reason, ...]:
    """All reasons of one pair, strongest first."""
    told = [
        *reasons.of_gates(checked),
        *reasons.of_discipline(structured.discipline(profile.disciplines, listing.disciplines)),
        *reasons.of_terms(reasons.shared_terms(profile.texts, listing.texts), settings.reason_terms),
        *reasons.of_silence(
            {
                "discipline": not profile.disciplines,
                "text": not profile.texts,
                "languages": bool(listing.languages) and not profile.languages,
            }
        ),
    ]
    if profile.industries and listing.industries:
        told += [
            Reason("industry_same", 0.4, {"industry": code})
            for code in sorted(set(profile.industries) & set(listing.industries))
        ]
    if structured.pay(profile, listing) == 1.0:
        told.append(Reason("pay_met", 0.4, {"asked": str(profile.pay_min)}))
    return tuple(sorted(told, key=lambda r: (-r.strength, r.kind, sorted(r.params.items()))))


def warm_up() -> None:
    """Loads the dictionary, the lexicon and the field model (about a second), so that no request pays for it."""
    fields.load()
    reasons.shared_terms(["深度学习"], ["deep learning"])
