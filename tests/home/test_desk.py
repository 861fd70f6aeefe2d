"""The desk of a bureau and of the province: what waits, and the list that each line opens."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.core import clock
from fairs.core.db import execute
from fairs.events import queries as events
from fairs.home.desk_lines import Countdown, countdown
from tests import factories
from tests.agreements.scene import scene, signed
from tests.cast import make_actor, sign_in
from tests.pages import main_of

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("begins_in", "expected"),
    [
        (3, Countdown(3, 0, 2)),
        (1, Countdown(1, 0, 2)),
        (0, Countdown(0, 1, 2)),
        (-1, Countdown(0, 2, 2)),
        (-2, Countdown(0, 0, 2)),
    ],
)
async def test_countdown_is_in_days_of_the_place(db: None, begins_in: int, expected: Countdown) -> None:
    noon = clock.now().replace(hour=4, minute=0, second=0, microsecond=0)  # noon in Zhengzhou
    clock.start_from(noon.isoformat())
    event_id = await factories.event(starts_at=noon + begins_in * DAY, ends_at=noon + (begins_in + 1) * DAY)
    assert countdown(await events.event_by_id(event_id)) == expected


async def lines(client: httpx.AsyncClient) -> dict[str, int]:
    """Address → number, as the desk shows them; each address opens."""
    import re

    page = main_of((await client.get("/home")).text)
    found = re.findall(r'desk__line" href="([^"]+)"><b class="desk__number">(\d+)</b>', page)
    for href, _ in found:
        assert (await client.get(href.replace("&amp;", "&"))).status_code == 200, href
    return {href: int(number) for href, number in found}


async def setting() -> dict[str, Any]:
    """A fair that runs today with a silent scanner, an old and a new application, a failed mail, an overdue agreement."""
    now = clock.now()
    event = await factories.event(slug="fair", starts_at=now - DAY, ends_at=now + DAY)
    luoyang = await factories.unit_id("410300")
    await factories.organisation(state="pending", unit=luoyang, created_at=now - 5 * DAY)
    await factories.organisation(state="pending")
    for name, seen in (("old", now - DAY), ("fresh", now), ("never", None)):
        await execute(
            "INSERT INTO access_token (kind, name, token_hash, event_id, last_used_at) VALUES ('device', $1, $2, $3, $4)",
            name,
            name.encode(),
            event,
            seen,
        )
    talent = await factories.talent(cities=["410300"], visibility="matched")
    await factories.registration(event, talent=talent)
    return {"event": event, "unit": luoyang}


async def test_province_reads_what_is_missing_everywhere(client: httpx.AsyncClient) -> None:
    await setting()
    await sign_in(client, await make_actor("organiser"))
    found = await lines(client)
    assert found["/bureau/approvals?state=pending"] == 2
    assert found["/organise/editions/fair/devices"] == 2
    assert found["/organise/editions/fair#delegations"] > 10
    assert "Day 2 of 3" in (await client.get("/home")).text


async def test_bureau_reads_its_own_only(client: httpx.AsyncClient) -> None:
    made = await setting()
    await sign_in(client, await make_actor("bureau", unit_id=made["unit"]))
    await factories.talent(cities=["410300", "410100"], visibility="matched")
    await factories.talent(cities=["410100"], visibility="matched")
    found = {"/bureau/approvals?state=pending": 1, "/bureau/talents?comes=yes": 1, "/bureau/talents": 2}
    assert await lines(client) == found
    assert "setup-banner" not in (await client.get("/home")).text


async def test_bureau_reads_who_wants_its_city_before_there_is_a_fair(client: httpx.AsyncClient) -> None:
    await factories.talent(cities=["410300"], visibility="matched")
    await factories.talent(cities=["410300"], visibility="private")
    await sign_in(client, await make_actor("bureau", unit_id=await factories.unit_id("410300")))
    assert await lines(client) == {"/bureau/talents": 1}


async def test_empty_installation_says_where_to_begin(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("admin"))
    page = main_of((await client.get("/home")).text)
    assert "Nothing waits for you" in page
    assert 'href="/organise/editions/new"' in page


async def test_line_of_agreements_opens_those_that_wait(client: httpx.AsyncClient) -> None:
    on = await scene()
    number = await signed(on)
    await execute("UPDATE agreement SET next_step_by = current_date - 1")
    await sign_in(client, on.bureau)
    found = await lines(client)
    assert (found["/bureau/agreements?due=verify"], found["/bureau/agreements?due=overdue"]) == (1, 1)
    for due, shown in (("verify", True), ("overdue", True), ("nothing", True)):
        assert (number in (await client.get(f"/bureau/agreements?due={due}")).text) is shown
    await execute("UPDATE agreement SET next_step_by = current_date + 9, verified_at = now()")
    for due in ("verify", "overdue"):
        assert number not in main_of((await client.get(f"/bureau/agreements?due={due}")).text)
