"""What the organiser and the agent send."""

from typing import Annotated

from fairs.badges.states import PrintState
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_


class PrinterForm(Form):
    """A new printer of a desk."""

    name: Annotated[str, Field(N_("Name of the printer"), help=N_("As the desk calls it: Desk 1, left"), max_length=60)]


class Call(Form):
    """An agent asks for work: who it is, and how its printer is. `reason`: a keyword of IPP, empty when the printer is ready."""

    agent: Annotated[str, Field(N_("Name of the agent"), max_length=40)]
    version: Annotated[str, Field(N_("Version"), max_length=20)] = ""
    address: Annotated[str, Field(N_("Address of the printer"), max_length=200)] = ""
    reason: Annotated[str, Field(N_("What the printer lacks"), max_length=200)] = ""


class Outcome(Form):
    """How a print stands. `reason`: why it does not go on, or why it failed."""

    state: Annotated[
        str,
        Field(
            N_("State of the print"),
            widget="select",
            choices=lambda: [(str(state), str(state), "") for state in REPORTED],
        ),
    ]
    reason: Annotated[str, Field(N_("Reason of the printer"), max_length=200)] = ""


REPORTED = (PrintState.PRINTING, PrintState.PRINTED, PrintState.FAILED)
