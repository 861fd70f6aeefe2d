"""Input about what came of a tour."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar

from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import N_, current_lang
from fairs.meetings.forms import OUTCOMES
from fairs.tours.results import money
from fairs.tours.results.labels import KINDS
from fairs.tours.results.tables import ExpenseKind
from fairs.units import catalogues


def _kinds() -> Sequence[Choice]:
    return [(kind, str(word), "") for kind, word in KINDS.items()]


def _currencies() -> Sequence[Choice]:
    zh = current_lang() == "zh"
    return [(one.code, f"{one.code} {one.zh if zh else one.en}", one.code) for one in catalogues.currencies()]


def _units() -> Sequence[Choice]:
    return catalogues.choices("units", current_lang())


def _outcomes() -> Sequence[Choice]:
    return [(value, str(word), "") for value, word in OUTCOMES.items()]


class HostExpenseForm(Form, kw_only=True):
    """What a bureau spent on a stop that it hosts."""

    APART: ClassVar[frozenset[str]] = frozenset({"receipt"})

    day: Annotated[date, Field(N_("Day of the expense"), widget="date")]
    kind: Annotated[str, Field(N_("Spent on"), widget="select", choices=_kinds)] = ExpenseKind.VEHICLE.value
    amount: Annotated[
        str,
        Field(
            N_("Amount"),
            max_length=20,
            pattern=money.TYPED,
            pattern_message=N_("Digits with a point, for example 1234.50"),
            attrs={"inputmode": "decimal"},
        ),
    ]
    currency: Annotated[str, Field(N_("Currency"), widget="select", choices=_currencies)] = "CNY"
    note: Annotated[str, Field(N_("Note"), max_length=300)] = ""
    receipt: Annotated[str, Field(N_("Receipt"), widget="file", max_length=1000)] = ""

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """The amount fits its currency and is more than nothing."""
        typed, currency = values.get("amount"), values.get("currency")
        if typed and currency and money.minor(str(typed), str(currency)) is None:
            return {
                "amount": N_(
                    "More than 0, with at most %(digits)s digits after the point",
                    digits=money.places_of(str(currency)),
                )
            }
        return {}


class ExpenseForm(HostExpenseForm, kw_only=True):
    """What was spent, by who runs the tour. `about`: `stop:3`, `vehicle:2`, `hotel:1`, or nothing."""

    about: Annotated[str, Field(N_("For which stop, vehicle or hotel"), widget="select", max_length=30)] = ""
    unit: Annotated[
        str,
        Field(
            N_("City"),
            widget="search-select",
            choices=_units,
            help=N_("Empty: the city of the stop or hotel; without one the cost is of the whole tour."),
        ),
    ] = ""


class TalkForm(Form, kw_only=True):
    """A meeting that was held at a stop."""

    member: Annotated[str, Field(N_("Person"), widget="search-select", max_length=20)]
    listing: Annotated[str, Field(N_("About which listing"), widget="select", max_length=20)]
    outcome: Annotated[str, Field(N_("What was the result?"), widget="radio", choices=_outcomes)]
    note: Annotated[
        str,
        Field(
            N_("Note on the meeting"),
            help=N_("Only your organisation and the organiser read it."),
            widget="textarea",
            max_length=2000,
            attrs={"rows": "3"},
        ),
    ] = ""
