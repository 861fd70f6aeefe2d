"""What time does to agreements: questions after 30, 60, 90 and 180 days, once each, and the lapse."""

from datetime import UTC, datetime, timedelta

import pytest

from fairs.agreements import by_clock, services
from fairs.core import clock
from fairs.core.db import fetch, fetchval
from fairs.units import catalogues
from tests.agreements.scene import Scene, paper, scene, signed


@pytest.fixture
async def stage(db: None) -> tuple[Scene, str]:
    on = await scene()
    return on, await signed(on)


def after(days: float) -> None:
    """So many days later."""
    clock.move_by(timedelta(days=days))


async def mails(kind: str) -> list[tuple[str, str]]:
    rows = await fetch("SELECT to_email, subject FROM outgoing_mail WHERE kind = $1 ORDER BY id", kind)
    return [(row["to_email"], row["subject"]) for row in rows]


def test_last_milestone_that_was_reached() -> None:
    signing = datetime(2027, 1, 1, tzinfo=UTC)
    days = catalogues.followup().reminder_days
    reached = [by_clock.milestone(signing, signing + timedelta(days=n), days) for n in (0, 29, 30, 61, 179, 900)]
    assert reached == [None, None, 30, 60, 90, 180]


async def test_intent_without_a_step_lapses_with_a_record_and_a_mail(stage: tuple[Scene, str]) -> None:
    on, number = stage
    after(179.9)
    assert await by_clock.lapse() == 0
    after(180.1)
    assert await by_clock.lapse() == 1
    assert await by_clock.lapse() == 0
    assert await fetchval("SELECT state FROM agreement WHERE number = $1", number) == "lapsed"
    noted = await fetchval(
        "SELECT after->>'evidence' FROM audit_entry WHERE action = 'agreement.transition' ORDER BY id DESC"
    )
    assert noted == "no progress for 180 days"
    told = await mails("agreement_lapsed")
    assert {email for email, _ in told} == {on.talent.email, on.employer.email, on.bureau.email}
    await services.transition(number, "talks", by=on.bureau, fact=paper("the employer has a new budget"))
    assert await fetchval("SELECT state FROM agreement WHERE number = $1", number) == "talks"


async def test_intent_with_a_contract_does_not_lapse(stage: tuple[Scene, str]) -> None:
    on, number = stage
    after(170)
    await services.transition(number, "contract", by=on.employer, fact=paper("contract of 3 years"))
    after(400)
    assert await by_clock.lapse() == 0


async def test_employer_and_bureau_are_asked_once_for_each_milestone(stage: tuple[Scene, str]) -> None:
    on, _ = stage
    after(29)
    assert await by_clock.follow_up() == 0
    after(31)
    assert await by_clock.follow_up() == 2
    assert await by_clock.follow_up() == 0
    assert {email for email, _ in await mails("agreement_follow_up")} == {on.employer.email, on.bureau.email}
    after(95)  # the 60 days were missed: one question, not two
    assert await by_clock.follow_up() == 2
    after(170)
    assert await by_clock.follow_up() == 0
    body = await fetchval("SELECT body_text FROM outgoing_mail WHERE to_email = $1 ORDER BY id DESC", on.bureau.email)
    assert "was signed 90 days ago" in body
    assert "it lapses on" in body


async def test_nobody_is_asked_after_the_arrival(stage: tuple[Scene, str]) -> None:
    on, number = stage
    for state in ("contract", "permit", "arrived"):
        await services.transition(number, state, by=on.organiser, fact=paper("seen by the desk"))
    after(31)
    assert await by_clock.follow_up() == 0
