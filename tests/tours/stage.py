"""A tour of five days with an organiser, hosts and people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fairs.accounts.actor import Actor
from fairs.core import db
from fairs.registrations import phones
from fairs.tours import members, services
from fairs.tours.forms import StopForm
from fairs.tours.member_queries import members_of
from fairs.tours.rows import MemberRow
from tests import factories, fair
from tests.cast import make_actor

HERE = "/organise/editions/tour/tour"
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Stage:
    """`morning`: 09:00 of the first day. `wang` has a listing at the tour's conference; `bureau` is that of Luoyang."""

    event: int
    conference: int
    morning: datetime
    organiser: Actor
    bureau: Actor
    wang: fair.Employer


async def open_tour(**event: Any) -> Stage:
    """A tour that begins tomorrow, a part of a conference."""
    morning = fair.tomorrow()
    conference = await factories.event(slug="fair", starts_at=morning, ends_at=morning + timedelta(days=5))
    times = {"starts_at": morning - HOUR, "ends_at": morning + timedelta(days=4, hours=9)}
    tour = await factories.event(**{"slug": "tour", "kind": "tour", "parent": conference, **times, **event})
    await factories.gate(tour, code="bus", name_zh="专车", name_en="Coach")
    luoyang = await factories.unit_id("410300")
    wang = await fair.employer(name_zh="洛阳轴承", name_en="Luoyang Bearing", unit=luoyang)
    await factories.listing(wang.organisation, conference)
    return Stage(
        tour,
        conference,
        morning,
        await make_actor("organiser", email="organiser@example.org", name="Organiser"),
        await make_actor("bureau", email="bureau@example.org", name="Bureau of Luoyang", unit_id=luoyang),
        wang,
    )


def stop_form(stage: Stage, day: int = 0, hour: float = 0, **given: Any) -> StopForm:
    """An hour and a half at an employer in Luoyang."""
    starts_at = stage.morning + timedelta(days=day, hours=hour)
    values: dict[str, Any] = {
        "title_en": "Visit",
        "title_zh": "参观",
        "unit": "410300",
        "employer": str(stage.wang.organisation),
    }
    values |= {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=90)}
    return StopForm(**{**values, **given})


async def add_stop(stage: Stage, day: int = 0, hour: float = 0, **given: Any) -> int:
    """A stop of the tour."""
    return await services.add_stop("tour", stop_form(stage, day, hour, **given), by=stage.organiser)


async def people(stage: Stage, number: int, **given: Any) -> list[MemberRow]:
    """So many people with a place, taken over from registrations."""
    for at in range(number):
        email = f"m{at}@example.org"
        phone = phones.seal(f"+34 600 000 {at:03}")
        values = {"email": email, "name_passport": f"Member {at:03}", "phone": phone}
        await factories.registration(stage.event, **{**values, **given})
    await members.take_over("tour", by=stage.organiser)
    return await members_of(stage.event)


async def mailed(kind: str) -> list[str]:
    """Addresses of the mails of a kind, in order."""
    rows = await db.fetch("SELECT to_email FROM outgoing_mail WHERE kind = $1 ORDER BY id", kind)
    return [row["to_email"] for row in rows]
