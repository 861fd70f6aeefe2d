"""Ends the letters of people who are no longer on a tour: what was issued is revoked, what was asked for is refused."""

from collections.abc import Sequence
from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock
from fairs.tours.papers import queries
from fairs.tours.papers.labels import LEFT
from fairs.tours.papers.tables import LetterState, TourLetter

_ENDS = {
    LetterState.ISSUED: (LetterState.REVOKED, "tour_letter.revoke"),
    LetterState.REQUESTED: (LetterState.REFUSED, "tour_letter.refuse"),
}


async def end_letters(members: Sequence[int], *, by: Actor) -> int:
    """How many ended; inside the transaction in which these members left. Who comes back needs a new letter."""
    number = 0
    for member in members:
        for letter in await queries.letters_of(member):
            if letter.state not in _ENDS:
                continue
            state, action = _ENDS[letter.state]
            values: dict[str, Any] = {"state": state.value, "reason": LEFT, "decided_at": clock.now()}
            await TourLetter.update(**values, decided_by=by.account_id).where(TourLetter.id == letter.id)
            after = {"reason": LEFT, "number": letter.number}
            await record(action, "tour_member", member, by=by, after=after)
            number += 1
    return number
