"""Forms of mailings and of rules: the texts, whom they are for, how fast."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fairs.core import i18n
from fairs.core.forms import Choice, Field
from fairs.core.i18n import N_
from fairs.mailings.labels import KINDS, TRIGGERS
from fairs.mailings.rows import Filters
from fairs.mailings.tables import MailingKind, Trigger
from fairs.mailings.wording.forms import WordingForm
from fairs.registrations.forms import all_categories, countries
from fairs.registrations.labels import STATE_LABELS

FILTERS = ("state", "category", "session", "arrived", "country", "unit", "lang", "chosen")


def _states() -> Sequence[Choice]:
    return [(str(state), str(word), "") for state, word in STATE_LABELS.items()]


def _arrived() -> Sequence[Choice]:
    return [("yes", str(N_("Checked in")), ""), ("no", str(N_("Not checked in")), "")]


def _languages() -> Sequence[Choice]:
    return [(lang, i18n.NAMES[lang], "") for lang in i18n.NAMES]


def _kinds() -> Sequence[Choice]:
    return [(str(kind), str(word), "") for kind, word in KINDS.items()]


def _triggers() -> Sequence[Choice]:
    return [(str(trigger), str(word), "") for trigger, word in TRIGGERS.items()]


class MailingForm(WordingForm):
    """A mailing to registrations of an event. Choices of sessions and units are the page's."""

    kind: Annotated[
        str,
        Field(
            N_("What it is"),
            help=N_("Only a newsletter may be left by one click. It must say where: {unsubscribe_link}."),
            widget="radio",
            choices=_kinds,
        ),
    ] = MailingKind.SERVICE.value
    state: Annotated[str, Field(N_("Registration state"), widget="select", choices=_states)] = ""
    category: Annotated[str, Field(N_("Category"), widget="select", choices=all_categories)] = ""
    session: Annotated[str, Field(N_("Signed up to the session"), widget="select", max_length=60)] = ""
    arrived: Annotated[str, Field(N_("At the entrance"), widget="select", choices=_arrived)] = ""
    country: Annotated[str, Field(N_("Nationality or region"), widget="search-select", choices=countries)] = ""
    unit: Annotated[str, Field(N_("Place of the employer"), widget="search-select", max_length=12)] = ""
    lang: Annotated[str, Field(N_("Language"), widget="select", choices=_languages)] = ""
    chosen: Annotated[
        str,
        Field(N_("Chosen in the list of registrations"), widget="hidden", max_length=18, pattern="[0-9]*"),
    ] = ""
    per_minute: Annotated[
        int,
        Field(
            N_("Mails per minute"),
            help=N_("As many as your mail server takes without refusing."),
            widget="number",
            ge=1,
            le=1000,
        ),
    ] = 60

    @property
    def filters(self) -> Filters:
        """Whom it is for."""
        return Filters(**{name: getattr(self, name) for name in FILTERS})


class RuleForm(MailingForm):
    """A mailing that the clock sends."""

    trigger: Annotated[str, Field(N_("When it is sent"), widget="radio", choices=_triggers)] = Trigger.BEFORE.value
    days: Annotated[
        int,
        Field(N_("How many days"), help=N_("Before or after the event."), widget="number", ge=0, le=365),
    ] = 3
    hour: Annotated[
        int,
        Field(N_("At which hour"), help=N_("From 0 to 23, on the clock of the place."), widget="number", ge=0, le=23),
    ] = 9

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """A change of state needs the state; the others that come by day are for those who have a place, unless said."""
        if values.get("trigger") == Trigger.STATE and "state" in values and not values["state"]:
            return {"state": N_("Choose the state into which somebody comes.")}
        return {}
