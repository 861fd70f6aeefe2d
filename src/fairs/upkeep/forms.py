"""Forms of the periodic jobs' page."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import N_, pick
from fairs.units import catalogues


class MoveForm(Form):
    """`POST /organise/time`."""

    moment: Annotated[
        datetime,
        Field(N_("New date and time"), widget="datetime", help=N_("In the time of this installation.")),
    ]


def _keys() -> Sequence[Choice]:
    from fairs.upkeep.purge import NOT_STORED

    return [
        (one.key, pick(one.zh, one.en), "")
        for one in catalogues.retention()
        if one.key not in NOT_STORED and one.least < one.days
    ]


class PeriodForm(Form):
    """`POST /organise/retention/period`."""

    key: Annotated[str, Field(N_("Kind of data"), widget="select", choices=_keys)]
    days: Annotated[int, Field(N_("Days to keep it"), widget="number", ge=1, le=36500)]
