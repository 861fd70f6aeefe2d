"""Who speaks in a session, as one text: a code a line in the order of the programme, "(host)" after who hosts. Pure."""

import re
from dataclasses import dataclass

from fairs.events.tables import SpeakerRole

_SEPARATORS = re.compile(r"[\n;；]+")
_HOST = re.compile(r"\s*[(（]\s*(?:host|主持|主持人)\s*[)）]\s*$", re.IGNORECASE)
HOST = " (host)"


@dataclass(frozen=True)
class Named:
    """A code, or a name as somebody typed it, with the role."""

    name: str
    role: SpeakerRole

    @property
    def text(self) -> str:
        return self.name + (HOST if self.role == SpeakerRole.HOST else "")


def parse(text: str) -> list[Named]:
    """The people of a text, each once, the first mention counts."""
    found: dict[str, Named] = {}
    for part in _SEPARATORS.split(text):
        name = " ".join(_HOST.sub("", part).split())
        if name:
            role = SpeakerRole.HOST if _HOST.search(part) else SpeakerRole.SPEAKER
            found.setdefault(name, Named(name, role))
    return list(found.values())


def written(people: list[Named]) -> str:
    """The text of these people."""
    return "\n".join(person.text for person in people)


def canonical(text: str) -> str:
    """The same people in the form that is stored."""
    return written(parse(text))
