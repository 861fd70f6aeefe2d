"""The grid of targets as a form: one field for each unit and target, and the document that sets them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, ClassVar

import msgspec

from fairs.core.forms import Field, Form
from fairs.core.i18n import N_, pick
from fairs.reports.targets.rows import SetTarget
from fairs.reports.targets.rules import MOST
from fairs.units import catalogues
from fairs.units.entries import Target
from fairs.units.rows import UnitRow

Cells = dict[tuple[str, str], int | None]  # (unit's code, target) → value; None: no target


class DocumentForm(Form):
    """The document that sets targets."""

    APART: ClassVar[frozenset[str]] = frozenset({"document_title", "document_number", "document_date", "covers_all"})

    document_title: Annotated[str, Field(N_("Title of the document"), max_length=300)] = ""
    document_number: Annotated[
        str,
        Field(N_("Number of the document"), help=N_("As printed, for example 人社发〔2018〕14号."), max_length=80),
    ] = ""
    document_date: Annotated[date | None, Field(N_("Date of the document"), widget="date")] = None
    covers_all: Annotated[
        bool, Field(N_("It is the source of all targets in this grid, not only of the changed ones"), widget="checkbox")
    ] = False


class PasteForm(DocumentForm, kw_only=True):
    """A block of cells with its document."""

    block: Annotated[
        str,
        Field(
            N_("Cells copied from a spreadsheet"),
            help=N_(
                "The first row names the targets, the first column the units, by name or code. Empty cells change nothing."
            ),
            widget="textarea",
            max_length=100_000,
            attrs={"rows": "12", "spellcheck": "false", "wrap": "off"},
        ),
    ]


@dataclass(frozen=True)
class CellLabel:
    """The name of a cell, in the language of the page."""

    unit: UnitRow
    target: Target

    def __str__(self) -> str:
        target, unit = self.target, self.unit
        return f"{pick(unit.name_zh, unit.name_en)} · {pick(target.zh, target.en)} ({pick(target.unit_zh, target.unit_en)})"  # fmt: skip


def field_name(code: str, key: str) -> str:
    """The field of a unit's target."""
    return f"t_{code}_{key}"


def grid_form(units: Sequence[UnitRow]) -> type[DocumentForm]:
    """The form of these units and all targets of the catalogue."""
    return _grid_form(tuple(units))


@lru_cache(maxsize=8)
def _grid_form(units: tuple[UnitRow, ...]) -> type[DocumentForm]:
    fields: list[Any] = []
    for unit in units:
        for target in catalogues.targets():
            spec = Field(CellLabel(unit, target), widget="number", ge=0, le=MOST)
            fields.append((field_name(unit.code, target.key), Annotated[int | None, spec], None))
    made = msgspec.defstruct("TargetGrid", fields, bases=(DocumentForm,), kw_only=True, module=__name__)
    assert issubclass(made, DocumentForm)
    return made


def stored_grid(units: Sequence[UnitRow], targets: Sequence[SetTarget]) -> dict[str, Any]:
    """The grid's values as stored."""
    values = {(row.code, row.measure): row.value for row in targets}
    return {
        field_name(unit.code, target.key): values.get((unit.code, target.key))
        for unit in units
        for target in catalogues.targets()
    }


def as_grid(stored: Mapping[str, Any], cells: Mapping[tuple[str, str], int], document: DocumentForm) -> dict[str, Any]:
    """What the grid's form would have after these cells were typed into it."""
    typed = {field_name(code, key): value for (code, key), value in cells.items()}
    kept = {name: getattr(document, name) for name in DocumentForm.__struct_fields__}
    return {**stored, **typed, **kept}
