"""The form of a new token of an integration."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from fairs.core.fields import Choice
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_
from fairs.core.scopes import OF_INTEGRATIONS, WORDS, Scope
from fairs.events.event_field import event_field

LIVES: dict[str, tuple[object, timedelta | None]] = {
    "30": (N_("30 days"), timedelta(days=30)),
    "90": (N_("90 days"), timedelta(days=90)),
    "365": (N_("One year"), timedelta(days=365)),
    "never": (N_("Until it is revoked"), None),
}


def _scopes() -> Sequence[Choice]:
    return [(scope.value, str(WORDS[scope]), scope.value) for scope in OF_INTEGRATIONS]


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
    scopes: Annotated[list[str], Field(N_("What it may do"), widget="multiselect", choices=_scopes)]
    event: Annotated[str, event_field()] = ""
    life: Annotated[str, Field(N_("Valid for"), widget="select", choices=_lives)] = "90"

    @property
    def wanted(self) -> list[Scope]:
        """The chosen scopes."""
        return [Scope(scope) for scope in self.scopes]
