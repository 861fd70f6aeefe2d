"""Wishes told once a day: to whom, when, in which words, and what is not told."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from fairs.core import clock, db
from fairs.core.wishes import Side
from fairs.meetings import services
from fairs.meetings.digest import services as digest
from tests.cast import make_actor, post, sign_in
from tests.fair import profile_of
from tests.mails import MailKeeper
from tests.meetings.stage import Stage, make_stage

pytestmark = pytest.mark.usefixtures("db")
MORNING = datetime(2026, 11, 30, 1, 5, tzinfo=UTC)  # five past nine in Shanghai


@pytest.fixture(autouse=True)
def _in_the_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: MORNING)


async def prove(*emails: str) -> None:
    await db.execute("UPDATE account SET email_confirmed_at = now() WHERE email = ANY($1::text[])", list(emails))


async def ready(visibility: str = "employers") -> Stage:
    stage = await make_stage(visibility=visibility)
    await prove("wang@example.org", "maria@example.org")
    return stage


async def candidate_says(stage: Stage, level: str = "meet") -> None:
    await services.express(stage.listing, stage.talent, level, side=Side.TALENT, by=stage.candidate)


async def to_employer(stage: Stage) -> None:
    await digest.send_digest({"side": "employer", "owner": stage.organisation})


async def mails() -> list[tuple[str, ...]]:
    rows = await db.fetch("SELECT to_email, lang, subject, body_text FROM outgoing_mail ORDER BY id")
    return [tuple(row) for row in rows]


async def waiting() -> list[str]:
    return [row[0] for row in await db.fetch("SELECT dedupe_key FROM pgqueuer WHERE entrypoint = $1", digest.TELL)]


@pytest.mark.parametrize(
    ("now", "zone", "due"),
    [
        ("2026-11-30T00:30+00:00", "Asia/Shanghai", "2026-11-30T09:00+08:00"),
        ("2026-11-30T01:00+00:00", "Asia/Shanghai", "2026-12-01T09:00+08:00"),
        ("2026-10-24T20:00+00:00", "Europe/Berlin", "2026-10-25T09:00+01:00"),
        ("2026-11-30T20:00+00:00", "America/Los_Angeles", "2026-12-01T09:00-08:00"),
    ],
)
def test_a_digest_is_due_on_the_next_morning_of_the_receiver(now: str, zone: str, due: str) -> None:
    assert digest.next_morning(datetime.fromisoformat(now), ZoneInfo(zone)) == datetime.fromisoformat(due)


def test_an_unknown_zone_is_the_products_own() -> None:
    assert digest.zone_of("Mars/Olympus") == ZoneInfo("Asia/Shanghai")


async def test_one_job_waits_for_all_wishes_of_a_day() -> None:
    stage = await ready()
    other = await make_actor("candidate", email="li@example.org", name="Li Na")
    talent = await profile_of(other, name_passport="Li Na", visibility="employers")
    await candidate_says(stage)
    await candidate_says(stage, "must")
    await services.express(stage.listing, talent, "meet", side=Side.TALENT, by=other)
    assert await waiting() == [f"wishes:employer:{stage.organisation}:2026-12-01T01"]
    await to_employer(stage)
    [(to, lang, subject, text)] = await mails()
    assert (to, lang, subject) == ("wang@example.org", "en", "2 people want to meet you")
    assert text.index("Maria Fernandez") < text.index("Li Na")
    assert "(must meet)" in text
    assert "/account/mails" in text


async def test_each_side_is_told_of_the_other_in_its_own_language() -> None:
    stage = await ready()
    await db.execute("UPDATE account SET lang = 'zh' WHERE email = 'maria@example.org'")
    await services.express(stage.listing, stage.talent, "must", side=Side.EMPLOYER, by=stage.employer)
    assert await waiting() == [f"wishes:talent:{stage.talent}:2026-12-01T01"]
    await digest.send_digest({"side": "talent", "owner": stage.talent})
    [(to, lang, subject, text)] = await mails()
    assert (to, lang, subject) == ("maria@example.org", "zh", "有1个岗位的用人单位希望与您洽谈")
    assert "务必洽谈" in text


async def test_who_shows_themselves_after_a_match_is_not_named() -> None:
    stage = await ready("matched")
    await candidate_says(stage)
    await to_employer(stage)
    [(_, _, _, text)] = await mails()
    assert "Maria" not in text
    assert "Fernandez" not in text
    assert "Candidate" in text


@pytest.mark.parametrize("end", ["taken back", "declined", "answered", "private", "closed"])
async def test_what_does_not_stand_any_more_is_not_told(end: str) -> None:
    stage = await ready()
    await candidate_says(stage)
    if end == "taken back":
        await candidate_says(stage, "")
    elif end == "declined":
        await services.express(stage.listing, stage.talent, "no", side=Side.EMPLOYER, by=stage.employer)
    elif end == "answered":
        await services.express(stage.listing, stage.talent, "meet", side=Side.EMPLOYER, by=stage.employer)
    elif end == "private":
        await db.execute("UPDATE talent SET visibility = 'private' WHERE id = $1", stage.talent)
    else:
        await db.execute("UPDATE listing SET state = 'closed' WHERE id = $1", stage.listing)
    before = len(await mails())
    await to_employer(stage)
    assert len(await mails()) == before


async def test_a_wish_is_told_once_even_by_two_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await ready()
    await candidate_says(stage)
    await asyncio.gather(*(to_employer(stage) for _ in range(4)))
    assert len(await mails()) == 1
    monkeypatch.setattr(clock, "now", lambda: MORNING + timedelta(days=1))
    await to_employer(stage)
    assert len(await mails()) == 1
    assert await db.fetchval("SELECT told_at FROM preference") == MORNING


async def test_a_second_digest_of_a_day_waits_for_the_next() -> None:
    stage = await ready()
    await candidate_says(stage)
    await to_employer(stage)
    await candidate_says(stage, "")
    await candidate_says(stage)
    await to_employer(stage)
    assert len(await mails()) == 1
    assert await db.fetchval("SELECT told_at FROM preference") is None
    assert await waiting() == [f"wishes:employer:{stage.organisation}:2026-12-01T01"]


async def test_a_late_job_does_not_wake_anybody(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await ready()
    await candidate_says(stage)
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 1, 17, 0, tzinfo=UTC))  # one at night in Shanghai
    await to_employer(stage)
    assert await mails() == []
    assert f"wishes:employer:{stage.organisation}:2026-12-02T01" in await waiting()


async def test_who_moved_since_is_told_in_the_new_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = await ready()
    await candidate_says(stage)
    await db.execute("UPDATE account SET timezone = 'Europe/London'")
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 1, 1, 0, tzinfo=UTC))
    await to_employer(stage)
    assert await mails() == []
    assert f"wishes:employer:{stage.organisation}:2026-12-01T09" in await waiting()


async def test_an_address_that_nobody_proved_gets_nothing() -> None:
    stage = await make_stage()
    await db.execute("UPDATE account SET email_confirmed_at = NULL")
    await candidate_says(stage)
    await to_employer(stage)
    assert await mails() == []
    await prove("wang@example.org")
    await to_employer(stage)
    assert len(await mails()) == 1


async def test_who_does_not_want_them_is_spared_until_they_do() -> None:
    stage = await ready()
    assert stage.employer.account_id is not None
    await candidate_says(stage)
    for wanted in (False, False):
        await digest.choose_digest(stage.employer.account_id, wanted)
        await to_employer(stage)
        assert await mails() == []
    await digest.choose_digest(stage.employer.account_id, True)
    await to_employer(stage)
    assert len(await mails()) == 1


async def test_long_digests_are_counted_at_the_end() -> None:
    stage = await ready()
    for number in range(digest.MOST + 3):
        other = await make_actor("candidate", email=f"p{number}@example.org", name=f"Person {number}")
        talent = await profile_of(other, name_passport=f"Person {number}", visibility="employers")
        await services.express(stage.listing, talent, "meet", side=Side.TALENT, by=other)
    await to_employer(stage)
    [(_, _, subject, text)] = await mails()
    assert subject == "23 people want to meet you"
    assert "and 3 more" in text
    assert await db.fetchval("SELECT count(*) FROM preference WHERE told_at IS NULL") == 0


async def test_the_choice_is_made_on_a_page(client: httpx.AsyncClient) -> None:
    stage = await ready()
    await sign_in(client, stage.employer)
    page = await client.get("/account/mails")
    assert 'name="wishes"' in page.text
    assert "checked" in page.text
    assert 'href="/account/mails"' in (await client.get("/account")).text
    await post(client, "/account/mails", {})
    assert await db.fetchval("SELECT count(*) FROM wish_mail_off") == 1
    assert "checked" not in (await client.get("/account/mails")).text
    await post(client, "/account/mails", {"wishes": "on"})
    assert await db.fetchval("SELECT count(*) FROM wish_mail_off") == 0


async def test_pages_say_when_the_other_side_was_told(client: httpx.AsyncClient, mail_server: MailKeeper) -> None:
    stage = await ready()
    await candidate_says(stage)
    await sign_in(client, stage.candidate)
    assert "Mailed to the employer" not in (await client.get("/me/meetings")).text
    await to_employer(stage)
    assert "Mailed to the employer on 30 Nov 2026" in (await client.get("/me/meetings")).text


async def test_an_employer_sees_when_a_person_was_told(client: httpx.AsyncClient, mail_server: MailKeeper) -> None:
    stage = await ready()
    await services.express(stage.listing, stage.talent, "meet", side=Side.EMPLOYER, by=stage.employer)
    await digest.send_digest({"side": "talent", "owner": stage.talent})
    await sign_in(client, stage.employer)
    assert "Mailed on 30 Nov 2026" in (await client.get("/employer/meetings")).text
