"""Forms of the periodic jobs' page."""

from datetime import datetime
from typing import Annotated

from fairs.core.forms import Field, Form
from fairs.core.i18n import N_


class MoveForm(Form):
    """`POST /organise/time`."""

    moment: Annotated[
        datetime,
        Field(N_("New date and time"), widget="datetime", help=N_("In the time of this installation.")),
    ]
