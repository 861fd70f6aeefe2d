"""People for something that is no listing, such as a county's request: its text is read at once and not kept."""

import asyncio

from fairs.core.rows import fetch_values
from fairs.matching import encoding, inputs, queries
from fairs.matching.engine import rank
from fairs.matching.engine.explanations import comparison
from fairs.matching.engine.records import ListingRecord
from fairs.matching.retrieval import shortlist
from fairs.matching.rows import ShownTalent
from fairs.matching.services import Suggestion, suggestion_of
from fairs.matching.text.encoder import encode

NOWHERE = 0  # no listing has this number


async def people_for(record: ListingRecord, limit: int) -> list[Suggestion[ShownTalent]]:
    """The visible people who fit best and missed no condition, with reasons."""
    texts = list(inputs.texts_by_lang(record).values())
    made = await encoding.computed(encode, texts) if texts else []
    own = inputs.Read(record, record, dict(zip(texts, made, strict=True)))
    eligible = set(map(str, await fetch_values(int, f"SELECT t.id FROM talent t WHERE {queries.SHOWN_TALENT}")))  # noqa: S608 - a constant
    ready = await shortlist.for_listing(own, eligible)
    matches = await asyncio.to_thread(
        rank.rank_profiles,
        own.usable,
        ready.pool,
        own.vectors,
        top=limit,
        keep=lambda match: match.profile_id in eligible and not match.missed,
        exposure_prices=None,
    )
    shown = await queries.visible_talents_shown([int(match.profile_id) for match in matches])
    known = [match for match in matches if int(match.profile_id) in shown]
    return [
        suggestion_of(match, shown[int(match.profile_id)], read=match.profile_id not in ready.unread)
        for match in comparison.explained(known, pay=False)
    ]
