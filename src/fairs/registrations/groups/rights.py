"""Who registers groups at an event and as what, and who looks after one."""

from dataclasses import dataclass

from fairs.accounts.actor import Actor
from fairs.core.errors import NotFound
from fairs.core.roles import Role
from fairs.events.inheriting import effective
from fairs.events.queries import event_by_slug
from fairs.events.rows import EventRow
from fairs.events.rules import Act
from fairs.events.tables import EventState
from fairs.organisations.queries import organisation_of
from fairs.organisations.tables import OrganisationState
from fairs.registrations import rules
from fairs.registrations.entering.rows import EmployerFound
from fairs.registrations.entering.services import NOT_APPROVED
from fairs.registrations.groups.rows import GroupRow
from fairs.registrations.tables import Category


@dataclass(frozen=True)
class Right:
    """As what somebody registers groups. `runs`: those who run the event; `obstacle`: why not now."""

    categories: tuple[str, ...]
    act: Act
    runs: bool = False
    unit: int | None = None
    employer: EmployerFound | None = None
    obstacle: object = ""


async def right_at(actor: Actor, event: EventRow) -> Right | None:
    """The right of an actor at an event that it may see; None: it registers no groups here."""
    if not actor.reaches(event.id):
        return None
    if actor.sees_everything:
        return Right(rules.categories(), Act.ENTER, runs=True)
    if event.unit in actor.unit_ids and event.state != EventState.DRAFT:
        return Right(rules.categories(), Act.ENTER, runs=True, unit=event.unit)
    own = tuple(effective(event).own_categories or rules.own_categories())
    if Role.BUREAU in event.groups_from and actor.unit_ids:
        return Right(own, Act.REGISTER, unit=actor.unit_ids[0])
    if Role.EMPLOYER in event.groups_from and actor.organisation_ids:
        employer = await organisation_of(actor)
        found = EmployerFound(employer.id, employer.name_zh, employer.name_en)
        allowed = tuple(dict.fromkeys((Category.EMPLOYER.value, *own)))
        obstacle = "" if employer.state == OrganisationState.APPROVED else NOT_APPROVED
        return Right(allowed, Act.REGISTER, employer=found, obstacle=obstacle)
    return None


async def event_to_group(actor: Actor, slug: str) -> tuple[EventRow, Right]:
    """(event, right). Raises NotFound for who registers no groups there."""
    event = await event_by_slug(slug, viewer=actor)
    right = await right_at(actor, event)
    if right is None:
        raise NotFound
    return event, right


def sees(actor: Actor, group: GroupRow) -> bool:
    """Whether the actor looks after a group: the province, the bureau of the event, who registered it, its contact person."""
    if not actor.reaches(group.event):
        return False
    if actor.sees_everything or group.event_unit in actor.unit_ids or group.unit in actor.unit_ids:
        return True
    if group.organisation is not None and group.organisation in actor.organisation_ids:
        return True
    return bool(group.contact_email) and group.contact_email == actor.email and actor.proved


def fills(group: GroupRow, right: Right, actor: Actor) -> bool:
    """Whether the actor adds and changes people of a group: its contact person only cancels them."""
    if right.runs:
        return True
    if right.employer is not None:
        return group.organisation == right.employer.id
    return group.unit is not None and group.unit in actor.unit_ids
