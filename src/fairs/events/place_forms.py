"""Forms of rooms and gates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec

from fairs.core.cleaning import code
from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import N_, current_lang
from fairs.events import labels
from fairs.events.forms import BACKWARDS, CODE, CODE_MESSAGE
from fairs.events.rows import GateRow, RoomRow
from fairs.events.tables import GateKind, GateRule, GateWays
from fairs.units import catalogues


def _gate_kinds() -> list[Choice]:
    return [(kind, str(word), kind) for kind, word in labels.GATE_KINDS.items()]


def _gate_rules() -> list[Choice]:
    return [
        ("", str(N_("As usual for its kind")), ""),
        *((rule, str(word), rule) for rule, word in labels.GATE_RULES.items()),
    ]


def _gate_ways() -> list[Choice]:
    return [(ways, str(word), ways) for ways, word in labels.GATE_WAYS.items()]


def _registration_categories() -> list[Choice]:
    return catalogues.choices("registration_categories", current_lang())


class RoomForm(Form):
    """A place inside an event."""

    code: Annotated[str, Field(N_("Code"), max_length=40, store=code, pattern=CODE, pattern_message=CODE_MESSAGE)]
    name_zh: Annotated[str, Field(N_("Name in Chinese"), max_length=120)]
    name_en: Annotated[str, Field(N_("Name in English"), max_length=120)]
    capacity: Annotated[int | None, Field(N_("Seats"), widget="number", ge=0, le=1_000_000)] = None


class GateForm(Form):
    """A gate 核验点. `session` and `room` are codes: the gate counts who attends the session, or who is in the room."""

    code: Annotated[str, Field(N_("Code"), max_length=40, store=code, pattern=CODE, pattern_message=CODE_MESSAGE)]
    kind: Annotated[str, Field(N_("Kind of gate"), widget="select", choices=_gate_kinds)]
    name_zh: Annotated[str, Field(N_("Name in Chinese"), max_length=120)]
    name_en: Annotated[str, Field(N_("Name in English"), max_length=120)]
    session: Annotated[
        str,
        Field(
            N_("Session"),
            help=N_("Only people who signed up, where the session asks for it."),
            max_length=40,
            store=code,
        ),
    ] = ""
    room: Annotated[
        str,
        Field(
            N_("Room"), help=N_("For whatever is on there, or begins within half an hour."), max_length=40, store=code
        ),
    ] = ""
    opens_at: Annotated[datetime | None, Field(N_("Opens"), widget="datetime")] = None
    closes_at: Annotated[datetime | None, Field(N_("Closes"), widget="datetime")] = None
    categories: Annotated[
        list[str],
        Field(
            N_("Who may enter"),
            help=N_("Nothing chosen: everybody with a valid badge."),
            widget="multiselect",
            choices=_registration_categories,
        ),
    ] = msgspec.field(default_factory=list)
    capacity: Annotated[
        int | None,
        Field(
            N_("People inside at once"),
            help=N_("Empty: the seats of the session or the room, else no limit."),
            widget="number",
            ge=0,
            le=1_000_000,
        ),
    ] = None
    rule: Annotated[
        str,
        Field(
            N_("How often a person enters"),
            help=N_(
                "Usual: materials once in the whole event; booths and tables as often as they come; others once a day."
            ),
            widget="select",
            choices=_gate_rules,
        ),
    ] = ""
    ways: Annotated[str, Field(N_("Directions"), widget="select", choices=_gate_ways)] = GateWays.BOTH.value
    may_force: Annotated[
        bool,
        Field(
            N_("The staff may let somebody in whom the gate refuses"),
            help=N_("With a reason; for hours, places, categories and sign-ups, never for an invalid badge."),
            widget="checkbox",
        ),
    ] = False
    show_photo: Annotated[
        bool,
        Field(
            N_("The scanner shows the photo of the person"),
            help=N_("Where the person or the desk has given one; with a network only."),
            widget="checkbox",
        ),
    ] = True
    offline_names: Annotated[
        bool,
        Field(
            N_("Scanners find people by name without a network"),
            help=N_(
                "Each scanner of this gate then keeps the names, organisations and numbers of all who may enter here, sealed with its"
                " own token. Whoever holds such a phone unlocked can look them up until the scanner is switched off and hears of it,"
                " at the latest a day after the event. Otherwise a phone without a network opens only the record of a badge that it scans."
            ),
            widget="checkbox",
        ),
    ] = False

    def check(self) -> dict[str, object]:
        return self.check_given({name: getattr(self, name) for name in ("opens_at", "closes_at", "session", "room")})

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """Hours in their order; a session or a room, not both."""
        found: dict[str, object] = {}
        if values.get("opens_at") and values.get("closes_at") and values["closes_at"] <= values["opens_at"]:
            found["closes_at"] = BACKWARDS
        if values.get("session") and values.get("room"):
            found["room"] = N_("Choose a session or a room: a session has its room already")
        return found


USUAL: dict[str, GateRule] = {  # how often a gate of a kind admits one person when nothing is said; others once a day
    GateKind.PICKUP: GateRule.ONCE,
    GateKind.BOOTH: GateRule.MANY,
    GateKind.TABLE: GateRule.MANY,
}


def usual_rule(kind: str) -> str:
    """How often a gate of this kind admits one person when nothing is said."""
    return USUAL.get(kind, GateRule.DAY).value


def stored_room(room: RoomRow) -> dict[str, Any]:
    """The form's values of a row of `queries`."""
    return {name: getattr(room, name) for name in RoomForm.__struct_fields__}


def stored_gate(gate: GateRow) -> dict[str, Any]:
    """The form's values of a row of `queries`."""
    values = {name: getattr(gate, name) for name in GateForm.__struct_fields__}
    return {**values, "session": gate.session_code or "", "room": gate.room_code or ""}
