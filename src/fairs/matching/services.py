"""Suggestions for both sides: published listings and visible people, ranked by the engine, with the data shown on pages.

Importing this module also registers the jobs that read texts.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from fairs.core.errors import NotFound
from fairs.matching import encoding, inputs, queries
from fairs.matching.encoding import encode_missing
from fairs.matching.engine import conditions, rank
from fairs.matching.engine.conditions import Condition
from fairs.matching.engine.explanations import comparison
from fairs.matching.engine.explanations.reasons import Reason
from fairs.matching.engine.rank import Match
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.exposure import exposure_cache
from fairs.matching.retrieval import shortlist
from fairs.matching.rows import ShownListing, ShownTalent, StoredVector
from fairs.matching.tables import OwnerKind
from fairs.matching.text.encoder import model_version

__all__ = ["Found", "Suggestion", "Wanted", "encode_missing", "suggestions_for_listing", "suggestions_for_talent"]
Other = TypeVar("Other", ShownListing, ShownTalent)


class State(StrEnum):
    """Whether the asker's own text took part in the proposals."""

    READY = "ready"
    BEING_READ = "being_read"
    NO_TEXT = "no_text"


LONG = 120.0  # seconds after which an unread text is reported as stuck; a second or two is usual


@dataclass(frozen=True)
class Wanted:
    """Filters of the viewer. `fitting`: without a missed condition. `coming`: registered for the fair."""

    city: str = ""
    kind: str = ""
    fitting: bool = False
    coming: bool = False


@dataclass(frozen=True)
class Suggestion(Generic[Other]):
    """One proposal. Scores are 0 to 100: for the person (`score_you`), for the employer (`score_they`), for both.

    `other`: the data of the other side that may be shown. `read`: both texts were used.
    """

    talent_id: int
    listing_id: int
    score: float
    score_you: float
    score_they: float
    conditions: tuple[Condition, ...]
    reasons: tuple[Reason, ...]
    read: bool
    other: Other

    @property
    def missed(self) -> tuple[str, ...]:
        """Names of the missed conditions."""
        return tuple(condition.name for condition in self.conditions if condition.state == conditions.State.MISSED)


@dataclass(frozen=True)
class Found(Sequence[Suggestion[Other]], Generic[Other]):
    """Suggestions, best first. `state`: whether the viewer's own text was used; `pool`: how many were compared.

    `waited`: seconds for which the viewer's text has been waiting to be read.
    """

    rows: tuple[Suggestion[Other], ...]
    state: State
    pool: int
    waited: float = 0.0
    not_said: tuple[str, ...] = ()

    @property
    def stuck(self) -> bool:
        """Whether reading takes far longer than it should."""
        return self.state == State.BEING_READ and self.waited > LONG

    def __getitem__(self, at: Any) -> Any:
        return self.rows[at]

    def __len__(self) -> int:
        return len(self.rows)


async def suggestions_for_talent(
    talent_id: int, event_id: int, limit: int = 20, *, wanted: Wanted = Wanted(), balanced: bool = True
) -> Found[ShownListing]:
    """The published listings of an event that fit a person best. Declined ones are excluded. Raises NotFound.

    `balanced`: exposure prices, once computed, choose which are shown first; without, scores alone.
    """
    profile = await profile_of(talent_id)
    eligible = await queries.eligible_listings(event_id, talent_id, city=wanted.city, kind=wanted.kind)
    ready = await shortlist.for_profile(event_id, profile, eligible)
    keep = _keep(eligible, wanted, lambda match: match.listing_id)
    exposure_prices = exposure_cache.LISTINGS().of(event_id, ready.pool) if balanced and ready.whole else None
    matches = await asyncio.to_thread(
        rank.rank_listings,
        profile.usable,
        ready.pool,
        profile.vectors,
        top=limit,
        keep=keep,
        exposure_prices=exposure_prices,
    )
    shown = await queries.shown_listings([int(match.listing_id) for match in matches], talent_id)
    told = [
        suggestion_of(
            match, shown[int(match.listing_id)], read=profile.complete and match.listing_id not in ready.unread
        )
        for match in comparison.explained([match for match in matches if int(match.listing_id) in shown], pay=True)
    ]
    state, waited = await _state(OwnerKind.TALENT, talent_id, profile)
    return Found(tuple(told), state, ready.compared, waited, _silence(profile.whole))


