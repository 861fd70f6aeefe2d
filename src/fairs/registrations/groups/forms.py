"""Input of a group, and of what its contact person cancels."""

from typing import Annotated

from fairs.core.forms import Field, Form
from fairs.core.i18n import N_
from fairs.core.mailboxes import normal
from fairs.core.names import address_problem


class GroupForm(Form):
    """A group: its name, who looks after it, and whether its people get the usual mail."""

    name: Annotated[
        str,
        Field(
            N_("Name of the registration group"),
            help=N_("For example the delegation, the university or the course"),
            max_length=120,
            rule=address_problem,
        ),
    ]
    contact_email: Annotated[
        str,
        Field(
            N_("E-mail address of the contact person"),
            help=N_("With an account of this address one sees the group and can cancel its people. May be empty."),
            widget="email",
            max_length=254,
            attrs={"autocomplete": "off"},
        ),
    ] = ""
    told: Annotated[
        bool,
        Field(
            N_("Each person gets the usual mail"),
            help=N_("With the badge, or with the place in the waiting list. Without it you hand the badges over."),
            widget="checkbox",
        ),
    ] = False

    @property
    def contact(self) -> str:
        """The address as it is stored."""
        return normal(self.contact_email) if self.contact_email else ""
