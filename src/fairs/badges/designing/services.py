"""Designs are made, changed, copied with their event and removed."""

from typing import Any
from uuid import UUID

import msgspec

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.badges.designing import boxes as rules
from fairs.badges.designing import queries
from fairs.badges.designing.boxes import Box
from fairs.badges.designing.forms import DesignForm, as_text, category_choices
from fairs.badges.designing.rows import DesignRow
from fairs.badges.tables import BadgeDesign
from fairs.core import clock, db, versions
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_value
from fairs.events import services as events
from fairs.events.domain_events import EventCloned
from fairs.files.services import attach, let_go
from fairs.files.tables import Purpose

SAME_NAME = N_("Another design of this event has this name")
WHOLE = N_("There is a design for everybody already. Choose the categories that this one is for.")


def stored(row: DesignRow) -> dict[str, Any]:
    """The values of the form."""
    size = rules.size_called(row.size)
    return {
        "name": row.name,
        "categories": row.categories,
        "size": row.size,
        "height": row.height if size.longest > size.height else None,
        "sheet": row.sheet,
        "sides": row.sides,
        "boxes": as_text(queries.boxes_of(row)),
    }


async def _values(
    event_id: int, form: DesignForm, boxes: tuple[Box, ...], logo: UUID | None, besides: int = 0
) -> dict[str, Any]:
    """The columns. Raises Invalid for boxes that do not fit, Conflict when a category has a design already."""
    width, height = form.measured
    if wrong := rules.problems(boxes, width, height):
        raise Invalid(fields={"boxes": [message for messages in wrong.values() for message in messages]})
    for other in await queries.designs_of(event_id):
        if other.id == besides:
            continue
        if not form.categories and not other.categories:
            raise Conflict(WHOLE, code="taken")
        if shared := set(form.categories) & set(other.categories):
            labels = {key: word for key, word, _ in category_choices()}
            names = "、".join(sorted(labels.get(key, key) for key in shared))
            raise Conflict(
                N_("These categories have the design %(name)s: %(categories)s", name=other.name, categories=names)
            )
    return {
        "name": form.name,
        "categories": sorted(form.categories),
        "size": form.size,
        "height": height,
        "sheet": form.sheet,
        "sides": form.sides,
        "boxes": msgspec.json.encode(boxes).decode(),
        "logo": logo,
        "updated_at": clock.now(),
    }


def _told(values: dict[str, Any], boxes: tuple[Box, ...]) -> dict[str, Any]:
    """For the record: the facts and how many boxes."""
    names = ("name", "categories", "size", "sheet", "sides")
    return {name: values[name] for name in names} | {"boxes": len(boxes)}


async def create_design(slug: str, form: DesignForm, boxes: tuple[Box, ...], *, by: Actor) -> int:
    """A new design of an event that this actor runs. Raises NotFound, Conflict and Invalid."""
    async with db.transaction_or_join():
        event = await events.locked_event(slug, by)
        logo = await attach(form.logo, Purpose.LOGO, field="logo") if form.logo else None
        values = await _values(event.id, form, boxes, logo)
        with db.constraint_errors({"uq_badge_design_name": Conflict(SAME_NAME, code="name")}):
            await BadgeDesign(event=event.id, **values).save()
        design_id = await fetch_value(
            int, "SELECT id FROM badge_design WHERE event = :event AND name = :name", event=event.id, name=form.name
        )
        await record("badge_design.create", "badge_design", design_id, by=by, after=_told(values, boxes))
    return design_id


async def change_design(
    slug: str, design_id: int, form: DesignForm, boxes: tuple[Box, ...], *, by: Actor, seen: str = ""
) -> None:
    """Store a changed design. Raises NotFound, Outdated, Conflict and Invalid."""
    async with db.transaction_or_join():
        event = await events.locked_event(slug, by)
        _, row = await queries.design_of(by, slug, design_id)
        versions.require_current(form, stored(row), seen)
        logo = await attach(form.logo, Purpose.LOGO, field="logo") if form.logo else None if form.no_logo else row.logo
        values = await _values(event.id, form, boxes, logo, besides=design_id)
        with db.constraint_errors({"uq_badge_design_name": Conflict(SAME_NAME, code="name")}):
            await BadgeDesign.update(**values).where(BadgeDesign.id == design_id)
        if row.logo != logo:
            await let_go(row.logo)
        before = _told(stored(row), queries.boxes_of(row))
        await record("badge_design.change", "badge_design", design_id, by=by, before=before, after=_told(values, boxes))


async def remove_design(slug: str, design_id: int, *, by: Actor) -> str:
    """Remove a design; its badges look like the standard again. Returns its name. Raises NotFound."""
    async with db.transaction_or_join():
        await events.locked_event(slug, by)
        _, row = await queries.design_of(by, slug, design_id)
        if not await execute("DELETE FROM badge_design WHERE id = :id", id=design_id):
            raise NotFound
        await let_go(row.logo)
        before = _told(stored(row), queries.boxes_of(row))
        await record("badge_design.remove", "badge_design", design_id, by=by, before=before)
    return row.name


async def on_event_cloned(event: EventCloned) -> None:
    """A copied event has the designs; both refer to one logo, which stays until neither does."""
    await execute(
        "INSERT INTO badge_design (event, name, categories, size, height, sheet, sides, boxes, logo, updated_at)"
        " SELECT m.new, d.name, d.categories, d.size, d.height, d.sheet, d.sides, d.boxes, d.logo, :now"
        " FROM unnest(:old::bigint[], :new::bigint[]) AS m (old, new) JOIN badge_design d ON d.event = m.old ORDER BY d.id",
        old=list(event.pairs),
        new=list(event.pairs.values()),
        now=clock.now(),
    )
