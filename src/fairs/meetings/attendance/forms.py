"""Input about attendance."""

from typing import Annotated

from fairs.core.forms import Field, Form
from fairs.core.i18n import N_


class TableGateForm(Form):
    """The table of a gate; empty: all tables of the hall."""

    gate: Annotated[int, Field(N_("Gate"), widget="hidden", ge=1, le=2**62)]
    number: Annotated[int | None, Field(N_("Table"), widget="select", ge=1, le=32_000)] = None


class WaitsForm(Form):
    """How long an event waits."""

    wait_minutes: Annotated[
        int,
        Field(
            N_("Minutes until the missing side counts as absent"),
            help=N_("From the beginning of the slot, or from the arrival of the side that is there."),
            widget="number",
            ge=1,
            le=60,
        ),
    ]
    before_minutes: Annotated[
        int,
        Field(
            N_("Minutes before a slot from which a badge counts for it"),
            help=N_("An employer that came in earlier that day and has not left counts as well."),
            widget="number",
            ge=0,
            le=120,
        ),
    ]
