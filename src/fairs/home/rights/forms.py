"""Input of the pages about people and rights."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any

from fairs.accounts.forms import EMAIL, gates_field
from fairs.core.forms import Bound, Choice, Field, Form
from fairs.core.i18n import LANGUAGES, N_, NAMES
from fairs.core.names import address_problem

MOST_TEXT = 60_000


def _languages() -> Sequence[Choice]:
    return [(lang, NAMES[lang], "") for lang in LANGUAGES]


def _lang() -> Field:
    return Field(N_("Language of the mail"), widget="radio", choices=_languages)


class OfferForm(Form):
    """Where a role holds. Which of the fields count depends on the role."""

    unit: Annotated[str, Field(N_("Unit"), widget="search-select", max_length=12)] = ""
    organisation: Annotated[str, Field(N_("Organisation"), widget="select", max_length=20)] = ""
    event: Annotated[str, Field(N_("At which event"), widget="select", max_length=80)] = ""
    gates: Annotated[list[str], gates_field()] = []


class InviteForm(OfferForm, kw_only=True):
    """One invitation."""

    email: Annotated[str, Field(EMAIL, widget="email", max_length=254, attrs={"autocomplete": "off"})]
    name: Annotated[
        str, Field(N_("Name of the person"), max_length=120, rule=address_problem, attrs={"autocomplete": "off"})
    ] = ""
    lang: Annotated[str, _lang()] = "zh"


class PasteForm(OfferForm, kw_only=True):
    """Many invitations to one role."""

    lines: Annotated[
        str,
        Field(
            N_("Unit, name, e-mail address: one person a line"),
            help=N_(
                "Copy three columns from a spreadsheet, or type them with commas. Where the role has no unit, leave that column empty."
            ),
            widget="textarea",
            max_length=MOST_TEXT,
            attrs={"rows": "10", "spellcheck": "false"},
        ),
    ]
    lang: Annotated[str, _lang()] = "zh"


class HandOverForm(Form):
    """The successor of a role."""

    email: Annotated[str, Field(N_("Successor's e-mail address"), widget="email", max_length=254)]
    name: Annotated[str, Field(N_("Successor's name"), max_length=120, rule=address_problem)] = ""
    lang: Annotated[str, _lang()] = "zh"


class SuspendForm(Form):
    """Why an account is suspended."""

    reason: Annotated[
        str, Field(N_("Reason"), help=N_("For your records; the person does not see it."), max_length=200)
    ]


class ResetForm(Form):
    """Why an administrator resets somebody's second factor."""

    reason: Annotated[
        str, Field(N_("Reason"), help=N_("For your records; the person does not see it."), max_length=200)
    ]


def choose(form: Bound[Any], name: str, choices: Sequence[Choice]) -> None:
    """Give a field the choices of this viewer."""
    if name in form.fields:
        field = form.fields[name]
        field.spec = replace(field.spec, choices=lambda: choices)