async def suggestions_for_listing(
    listing_id: int, limit: int = 20, *, wanted: Wanted = Wanted(), balanced: bool = True
) -> Found[ShownTalent]:
    """The visible people who fit a listing best. Those declined by either side are excluded. Raises NotFound.

    `balanced`: as for people.
    """
    offer, event_id = await offer_of(listing_id)
    eligible = await queries.eligible_talents(listing_id, coming=wanted.coming)
    ready = await shortlist.for_listing(offer, eligible)
    keep = _keep(eligible, wanted, lambda match: match.profile_id)
    exposure_prices = exposure_cache.PEOPLE().of(event_id, ready.pool) if balanced and ready.whole else None
    matches = await asyncio.to_thread(
        rank.rank_profiles,
        offer.usable,
        ready.pool,
        offer.vectors,
        top=limit,
        keep=keep,
        exposure_prices=exposure_prices,
    )
    shown = await queries.shown_talents([int(match.profile_id) for match in matches], listing_id)
    told = [
        suggestion_of(match, shown[int(match.profile_id)], read=offer.complete and match.profile_id not in ready.unread)
        for match in comparison.explained([match for match in matches if int(match.profile_id) in shown], pay=False)
    ]
    state, waited = await _state(OwnerKind.LISTING, listing_id, offer)
    return Found(tuple(told), state, ready.compared, waited)


async def profile_of(talent_id: int) -> inputs.Read[ProfileRecord]:
    """A person, with the texts read so far. Raises NotFound."""
    rows = await queries.profiles([talent_id]) if 0 < talent_id < 2**63 else []
    if not rows:
        raise NotFound
    return inputs.read(inputs.profile_record(rows[0]), await _stored(OwnerKind.TALENT, talent_id))


async def offer_of(listing_id: int) -> tuple[inputs.Read[ListingRecord], int]:
    """A listing, with the texts read so far, and its event. Raises NotFound."""
    rows = await queries.listings([listing_id]) if 0 < listing_id < 2**63 else []
    if not rows:
        raise NotFound
    return inputs.read(inputs.listing_record(rows[0]), await _stored(OwnerKind.LISTING, listing_id)), rows[0].event


async def _stored(kind: OwnerKind, owner: int) -> Sequence[StoredVector]:
    return (await queries.vectors(kind, model_version(), [owner])).get(owner, [])


async def reading_state(kind: OwnerKind, owner: int) -> tuple[State, float]:
    """Whether a record's text is read, and for how many seconds it has been waiting. Raises NotFound."""
    if kind == OwnerKind.TALENT:
        return await _state(kind, owner, await profile_of(owner))
    return await _state(kind, owner, (await offer_of(owner))[0])


async def _state(kind: OwnerKind, owner: int, own: inputs.Read[Any]) -> tuple[State, float]:
    """`being_read` also enqueues reading of the text."""
    if own.complete:
        return (State.READY if own.whole.texts else State.NO_TEXT), 0.0
    await encoding.enqueue_reading(kind, [owner])
    return State.BEING_READ, await encoding.waited(kind, owner)


def _keep(eligible: set[str], wanted: Wanted, key: Callable[[Match], str]) -> rank.Keep:
    return lambda match: key(match) in eligible and not (wanted.fitting and match.missed)


def suggestion_of(match: Match, other: Other, *, read: bool) -> Suggestion[Other]:
    """A text that is not read yet is not reported as missing."""
    told = (
        match.reasons
        if read
        else tuple(r for r in match.reasons if (r.kind, r.params.get("field")) != ("not_said", "text"))
    )
    return Suggestion(
        talent_id=int(match.profile_id),
        listing_id=int(match.listing_id),
        score=match.score,
        score_you=match.score_you,
        score_they=match.score_they,
        conditions=match.conditions,
        reasons=told,
        read=read,
        other=other,
    )


def _silence(profile: ProfileRecord) -> tuple[str, ...]:
    """What the person could add to be proposed better."""
    empty = {
        "discipline": not profile.disciplines,
        "text": not profile.texts,
        "degree": not profile.degree,
        "languages": not profile.languages,
        "engagement": not profile.engagements,
    }
    return tuple(name for name, missing in empty.items() if missing)
