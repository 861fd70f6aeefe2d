"""Who may give a role to others, see who holds it and take it away. Pure: tables and comparisons."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from fairs.accounts.actor import Grant
from fairs.core.roles import Role

GIVES: Mapping[Role, frozenset[Role]] = {  # a role → the roles over which it has a say, within its own scope
    Role.ADMIN: frozenset(Role),
    Role.ORGANISER: frozenset(Role) - {Role.ADMIN},
    Role.BUREAU: frozenset({Role.BUREAU, Role.STAFF}),  # gate staff of the events that it runs: `governing`
    Role.EMPLOYER: frozenset({Role.EMPLOYER}),  # the owner of the employer's entry only: `governing`
}
BY_THEMSELVES = frozenset({Role.CANDIDATE})  # they sign up: nobody invites them
AT_AN_EVENT = frozenset({Role.STAFF, Role.REVIEWER, Role.INTERPRETER})


def governing(
    grants: Iterable[Grant], owned: Collection[int], run: Iterable[tuple[int, int]] = ()
) -> tuple[Grant, ...]:
    """The grants by which an account has a say over others. `owned`: the employers whose owner it is; `run`: unit and event
    of what its bureaus run, each of which becomes a grant with both."""
    own = [
        grant
        for grant in grants
        if grant.role in GIVES and (grant.role != Role.EMPLOYER or grant.organisation_id in owned)
    ]
    units = {grant.unit_id for grant in own if grant.role == Role.BUREAU}
    return (*own, *(Grant(Role.BUREAU, unit, None, event) for unit, event in run if unit in units))


def governs(held: Iterable[Grant], other: Grant) -> bool:
    """Whether one of these grants has a say over another one: the role is below it, and in its scope."""
    return any(other.role in GIVES.get(own.role, ()) and _within(own, other) for own in held)


def _within(own: Grant, other: Grant) -> bool:
    if own.role == Role.BUREAU and other.role == Role.STAFF:
        return own.event_id is not None and own.event_id == other.event_id
    if own.role == Role.BUREAU:
        return own.unit_id == other.unit_id
    return own.role != Role.EMPLOYER or own.organisation_id == other.organisation_id


def governs_all(held: Sequence[Grant], others: Collection[Grant]) -> bool:
    """Whether the account behind `others` as a whole is in the hands of `held`: none of its roles is beyond it."""
    return bool(others) and all(governs(held, other) for other in others)


def may_invite_as(held: Iterable[Grant]) -> list[Role]:
    """The roles that somebody with these grants may offer, in the order of the enumeration."""
    found = {role for own in held for role in GIVES.get(own.role, ()) if _anywhere(own, role)} - BY_THEMSELVES
    return [role for role in Role if role in found]


def _anywhere(own: Grant, role: Role) -> bool:
    """Whether there is a place where this grant gives that role: a bureau may run no event."""
    return own.role != Role.BUREAU or role != Role.STAFF or own.event_id is not None


def lacks_scope(grant: Grant) -> str:
    """The part of the scope that is missing for the role: unit, organisation, event, or empty text."""
    if grant.role == Role.BUREAU and grant.unit_id is None:
        return "unit"
    if grant.role == Role.EMPLOYER and grant.organisation_id is None:
        return "organisation"
    return "event" if grant.role in AT_AN_EVENT and grant.event_id is None else ""


def scoped(role: Role, unit: int | None, organisation: int | None, event: int | None) -> Grant:
    """The role with the part of the scope that belongs to it; other parts are dropped."""
    return Grant(
        role,
        unit if role == Role.BUREAU else None,
        organisation if role == Role.EMPLOYER else None,
        event if role in AT_AN_EVENT else None,
    )
