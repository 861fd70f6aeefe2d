"""What stands around the conference, for the small fair: an exhibit, and a county that asked for an expert."""

from datetime import datetime

from fairs.core import db
from fairs.exhibits import booths, deciding
from fairs.exhibits import services as exhibits
from fairs.exhibits.forms import CallForm, ExhibitForm, RequestForm
from fairs.outreach import services as outreach
from fairs.outreach.forms import DayForm
from fairs.outreach.forms import RequestForm as ServiceForm
from tests.agreements import scene


async def exhibit(slug: str, of: scene.Scene) -> dict[str, int]:
    """An exhibit in the gallery, at a booth, of which somebody asked something: path parameter → id."""
    await deciding.save_call(slug, CallForm(), seen="", by=of.organiser)
    form = ExhibitForm(title_zh="轴承", title_en="Bearing")
    made = await exhibits.add_exhibit(slug, form, {"organisation": of.organisation}, by=of.employer)
    await exhibits.submit(made, by=of.employer)
    await deciding.release(slug, made, by=of.organiser)
    await booths.save_plan(slug, "A1", by=of.organiser)
    await booths.fill(slug, by=of.organiser)
    await exhibits.ask(slug, made, RequestForm(), by=of.talent)
    return {"exhibit_id": made, "request_id": await db.fetchval("SELECT max(id) FROM exhibit_request")}


async def service(slug: str, of: scene.Scene, morning: datetime) -> dict[str, int]:
    """A county that asked for an expert, who agreed to a day: path parameter → id."""
    unit = of.bureau.unit_ids[0]
    day = morning.date()
    made = await outreach.ask(
        slug, unit, ServiceForm(topic_zh="小麦", topic_en="Wheat", from_day=day, to_day=day), by=of.bureau
    )
    await outreach.accept(made, by=of.organiser)
    await outreach.ask_expert(made, of.talent_id, "懂小麦 knows wheat", by=of.organiser)
    expert = int(await db.fetchval("SELECT max(id) FROM service_expert"))
    await outreach.answer(expert, agrees=True, by=of.talent)
    await outreach.plan_day(made, DayForm(expert=expert, day=day, task="看田 fields"), by=of.bureau)
    return {
        "service_id": made,
        "expert_id": expert,
        "day_id": await db.fetchval("SELECT max(id) FROM service_day"),
    }
