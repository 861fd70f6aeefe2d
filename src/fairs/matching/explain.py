"""`fairs match explain`: one pair in words, with every condition and reason, and its rank in the person's list."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace

from fairs.core.errors import NotFound
from fairs.core.i18n import N_, gettext, pick
from fairs.core.wishes import Side
from fairs.matching import inputs, presentation, queries, services
from fairs.matching.engine import rank
from fairs.matching.engine.conditions import State
from fairs.matching.engine.explanations import reasons
from fairs.matching.engine.explanations.reasons import Reason
from fairs.matching.engine.rank import Match
from fairs.matching.engine.records import ListingRecord, ProfileRecord
from fairs.matching.retrieval import pool_cache
from fairs.matching.rows import ShownListing, ShownTalent
from fairs.matching.services import Suggestion
from fairs.matching.settings import DEFAULT
from fairs.matching.text.alignment import aligned_terms
from fairs.matching.text.shared_terms import TermPair

STATES: dict[State, object] = {State.MET: N_("fits"), State.MISSED: N_("does not fit"), State.UNKNOWN: N_("not known")}
PARTS: dict[str, object] = {
    "fit": N_("the work as a whole"),
    "text": N_("texts"),
    "field": N_("disciplines"),
    "skills": N_("skills"),
    "industry": N_("industry"),
    "engagement": N_("engagement"),
    "pay": N_("pay"),
    "level": N_("title"),
    "far": N_("what pay or need far below leave of the person's score"),
}
LIMITS = (50, 500, 5_000, 1_000_000)
"""Lengths of lists tried one after the other until the listing is in it: reasons of a long list take seconds."""


@dataclass(frozen=True)
class Explained:
    """One pair: its match, both sides' rows, and its rank in the person's list, 0 when one side declined the other."""

    match: Match
    read: bool
    person: ShownTalent
    listing: ShownListing
    place: int
    of: int
    why: str
    below: Suggestion[ShownListing] | None


async def explain(talent_id: int, listing_id: int) -> Explained:
    """Reads the pair as the pages do. Raises NotFound, with a sentence, for a person or listing that is never proposed."""
    try:
        own = await services.profile_of(talent_id)
    except NotFound:
        raise NotFound(gettext("there is no profile %(id)s", id=talent_id)) from None
    try:
        offer, event = await services.offer_of(listing_id)
    except NotFound:
        raise NotFound(gettext("there is no listing %(id)s", id=listing_id)) from None
    people = await queries.shown_talents([talent_id], listing_id)
    if talent_id not in people:
        raise NotFound(gettext("profile %(id)s is private: it is not proposed", id=talent_id))
    offers = await queries.shown_listings([listing_id], talent_id)
    if listing_id not in offers:
        raise _not_published(listing_id)
    match = await _match(own, offer, event)
    found, place = await _found(talent_id, event, listing_id)
    why = presentation.above(found[place - 1].reasons, Side.TALENT) if place else ""
    below = found[place] if 0 < place < len(found) else None
    read = own.complete and offer.complete
    return Explained(match, read, people[talent_id], offers[listing_id], place, found.pool, why, below)


def _not_published(listing_id: int | str) -> NotFound:
    return NotFound(gettext("listing %(id)s is not published: it is not proposed", id=listing_id))


async def _match(own: inputs.Read[ProfileRecord], offer: inputs.Read[ListingRecord], event: int) -> Match:
    """The match of one pair, in the space of the whole pool, so that the scores are those of the pages."""
    ready = await pool_cache.newest_listings(event)
    row = next((at for at, record in enumerate(ready.pool.records) if record.id == offer.whole.id), None)
    if row is None:  # withdrawn since it was read
        raise _not_published(offer.whole.id)
    compared = await asyncio.to_thread(rank.Comparison.of, own.usable, ready.pool, own.vectors)
    match, (profile, listing) = compared.match(row), compared.pair(row)
    found = rank.explain(profile, listing, match.conditions)
    known = [TermPair(r.params["zh"], r.params["en"], 0.0) for r in found if r.kind == reasons.ReasonKind.TERM]
    pairs = await asyncio.to_thread(aligned_terms, profile.texts, listing.texts, known)
    more = reasons.of_terms(pairs, DEFAULT.strengths)
    return replace(match, reasons=tuple(sorted((*found, *more), key=reasons.order)))


async def _found(talent_id: int, event: int, listing_id: int) -> tuple[services.Found[ShownListing], int]:
    """The person's list, long enough to contain the listing and the one after it, and its rank; 0 when it is not in it."""
    for limit in LIMITS:
        found = await services.suggestions_for_talent(talent_id, event, limit, balanced=False)
        place = next((at for at, one in enumerate(found, start=1) if one.listing_id == listing_id), 0)
        if len(found) < limit or 0 < place < limit:
            break
    return found, place


