"""A saved view is sent to its owner by the clock, as a link that needs the account and ends with the right."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from fairs.core import clock
from fairs.core.db import execute, fetch, fetchval
from fairs.registrations.working import by_mail
from fairs.registrations.working.rows import DueView
from tests import factories
from tests.cast import make_actor, post, sign_in

LIST = "/organise/editions/fair/registrations"
DAILY = {"mailed": "daily", "day": "0", "hour": "8", "kind": "csv"}


@pytest.mark.parametrize(
    ("mailed", "now", "due"),
    [
        ("daily", "2027-03-03T08:00", "2027-03-03T08:00"),
        ("daily", "2027-03-03T07:59", "2027-03-02T08:00"),
        ("weekly", "2027-03-03T09:00", "2027-03-01T08:00"),  # a Wednesday: the Monday before
        ("weekly", "2027-03-01T07:00", "2027-02-22T08:00"),
        ("weekly", "2027-03-01T08:30", "2027-03-01T08:00"),
    ],
)
def test_moment_at_which_a_view_is_due(mailed: str, now: str, due: str) -> None:
    old = datetime(2027, 1, 1, tzinfo=UTC)
    row = DueView(1, 1, "", "", mailed, 8, 0, "csv", old, 1, "fair", "", "", "", "", "en")
    here = datetime.fromisoformat(f"{now}+08:00")
    assert by_mail.moment(row, here) == datetime.fromisoformat(f"{due}+08:00")


async def test_a_view_is_mailed_downloaded_by_its_owner_and_ends_with_the_right(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair")
    await factories.registration(event, nationality="DE", name_passport="Anna Berg")
    await factories.registration(event, nationality="ES")
    alice = await make_actor("organiser", email="alice@example.org")
    bob = await make_actor("organiser", email="bob@example.org")
    await sign_in(client, alice, proved=True)
    await post(client, f"{LIST}/views", {"name": "Germans", "list": "country=DE"})
    view = await fetchval("SELECT id FROM registration_view")
    page = f"{LIST}/views/{view}/mail"
    assert (await client.get(page)).status_code == 200
    wrong = await post(client, page, DAILY | {"hour": "25"})
    assert wrong.status_code == 422
    assert 'value="25"' in wrong.text
    assert (await post(client, page, DAILY)).status_code == 303
    assert "Every day" in (await client.get(f"{LIST}/views")).text
    assert await by_mail.send_lists() == 0  # not before its hour
    await execute("UPDATE registration_view SET mailed_at = mailed_at - interval '25 hours'")
    assert [await by_mail.send_lists(), await by_mail.send_lists()] == [1, 0]
    [mail] = await fetch("SELECT to_email, subject, body_text FROM outgoing_mail WHERE kind = 'registration_list'")
    assert mail["to_email"] == "alice@example.org"
    assert "Germans (1), " in mail["subject"]
    assert "Anna" not in mail["body_text"]
    link = re.search(r"/organise/\S+/mailed/\S+", mail["body_text"])
    assert link
    led = await client.get(link[0])
    assert led.headers["location"] == f"{LIST}.csv?country=DE"
    assert (await client.get(f"{link[0]}x")).status_code == 404
    old = by_mail.token_of(view, clock.now() - by_mail.VALID - timedelta(minutes=1))
    late = await client.get(f"{LIST}/mailed/{view}/{old}")
    assert late.headers["location"] == f"{LIST}?view={view}"
    await sign_in(client, bob, proved=True)
    assert (await client.get(link[0])).status_code == 404
    assert (await post(client, page, DAILY)).status_code == 404
    await execute("DELETE FROM membership WHERE account = $1", alice.account_id)
    await execute("UPDATE registration_view SET mailed_at = mailed_at - interval '25 hours'")
    assert await by_mail.send_lists() == 0
    assert await fetchval("SELECT mailed FROM registration_view") == ""
    acts = await fetch(
        "SELECT actor_account_id AS account FROM audit_entry WHERE action = 'registration_view.mail' ORDER BY id"
    )
    assert [row["account"] for row in acts] == [alice.account_id, None]
