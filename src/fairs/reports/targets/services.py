"""Set the targets of a year, all of a save or none."""

from dataclasses import dataclass
from typing import Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import db, locks, rows, versions
from fairs.core.errors import Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.locks import Lock
from fairs.reports.targets import queries
from fairs.reports.targets.forms import DocumentForm, field_name, stored_grid
from fairs.units import catalogues
from fairs.units.queries import all_units
from fairs.units.rows import UnitRow

NO_TITLE = N_("Name the document that sets these targets")
NO_DATE = N_("Give the date of the document")
_STORE = (
    "INSERT INTO target (unit, year, measure, value, counted_in, source, document_number, document_date) VALUES (:unit, :year,"
    " :measure, :value, :counted_in, :source, :number, :dated) ON CONFLICT (unit, year, measure) DO UPDATE SET"
    " value = :value, counted_in = :counted_in, source = :source, document_number = :number, document_date = :dated"
)


@dataclass(frozen=True)
class _Change:
    unit: UnitRow
    measure: str
    before: int | None
    after: int | None


async def set_targets(year: int, form: DocumentForm, *, by: Actor, seen: str = "") -> int:
    """Store the grid of a year; returns how many targets were set, changed or removed.

    Each stored one has the document of this save. Raises NotFound for others than organisers, Invalid when something
    changes and no document is named, and Outdated when targets were changed since the version `seen`.
    """
    if not by.sees_everything:
        raise NotFound
    async with db.transaction_or_join():
        await locks.hold(Lock.TARGETS, year)
        units = await all_units()
        stored = stored_grid(units, await queries.targets_of(year))
        versions.require_current(form, stored, seen)
        changes = [
            _Change(unit, target.key, stored[name], after)
            for unit in units
            for target in catalogues.targets()
            if (after := getattr(form, name := field_name(unit.code, target.key))) != stored[name]
            or (form.covers_all and after is not None)
        ]
        if changes:
            _check_document(form)
        for change in changes:
            await _store(year, change, form, by)
    return len(changes)


def _check_document(form: DocumentForm) -> None:
    missing: dict[str, list[object]] = {}
    if not form.document_title:
        missing["document_title"] = [NO_TITLE]
    if form.document_date is None:
        missing["document_date"] = [NO_DATE]
    if missing:
        raise Invalid(fields=missing)


async def _store(year: int, change: _Change, form: DocumentForm, by: Actor) -> None:
    fact = next(target for target in catalogues.targets() if target.key == change.measure)
    key: dict[str, Any] = {"unit": change.unit.id, "year": year, "measure": change.measure}
    if change.after is None:
        sql = "DELETE FROM target WHERE unit = :unit AND year = :year AND measure = :measure"
        await rows.execute(sql, **key)
    else:
        await rows.execute(
            _STORE,
            **key,
            value=change.after,
            counted_in=fact.unit_zh,
            source=form.document_title,
            number=form.document_number,
            dated=form.document_date,
        )
    document = f"{form.document_title} {form.document_number} {form.document_date}"
    await record(
        "target.set" if change.after is not None else "target.remove",
        "target",
        f"{year}/{change.unit.code}/{change.measure}",
        by=by,
        before={"value": change.before},
        after={"value": change.after, "document": document},
    )
