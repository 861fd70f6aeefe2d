"""Input about tables of employers."""

from typing import Annotated

from fairs.core.forms import Choice, Field, Form
from fairs.core.i18n import N_
from fairs.meetings.tables import TableRuleKind

KINDS: dict[str, object] = {
    TableRuleKind.OWN: N_("Each approved employer with a published listing has its own"),
    TableRuleKind.POOL: N_("All share the common tables"),
    TableRuleKind.REQUEST: N_("Those who ask, when the organiser agrees"),
}


def _kinds() -> list[Choice]:
    return [(kind, str(word), kind) for kind, word in KINDS.items()]


class RuleForm(Form):
    """The rule of an event."""

    kind: Annotated[str, Field(N_("Who gets a table"), widget="radio", choices=_kinds)]
    each: Annotated[
        int,
        Field(
            N_("Tables of each employer"),
            help=N_("Given as soon as its first listing is published, under the first rule."),
            widget="number",
            ge=1,
            le=20,
        ),
    ] = 1


class AskForm(Form):
    """An employer asks for a table."""

    organisation: Annotated[int, Field("", widget="hidden")]
    note: Annotated[
        str, Field(N_("What you need it for"), help=N_("For example several interviewers at once."), max_length=500)
    ] = ""


class RefuseForm(Form):
    """The organiser's answer to a request that is not met."""

    answer: Annotated[str, Field(N_("Reason"), max_length=500)]
