"""Input of the sign-in and sign-up pages."""

from typing import Annotated

from fairs.core.forms import Field, Form
from fairs.core.i18n import N_

EMAIL = N_("E-mail address")
PASSWORD = N_("Password")


class SignInForm(Form):
    """`POST /login`."""

    email: Annotated[str, Field(EMAIL, widget="email", max_length=254, attrs={"autocomplete": "username"})]
    password: Annotated[
        str, Field(PASSWORD, widget="password", max_length=200, attrs={"autocomplete": "current-password"})
    ]


class SignInLinkForm(Form):
    """Asks for a link instead of a password."""

    email: Annotated[str, Field(EMAIL, widget="email", max_length=254, attrs={"autocomplete": "username"})]


class SignUpForm(Form):
    """A candidate's first step."""

    name: Annotated[
        str,
        Field(
            N_("Name as in your passport"),
            help=N_("For example: Maria Fernandez"),
            max_length=120,
            attrs={"autocomplete": "name"},
        ),
    ]
    email: Annotated[
        str,
        Field(
            EMAIL,
            help=N_("Your badge and calendar go there."),
            widget="email",
            max_length=254,
            attrs={"autocomplete": "email"},
        ),
    ]
    password: Annotated[
        str,
        Field(
            PASSWORD,
            help=N_("At least 10 characters. A short sentence is easy to keep in mind."),
            widget="password",
            min_length=10,
            max_length=200,
            attrs={"autocomplete": "new-password"},
        ),
    ]
