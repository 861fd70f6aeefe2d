"""Why a wish could not be served: the sentences by code. A page renders the same codes and facts in its reader's language.

`slot` in a sentence is the number in the problem; a page for people shows the hour instead. Lists of ids in the
facts are complete, a sentence names the first of them.
"""

from collections.abc import Mapping

from fairs.meetings.solver.problem import Fact, Kind, Unmet

NAMED = 6
"""A sentence names this many items of a list, the others are counted."""

SENTENCES: dict[str, str] = {
    "pin_person_away": "{candidate} is not free in slot {slot}.",
    "pin_employer_away": "{employer} is not there in slot {slot}.",
    "pin_no_such_table": "{employer} has {tables} tables, and the table asked for is not one of them.",
    "pin_twice": "{candidate} and {employer} are pinned twice; the meeting in slot {kept} stands.",
    "pin_person_taken": "{candidate} is pinned with {other} in slot {slot} already.",
    "pin_tables_taken": "All {tables} tables of {employer} are pinned in slot {slot} already.",
    "pin_table_taken": "Table {table} of {employer} is pinned in slot {slot} already.",
    "pin_person_full": "{candidate} takes at most {most} meetings, and as many are pinned.",
    "pin_employer_full": "{employer} takes at most {most} meetings, and as many are pinned.",
    "must_apart": "{candidate} and {employer} are never free in the same slot.",
    "must_behind_pins": "In every slot in which {candidate} and {employer} are both free, one of them has a pinned meeting.",
    "must_person_limit": "{candidate} can take {room} more meetings and has {musts} musts.",
    "must_person_slots": "{candidate} has {room} free slots for {musts} musts with {names}.",
    "must_employer_limit": "{employer} can take {room} more meetings and has {musts} musts.",
    "must_employer_seats": "{employer} has {room} free table-slots for {musts} musts with {names}.",
    "must_together": "These {musts} musts cannot all be held, whatever the order: {names}.",
    "must_not_found": "No place was found beside the other musts; whether there is one was not settled.",
    "min_limit": "A minimum of {least} is more than the {most} meetings that are allowed.",
    "min_slots": "A minimum of {least} is more than the {room} meetings that fit into the free slots.",
    "min_pairs": "Of {pairs} listed who could be met, at most {room} fit into the common free slots; {least} are asked for.",
    "min_crowded": "{names} need {needed} meetings, and those they may meet have room for {room}.",
    "min_timetable": "There is room, but no timetable gives everybody the minimum; every one was ruled out.",
    "min_not_found": "No place was found beside the other meetings; whether there is one was not settled.",
}


def unmet(
    kind: Kind,
    reason: str,
    *,
    candidate: str | None = None,
    employer: str | None = None,
    slot: int | None = None,
    missing: int = 1,
    facts: Mapping[str, Fact] | None = None,
) -> Unmet:
    """The wish with its sentence."""
    told: dict[str, Fact] = dict(facts or {})
    for name, value in (("candidate", candidate), ("employer", employer), ("slot", slot)):
        if value is not None:
            told[name] = value
    why = SENTENCES[reason].format(**{name: _said(value) for name, value in told.items()})
    return Unmet(kind, reason, told, why, candidate, employer, slot, missing, not reason.endswith("not_found"))


def _said(value: Fact) -> str:
    if not isinstance(value, tuple):
        return str(value)
    named = ", ".join(str(one) for one in value[:NAMED])
    return named if len(value) <= NAMED else f"{named} and {len(value) - NAMED} more"
