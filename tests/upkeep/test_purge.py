"""Every period of the catalogue is applied, from the moment that its rule names; the dry run says the same numbers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from fairs.checkin import tallies
from fairs.core import clock, db
from fairs.core.db import execute, fetch, fetchval
from fairs.units import catalogues
from fairs.upkeep import purge
from tests import factories
from tests.agreements.scene import scene, signed
from tests.cast import make_actor, sign_in

ENDED = datetime(2026, 3, 1, 9, tzinfo=UTC)


def later(days: float, since: datetime = ENDED) -> None:
    clock.start_from((since + timedelta(days=days)).isoformat())


async def numbers(*, dry: bool = False) -> dict[str, int]:
    """What goes, or would go."""
    met = await (purge.expired(clock.now()) if dry else purge.apply(clock.now()))
    return {str(one.rule.what): one.number for one in met if one.number}


async def past_fair(**given: Any) -> int:
    later(-1)
    return await factories.event(starts_at=ENDED - timedelta(hours=8), ends_at=ENDED, **given)


def test_every_period_has_a_rule_or_nothing_to_delete() -> None:
    keys = {one.key for one in catalogues.retention()}
    ruled = {rule.key for rule in purge.RULES() if rule.key}
    assert ruled | purge.NOT_STORED == keys
    assert not ruled & purge.NOT_STORED


async def test_nothing_is_stored_of_what_has_no_rule(db: None) -> None:
    """A column for a number of a passport, a hotel or a diet needs a rule before it needs a form."""
    columns = {
        row["column_name"]
        for row in await fetch("SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'")
    }
    suspects = ("passport_no", "id_no", "identity_", "hotel", "diet", "room_nights")
    ruled = {"hotel"}  # of a tour's rooms: purged with the journeys (tours.retention)
    assert [name for name in columns - ruled if any(part in name for part in suspects)] == []


async def test_deliveries_to_webhooks_go_after_180_days_but_not_one_that_waits(db: None) -> None:
    webhook = await fetchval(
        "INSERT INTO webhook (name, url, secret_sealed, topics) VALUES ('W', 'https://example.org/', '', '{}') RETURNING id"
    )
    for state, ended in (("sent", ENDED), ("failed", ENDED), ("retry", None), ("sent", ENDED + timedelta(days=100))):
        await execute(
            "INSERT INTO webhook_delivery (webhook, topic, state, created_at, ended_at) VALUES ($1, 'test', $2, $3, $4)",
            webhook,
            state,
            ENDED,
            ended,
        )
    later(179)
    assert "deliveries to webhooks" not in await numbers()
    later(181)
    assert (await numbers(dry=True))["deliveries to webhooks"] == (await numbers())["deliveries to webhooks"] == 2
    left = await fetch("SELECT state FROM webhook_delivery ORDER BY id")
    assert [row["state"] for row in left] == ["retry", "sent"]


async def test_scans_go_after_180_days_and_leave_the_totals(db: None) -> None:
    event = await past_fair()
    gate = await factories.gate(event)
    person = await factories.registration(event)
    seen = ENDED - timedelta(hours=6)
    device = await fetchval(
        "INSERT INTO access_token (kind, name, token_hash, event_id) VALUES ('device', 'x', '', $1) RETURNING id", event
    )
    await execute(
        "INSERT INTO scan (uuid, gate, device_id, registration, outcome, scanned_at) VALUES ($1, $2, $5, $3, 'admitted', $4)",
        uuid4(),
        gate,
        person,
        seen,
        device,
    )
    await execute(
        "INSERT INTO admission (gate, registration, day, first_scanned_at) VALUES ($1, $2, $3, $4)",
        gate,
        person,
        seen.date(),
        seen,
    )
    later(179)
    assert await numbers(dry=True) == {}
    later(182)
    assert await numbers(dry=True) == await numbers() == {"scans at gates": 1}
    assert await fetchval("SELECT count(*) FROM scan") == 0
    assert (await tallies.counters(gate, seen.date(), "Asia/Shanghai"))["admitted"] == 1
    await tallies.bring_up(gate, "Europe/Berlin")  # days of another zone: what has expired is not counted again
    assert (await tallies.counters(gate, seen.date(), "Asia/Shanghai"))["admitted"] == 1
    assert await tallies.differences() == []
    kept = await fetchval("SELECT first_scanned_at FROM admission")
    assert kept == datetime(2026, 3, 1, tzinfo=UTC) - timedelta(
        hours=8
    )  # the day, in the fair's zone, without the hour


async def test_profile_without_an_agreement_is_emptied_a_year_after_the_fair(db: None) -> None:
    event = await past_fair()
    taken = await scene(event=event)
    await signed(taken)
    for name in ("gone", "renewed", "coming"):
        talent = await factories.talent(email=f"{name}@example.org", consent_at=ENDED - timedelta(days=30))
        await factories.registration(event, talent=talent)
    await execute("UPDATE talent SET consent_at = $1 WHERE email LIKE 'renewed%'", ENDED + timedelta(days=100))
    await execute("UPDATE talent SET consent_at = $1, updated_at = $1 WHERE email NOT LIKE 'renewed%'", ENDED)
    coming = await factories.event(starts_at=ENDED + timedelta(days=400), ends_at=ENDED + timedelta(days=401))
    await factories.registration(coming, talent=await fetchval("SELECT id FROM talent WHERE email LIKE 'coming%'"))
    later(364)
    assert "profiles that led to no agreement" not in await numbers()
    later(366)
    assert (await numbers(dry=True))["profiles that led to no agreement"] == 1
    assert (await numbers())["profiles that led to no agreement"] == 1
    rows = await fetch("SELECT email, headline, visibility, name_passport FROM talent WHERE headline = ''")
    assert [(row["email"], row["visibility"]) for row in rows] == [("gone@example.org", "private")]
    assert rows[0]["name_passport"]
    assert await fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'matching.encode_talent'") >= 1
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'talent.expire'") == 1
    later(731)
    assert (await numbers())["profiles that led to no agreement"] == 1
    assert await fetchval("SELECT headline FROM talent WHERE email LIKE 'renewed%'") == ""


async def test_listings_meetings_and_names_go_three_years_after_the_fair(db: None) -> None:
    event = await past_fair()
    on = await scene(event=event)
    number = await signed(on)
    await factories.registration(event, talent=on.talent_id)
    later(1094)
    assert {"listings", "meetings"} & (await numbers()).keys() == set()
    later(1096)
    would, went = await numbers(dry=True), await numbers()
    wanted = {"listings": 1, "meetings": 1, "names and addresses of registrations": 1}
    assert {name: went.get(name) for name in wanted} == {name: would.get(name) for name in wanted} == wanted
    row = (await fetch("SELECT name_passport, email, state FROM registration"))[0]
    assert (row["name_passport"], row["state"]) == ("***", "confirmed")
    assert row["email"].endswith("@registration.invalid")
    assert await fetchval("SELECT count(*) FROM agreement WHERE number = $1", number) == 1
    assert (await numbers()).keys() & wanted.keys() == set()


async def test_agreement_of_ten_years_is_said_and_stays(db: None) -> None:
    number = await signed(await scene())
    clock.move_by(timedelta(days=3651))
    assert (await numbers(dry=True))["agreements to hand to the archive; none is deleted"] == 1
    await numbers()
    assert await fetchval("SELECT count(*) FROM agreement_revision") == 1
    assert await fetchval("SELECT count(*) FROM agreement WHERE number = $1", number) == 1


async def test_audit_log_goes_after_three_years_and_not_a_day_before(db: None) -> None:
    add = "INSERT INTO audit_entry (at, actor_label, action, object_kind, object_id) VALUES ($1, 'x', 'test', 'y', '1')"
    await execute(add, ENDED)
    later(1094)
    assert await numbers() == {}
    later(1096)
    assert await numbers() == {"entries of the audit log": 1}
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'test'") == 0
    assert await fetchval("SELECT after->>'rows' FROM audit_entry WHERE action = 'purge'") == "1"


async def test_database_refuses_every_other_change_of_the_log(db: None) -> None:
    add = "INSERT INTO audit_entry (at, actor_label, action, object_kind, object_id) VALUES ($1, 'x', 'test', 'y', '1')"
    await execute(add, ENDED)
    early = (ENDED - timedelta(days=1)).isoformat()
    for before, statement in (
        ("", "DELETE FROM audit_entry"),
        (early, "DELETE FROM audit_entry"),
        (ENDED.isoformat(), "UPDATE audit_entry SET action = 'other'"),
    ):
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="append-only"):
            await _with_expiry(before, statement)


async def _with_expiry(before: str, statement: str) -> None:
    async with db.DB.transaction():
        await db.execute("SELECT set_config('upkeep.expired_before', $1, true)", before)
        await db.execute(statement)


async def test_mails_lose_their_text_after_180_days(db: None) -> None:
    await execute(
        "INSERT INTO outgoing_mail (kind, lang, to_email, subject, body_text, body_html, state, created_at)"
        " VALUES ('x', 'en', 'a@example.org', 's', 'text', 'html', 'sent', $1)",
        ENDED,
    )
    later(179)
    assert await numbers() == {}
    later(181)
    assert await numbers(dry=True) == await numbers() == {"contents of mails": 1}
    assert await fetchval("SELECT body_text FROM outgoing_mail") == ""


async def test_page_says_what_would_go(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"))
    await execute("INSERT INTO rate_limit (key, hits, ends_at) VALUES ('x', 1, now() - interval '3 days')")
    page = (await client.get("/organise/retention")).text
    row = page.split("Counts of attempts")[1].split("</tr>")[0]
    assert ">1</td>" in row
    assert await fetchval("SELECT count(*) FROM rate_limit WHERE key = 'x'") == 1
