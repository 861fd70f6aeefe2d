"""A county asks for experts, the organiser decides, an expert agrees, days are reported with evidence, and the county follows up."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core import clock, db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.events.queries import event_by_slug
from fairs.outreach import fitting, queries, services
from fairs.outreach.forms import BackForm, DayForm, DoneForm, FollowUpForm, RequestForm
from fairs.outreach.tables import ExpertState, ServiceState
from fairs.reports.measures import MEASURES
from fairs.reports.queries import number, scope_for
from tests import factories, fair, mails
from tests.cast import make_actor, post, sign_in
from tests.files.samples import picture
from tests.pages import form_of, main_of

HERE = "/bureau/service"


def wanted(**given: Any) -> RequestForm:
    """Wheat scab, from yesterday for a week."""
    today = clock.now().date()
    values: dict[str, Any] = {
        "topic_en": "Wheat scab",
        "topic_zh": "小麦赤霉病",
        "problem_en": "Fusarium in winter wheat after rain; fungicides fail.",
        "from_day": today - timedelta(days=1),
        "to_day": today + timedelta(days=5),
        "people": 300,
        "receiver": "Liu, 0371-6000",
    }
    return RequestForm(**values | given)


async def county() -> tuple[int, Actor, Actor]:
    """An event of outreach, the bureau of a county, and the organiser."""
    await factories.event(slug="service", kind="outreach")
    unit = await factories.unit_id("410300")
    bureau = await make_actor("bureau", email="county@example.org", name="Liu Yang", unit_id=unit)
    return unit, bureau, await make_actor("organiser", email="boss@example.org")


async def test_from_the_request_to_the_follow_up(client: httpx.AsyncClient) -> None:
    _, bureau, organiser = await county()
    await sign_in(client, bureau)
    assert "No request yet" in (await client.get(HERE)).text
    typed = form_of((await client.get(f"{HERE}/new")).text, f"{HERE}/new")
    assert typed["event"] == ["service"]
    today = clock.now().date()
    days = {"from_day": [str(today)], "to_day": [str(today - timedelta(days=1))]}
    wrong = await post(client, f"{HERE}/new", typed | days | {"problem_en": ["Kept"]})
    assert wrong.status_code == 422
    for words in ("Kept", "The last day is before the first", "Give the topic in one language"):
        assert words in wrong.text
    right = typed | {"topic_en": ["Wheat scab"], "from_day": [str(today)], "to_day": [str(today + timedelta(days=4))]}
    assert (await post(client, f"{HERE}/new", right | {"unit": ["1"]})).status_code == 422, "another unit"
    one = (await post(client, f"{HERE}/new", right)).headers["location"]
    request = int(one.rsplit("/", 1)[1])
    assert (await post(client, f"{one}/accept")).status_code == 404, "the county does not accept its own"
    edited = form_of((await client.get(f"{one}/edit")).text, f"{one}/edit")
    await sign_in(client, organiser)
    assert (await post(client, f"{one}/return", {"reason": ""})).status_code == 422
    await post(client, f"{one}/return", {"reason": "Which variety?"})
    await sign_in(client, bureau)
    assert "Which variety?" in (await client.get(one)).text
    assert (await post(client, f"{one}/edit", edited | {"problem_en": ["Aikang 58"]})).headers["location"] == one
    assert (await post(client, f"{one}/edit", edited | {"problem_en": ["Late"]})).status_code == 409
    await sign_in(client, organiser)
    await post(client, f"{one}/accept")
    maria = await fair.candidate(visibility="employers", matching=True)
    await services.ask_expert(request, maria.talent, "Knows wheat", by=organiser)
    assert "Knows wheat" in await mails.text_of("maria@example.org", kind="service_asked")
    await sign_in(client, maria.actor)
    asked = main_of((await client.get("/me/service")).text)
    assert "Wheat scab" in asked
    expert = await db.fetchval("SELECT id FROM service_expert")
    await post(client, f"/me/service/{expert}", {"answer": "perhaps"})
    await post(client, f"/me/service/{expert}", {"answer": "yes"})
    await sign_in(client, bureau)
    far = {"expert": str(expert), "day": str(today + timedelta(days=30)), "task": "Look"}
    assert "This is not a day of the visit" in (await post(client, f"{one}/days", far)).text
    await post(client, f"{one}/days", far | {"day": str(today)})
    assert (await post(client, f"{one}/days", far | {"day": str(today)})).status_code == 422, "twice"
    day = await db.fetchval("SELECT id FROM service_day")
    files = {"evidence": ("a.jpg", picture(), "image/jpeg")}
    assert (await post(client, f"{one}/days/{day}", {"people": "x"}, files=files)).status_code == 422
    assert (
        await post(client, f"{one}/days/{day}", {"people": "40", "note": "Field day"}, files=files)
    ).status_code == 303
    evidence = await db.fetchval("SELECT evidence FROM service_day")
    assert (await client.get(f"/files/{evidence}")).status_code == 200
    await post(client, f"{one}/follow-up", {"came": "solved", "text": "The harvest is saved"})
    page = main_of((await client.get(one)).text)
    for words in ("Maria", "Field day", "The harvest is saved", "40 / 0"):
        assert words in page
    assert (await client.get(f"{HERE}.xlsx")).status_code == 200
    assert "Wheat scab" in (await client.get(f"{HERE}?q=wheat&state=accepted&sort=-helped")).text
    stranger = await make_actor("bureau", email="other@example.org", unit_id=await factories.unit_id("410200"))
    await sign_in(client, stranger)
    for path in (one, f"{one}/edit", f"{one}/experts", f"{one}/days/{day}", f"/files/{evidence}"):
        assert (await client.get(path)).status_code == 404, path
    assert (await post(client, f"{one}/follow-up", {"came": "solved", "text": "x"})).status_code == 404


@pytest.mark.usefixtures("db")
async def test_days_and_people_are_counted_once() -> None:
    unit, bureau, organiser = await county()
    maria = await fair.candidate(visibility="employers", matching=True, discipline="210")
    request = await services.ask("service", unit, wanted(), by=bureau)
    with pytest.raises(Conflict):
        await services.ask_expert(request, maria.talent, "", by=organiser)
    await services.accept(request, by=organiser)
    with pytest.raises(Conflict):
        await services.accept(request, by=organiser)
    row = await queries.request_for(bureau, request)
    fits = {fit.talent: fit for fit in await fitting.fitting(row)}
    assert maria.talent in fits
    await services.ask_expert(request, maria.talent, fits[maria.talent].reason, by=bureau)
    with pytest.raises(Conflict):
        await services.ask_expert(request, maria.talent, "", by=bureau)
    assert maria.talent not in {fit.talent for fit in await fitting.fitting(row)}
    (expert,) = await queries.experts_of(request)
    day = DayForm(expert=expert.id, day=row.from_day, task="Look at the fields")
    with pytest.raises(Invalid):
        await services.plan_day(request, day, by=bureau)
    await services.answer(expert.id, agrees=True, by=maria.actor)
    await services.plan_day(request, day, by=bureau)
    await services.plan_day(request, replace_day(day, 1), by=bureau)
    await services.plan_day(request, replace_day(day, 3), by=bureau)
    first, second, third = await queries.days_of(request)
    with pytest.raises(Invalid):
        await services.report_day(request, third.id, DoneForm(people=1), by=bureau)
    with pytest.raises(Conflict):
        await services.follow_up(request, FollowUpForm(text="Too early"), by=bureau)
    for people in (30, 50):
        await services.report_day(request, first.id, DoneForm(people=people), by=bureau)
    await services.report_day(request, second.id, DoneForm(people=20), by=bureau)
    with pytest.raises(Conflict):
        await services.answer(expert.id, agrees=False, by=maria.actor)
    with pytest.raises(Conflict):
        await services.cancel(request, by=bureau)
    with pytest.raises(NotFound):
        await services.send_back(request, BackForm(reason="x"), by=bureau)
    with pytest.raises(NotFound):
        await services.follow_up(request, FollowUpForm(text="Not the county"), by=organiser)
    scope = await scope_for(organiser, await event_by_slug("service", viewer=None))
    keys = ("service_visits", "service_experts", "service_days", "service_people")
    assert [await number(scope, MEASURES[key]) for key in keys] == [1, 1, 2, 70]
    await services.withdraw_expert(request, expert.id, by=bureau)
    assert [await number(scope, MEASURES[key]) for key in keys] == [1, 1, 2, 70], "what was done stays"
    assert len(await queries.days_of(request)) == 2, "what was only planned goes"
    await services.close(request, by=bureau)
    with pytest.raises(Conflict):
        await services.report_day(request, first.id, DoneForm(people=1), by=bureau)
    assert (await queries.request_for(bureau, request)).state == ServiceState.CLOSED
    assert (await queries.experts_of(request))[0].state == ExpertState.WITHDRAWN


def replace_day(form: DayForm, later: int) -> DayForm:
    """The same task so many days later."""
    return DayForm(expert=form.expert, day=form.day + timedelta(days=later), task=form.task)
