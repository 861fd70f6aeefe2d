"""The form by which codes are made."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, ClassVar

from fairs.core.forms import Bound, Choice, Field, Form
from fairs.core.i18n import EVENT_ZONE, N_, pick
from fairs.core.mailboxes import NoAddress, read
from fairs.registrations.forms import all_categories
from fairs.registrations.pools.rows import PoolRow

MOST = 500  # codes at once
ONE_ADDRESS = N_("One address has one code: make one at a time")


class CodesForm(Form):
    """One code, or many of a kind."""

    APART: ClassVar[frozenset[str]] = frozenset({"timezone"})

    name: Annotated[
        str,
        Field(
            N_("For whom"),
            help=N_("For example the embassy that hands them on. Only the staff reads it."),
            max_length=80,
        ),
    ]
    count: Annotated[
        int, Field(N_("How many codes"), widget="number", ge=1, le=MOST, attrs={"autocomplete": "off"})
    ] = 1
    prefix: Annotated[
        str,
        Field(
            N_("Codes begin with"),
            help=N_("Letters and digits, then ten random signs follow that nobody can guess."),
            max_length=12,
            pattern="[A-Za-z0-9]*",
            pattern_message=N_("Letters and digits only"),
        ),
    ] = ""
    category: Annotated[
        str,
        Field(
            N_("Opens the category"),
            help=N_(
                "Also one in which nobody can register alone. Without one: the categories that are open to everybody."
            ),
            widget="select",
            choices=all_categories,
        ),
    ] = ""
    pool: Annotated[
        str,
        Field(
            N_("For the places of the pool"),
            help=N_("Who uses the code must choose what counts in it."),
            widget="select",
            max_length=20,
        ),
    ] = ""
    reserves: Annotated[
        bool,
        Field(
            N_("Keep the places"),
            help=N_(
                "They are free for nobody else until the code is used, expires or is revoked. A place that somebody got by it"
                " and gives up goes to the waiting list."
            ),
            widget="checkbox",
        ),
    ] = False
    uses: Annotated[
        int,
        Field(N_("Each can be used so often"), widget="number", ge=1, le=10_000, attrs={"autocomplete": "off"}),
    ] = 1
    expires_at: Annotated[
        datetime | None, Field(N_("Expires"), help=N_("Empty: it does not expire."), widget="datetime")
    ] = None
    email: Annotated[
        str,
        Field(
            N_("Only for this e-mail address"),
            help=N_("Empty: for whoever has the code."),
            widget="email",
            max_length=254,
        ),
    ] = ""
    timezone: Annotated[str, Field(N_("Time zone"), widget="hidden", max_length=64)] = EVENT_ZONE

    @classmethod
    def zone_of(cls, values: Mapping[str, Any]) -> str:
        """The event's own zone."""
        return str(values.get("timezone") or EVENT_ZONE)

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """An address can be one, and has one code."""
        if not (email := values.get("email")):
            return {}
        try:
            read(email)
        except NoAddress as refused:
            return {"email": refused.message}
        return {"count": ONE_ADDRESS} if values.get("count", 1) > 1 else {}


def with_pools(form: Bound[CodesForm], pools: Sequence[PoolRow]) -> Bound[CodesForm]:
    """The form with the pools of the event; another one is an error."""
    choices: list[Choice] = [(str(row.id), pick(row.name_zh, row.name_en), "") for row in pools]
    form["pool"].spec = replace(form["pool"].spec, choices=lambda: choices)
    if form["pool"].value and form["pool"].value not in {choice[0] for choice in choices}:
        form.add_error("pool", N_("Choose one from the list"))
    return form
