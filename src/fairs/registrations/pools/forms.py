"""The form of a pool."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

import msgspec

from fairs.core import cleaning
from fairs.core.forms import Bound, Choice, Field, Form
from fairs.core.i18n import N_, pick
from fairs.registrations.forms import all_categories
from fairs.registrations.pools.rows import PoolRow
from fairs.registrations.rows import OpenSession

NOBODY = N_("Choose a category or a session: otherwise nobody counts in it")


class PoolForm(Form):
    """Places that some categories and sessions share."""

    name_zh: Annotated[str, Field(N_("Name in Chinese"), max_length=80)]
    name_en: Annotated[str, Field(N_("Name in English"), max_length=80)]
    capacity: Annotated[
        int,
        Field(
            N_("Places"),
            help=N_("How many of these people can have a place at the same time."),
            widget="number",
            ge=0,
            le=1_000_000,
            attrs={"autocomplete": "off"},
        ),
    ]
    categories: Annotated[
        list[str],
        Field(
            N_("Categories that share these places"),
            help=N_("Everybody who registers in one of them takes a place."),
            widget="multiselect",
            choices=all_categories,
        ),
    ] = msgspec.field(default_factory=list)
    sessions: Annotated[
        list[str],
        Field(
            N_("Sessions that share these places"),
            help=N_("Everybody who signs up to one of them takes a place, whatever the category."),
            widget="multiselect",
            max_length=40,
            store=cleaning.code,
        ),
    ] = msgspec.field(default_factory=list)
    waits: Annotated[
        bool,
        Field(
            N_("Waiting list"),
            help=N_(
                "When all are taken, people may wait for a place. Without it nobody else can register in this way."
            ),
            widget="checkbox",
        ),
    ] = False

    @classmethod
    def check_given(cls, values: Mapping[str, Any]) -> dict[str, object]:
        """Somebody counts in it."""
        if "categories" in values and "sessions" in values and not (values["categories"] or values["sessions"]):
            return {"categories": NOBODY}
        return {}


def with_sessions(form: Bound[PoolForm], sessions: Sequence[OpenSession]) -> Bound[PoolForm]:
    """The form with the sessions that people sign up to."""
    choices: list[Choice] = [(row.code, pick(row.title_zh, row.title_en), row.code) for row in sessions]
    form["sessions"].spec = replace(form["sessions"].spec, choices=lambda: choices)
    return form


def stored_pool(row: PoolRow) -> dict[str, Any]:
    """The values of a pool as the form has them."""
    return {name: getattr(row, name) for name in PoolForm.__struct_fields__}
