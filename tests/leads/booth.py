"""A fair with two employers, and visitors with badges."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.events.queries import event_by_id
from fairs.leads import services
from fairs.organisations.queries import organisation_by_id
from fairs.registrations import phones
from tests import fair
from tests.checkin.hall import Hall, open_hall


@dataclass(frozen=True)
class Booth:
    """`maria` has an account and a registration; `code` is that of her badge, `number` of the registration."""

    hall: Hall
    event: int
    wang: fair.Employer
    li: fair.Employer
    maria: Actor
    talent: int
    registration: int
    code: str
    number: str


async def open_booth(**profile: Any) -> Booth:
    """Today, while badges are scanned."""
    now = clock.now()
    hall = await open_hall(slug="fair", starts_at=now - timedelta(hours=2), ends_at=now + timedelta(days=1))
    wang = await fair.employer(name_zh="河南大学", name_en="Henan University")
    li = await fair.employer("li@example.org", "Li Na")
    maria = await fair.candidate(**profile)
    code = await hall.badge(
        number="FA26-000777",
        talent=maria.talent,
        registrant=maria.actor.account_id,
        email="maria@example.org",
        name_passport="Maria Fernandez",
        name_native="玛丽亚",
        organisation_name="UPC",
        phone=phones.seal("+34 600 000 000"),
        search_key=phones.search_text("玛丽亚", "Maria Fernandez", "UPC", "maria@example.org", ""),
    )
    return Booth(hall, hall.event, wang, li, maria.actor, maria.talent, hall.people[code], code, "FA26-000777")


async def seen(booth: Booth, code: str = "", *, by: fair.Employer | None = None) -> int:
    """The lead of a badge; Maria's for `wang`, unless said otherwise."""
    employer = by or booth.wang
    event, organisation = await event_by_id(booth.event), await organisation_by_id(employer.organisation)
    lead, _ = await services.record_visitor(event, organisation, code or booth.code, by=employer.actor)
    return lead
