"""The form of a new token of an integration."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Annotated

from fairs.core.fields import Choice
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_
from fairs.core.scopes import OFFERED, WORDS, Scope
from fairs.events.event_field import event_field

LIVES: dict[str, tuple[object, timedelta | None]] = {
    "30": (N_("30 days"), timedelta(days=30)),
    "90": (N_("90 days"), timedelta(days=90)),
    "365": (N_("One year"), timedelta(days=365)),
    "never": (N_("Until it is revoked"), None),
}


def _scopes() -> Sequence[Choice]:
    return [(scope.value, str(WORDS[scope]), scope.value) for scope in OFFERED]


def _lives() -> Sequence[Choice]:
    return [(key, str(word), "") for key, (word, _) in LIVES.items()]


class TokenForm(Form):
    """A new token of an integration."""

    name: Annotated[
        str,
        Field(
            N_("Name of the token"),
            help=N_("Which system uses it, so that you know which one to revoke."),
            max_length=120,
        ),
    ]
    scopes: Annotated[
        list[str],
        Field(
            N_("What it may do"),
            help=N_("A venue relay's token does nothing else and is of one event: name the event below."),
            widget="multiselect",
            choices=_scopes,
        ),
    ]
    event: Annotated[str, event_field()] = ""
    life: Annotated[str, Field(N_("Valid for"), widget="select", choices=_lives)] = "90"

    @property
    def mistakes(self) -> Iterator[tuple[str, object]]:
        """Fields that do not go together, with what to say there."""
        if not self.scopes:
            yield "scopes", N_("Choose at least one.")
        if Scope.RELAY in self.scopes and len(self.scopes) > 1:
            yield "scopes", N_("The token of a relay is for nothing else: make another token for the rest.")
        if Scope.RELAY in self.scopes and not self.event.strip():
            yield "event", N_("A relay has the data of one event: name it here.")

    @property
    def wanted(self) -> list[Scope]:
        """The chosen scopes."""
        return [Scope(scope) for scope in self.scopes]
