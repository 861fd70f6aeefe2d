"""Input of a registration: the page's form, and the JSON call's with its nested person."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from fairs.core import cleaning
from fairs.core.errors import Invalid
from fairs.core.forms import Choice, Field, Form, bind
from fairs.core.i18n import LANGUAGES, N_, current_lang
from fairs.core.names import address_problem
from fairs.registrations import rules
from fairs.registrations.labels import category_label
from fairs.registrations.tables import Category
from fairs.units.catalogues import choices as catalogue

NO_OBJECT = N_("Give an object")
CODE = Field(
    N_("Invitation code"),
    help=N_("If you were given one."),
    max_length=60,
    attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
)


def own_categories() -> Sequence[Choice]:
    """Categories in which people may register themselves."""
    return [(name, category_label(name), "") for name in rules.own_categories()]


def all_categories() -> Sequence[Choice]:
    """Categories in which an organiser may register a person."""
    return [(name, category_label(name), "") for name in rules.categories()]


def countries() -> Sequence[Choice]:
    """The catalogue's countries and regions."""
    return catalogue("countries", current_lang())


class PersonForm(Form):
    """The person. The names are printed on the badge."""

    email: Annotated[str, Field(N_("E-mail address"), widget="email", max_length=254)]
    name_passport: Annotated[
        str,
        Field(
            N_("Name in Latin letters, as in your passport"),
            help=N_("It is printed on the badge."),
            max_length=120,
            rule=address_problem,
            attrs={"autocomplete": "name"},
        ),
    ]
    name_native: Annotated[
        str,
        Field(
            N_("Name in your own script"),
            help=N_("For example 王小明 or 김철수, printed on the badge too"),
            max_length=120,
            rule=address_problem,
        ),
    ] = ""
    nationality: Annotated[
        str, Field(N_("Nationality or region"), widget="search-select", choices=countries, max_length=2)
    ] = ""
    organisation: Annotated[
        str,
        Field(
            N_("University, company or institute"),
            max_length=200,
            rule=address_problem,
            attrs={"autocomplete": "organization"},
        ),
    ] = ""
    phone: Annotated[
        str,
        Field(
            N_("Phone with country code"),
            help=N_("Used on the days of the fair only"),
            max_length=40,
            store=cleaning.phone,
            pattern=r"[+0-9()./ -]*",
            pattern_message=N_("Digits, spaces and + ( ) . - only"),
            attrs={"autocomplete": "tel", "inputmode": "tel"},
        ),
    ] = ""


class RegistrationForm(PersonForm):
    """Input of `register`. `sessions` are codes of the event's sessions."""

    category: Annotated[str, Field(N_("You attend as"), widget="select", choices=all_categories)] = (
        Category.CANDIDATE.value
    )
    sessions: Annotated[
        list[str], Field(N_("Sessions to sign up for"), widget="multiselect", max_length=40, store=cleaning.code)
    ] = msgspec.field(default_factory=list)
    code: Annotated[str, CODE] = ""
    lang: Annotated[str, Field(N_("Language of your mails"), widget="hidden", pattern="|".join(LANGUAGES))] = "en"


class OwnRegistrationForm(RegistrationForm):
    """The public page: registering as staff is not possible. The address is always the account's."""

    category: Annotated[str, Field(N_("You attend as"), widget="select", choices=own_categories)] = (
        Category.CANDIDATE.value
    )


class EnvelopeForm(Form):
    """The outer part of `POST /api/v1/registrations`."""

    event: Annotated[str, Field(N_("Short name of the event"), max_length=60, store=cleaning.code)]
    category: Annotated[str, Field(N_("Category"), widget="select", choices=all_categories)] = Category.CANDIDATE.value
    sessions: Annotated[
        list[str], Field(N_("Sessions to sign up for"), widget="multiselect", max_length=40, store=cleaning.code)
    ] = msgspec.field(default_factory=list)
    code: Annotated[str, CODE] = ""


class ApiPersonForm(PersonForm):
    """The person of the JSON call."""

    lang: Annotated[str, Field(N_("Language of your mails"), pattern="|".join(LANGUAGES))] = ""


def parse_call(data: object) -> tuple[str, RegistrationForm]:
    """(slug, form) of a JSON body. Raises Invalid with every error of envelope and person at once."""
    outer = bind(EnvelopeForm, data if isinstance(data, Mapping) else {})
    person = data.get("person") if isinstance(data, Mapping) else None
    inner = bind(ApiPersonForm, _upper_country(person) if isinstance(person, Mapping) else {})
    fields: dict[str, list[object]] = dict(outer.errors)
    fields |= {f"person.{name}": found for name, found in inner.errors.items()}
    if not isinstance(person, Mapping):
        fields["person"] = [NO_OBJECT]
    if fields:
        raise Invalid(fields=fields)
    values = msgspec.structs.asdict(inner.value)
    values["lang"] = values["lang"] or ("zh" if values["nationality"] == "CN" else "en")
    return outer.value.event, RegistrationForm(
        **values, category=outer.value.category, sessions=list(outer.value.sessions), code=outer.value.code
    )


def _upper_country(person: Mapping[str, Any]) -> dict[str, Any]:
    country = person.get("nationality")
    return {**person, "nationality": country.upper() if isinstance(country, str) else country}


class CancelForm(Form):
    """Why a registration ends: needed of anybody but the person. `reject`: the staff does not accept who was never confirmed."""

    reason: Annotated[
        str,
        Field(N_("Reason of the cancellation"), help=N_("The person reads it in the mail."), max_length=200),
    ] = ""
    reject: Annotated[
        bool,
        Field(
            N_("The registration is not accepted"),
            help=N_("The mail says so, instead of a cancellation."),
            widget="checkbox",
        ),
    ] = False
