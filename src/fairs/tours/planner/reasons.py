"""Why something was left out: the sentences by code. A page renders the same codes and facts in its reader's language.

Lists of ids in the facts are complete, a sentence names the first of them.
"""

from collections.abc import Mapping

from fairs.tours.planner.problem import Fact, Kind, Unmet

NAMED = 6
"""A sentence names this many items of a list, the others are counted."""

SENTENCES: dict[str, str] = {
    "no_way": "No group gets from {origin} to {target} in {days} days: the drive takes {drive} h and a day has {day_hours} h, "
    "and no nights on the way make it shorter.",
    "must_nobody": "Nobody travels.",
    "must_closed": "{stop} receives on none of the days.",
    "must_long": "{stop} takes {hours} h, and a day has {day_hours} h.",
    "must_no_night": "On none of its days can a group be near {city} and still be at the end of the tour in time.",
    "must_far": "On its best day, {best_day}, {stop} and the drives to {city} and on take {needed} h at least, and a day has {day_hours} h.",
    "must_together": "At most {most} of these {musts} musts fit into {groups} groups and {days} days: {names}.",
    "must_not_found": "No place was found beside the other musts; whether there is one was not settled.",
    "person_away": "{person} is there on none of the days.",
    "person_seats": "All {seats} seats of the {groups} groups are taken by others.",
    "person_places": "Every group with a free seat visits a stop whose places are all taken on a day of {person}: {names}.",
    "person_not_found": "No seat was found for {person} without loss to others; whether there is one was not settled.",
}


def unmet(
    kind: Kind,
    reason: str,
    *,
    stop: str | None = None,
    person: str | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> Unmet:
    """What was left out, with its sentence."""
    told: dict[str, Fact] = dict(facts or {})
    for name, value in (("stop", stop), ("person", person)):
        if value is not None:
            told[name] = value
    why = SENTENCES[reason].format(**{name: _said(value) for name, value in told.items()})
    return Unmet(kind, reason, told, why, stop, person, not reason.endswith("not_found"))


def _said(value: Fact) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if not isinstance(value, tuple):
        return str(value)
    named = ", ".join(value[:NAMED])
    return named if len(value) <= NAMED else f"{named} and {len(value) - NAMED} more"
