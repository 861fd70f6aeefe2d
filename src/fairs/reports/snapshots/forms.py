"""Which month to freeze, and why again."""

from typing import Annotated

from fairs.core.forms import Field, Form
from fairs.core.i18n import N_
from fairs.reports.snapshots import rules


def _is_month(text: str) -> object | None:
    return None if rules.read_month(text) else N_("Choose one from the list")


class FreezeForm(Form):
    """A month like 2018-10."""

    month: Annotated[str, Field(N_("Month"), max_length=7, rule=_is_month)]
    reason: Annotated[
        str,
        Field(
            N_("Reason of the correction"),
            help=N_("Only for a month that is frozen already: what was wrong, or came later."),
            max_length=500,
        ),
    ] = ""
