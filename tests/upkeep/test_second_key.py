"""Another period and a purge by hand need two people; no period leaves what the law allows."""

from datetime import timedelta

import httpx
import pytest

from fairs.core import clock, db
from fairs.core.errors import Conflict, Forbidden, Invalid
from fairs.upkeep import periods, purge, second_key
from fairs.upkeep.forms import PeriodForm
from tests import factories
from tests.cast import make_actor, post, sign_in

pytestmark = pytest.mark.usefixtures("db")


async def test_shorter_period_is_in_force_when_another_person_confirms() -> None:
    admin, organiser = await make_actor("admin"), await make_actor("organiser", email="bob@example.org")
    ended = clock.now() - timedelta(days=20)
    event = await factories.event(starts_at=ended - timedelta(hours=8), ends_at=ended)
    await factories.talent(keep_after=False)
    talent = await db.fetchval("SELECT id FROM talent")
    await factories.registration(event, talent=talent)
    assert await second_key.would_go("cvs_not_kept", 10) == 1
    assert await second_key.would_go("cvs_not_kept", 25) == 0
    request = await second_key.ask_period(PeriodForm(key="cvs_not_kept", days=10), by=admin)
    assert (await periods.in_force())["cvs_not_kept"] == 30, "one key is not enough"
    with pytest.raises(Conflict):
        await second_key.confirm(request, by=admin)
    with pytest.raises(Conflict):
        await second_key.ask_period(PeriodForm(key="cvs_not_kept", days=11), by=admin)
    await second_key.confirm(request, by=organiser)
    assert (await periods.in_force())["cvs_not_kept"] == 10
    with pytest.raises(Conflict):
        await second_key.confirm(request, by=organiser)
    await purge.apply(clock.now())
    assert await db.fetchval("SELECT headline FROM talent") == ""
    (report,) = await second_key.reports()
    assert "profiles that shall not be kept after the fair" in report.lines


@pytest.mark.parametrize(
    ("key", "days"), [("cvs", 366), ("cvs", 0), ("listings", 100), ("agreements", 3000), ("audit", 100)]
)
async def test_no_period_leaves_the_law(key: str, days: int) -> None:
    admin = await make_actor("admin")
    with pytest.raises(Invalid):
        await second_key.ask_period(PeriodForm(key=key, days=days), by=admin)
    with pytest.raises(Forbidden):
        await second_key.ask_period(
            PeriodForm(key="cvs", days=100), by=await make_actor("organiser", email="bob@example.org")
        )


async def test_database_refuses_one_person_with_both_keys_and_ignores_longer_periods() -> None:
    admin = await make_actor("admin")
    request = await second_key.ask_purge(by=admin)
    with pytest.raises(Exception, match="ck_purge_request_two"):
        await db.execute("UPDATE purge_request SET state = 'confirmed', decided_by = asked_by WHERE id = $1", request)
    await db.execute("INSERT INTO retention_period (key, days) VALUES ('cvs', 9999)")
    assert (await periods.in_force())["cvs"] == 365


async def test_pages(client: httpx.AsyncClient) -> None:
    admin, organiser = await make_actor("admin"), await make_actor("organiser", email="bob@example.org")
    await sign_in(client, admin, proved=True)
    page = (await client.get("/organise/retention?key=scans&days=90")).text
    assert "With this period the next purge would take 0 rows" in page
    assert (await post(client, "/organise/retention/period", {"key": "scans", "days": "500"})).status_code == 422
    assert (await post(client, "/organise/retention/period", {"key": "scans", "days": "90"})).status_code == 303
    assert (await post(client, "/organise/retention/purge")).status_code == 303
    first, second = await db.fetch("SELECT id FROM purge_request ORDER BY id")
    await post(client, f"/organise/retention/{first['id']}/confirm")
    assert await db.fetchval("SELECT count(*) FROM purge_request WHERE state = 'waiting'") == 2
    refused = await post(client, "/organise/clock/upkeep-purge/run")
    assert refused.headers["location"] == "/organise/retention"
    assert await db.fetchval("SELECT count(*) FROM periodic_run") == 0
    await sign_in(client, organiser, proved=True)
    page = (await client.get("/organise/retention")).text
    assert page.count("/confirm") == 2
    assert "Ask for another period" not in page
    assert (await post(client, "/organise/retention/period", {"key": "scans", "days": "91"})).status_code in (403, 404)
    await post(client, f"/organise/retention/{first['id']}/confirm")
    await post(client, f"/organise/retention/{second['id']}/confirm")
    assert (await periods.in_force())["scans"] == 90
    assert await db.fetchval("SELECT name FROM periodic_run") == "upkeep-purge"
    await sign_in(client, await make_actor("candidate", email="c@example.org"))
    assert (await client.get("/organise/retention")).status_code in (403, 404)
