"""Words about a programme's draft, translated at display."""

from collections.abc import Mapping, Sequence
from typing import Any

from fairs.core.i18n import N_, pick
from fairs.events import labels
from fairs.events.planning import speaking
from fairs.events.planning.rows import Plan, SpeakerRow
from fairs.events.planning.rules import Doubt, Item, Warned
from fairs.events.rows import RoomRow
from fairs.events.tables import ChangeKind, SpeakerRole

CHANGES: dict[str, tuple[str, object]] = {  # kind of change → kind of badge, word
    ChangeKind.NEW: ("success", N_("New session")),
    ChangeKind.MOVED: ("progress", N_("Moved")),
    ChangeKind.CANCELLED: ("danger", N_("Session cancelled")),
    ChangeKind.CHANGED: ("info", N_("Texts or seats changed")),
}
ROLES: dict[str, object] = {SpeakerRole.SPEAKER: N_("Speaker"), SpeakerRole.HOST: N_("Host")}
FIELDS: dict[str, object] = {
    "kind": N_("Kind of session"),
    "title_zh": N_("Title in Chinese"),
    "title_en": N_("Title in English"),
    "starts_at": N_("Begins"),
    "ends_at": N_("Ends"),
    "room": N_("Room"),
    "unit": N_("Reporting unit in charge"),
    "capacity": N_("Seats"),
    "sign_up": N_("People sign up to this session"),
    "changes_until": N_("Sign-up changes until"),
    "speakers": N_("Speakers"),
}


def change_badge(kind: str) -> tuple[str, str]:
    """(kind of badge, word) of a change."""
    badge, word = CHANGES[kind]
    return badge, str(word)


def role_word(role: str) -> str:
    """What somebody does in a session."""
    return str(ROLES[role])


def field_word(name: str) -> str:
    """A value of a session by its name."""
    return str(FIELDS[name])


class Namer:
    """Names of an event's sessions, rooms and speakers in the viewer's language, by their codes."""

    def __init__(self, items: Sequence[Item], rooms: Sequence[RoomRow], speakers: Sequence[SpeakerRow]) -> None:
        self.sessions = {item.plan.code: pick(item.plan.title_zh, item.plan.title_en) for item in items}
        self.rooms = {room.code: pick(room.name_zh, room.name_en) for room in rooms}
        self.people = {one.code: pick(one.name_zh, one.name_en) for one in speakers}

    def room(self, plan: Plan) -> str:
        """The room's name; empty without a room."""
        return self.rooms.get(plan.room_code or "", plan.room_code or "")

    def speakers(self, text: str) -> str:
        """Names of the people of a session, in order."""
        found = []
        for person in speaking.parse(text):
            name = self.people.get(person.name, person.name)
            found.append(f"{name} ({role_word(person.role)})" if person.role == SpeakerRole.HOST else name)
        return ", ".join(found)

    def doubt(self, warned: Warned) -> str:
        """A doubt as a sentence; the session itself is named beside it."""
        facts: Mapping[str, Any] = {
            "other": self.sessions.get(warned.other, warned.other),
            "room": self.rooms.get(warned.name, warned.name),
            "name": self.people.get(warned.name, warned.name),
            "seats": warned.seats,
            "places": warned.places,
        }
        return str(_DOUBTS[warned.doubt](facts))


_DOUBTS = {
    Doubt.ROOM_TWICE: lambda f: N_(
        "%(room)s is used by “%(other)s” at the same time", room=f["room"], other=f["other"]
    ),
    Doubt.SPEAKER_TWICE: lambda f: N_("%(name)s is in “%(other)s” at the same time", name=f["name"], other=f["other"]),
    Doubt.OUTSIDE: lambda f: N_("This is outside the days of the event"),
    Doubt.MIDNIGHT: lambda f: N_("The session runs over midnight"),
    Doubt.CAPACITY: lambda f: N_(
        "%(seats)s seats, but %(room)s has room for %(places)s", seats=f["seats"], room=f["room"], places=f["places"]
    ),
}
WORDS: dict[str, Any] = {
    **labels.WORDS,
    "change_badge": change_badge,
    "role_word": role_word,
    "field_word": field_word,
}
