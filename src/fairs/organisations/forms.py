"""Input about employers."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from fairs.accounts.forms import NEW_PASSWORD, password_problems
from fairs.core import cleaning
from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import N_, current_lang
from fairs.core.names import address_problem
from fairs.organisations import labels, rules
from fairs.organisations.rows import OrganisationRow
from fairs.units import catalogues

PHONE = r"[0-9+()（）\-— 转ext.]{5,40}"
PHONE_MESSAGE = N_("Digits, spaces and + ( ) - only, like 0371-6588 0000")


LICENCE = Field(
    N_("Business licence or certificate"),
    help=N_("Your bureau compares it with what you have entered. Seen by your bureau and the organisers only."),
    max_length=700,
    attrs={"autocomplete": "off"},
)


def _unit_choices() -> list[Choice]:
    return catalogues.choices("units", current_lang())


def _industry_choices() -> list[Choice]:
    return catalogues.choices("industries", current_lang())


class DetailsForm(Form, kw_only=True):
    """Values that an employer may change at any time."""

    name_en: Annotated[
        str,
        Field(N_("Name in English"), help=N_("Candidates abroad read this one."), max_length=160, rule=address_problem),
    ] = ""
    industry: Annotated[
        str,
        Field(N_("Industry"), help=N_("By GB/T 4754, two digits."), widget="search-select", choices=_industry_choices),
    ] = ""
    contact_name: Annotated[
        str, Field(N_("Contact person"), max_length=80, rule=address_problem, attrs={"autocomplete": "name"})
    ]
    contact_phone: Annotated[
        str,
        Field(
            N_("Telephone of the contact"),
            help=N_("Seen by your bureau and the organisers only."),
            max_length=40,
            store=cleaning.phone,
            pattern=PHONE,
            pattern_message=PHONE_MESSAGE,
            attrs={"autocomplete": "tel", "inputmode": "tel"},
        ),
    ] = ""
    intro_zh: Annotated[
        str,
        Field(
            N_("Introduction in Chinese"),
            help=N_("What you do, your number of staff, why people should work with you. Shown with your listings."),
            widget="textarea",
            max_length=2000,
        ),
    ] = ""
    intro_en: Annotated[str, Field(N_("Introduction in English"), widget="textarea", max_length=2000)] = ""


class OrganisationForm(DetailsForm, kw_only=True):
    """The whole entry, checked by the bureau."""

    uscc: Annotated[
        str,
        Field(
            N_("Unified social credit code"),
            help=N_("18 characters, on the business licence or the certificate of a public institution."),
            max_length=60,
            store=rules.compact_uscc,
            rule=rules.uscc_problem,
            attrs={"autocapitalize": "characters", "spellcheck": "false", "autocomplete": "off"},
        ),
    ]
    name_zh: Annotated[
        str,
        Field(
            N_("Name in Chinese"),
            help=N_("As on the certificate."),
            max_length=120,
            rule=address_problem,
            attrs={"lang": "zh-Hans"},
        ),
    ]
    kind: Annotated[str, Field(N_("Kind of organisation"), widget="select", choices=labels.kind_choices)]
    unit: Annotated[
        str,
        Field(
            N_("Reporting unit"),
            help=N_("The city or county whose bureau is in charge of you: it approves this registration."),
            widget="search-select",
            choices=_unit_choices,
        ),
    ]

    def __post_init__(self) -> None:
        """Normalises the code, however the struct was built."""
        self.uscc = rules.compact_uscc(self.uscc)


class JoinForm(OrganisationForm, kw_only=True):
    """`POST /employers/join`: the account and the organisation on one page."""

    licence: Annotated[str, LICENCE] = ""
    account_name: Annotated[
        str, Field(N_("Your name"), max_length=120, rule=address_problem, attrs={"autocomplete": "name"})
    ]
    email: Annotated[
        str,
        Field(
            N_("Your e-mail address at work"),
            help=N_("You sign in with it, and the bureau's answer is sent there."),
            widget="email",
            max_length=254,
            attrs={"autocomplete": "email"},
        ),
    ]
    password: Annotated[str, NEW_PASSWORD]

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        return password_problems(values, name="account_name")


class LicenceForm(Form):
    """The licence by itself, sent later or anew."""

    licence: Annotated[str, LICENCE]


class SignatoryForm(Form):
    """The person who signs for the organisation: 法定代表人或授权签字人."""

    signatory: Annotated[
        str,
        Field(
            N_("Name of the signatory"),
            help=N_("The legal representative or authorised signatory, as on the certificate."),
            min_length=2,
            max_length=120,
            attrs={"autocomplete": "off"},
        ),
    ]
    signatory_latin: Annotated[
        str,
        Field(
            N_("The same name in Latin letters"),
            help=N_("So that the name may be signed in either script."),
            max_length=120,
            attrs={"autocomplete": "off"},
        ),
    ] = ""


def stored_organisation(organisation: OrganisationRow) -> dict[str, Any]:
    """The form's values of a row of `queries`."""
    values = {name: getattr(organisation, name) for name in OrganisationForm.__struct_fields__}
    return {**values, "unit": organisation.unit_code}


class Decision(StrEnum):
    """What the bureau says to an employer."""

    APPROVE = "approve"
    REJECT = "reject"


class DecisionForm(Form):
    """The bureau's answer. The note is sent to the employer."""

    decision: Annotated[str, Field(N_("Decision"), widget="hidden", pattern="|".join(Decision))]
    note: Annotated[
        str,
        Field(
            N_("Reason or note to the employer"),
            help=N_("Needed for a refusal: say what to correct. The employer reads it."),
            widget="textarea",
            max_length=1000,
        ),
    ] = ""

    @property
    def approves(self) -> bool:
        return self.decision == Decision.APPROVE

    def check(self) -> dict[str, object]:
        if not self.approves and not self.note:
            return {"note": N_("Say why, so that the employer can correct it")}
        return {}
