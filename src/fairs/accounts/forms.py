"""Input of the sign-in and sign-up pages, and of the account's own."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

from fairs.accounts import passwords
from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import LANGUAGES, N_, NAMES, time_zones
from fairs.core.names import address_problem

EMAIL = N_("E-mail address")
PASSWORD = N_("Password")
NEW_PASSWORD = Field(
    PASSWORD,
    help=passwords.HELP,
    widget="password",
    max_length=passwords.MAX_LENGTH,
    rule=passwords.weakness,
    attrs={"autocomplete": "new-password"},
)
PRESENT = Field(
    N_("Current password"),
    help=N_("Leave it empty if you signed in by a mailed link within the last 15 minutes."),
    widget="password",
    max_length=passwords.MAX_LENGTH,
    attrs={"autocomplete": "current-password"},
)


def password_problems(values: Mapping[str, Any], *, name: str) -> dict[str, object]:
    """The error of a form whose password equals the address or the name in the same form."""
    if "password" not in values:
        return {}
    found = passwords.problem(values["password"], values.get("email", ""), values.get(name, ""))
    return {"password": found} if found else {}


def _languages() -> Sequence[Choice]:
    return [(lang, NAMES[lang], "") for lang in LANGUAGES]


def _zones() -> Sequence[Choice]:
    return [(zone, zone.replace("_", " "), "") for zone in time_zones()]


class SignInForm(Form):
    """`POST /login`."""

    email: Annotated[str, Field(EMAIL, widget="email", max_length=254, attrs={"autocomplete": "username"})]
    password: Annotated[
        str, Field(PASSWORD, widget="password", max_length=200, attrs={"autocomplete": "current-password"})
    ]


class SignInLinkForm(Form):
    """Requests a link instead of a password."""

    email: Annotated[str, Field(EMAIL, widget="email", max_length=254, attrs={"autocomplete": "username"})]


class SignUpForm(Form):
    """A candidate's first step."""

    name: Annotated[
        str,
        Field(
            N_("Name as in your passport"),
            help=N_("For example: Maria Fernandez"),
            max_length=120,
            rule=address_problem,
            attrs={"autocomplete": "name"},
        ),
    ]
    email: Annotated[
        str,
        Field(
            EMAIL,
            help=N_("Your badge and calendar are sent there."),
            widget="email",
            max_length=254,
            attrs={"autocomplete": "email"},
        ),
    ]
    password: Annotated[str, NEW_PASSWORD]

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        return password_problems(values, name="name")


class JoinForm(Form):
    """The new account of somebody who was invited; the address is that of the invitation."""

    name: Annotated[str, Field(N_("Your name"), max_length=120, rule=address_problem, attrs={"autocomplete": "name"})]
    password: Annotated[str, NEW_PASSWORD]

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        return password_problems(values, name="name")


def gates_field() -> Field:
    """The gates to which staff may be limited; the choices are an event's."""
    return Field(
        N_("Only at these gates"),
        help=N_("Choose none, and every gate of the event is open to this person's scanner."),
        widget="multiselect",
    )


class GatesForm(Form):
    """The gates of a member of the gate staff."""

    gates: Annotated[list[str], gates_field()] = []


class SecondForm(Form):
    """A code of the authenticator app, or a recovery code."""

    code: Annotated[
        str,
        Field(
            N_("Verification code"),
            help=N_("Six digits from the app on your phone, or one of your recovery codes."),
            max_length=40,
            attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "none"},
        ),
    ]


class PasskeyForm(Form):
    """A new passkey; what the browser made comes beside it."""

    name: Annotated[
        str,
        Field(
            N_("Name of the passkey"),
            help=N_("By which you know it again in the list, for example: Work laptop."),
            max_length=80,
            attrs={"autocomplete": "off"},
        ),
    ]


def _demanded(label: object) -> Field:
    return Field(label, widget="date")


class DemandsForm(Form):
    """From which day on a role needs a second factor."""

    admin: Annotated[date | None, _demanded(N_("Administrators"))] = None
    organiser: Annotated[date | None, _demanded(N_("Organisers"))] = None
    bureau: Annotated[date | None, _demanded(N_("City bureaus"))] = None
    employer: Annotated[date | None, _demanded(N_("Employers' representatives"))] = None
    staff: Annotated[date | None, _demanded(N_("Gate staff"))] = None
    reviewer: Annotated[date | None, _demanded(N_("Reviewers"))] = None
    interpreter: Annotated[date | None, _demanded(N_("Interpreters"))] = None


class ForgottenForm(Form):
    """`POST /login/reset`."""

    email: Annotated[str, Field(EMAIL, widget="email", max_length=254, attrs={"autocomplete": "username"})]


class NewPasswordForm(Form):
    """A new password, set by a mailed link."""

    password: Annotated[str, NEW_PASSWORD]


class NameForm(Form):
    """`POST /account/name`."""

    name: Annotated[str, Field(N_("Name"), max_length=120, rule=address_problem, attrs={"autocomplete": "name"})]


class LanguageForm(Form):
    """`POST /account/language`."""

    lang: Annotated[str, Field(N_("Language of pages and mails"), widget="select", choices=_languages)]
    timezone: Annotated[
        str,
        Field(
            N_("Your time zone"),
            help=N_("Times of the fair are shown in its own time zone, with yours beside it."),
            widget="search-select",
            choices=_zones,
            max_length=64,
        ),
    ]


class PresentForm(Form):
    """The current password. Empty right after a sign-in by mailed link."""

    present_password: Annotated[str, PRESENT] = ""


class AddressForm(PresentForm, kw_only=True):
    """`POST /account/address`."""

    email: Annotated[
        str,
        Field(
            N_("New e-mail address"),
            help=N_("We mail a link there. Until you open it, your current address stays."),
            widget="email",
            max_length=254,
            attrs={"autocomplete": "email"},
        ),
    ]


class PasswordForm(PresentForm, kw_only=True):
    """`POST /account/password`."""

    password: Annotated[str, NEW_PASSWORD]
