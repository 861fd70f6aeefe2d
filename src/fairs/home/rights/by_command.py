"""An invitation by the installation itself, whose scope is given by codes."""

from dataclasses import dataclass

from fairs.accounts import invitations, rights
from fairs.accounts.actor import SYSTEM
from fairs.accounts.invitations import Invited
from fairs.core.errors import NotFound
from fairs.core.i18n import N_, Lang
from fairs.core.roles import Role
from fairs.home.rights import queries
from fairs.units.queries import unit_id

NO_UNIT = N_("There is no unit with this code.")
NO_EVENT = N_("There is no event with this address.")
NO_GATE = N_("This event has no gate with this code.")
NO_ORGANISATION = N_("There is no employer with this code.")


@dataclass(frozen=True)
class Wanted:
    """A role and its scope by codes, and who is invited."""

    role: Role
    unit: str
    event: str
    gates: tuple[str, ...]
    organisation: str
    email: str
    name: str
    lang: Lang


async def invite(wanted: Wanted) -> Invited:
    """Invite in the name of the installation. Raises NotFound for an unknown code, Invalid."""
    event = _known(await queries.event_id(wanted.event), NO_EVENT) if wanted.event else None
    employer = wanted.organisation
    organisation = _known(await queries.organisation_id(employer), NO_ORGANISATION) if employer else None
    gates = [_known(await queries.gate_id(event, code), NO_GATE) for code in wanted.gates]
    grant = rights.scoped(wanted.role, await _unit(wanted.unit), organisation, event)
    offered = gates if wanted.role == Role.STAFF else []
    return await invitations.invite(
        invitations.Offer(wanted.email, grant, wanted.name, wanted.lang, offered), by=SYSTEM
    )


def _known(found: int | None, problem: object) -> int:
    if found is None:
        raise NotFound(problem)
    return found


async def _unit(code: str) -> int | None:
    if not code:
        return None
    try:
        return await unit_id(code)
    except NotFound as unknown:
        raise NotFound(NO_UNIT) from unknown
