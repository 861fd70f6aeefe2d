"""Who fits a request: people proposed by the matching for its topic and problem, with the reasons."""

from dataclasses import dataclass

from fairs.core.wishes import Side
from fairs.matching import asked, presentation
from fairs.matching.engine.records import ListingRecord
from fairs.matching.rows import ShownTalent
from fairs.matching.services import Suggestion
from fairs.outreach import queries
from fairs.outreach.rows import RequestRow

PROPOSED = 12


@dataclass(frozen=True)
class Fit:
    """Somebody who may go, with the reason."""

    talent: int
    score: float
    name: str
    discipline: str
    reason: str


def _record(row: RequestRow) -> ListingRecord:
    return ListingRecord(
        id=str(asked.NOWHERE),
        title_zh=row.topic_zh,
        title_en=row.topic_en,
        text_zh=row.problem_zh,
        text_en=row.problem_en,
        disciplines=(row.discipline,) if row.discipline else (),
        is_project=True,
    )


def _fit(one: Suggestion[ShownTalent]) -> Fit:
    reason = presentation.sentence(one, Side.EMPLOYER)
    return Fit(one.talent_id, one.score, presentation.person(one.other), one.other.discipline, reason)


async def fitting(row: RequestRow) -> list[Fit]:
    """People who fit best, without those who were asked."""
    known = {one.talent for one in await queries.experts_of(row.id)}
    found = await asked.people_for(_record(row), PROPOSED + len(known))
    return [_fit(one) for one in found if one.talent_id not in known][:PROPOSED]
