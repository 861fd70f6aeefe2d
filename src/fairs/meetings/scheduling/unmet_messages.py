"""Wishes that a scheduling run could not serve, as sentences for the organiser: codes and facts of solver/reasons.py."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from fairs.core import i18n
from fairs.core.i18n import N_
from fairs.meetings.scheduling.rows import Names, Slot
from fairs.meetings.solver.problem import Unmet

NAMED = 6  # names of a list that are stored and shown; the others are counted
PAIRED = "–"  # between two ids of one name in a list
_SLOTS = ("slot", "kept")
_LISTS = ("names",)

KINDS: dict[str, object] = {
    "must": N_("Must meet, not possible"),
    "min_candidate": N_("Person without a meeting"),
    "min_employer": N_("Employer without a meeting"),
    "pinned": N_("Booked meeting that conflicts with another"),
}
SENTENCES: dict[str, i18n.Lazy] = {
    "pin_person_away": N_("%(candidate)s is not free at %(slot)s."),
    "pin_employer_away": N_("%(employer)s is not there at %(slot)s."),
    "pin_no_such_table": N_("The table of this meeting is not one of %(employer)s."),
    "pin_twice": N_("%(candidate)s and %(employer)s have two meetings; the one at %(kept)s is kept."),
    "pin_person_taken": N_("%(candidate)s meets %(other)s at %(slot)s already."),
    "pin_tables_taken": N_("Every table of %(employer)s is taken at %(slot)s already."),
    "pin_table_taken": N_("This table of %(employer)s is taken at %(slot)s already."),
    "pin_person_full": N_("%(candidate)s takes at most %(most)s meetings, and already has them."),
    "pin_employer_full": N_("%(employer)s takes at most %(most)s meetings, and already has them."),
    "must_apart": N_("%(candidate)s and %(employer)s are never free in the same slot."),
    "must_behind_pins": N_(
        "In every slot in which %(candidate)s and %(employer)s could meet, one of them has a meeting already."
    ),
    "must_person_limit": N_(
        "Meetings that %(candidate)s can still take: %(room)s. Those that must be held: %(musts)s."
    ),
    "must_person_slots": N_(
        "Free slots of %(candidate)s: %(room)s. Meetings that must be held in them: %(musts)s, with %(names)s."
    ),
    "must_employer_limit": N_(
        "Meetings that %(employer)s can still take: %(room)s. Those that must be held: %(musts)s."
    ),
    "must_employer_seats": N_(
        "Free places at the tables of %(employer)s: %(room)s. Meetings that must be held at them: %(musts)s, with %(names)s."
    ),
    "must_together": N_("These %(musts)s meetings that must be held do not fit together, in any order: %(names)s."),
    "must_not_found": N_("No place was found beside the other meetings that must be held; there may still be one."),
    "min_limit": N_("Meetings wanted at least: %(least)s. Meetings allowed at most: %(most)s."),
    "min_slots": N_("Meetings wanted at least: %(least)s. Meetings that fit into the free slots: %(room)s."),
    "min_pairs": N_(
        "Meetings wanted at least: %(least)s. People or employers to meet: %(pairs)s, of whom fit into common free slots: %(room)s."
    ),
    "min_crowded": N_("Meetings needed by %(names)s: %(needed)s. Those whom they may meet have room for: %(room)s."),
    "min_timetable": N_("There is room, but no timetable gives everybody a meeting; all were ruled out."),
    "min_not_found": N_("No place was found beside the other meetings; there may still be one."),
}


@dataclass(frozen=True)
class Shown:
    """A row of the list: the wish, the people, the reason."""

    kind: object
    who: str
    why: str


def kept(unmet: Iterable[Unmet], slots: Sequence[Slot]) -> list[dict[str, Any]]:
    """The stored form in the run: slots as moments, long lists cut, with the number of the rest (`more`)."""
    rows = []
    for told in unmet:
        row = msgspec.to_builtins(told)
        facts = row["facts"]
        for name in _SLOTS:
            if name in facts:
                facts[name] = slots[facts[name]].starts_at.isoformat()
        for name in _LISTS:
            if name in facts:
                facts["more"] = max(0, len(facts[name]) - NAMED)
                facts[name] = facts[name][:NAMED]
        rows.append({"kind": row["kind"], "reason": row["reason"], "facts": facts} | _ends(told))
    return rows


def _ends(told: Unmet) -> dict[str, str]:
    return {name: value for name in ("candidate", "employer") if (value := getattr(told, name))}


def keys(rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """The people and employers (t12, o5) whose names the sentences need."""
    ids = set()
    for row in rows:
        facts = row["facts"]
        ids |= {
            row.get("candidate"),
            row.get("employer"),
            *(facts.get(name) for name in ("candidate", "employer", "other")),
        }
        ids |= {part for name in facts.get("names", ()) for part in str(name).split(PAIRED)}
    return {key for key in ids if key}


def shown(row: Mapping[str, Any], names: Mapping[str, Names], zone: str) -> Shown:
    """One row in the current language. `names`: by key; a person missing in it sits in another meeting."""

    def one(key: str) -> str:
        found = names.get(key)
        return i18n.pick(found.zh, found.en) if found else i18n.gettext("somebody in another meeting")

    def name(key: object) -> str:
        return " – ".join(one(part) for part in str(key).split(PAIRED))

    facts = dict(row["facts"])
    for key in ("candidate", "employer", "other"):
        if key in facts:
            facts[key] = name(facts[key])
    for key in _SLOTS:
        if key in facts:
            facts[key] = i18n.format_moment(datetime.fromisoformat(facts[key]), zone)
    if "names" in facts:
        facts["names"] = _listed([name(key) for key in facts["names"]], facts.get("more", 0))
    who = " – ".join(name(row[end]) for end in ("candidate", "employer") if row.get(end))
    sentence = SENTENCES[row["reason"]]
    return Shown(KINDS[row["kind"]], who, str(sentence(**facts)))


def _listed(names: Sequence[str], more: int) -> str:
    joint = "、" if i18n.current_lang() == "zh" else ", "
    text = joint.join(names)
    return i18n.gettext("%(names)s and %(more)s more", names=text, more=more) if more else text
