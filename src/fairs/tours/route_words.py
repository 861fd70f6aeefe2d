"""Why a proposed route leaves something out, in the reader's language; the planner's own sentences are English."""

from fairs.core import i18n
from fairs.core.i18n import N_, Lazy, gettext, pick
from fairs.tours.planner.reasons import NAMED
from fairs.tours.route_problem import Left, Proposal
from fairs.units import catalogues

REASONS: dict[str, Lazy] = {
    "no_way": N_(
        "No group gets from %(origin)s to %(target)s in %(days)s days: the drive takes %(drive)s h and a day has %(day_hours)s h."
    ),
    "must_nobody": N_("Nobody travels."),
    "must_closed": N_("%(stop)s receives on none of the days."),
    "must_long": N_("%(stop)s takes %(hours)s h, and a day has %(day_hours)s h."),
    "must_no_night": N_(
        "On none of its days can a group be near %(city)s and still be at the end of the tour in time."
    ),
    "must_far": N_(
        "On its best day, day %(best_day)s, %(stop)s and the drives to %(city)s and on take %(needed)s h at least, and a day has %(day_hours)s h."
    ),
    "must_together": N_(
        "At most %(most)s of these %(musts)s stops fit into %(groups)s groups and %(days)s days: %(names)s."
    ),
    "must_not_found": N_("No place was found beside the other stops that stay; whether there is one was not settled."),
    "person_away": N_("%(person)s is there on none of the days."),
    "person_seats": N_("All %(seats)s seats of the %(groups)s groups are taken by others."),
    "person_places": N_("Every group with a free seat visits a stop whose places are all taken: %(names)s."),
    "person_not_found": N_(
        "No seat was found for %(person)s without loss to others; whether there is one was not settled."
    ),
    "beside_kept": N_("%(stop)s does not fit into the day beside the stops that stay at their hour."),
    "less_worth": N_("%(stop)s is left out: the days are full, and what is in them suits the people more."),
}
PHASES: dict[str, object] = {
    "": N_("Waits for a worker"),
    "reading": N_("Reading people and listings"),
    "days": N_("Looking for days that work out"),
    "musts": N_("Placing the stops that stay"),
    "search": N_("Looking for groups and orders"),
    "exact": N_("Computing exactly"),
    "proof": N_("Proving how good it is"),
    "hours": N_("Setting the hours"),
    "done": N_("Done"),
}
ERRORS: dict[str, object] = {
    "lost": N_("The computation stopped without a word. Start it once more."),
    "planner": N_("The planner could not work with this. Look at the hours of the day and at the stops that stay."),
    "unexpected": N_("Something went wrong with us. It has been noted."),
}


def named(found: Proposal) -> dict[str, str]:
    """key of a stop, id of a person, code of a city → what it is called."""
    lang = i18n.current_lang()
    names = {one.key: pick(one.title_zh, one.title_en) for one in found.candidates}
    names |= {str(one.id): one.name for one in found.people}
    return names | {one.city: catalogues.label("units", one.city, lang) for one in found.candidates}


def why(left: Left, names: dict[str, str]) -> str:
    """The sentence of what was left out."""
    facts: dict[str, str] = {}
    for name, value in left.facts.items():
        if isinstance(value, tuple | list):
            shown = [names.get(str(one), str(one)) for one in value]
            more = gettext(" and %(number)s more", number=len(shown) - NAMED) if len(shown) > NAMED else ""
            facts[name] = gettext(", ").join(shown[:NAMED]) + more
        elif name == "best_day":
            facts[name] = str(int(value) + 1)
        else:
            plain = f"{value:g}" if isinstance(value, float) else str(value)
            facts[name] = names.get(plain, plain) if name in ("stop", "person", "city", "origin", "target") else plain
    return str(REASONS[left.reason](**facts))