def lines(told: Explained) -> Iterator[str]:
    """The printed lines, in the current language."""
    match = told.match
    yield gettext("Person %(id)s: %(name)s", id=match.profile_id, name=presentation.person(told.person))
    title = pick(told.listing.title_zh, told.listing.title_en)
    yield gettext("Listing %(id)s: %(title)s", id=match.listing_id, title=title)
    yield ""
    yield gettext(
        "Scores from 0 to 100: %(you)s for the person, %(they)s for the employer, %(both)s for both",
        you=f"{match.score_you:.1f}", they=f"{match.score_they:.1f}", both=f"{match.score:.1f}",
    )  # fmt: skip
    for name, worth in match.parts.items():
        yield f"  {worth:.2f}  {PARTS[name]}"
    yield from _conditions(match)
    yield gettext("Reasons, strongest first")
    yield from (f"  {reason.strength:.2f}  {text}" for reason in match.reasons if (text := in_words(reason)))
    if not told.read:
        yield "  " + gettext("One of the texts has not been read yet and does not count.")
    yield from _place(told)


def _conditions(match: Match) -> Iterator[str]:
    yield gettext("Conditions: person / listing")
    for condition in match.conditions:
        if condition.state is not State.FREE:
            shown = presentation.condition_in_words(condition, Side.TALENT)
            yield f"  {STATES[condition.state]}  {shown['label']}: {shown['you']} / {shown['they']}"


def _place(told: Explained) -> Iterator[str]:
    if not told.place:
        yield gettext("Not in the person's list: one of the two declined the other.")
        return
    yield gettext("Place %(place)s of %(of)s in the person's list", place=told.place, of=told.of)
    if told.below is None:
        yield gettext("It is the last one.")
        return
    yield gettext(
        "Next comes listing %(id)s, %(title)s: %(score)s for both",
        id=told.below.listing_id, title=pick(told.below.other.title_zh, told.below.other.title_en), score=f"{told.below.score:.1f}",
    )  # fmt: skip
    yield told.why or gettext("No single fact explains why it ranks above the next one.")


def in_words(reason: Reason) -> str:
    """A reason as one sentence for the person; empty for conditions, which have their own table."""
    params = reason.params
    if reason.kind.startswith("discipline_"):
        return presentation.field_in_words([reason], Side.TALENT)
    if reason.kind == reasons.ReasonKind.TERM:
        return gettext("Both texts: %(terms)s", terms=" = ".join(form for form in (params["en"], params["zh"]) if form))
    if reason.kind == reasons.ReasonKind.SKILL:
        same = params["profile"].lower() == params["listing"].lower()
        skill = params["profile"] if same else f"{params['profile']} = {params['listing']}"
        return gettext("A skill that the listing names: %(skill)s", skill=skill)
    if reason.kind == reasons.ReasonKind.INDUSTRY_SAME:
        return gettext("The same industry: %(name)s", name=presentation.label("industries", params["industry"]))
    if reason.kind in (reasons.ReasonKind.PAY_MET, reasons.ReasonKind.PAY_BELOW):
        return presentation.pay_in_words([reason], Side.TALENT)
    if reason.kind == reasons.ReasonKind.DEGREE_FAR:
        return presentation.degree_in_words([reason], Side.TALENT)
    if reason.kind == reasons.ReasonKind.NOT_SAID:
        name = presentation.LEFT_OUT[params["field"]]
        if params["side"] == reasons.PROFILE:
            return gettext("Not stated by the person: %(name)s", name=name)
        return gettext("Not stated in the listing: %(name)s", name=name)
    return ""
