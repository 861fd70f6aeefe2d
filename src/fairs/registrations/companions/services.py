"""Somebody brings companions along: each is a registration of its own, counted as every other, and ends with the main one."""

from collections.abc import Sequence
from typing import Annotated

from fairs.accounts.actor import Actor
from fairs.audit.services import current_origin
from fairs.core import db, i18n
from fairs.core.errors import Conflict, Invalid
from fairs.core.forms import Field
from fairs.core.i18n import N_
from fairs.core.names import address_problem
from fairs.core.rows import Row, fetch_as
from fairs.events.rules import Act
from fairs.registrations import counting, placing, queries, rules
from fairs.registrations.applying import Application, Registered
from fairs.registrations.entering.forms import NameForm
from fairs.registrations.forms import RegistrationForm
from fairs.registrations.rows import LockedEvent, RegistrationRow
from fairs.registrations.tables import RegistrationState

FIRST = N_("Companions can be named once your own registration is confirmed")
NONE = N_("Nobody is brought along in this way to this event")
MOST = N_("At most %(limit)s companions come with one person")
TWICE = N_("This companion is registered already: %(number)s")
NOT_TWICE = N_("A companion brings nobody along")


class CompanionForm(NameForm):
    """Who comes along, and as what."""

    relation: Annotated[
        str,
        Field(
            N_("Relation"),
            help=N_("For example spouse, child, assistant or interpreter"),
            max_length=40,
            rule=address_problem,
        ),
    ] = ""


class Companion(Row, frozen=True):
    """Who accompanies somebody."""

    id: int
    number: str
    state: RegistrationState
    name_passport: str
    name_native: str
    badge_name: str
    relation: str


async def companions_of(registration_id: int) -> list[Companion]:
    """Who accompanies a registration, those who have ended last."""
    columns = "id, number, state, name_passport, name_native, badge_name, relation"
    return await fetch_as(
        Companion,
        f"SELECT {columns} FROM registration WHERE companion_of = :id ORDER BY (state IN {rules.ENDED_STATES}), id",  # noqa: S608 - constants of the code
        id=registration_id,
    )


async def allowed(row: RegistrationRow) -> int:
    """How many companions this registration may have; 0: none."""
    return (await allowed_of([row]))[row.id]


async def allowed_of(rows: Sequence[RegistrationRow]) -> dict[int, int]:
    """registration → how many companions it may have, as `allowed`."""
    events = await fetch_as(
        _Limit,
        "SELECT id, companions, companion_categories FROM event WHERE id = ANY(:events::bigint[])",
        events=list({row.event for row in rows}),
    )
    limits = {event.id: event for event in events}
    return {row.id: limit_of(limits[row.event], row) for row in rows}


class _Limit(Row, frozen=True):
    id: int
    companions: int
    companion_categories: list[str]


def limit_of(event: "_Limit | LockedEvent", row: RegistrationRow) -> int:
    """The setting of the event for somebody of this category; a companion brings nobody."""
    if row.companion_of is not None:
        return 0
    chosen = event.companion_categories
    return event.companions if not chosen or row.category in chosen else 0


async def add_companion(number: str, form: CompanionForm, *, by: Actor) -> Registered:
    """A place and a badge for a companion, or a place in the waiting list.

    Raises NotFound for strangers, Conflict (not confirmed, too many, named already, no place, closed) and Invalid.
    """
    async with db.transaction_or_join():
        seen = await queries.registration_by_number(by, number)
        event = await counting.lock_event(seen.event)
        row = await queries.registration_by_id(seen.id)
        limit = limit_of(event, row)
        if not limit:
            raise Conflict(NOT_TWICE if row.companion_of is not None else NONE, code="no_companions")
        if row.state != RegistrationState.CONFIRMED:
            raise Conflict(FIRST, code="not_confirmed")
        live = [one for one in await companions_of(row.id) if one.state not in rules.ENDED]
        names = {name.casefold() for name in (form.name_native, form.name_passport) if name}
        twin = next((one for one in live if {one.name_native.casefold(), one.name_passport.casefold()} & names), None)
        if twin is not None:
            raise Invalid(fields={"name_native": [TWICE(number=twin.number)]})
        if len(live) >= limit:
            raise Conflict(MOST(limit=limit), code="too_many")
        [outcome] = await placing.place(event.id, [_application(row, form, by)])
        if isinstance(outcome, Exception):
            raise outcome
        assert isinstance(outcome, Registered)
    return outcome


def _application(row: RegistrationRow, form: CompanionForm, by: Actor) -> Application:
    person = RegistrationForm(
        email="",
        name_passport=form.name_passport or form.name_native,
        name_native=form.name_native,
        organisation=row.organisation_name,
        category=row.category,
        lang=row.lang,
    )
    return Application(
        person,
        "",
        by,
        i18n.current_lang(),
        current_origin(),
        act=Act.ENTER if queries.runs_event(by, row) else Act.REGISTER,
        organisation=row.organisation,
        badge_name=form.badge_name,
        days=tuple(row.days),
        grouped=(row.category,),
        companion_of=row.id,
        relation=form.relation,
    )
