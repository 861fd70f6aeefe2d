"""The morning mail to the staff: what waits for them, once a day, not when nothing waits, and not to who turned it off."""

from datetime import timedelta

import httpx

from fairs.core import clock
from fairs.core.db import execute, fetch, fetchval
from fairs.upkeep import digest
from tests import factories
from tests.agreements.scene import scene, signed
from tests.cast import make_actor, post, sign_in


async def receivers() -> list[str]:
    return [
        row["to_email"]
        for row in await fetch("SELECT to_email FROM outgoing_mail WHERE kind = 'work_digest' ORDER BY id")
    ]


async def test_nothing_is_sent_when_nothing_waits(db: None) -> None:
    await make_actor("bureau", unit_id=await factories.unit_id("411500"))
    await make_actor("organiser", email="organiser@example.org")
    assert await digest.send_digests() == 0


async def test_bureau_hears_of_its_own_unit_only_and_once_a_day(db: None) -> None:
    mine = await factories.unit_id("411500")
    await make_actor("bureau", email="mine@example.org", unit_id=mine)
    await make_actor("bureau", email="other@example.org", unit_id=await factories.unit_id("411300"))
    await factories.organisation(state="pending", unit=mine)
    assert [await digest.send_digests(), await digest.send_digests()] == [1, 0]
    assert await receivers() == ["mine@example.org"]
    text = await fetchval("SELECT body_text FROM outgoing_mail WHERE kind = 'work_digest'")
    assert "Employers to approve: 1" in text
    assert "/bureau/approvals?state=pending" in text
    clock.move_by(timedelta(days=1))
    assert await digest.send_digests() == 1


async def test_agreements_to_verify_and_overdue_steps_wait(db: None) -> None:
    on = await scene()
    number = await signed(on)
    await execute("UPDATE agreement SET next_step_by = current_date - 2 WHERE number = $1", number)
    lines = {str(line.what): line.number for line in await digest.waiting_for(on.bureau)}
    assert lines == {"Signed agreements to verify": 1, "Agreements whose next step is overdue": 1}
    assert await digest.waiting_for(on.other_bureau) == []


async def test_organiser_hears_of_failed_mails_and_jobs(db: None) -> None:
    organiser = await make_actor("organiser")
    await execute(
        "INSERT INTO outgoing_mail (kind, lang, to_email, subject, body_text, body_html, state)"
        " VALUES ('x', 'en', 'a@example.org', '', '', '', 'failed')"
    )
    await execute(
        "INSERT INTO periodic_run (name, due_at, state, finished_at) VALUES ('upkeep-purge', now(), 'failed', now())"
    )
    lines = {str(line.what): line.number for line in await digest.waiting_for(organiser)}
    assert lines == {"Mails that could not be sent": 1, "Scheduled jobs that failed or are overdue": 1}


async def test_mail_can_be_turned_off_and_on(client: httpx.AsyncClient) -> None:
    unit = await factories.unit_id("411500")
    bureau = await make_actor("bureau", unit_id=unit)
    await factories.organisation(state="pending", unit=unit)
    await sign_in(client, bureau)
    assert "Mail me in the morning what waits for me" in (await client.get("/account/mails")).text
    await post(client, "/account/mails", {"wishes": "1"})
    assert await digest.send_digests() == 0
    await post(client, "/account/mails", {"wishes": "1", "work": "1"})
    assert await digest.send_digests() == 1


async def test_candidate_is_not_asked_about_the_staffs_mail(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("candidate"))
    assert "what waits for me" not in (await client.get("/account/mails")).text
    await post(client, "/account/mails", {"wishes": "1"})
    assert await fetchval("SELECT count(*) FROM work_mail_off") == 0
