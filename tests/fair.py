"""A fair for tests, piece by piece: employers, candidates, sessions, a hall with slots and tables, wishes, scanners.

Rows where a test begins in the middle come from `tests.factories`; what has rules is made by the product's own services.
`tests.small_fair` has something of everything; `meetings.stage`, `agreements.scene`, `checkin.hall` and `reports.scene` are
put together from these pieces.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fairs.accounts.actor import SYSTEM, Actor, Device
from fairs.accounts.queries import device_by_token
from fairs.accounts.services import issue_token
from fairs.core import clock
from fairs.core.rows import fetch_value
from fairs.events import moving, programme
from fairs.events.forms import SessionForm
from fairs.events.queries import event_by_id
from fairs.meetings.scheduling import slots_and_tables
from fairs.registrations.forms import RegistrationForm
from tests import factories
from tests.cast import make_actor

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Employer:
    """An approved organisation and somebody who acts for it."""

    organisation: int
    actor: Actor


@dataclass(frozen=True)
class Candidate:
    """A profile and its person."""

    talent: int
    actor: Actor


def tomorrow() -> datetime:
    """09:00 in Zhengzhou."""
    return clock.now().replace(hour=1, minute=0, second=0, microsecond=0) + timedelta(days=1)


async def employer(
    email: str = "wang@example.org", name: str = "Wang Wei", *, lang: str = "en", **organisation: Any
) -> Employer:
    """A university of Zhengzhou, unless said otherwise."""
    made = await factories.organisation(**organisation)
    return Employer(made, await make_actor("employer", email=email, name=name, organisation_id=made, lang=lang))


async def profile_of(actor: Actor, **profile: Any) -> int:
    """A profile of this account."""
    return await factories.talent(account=actor.account_id, **{"email": actor.email, **profile})


async def candidate(email: str = "maria@example.org", name: str = "Maria Fernandez", **profile: Any) -> Candidate:
    """A doctor of computer science whom employers may see, unless said otherwise."""
    actor = await make_actor("candidate", email=email, name=name)
    return Candidate(await profile_of(actor, **{"name_passport": name, **profile}), actor)


def person(number: int = 1, **given: Any) -> RegistrationForm:
    """What somebody sends to register; everybody of a number of their own."""
    values = {"email": f"p{number}@example.org", "name_passport": f"Person {number}"}
    return RegistrationForm(**{**values, **given})


async def token_of(actor: Actor, name: str = "test") -> str:
    """The token of an integration that acts for this account."""
    return await issue_token("api", name, by=actor, account_id=actor.account_id)


async def bearer(actor: Actor, name: str = "test") -> dict[str, str]:
    """The header of an integration that acts for this account."""
    return {"authorization": f"Bearer {await token_of(actor, name)}"}


async def scanner(event: int, name: str = "east gate", *, by: Actor = SYSTEM) -> tuple[str, Device]:
    """A scanner's token and identity."""
    token = await issue_token("device", name, by=by, event_id=event)
    device = await device_by_token(token)
    assert device is not None
    return token, device


async def session(event: int, code: str, starts_at: datetime, **given: Any) -> int:
    """An hour of the released programme."""
    values: dict[str, Any] = {"kind": "forum", "title_zh": f"论坛{code}", "title_en": f"Forum {code}"}
    values |= {"starts_at": starts_at, "ends_at": starts_at + HOUR}
    await programme.add_session(event, SessionForm(code=code, **(values | given)), by=SYSTEM)
    slug = (await event_by_id(event)).slug
    await programme.release(slug, by=SYSTEM, confirmed=moving.CONFIRMED)
    sql = "SELECT id FROM event_session WHERE event = :event AND code = :code"
    return await fetch_value(int, sql, event=event, code=code)


async def hall(
    event: int, starts_at: datetime, *, slots: int = 2, tables: int = 1, shared: int = 0, by: Actor = SYSTEM
) -> list[int]:
    """Slots of 20 minutes; `tables` for each organisation that has a listing, `shared` for the others."""
    made = await slots_and_tables.create_slots(event, starts_at, 20, slots, gap=5, by=by)
    await slots_and_tables.create_tables(event, per_organisation=tables, shared=shared, by=by)
    return made


async def both_want(event: int, talent: int, listing: int, level: str = "meet") -> None:
    """Both sides say so, without a word to anybody."""
    for side in ("talent", "employer"):
        await factories.preference(event, talent, listing, side, level)
