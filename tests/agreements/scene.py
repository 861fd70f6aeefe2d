"""A meeting with everybody who has to do with its agreement, and the strangers of the same roles."""

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from fairs.accounts import codes
from fairs.accounts.actor import Actor
from fairs.agreements import confirming, drawing_up, facts, queries, services
from fairs.agreements.facts import Fact
from fairs.agreements.forms import AgreementForm, SignForm
from fairs.core import db
from tests import factories, fair
from tests.cast import make_actor

_serial = count(1)


@dataclass(frozen=True)
class Scene:
    """`other_…`: somebody of the same role who has nothing to do with it."""

    event: int
    organisation: int
    talent_id: int
    listing: int
    meeting: int
    employer: Actor
    talent: Actor
    bureau: Actor
    organiser: Actor
    other_employer: Actor
    other_talent: Actor
    other_bureau: Actor


async def scene(*, unit: str = "410300", nationality: str = "ES", event: int | None = None) -> Scene:
    """An employer of Luoyang (unless said otherwise) that met a talent from Spain."""
    n = next(_serial)
    event = event or await factories.event()
    unit_id = await factories.unit_id(unit)
    employer = await fair.employer(
        f"wang{n}@example.org",
        "王芳",
        lang="zh",
        unit=unit_id,
        name_zh="洛阳轴承研究院",
        name_en="Luoyang Bearing Institute",
        search_key="luoyang zhoucheng lyzcyjy",
        signatory="王芳",
        signatory_latin="Wang Fang",
    )
    organisation = employer.organisation
    talent = await fair.candidate(
        f"maria{n}@example.org",
        name_native="欧阳䶮",
        nationality=nationality,
        search_key="maria fernandez ouyang yan oyy",
    )
    nanyang = await factories.unit_id("411300")
    listing = await factories.listing(organisation, event)
    return Scene(
        event=event,
        organisation=organisation,
        talent_id=talent.talent,
        listing=listing,
        meeting=await factories.meeting(event, listing, organisation, talent.talent),
        employer=employer.actor,
        talent=talent.actor,
        bureau=await make_actor("bureau", email=f"bureau{n}@example.org", name="洛阳市局", unit_id=unit_id),
        organiser=await make_actor("organiser", email=f"organiser{n}@example.org", name="Organiser"),
        other_employer=(await fair.employer(f"other{n}@example.org", "Alice Wanderer", unit=nanyang)).actor,
        other_talent=await make_actor("candidate", email=f"charlie{n}@example.org"),
        other_bureau=await make_actor("bureau", email=f"nanyang{n}@example.org", unit_id=nanyang),
    )


def terms(**given: Any) -> AgreementForm:
    """Terms as people write them."""
    values: dict[str, Any] = {
        "title_zh": "关于高速轴承的合作意向书",
        "title_en": "Letter of intent on high-speed bearings",
        "content_zh": "双方合作研发陶瓷滚动轴承。",
        "content_en": "Both sides develop ceramic rolling bearings.",
        "engagement": "flexible",
        "heads": 2,
        "amount_cny": 1_200_000,
        "months_per_year": 3,
    }
    return AgreementForm(**(values | given))


async def signature(number: str, by: Actor, name: str = "", **given: Any) -> SignForm:
    """A signature of the text in force by an account, with the code that was mailed to it."""
    document_hash = await queries.current_hash(number)
    agreement = await db.fetchval("SELECT id FROM agreement WHERE number = $1", number)
    assert by.account_id is not None
    code = await codes.new_code(by.account_id, confirming.purpose_of(agreement, document_hash))
    values: dict[str, Any] = {
        "name_signed": name or by.name,
        "consent": True,
        "document_hash": document_hash,
        "otp": code,
    }
    return SignForm(**(values | given))


async def sign(number: str, by: Actor, *, ip: str = "") -> str:
    """Sign the text in force; the state afterwards."""
    return await services.sign(number, await signature(number, by), by=by, ip=ip)


def paper(evidence: str, *, on: date | None = None, number: str = "No. 7") -> Fact:
    """What a step rests on: of today, unless said otherwise."""
    day = on or facts.today()
    return Fact(day, number, evidence, (day, day))


async def drawn_up(on: Scene, **given: Any) -> str:
    """The number of a fresh agreement."""
    return await drawing_up.draw_up(on.meeting, terms(**given), by=on.employer)


async def signed(on: Scene, **given: Any) -> str:
    """The number of an agreement that both have signed."""
    number = await drawn_up(on, **given)
    await sign(number, on.employer, ip="192.0.2.1")
    await sign(number, on.talent, ip="192.0.2.2")
    return number
