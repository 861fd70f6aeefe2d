"""What people may not eat and need to get about: from their own page, else from what they answered when they registered."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from fairs.core.i18n import gettext
from fairs.registrations.asking import queries as asking
from fairs.registrations.asking.labels import said
from fairs.tours.logistics.rows import NeedRow
from fairs.tours.rows import MemberRow

FOOD = ("diet", "diet_other", "food")
ACCESS = ("access", "access_needs", "mobility")
NOTHING = ("none", "no", "other")  # options that say nothing by themselves


@dataclass(frozen=True, slots=True)
class Needed:
    """What somebody may not eat, and needs to get about, in words."""

    food: str = ""
    access: str = ""


async def needed(event_id: int, people: Sequence[MemberRow], needs: dict[int, NeedRow]) -> dict[int, Needed]:
    """Member → what is needed; those without anything are left out."""
    answers = await asking.answers_of([row.registration for row in people if row.registration is not None])
    questions = await asking.questions_of(event_id) if answers else {}
    found = {}
    for row in people:
        own, given = needs.get(row.id), answers.get(row.registration or 0)
        values = {**msgspec.json.decode(given.given), **msgspec.json.decode(given.brief)} if given else {}

        def words(keys: Sequence[str], values: dict[str, object] = values) -> str:
            told = [
                str(said(questions[key][1], values[key]) or "")
                for key in keys
                if key in questions and values.get(key) and values[key] not in NOTHING
            ]
            return gettext(", ").join(part for part in told if part)

        one = Needed((own.food if own else "") or words(FOOD), (own.access if own else "") or words(ACCESS))
        if one != Needed():
            found[row.id] = one
    return found


def meals(people: Sequence[MemberRow], found: dict[int, Needed]) -> list[tuple[str, int]]:
    """What the kitchen is told: words → how many people, "" for those who eat everything; the most first."""
    counted = Counter(found.get(row.id, Needed()).food for row in people)
    return sorted(counted.items(), key=lambda item: (item[0] != "", -item[1], item[0]))
