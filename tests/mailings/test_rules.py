"""Rules: when they are due, whom they reach, and that each person is told once."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.core import clock
from fairs.core import db as database
from fairs.core.errors import Conflict
from fairs.events.cloning import clone
from fairs.events.forms import CloneForm
from fairs.mailings import by_clock, services
from fairs.mailings.by_clock import follow
from fairs.mailings.forms import MailingForm, RuleForm
from fairs.mailings.wording.queries import wordings
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.mailings.test_mailings import TEXT, people, states

ZONE = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int) -> datetime:
    """A moment in Zhengzhou; the event is on 10 and 11 March of next year."""
    return datetime(datetime.now(UTC).year + 1, 3, day, hour, 1, tzinfo=ZONE)


@pytest.fixture
async def fair(db: None) -> int:
    times = {"starts_at": at(10, 9), "ends_at": at(11, 17)}
    return await factories.event(slug="fair", **times)


async def organiser() -> Actor:
    return await make_actor("organiser", email="o@example.org")


async def rule(event: int, by: Actor, monkeypatch: pytest.MonkeyPatch, now: datetime, **given: object) -> int:
    """A rule that was switched on at a moment."""
    monkeypatch.setattr(clock, "now", lambda: now)
    made = await services.save_mailing(event, RuleForm(**{**TEXT, **given}), by=by)  # type: ignore[arg-type]  # a test's values
    await by_clock.switch_on(made, by=by)
    return made


async def test_days_before_and_after(fair: int, monkeypatch: pytest.MonkeyPatch) -> None:
    by = await organiser()
    first, *_ = await people(fair, 3, created_at=at(1, 1))
    await database.execute("UPDATE registration SET state = 'waitlisted', queue = 1 WHERE id = $1", first)
    before = await rule(fair, by, monkeypatch, at(1, 8), trigger="before", days=3)
    after = await rule(fair, by, monkeypatch, at(1, 8), trigger="after", days=1)
    for day, hour, one, other in (
        (7, 8, 0, 0),
        (7, 9, 2, 0),
        (7, 10, 2, 0),
        (9, 9, 2, 0),
        (12, 8, 2, 0),
        (12, 9, 2, 2),
        (13, 9, 2, 2),
    ):
        monkeypatch.setattr(clock, "now", lambda day=day, hour=hour: at(day, hour))
        await follow()
        assert (sum((await states(before)).values()), sum((await states(after)).values())) == (one, other), (day, hour)


async def test_missed_runs_are_caught_up_without_those_who_came_later(
    fair: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = await organiser()
    await people(fair, 2, created_at=at(1, 1))
    before = await rule(fair, by, monkeypatch, at(1, 8), trigger="before", days=3)
    await factories.registration(fair, created_at=at(8, 1), email="late@example.org")
    monkeypatch.setattr(clock, "now", lambda: at(8, 12))
    await follow()
    await follow()
    assert sum((await states(before)).values()) == 2


async def test_rule_switched_on_too_late_sends_nothing(fair: int, monkeypatch: pytest.MonkeyPatch) -> None:
    by = await organiser()
    await people(fair, 2, created_at=at(1, 1))
    late = await rule(fair, by, monkeypatch, at(8, 8), trigger="before", days=3)
    await follow()
    assert await states(late) == {}
    [planned] = await by_clock.timeline(fair)
    assert planned.missed


async def test_change_of_state_tells_those_who_come_into_it_once(fair: int, monkeypatch: pytest.MonkeyPatch) -> None:
    by = await organiser()
    [first, second] = await people(fair, 2)
    waits = "UPDATE registration SET state = 'waitlisted', queue = 1 WHERE id = $1"
    await database.execute(waits, first)
    made = await rule(fair, by, monkeypatch, at(1, 8), trigger="state", state="waitlisted")
    assert await follow() == 0
    await database.execute(waits, second)
    assert await follow() == 1
    await database.execute("UPDATE registration SET state = 'confirmed', queue = NULL WHERE id = $1", second)
    await follow()
    await database.execute(waits, second)
    assert await follow() == 0
    reasons = await database.fetch(
        "SELECT registration, reason FROM mailing_recipient WHERE mailing = $1 ORDER BY 1", made
    )
    assert [tuple(row) for row in reasons] == [(first, "earlier"), (second, "")]


async def test_not_checked_in_by_noon(fair: int, monkeypatch: pytest.MonkeyPatch) -> None:
    by = await organiser()
    [came, _] = await people(fair, 2)
    gate = await factories.gate(fair)
    await database.execute(
        "INSERT INTO scan (uuid, gate, registration, outcome, scanned_at) VALUES (gen_random_uuid(), $1, $2, 'admitted', now())",
        gate,
        came,
    )
    made = await rule(fair, by, monkeypatch, at(1, 8), trigger="absent", hour=12)
    for day, hour, expected in ((10, 11, 0), (10, 12, 1), (10, 13, 1), (11, 12, 1)):
        monkeypatch.setattr(clock, "now", lambda day=day, hour=hour: at(day, hour))
        await follow()
        assert sum((await states(made)).values()) == expected, (day, hour)


async def test_meeting_tomorrow_tells_both_sides(fair: int, monkeypatch: pytest.MonkeyPatch) -> None:
    by = await organiser()
    [talent_side, employer_side, _] = await people(fair, 3)
    employer, talent = await factories.organisation(), await factories.talent()
    listing = await factories.listing(employer, fair)
    await factories.meeting(fair, listing, employer, talent, state="scheduled", starts_at=at(11, 10))
    await database.execute("UPDATE registration SET talent = $2 WHERE id = $1", talent_side, talent)
    await database.execute(
        "UPDATE registration SET organisation = $2, category = 'employer' WHERE id = $1", employer_side, employer
    )
    made = await rule(fair, by, monkeypatch, at(1, 8), trigger="meeting", hour=18)
    for day, hour, expected in ((9, 18, 0), (10, 17, 0), (10, 18, 2), (10, 19, 2), (11, 18, 2)):
        monkeypatch.setattr(clock, "now", lambda day=day, hour=hour: at(day, hour))
        await follow()
        assert sum((await states(made)).values()) == expected, (day, hour)


async def test_rule_that_is_off_sends_nothing_and_may_be_changed(fair: int, monkeypatch: pytest.MonkeyPatch) -> None:
    by = await organiser()
    await people(fair, 2, created_at=at(1, 1))
    made = await rule(fair, by, monkeypatch, at(1, 8), trigger="before", days=3)
    other: dict[str, Any] = {**TEXT, "subject_en": "Other"}
    form = RuleForm(**other)
    with pytest.raises(Conflict):
        await services.save_mailing(fair, form, by=by, mailing_id=made)
    await by_clock.switch_off(made, by=by)
    await services.save_mailing(fair, form, by=by, mailing_id=made)
    monkeypatch.setattr(clock, "now", lambda: at(7, 10))
    await follow()
    assert await states(made) == {}
    with pytest.raises(Conflict):
        await by_clock.switch_off(made, by=by)


async def test_timeline_says_when_and_how_many(client: httpx.AsyncClient) -> None:
    now = clock.now()
    event = await factories.event(slug="fair", starts_at=now + timedelta(days=30), ends_at=now + timedelta(days=31))
    await people(event, 2)
    await sign_in(client, await organiser())
    here = "/organise/editions/fair/mailings"
    refused = await post(client, f"{here}/rules/new", {**TEXT, "trigger": "state", "days": "0", "hour": "9"})
    assert refused.status_code == 422
    assert "Choose the state" in " ".join(errors_in(refused.text))
    for trigger, days in (("after", "1"), ("before", "7")):
        typed = {**TEXT, "trigger": trigger, "days": days, "hour": "9", "subject_en": f"Rule {trigger}"}
        answer = await post(client, f"{here}/rules/new", typed)
        assert answer.status_code == 303
        assert (await post(client, f"{answer.headers['location']}/act", {"act": "on"})).status_code == 303
    page = (await client.get(here)).text
    assert page.index("Rule before") < page.index("Rule after")
    assert len(re.findall(r'<td[^>]*data-label="People as of now"[^>]*>2</td>', page)) == 2
    assert (await client.get(answer.headers["location"])).status_code == 200
    assert (await client.get(f"{answer.headers['location']}/edit")).status_code == 200


@pytest.mark.parametrize("mails", [True, False])
async def test_a_copied_edition_has_rules_turned_off_and_texts_where_they_were_chosen(fair: int, mails: bool) -> None:
    by = await organiser()
    made = await services.save_mailing(fair, RuleForm(**TEXT, trigger="before", days=3), by=by)  # type: ignore[arg-type]  # a test's values
    await by_clock.switch_on(made, by=by)
    await services.save_mailing(fair, MailingForm(**TEXT), by=by)  # type: ignore[arg-type]  # a test's values
    own = {"subject_zh": "请签署", "subject_en": "Please sign", "text_zh": "{link}", "text_en": "{link}"}
    await database.execute(
        "INSERT INTO mail_wording (kind, event, version, subject_zh, subject_en, text_zh, text_en)"
        " VALUES ('agreement_to_sign', $1, 1, $2, $3, $4, $5)",
        fair,
        *own.values(),
    )
    copy = CloneForm(
        slug="next", title_zh="二", title_en="Two", starts_on=at(10, 9).date() + timedelta(days=364), mails=mails
    )
    await clone("fair", copy, by=by)
    new = await database.fetchval("SELECT id FROM event WHERE slug = 'next'")
    rules = await database.fetch("SELECT id, trigger, days, state FROM mailing WHERE event = $1", new)
    assert [(row["trigger"], row["days"], row["state"]) for row in rules] == (
        [("before", 3, "paused")] if mails else []
    )
    asked = ("agreement_to_sign", new, "en")
    assert (asked in await wordings([asked])) is mails
    if mails:
        await by_clock.switch_on(rules[0]["id"], by=by)
