"""The form of a batch: which badges, in which order."""

from typing import Annotated

from fairs.badges.designing.forms import category_choices
from fairs.badges.tables import BatchOrder, Chosen
from fairs.core.fields import Choice
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_, pick
from fairs.units import catalogues

CHOSEN: dict[str, object] = {
    Chosen.ALL: N_("All badges"),
    Chosen.NEW: N_("Only new since the last batch"),
    Chosen.UNPRINTED: N_("Only those never printed"),
}
ORDERS: dict[str, object] = {
    BatchOrder.UNIT: N_("By unit, organisation and name"),
    BatchOrder.NAME: N_("By name in pinyin"),
    BatchOrder.NUMBER: N_("By number"),
}


def _units() -> list[Choice]:
    return [(unit.code, pick(unit.zh, unit.en), "") for unit in catalogues.units()]


class BatchForm(Form):
    """Which badges. `unit` is a code, `session` an id: the page offers those of its event. `selection`: people chosen in the list."""

    category: Annotated[str, Field(N_("Category"), widget="select", choices=category_choices)] = ""
    unit: Annotated[str, Field(N_("Reporting unit"), widget="select", choices=_units)] = ""
    session: Annotated[str, Field(N_("Signed up to"), widget="select", max_length=20, pattern=r"\d*")] = ""
    selection: Annotated[str, Field(N_("Chosen in the list"), widget="hidden", max_length=20, pattern=r"\d*")] = ""
    chosen: Annotated[
        str, Field(N_("Which badges"), widget="select", choices=lambda: [(k, str(w), "") for k, w in CHOSEN.items()])
    ] = Chosen.ALL.value
    ordered: Annotated[
        str, Field(N_("Sequence"), widget="select", choices=lambda: [(k, str(w), "") for k, w in ORDERS.items()])
    ] = BatchOrder.UNIT.value
