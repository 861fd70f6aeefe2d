"""What a viewer may choose when somebody is invited, and the offer that a form makes."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from fairs.accounts import invitations, people, rights
from fairs.accounts.actor import Actor, Grant
from fairs.core.errors import Forbidden, Invalid
from fairs.core.forms import Bound
from fairs.core.i18n import N_, current_lang, pick
from fairs.core.roles import Role
from fairs.home.rights import queries
from fairs.home.rights.forms import OfferForm, PasteForm, choose
from fairs.units import catalogues
from fairs.units.queries import all_units

NOT_THE_OWNER = N_("Only the owner of the organisation's entry invites colleagues.")
OTHER_GATES = N_("Choose gates of this event only.")
WHERE = N_("Choose where this role holds.")


@dataclass(frozen=True)
class Choices:
    """The roles that a viewer may give, and the scopes for each."""

    held: tuple[Grant, ...]
    roles: list[Role]
    role: Role
    units: dict[str, int]
    organisations: dict[str, int]
    events: dict[str, int]
    gates: dict[int, set[str]]


async def choices_for(actor: Actor, asked: str) -> Choices:
    """What this viewer may choose for the role `asked`, or for the first one. Raises Forbidden."""
    held = await people.governing(actor)
    roles = rights.may_invite_as(held)
    if actor.sees_everything and Role.EMPLOYER in roles:
        roles.remove(Role.EMPLOYER)  # employers sign up by themselves, and invite their own colleagues
    if not roles:
        raise Forbidden(NOT_THE_OWNER)
    role = Role(asked) if asked in roles else Role.BUREAU if Role.BUREAU in roles else roles[0]
    own = {grant.unit_id for grant in held if grant.role == Role.BUREAU}
    units = {unit.code: unit.id for unit in await all_units() if actor.sees_everything or unit.id in own}
    owned = [grant.organisation_id for grant in held if grant.organisation_id]
    events = await queries.event_choices() if role in rights.AT_AN_EVENT else []
    if not actor.sees_everything:
        events = [event for event in events if event.id in {grant.event_id for grant in held}]
    gates: dict[int, set[str]] = {event.id: set() for event in events}
    for gate in await queries.gate_choices() if role == Role.STAFF else []:
        if gate.event in gates:
            gates[gate.event].add(str(gate.id))
    return Choices(
        held, roles, role, units, {str(id_): id_ for id_ in owned}, {event.slug: event.id for event in events}, gates
    )


async def fit(form: Bound[Any], choices: Choices) -> None:
    """Leave only the fields of this role, each with what the viewer may choose; a single choice is made already."""
    lang = current_lang()
    if choices.role == Role.BUREAU:
        choose(form, "unit", [item for item in catalogues.choices("units", lang) if item[0] in choices.units])
        _preset(form, "unit", list(choices.units))
    elif choices.role == Role.EMPLOYER:
        found = await queries.organisation_choices(list(choices.organisations.values()))
        choose(form, "organisation", [(str(item.id), pick(item.name_zh, item.name_en), "") for item in found])
        _preset(form, "organisation", list(choices.organisations))
    elif choices.role in rights.AT_AN_EVENT:
        events = await queries.event_choices()
        offered = [item for item in events if item.slug in choices.events]
        choose(form, "event", [(item.slug, pick(item.title_zh, item.title_en), "") for item in offered])
        _preset(form, "event", list(choices.events))
    if choices.role == Role.STAFF:
        gates = [gate for gate in await queries.gate_choices() if gate.event in choices.gates]
        choose(form, "gates", gate_labels(gates, several=len(choices.gates) > 1))
    for name in {"unit", "organisation", "event", "gates"} - shown_for(choices.role):
        form.fields.pop(name, None)
    if form.form is PasteForm:
        form.fields.pop("unit", None)  # each line has its own
    for name in ("unit", "organisation", "event", "lang"):
        if name in form.fields:
            form.fields[name].required = True


def shown_for(role: Role) -> set[str]:
    """The fields by which the scope of a role is chosen."""
    if role == Role.BUREAU:
        return {"unit"}
    if role == Role.EMPLOYER:
        return {"organisation"}
    if role == Role.STAFF:
        return {"event", "gates"}
    return {"event"} if role in rights.AT_AN_EVENT else set()


def _preset(form: Bound[Any], name: str, values: list[str]) -> None:
    if name in form.fields and len(values) == 1 and not form.fields[name].values:
        form.fields[name].values = values


def gate_labels(gates: Collection[Any], *, several: bool) -> list[tuple[str, str, str]]:
    """Choices of gates, with their event's name where there is more than one event."""
    found = []
    for gate in gates:
        name, title = pick(gate.name_zh, gate.name_en), pick(gate.title_zh, gate.title_en)
        found.append((str(gate.id), f"{name} · {title}" if several else name, f"{gate.name_zh} {gate.name_en}".lower()))
    return found


def offer_of(
    form: OfferForm, choices: Choices, *, email: str, name: str, lang: str, unit: int | None
) -> invitations.Offer:
    """The offer that a form makes. Raises Invalid by the field that does not fit the role."""
    grant = rights.scoped(
        choices.role, unit, choices.organisations.get(form.organisation), choices.events.get(form.event)
    )
    lacking = rights.lacks_scope(grant)
    if lacking:
        raise Invalid(fields={lacking: [WHERE]})
    gates = set(form.gates) if choices.role == Role.STAFF else set()
    if grant.event_id is not None and gates - choices.gates.get(grant.event_id, set()):
        raise Invalid(fields={"gates": [OTHER_GATES]})
    return invitations.Offer(email, grant, name, "zh" if lang == "zh" else "en", sorted(int(gate) for gate in gates))
