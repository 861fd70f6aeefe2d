"""A release: shown first with whom it concerns, then all of it at once; sign-ups and calendars follow."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from fairs.accounts.actor import SYSTEM
from fairs.core import db as database
from fairs.core import jobs
from fairs.core.errors import Conflict, Invalid
from fairs.events import moving, programme, queries, services
from fairs.events.forms import SessionForm, SpeakerForm
from fairs.events.planning import queries as planning
from fairs.events.planning import releasing
from fairs.events.planning import speakers as people
from fairs.registrations import changing
from fairs.registrations import queries as registered
from fairs.registrations import services as registrations
from tests import factories
from tests.fair import person, session
from tests.mails import text_of

HOUR = timedelta(hours=1)
BEGINS = factories.STARTS


def form(code: str, **given: Any) -> SessionForm:
    values: dict[str, Any] = {"kind": "forum", "title_zh": f"论坛{code}", "title_en": f"Forum {code}", "sign_up": True}
    return SessionForm(code=code, **(values | {"starts_at": BEGINS, "ends_at": BEGINS + HOUR} | given))


async def fair(**given: Any) -> int:
    """Three sessions; p1 in a and b, p2 in a, p3 in c, p4 in none."""
    event = await factories.event(slug="fair", **given)
    for at, code in enumerate("abc"):
        await session(event, code, BEGINS + at * 2 * HOUR, sign_up=True)
    for number, sessions in ((1, ["a", "b"]), (2, ["a"]), (3, ["c"]), (4, [])):
        await registrations.register(event, person(number, sessions=sessions), by=SYSTEM)
    await database.execute("DELETE FROM outgoing_mail")
    return event


async def released(event: int) -> dict[str, tuple[int, Any]]:
    return {row.code: (row.id, row.starts_at) for row in await queries.sessions_of(event)}


async def mailed(kind: str) -> list[str]:
    rows = await database.fetch("SELECT to_email FROM outgoing_mail WHERE kind = $1 ORDER BY to_email", kind)
    return [row["to_email"] for row in rows]


async def test_draft_is_seen_by_nobody_until_it_is_released_at_once(db: None, dsn: str) -> None:
    event = await fair()
    before = await released(event)
    await programme.update_session(
        "fair", "a", form("a", starts_at=BEGINS + 5 * HOUR, ends_at=BEGINS + 6 * HOUR), by=SYSTEM
    )
    await programme.add_session(event, form("d"), by=SYSTEM)
    await programme.withdraw_session("fair", "c", "The speaker is ill", by=SYSTEM)
    assert await released(event) == before
    assert [row.code for row in await registered.open_sessions(event)] == ["a", "b", "c"]
    prepared = await releasing.prepare(await queries.event_by_id(event))
    assert (dict(prepared.counts), prepared.told) == ({"new": 1, "moved": 1, "cancelled": 1}, 3)
    with pytest.raises(releasing.Unconfirmed):
        await programme.release("fair", by=SYSTEM)
    assert await released(event) == before
    # fair() has released three times: one session each
    assert await programme.release("fair", by=SYSTEM, confirmed=prepared.digest) == 4
    after = await released(event)
    assert list(after) == ["d", "b", "a"]
    assert after["a"] == (before["a"][0], BEGINS + 5 * HOUR)
    assert [row.code for row in await planning.cancelled_of(event)] == ["c"]
    with pytest.raises(Conflict):
        await programme.release("fair", by=SYSTEM, confirmed=moving.CONFIRMED)
    await jobs.drain(dsn)
    assert await mailed("registration_moved") == ["p1@example.org", "p2@example.org"]
    assert await mailed("session_cancelled") == ["p3@example.org"]
    told = await text_of(kind="session_cancelled")
    assert "Forum c" in told
    assert "The speaker is ill" in told
    left = await database.fetch("SELECT s.code FROM registration_session x JOIN event_session s ON s.id = x.session")
    assert sorted(row["code"] for row in left) == ["a", "a", "b"]


async def test_confirmation_is_for_what_was_shown(db: None) -> None:
    event = await fair()
    await programme.withdraw_session("fair", "a", "No room", by=SYSTEM)
    digest = (await releasing.prepare(await queries.event_by_id(event))).digest
    number = await database.fetchval("SELECT id FROM registration WHERE email = 'p4@example.org'")
    await changing.change_sessions(number, ["a"], by=SYSTEM)
    with pytest.raises(releasing.Unconfirmed) as refused:
        await programme.release("fair", by=SYSTEM, confirmed=digest)
    assert refused.value.extra["concerned"] == {"cancelled": 1, "told": 3}


async def test_nobody_keeps_a_place_in_a_cancelled_session_while_many_sign_up(db: None) -> None:
    event = await factories.event(slug="fair")
    await session(event, "a", BEGINS, sign_up=True)
    made = [await registrations.register(event, person(number), by=SYSTEM) for number in range(12)]
    await programme.withdraw_session("fair", "a", "No room", by=SYSTEM)
    ended = programme.release("fair", by=SYSTEM, confirmed=moving.CONFIRMED)
    signed = [changing.change_sessions(one.id, ["a"], by=SYSTEM) for one in made]
    found = await asyncio.gather(*signed[:6], ended, *signed[6:], return_exceptions=True)
    assert found[6] == 2
    refused = [answer for answer in found if isinstance(answer, Exception)]
    assert all(isinstance(answer, Invalid) for answer in refused)
    taken = sum(answer is True for answer in found)
    told = await database.fetch("SELECT payload FROM pgqueuer WHERE entrypoint = 'registrations.sessions_cancelled'")
    assert sum(len(json.loads(row["payload"])["ended"]) for row in told) == taken
    assert await database.fetchval("SELECT count(*) FROM registration_session") == 0
    assert taken + len(refused) == len(made)


async def test_two_releases_at_once_are_one(db: None) -> None:
    event = await fair()
    await programme.add_session(event, form("d"), by=SYSTEM)
    tries = [programme.release("fair", by=SYSTEM, confirmed=moving.CONFIRMED) for _ in range(3)]
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert [answer for answer in found if not isinstance(answer, Conflict)] == [4]


async def test_first_publication_releases_the_programme(db: None) -> None:
    event = await factories.event(slug="fair", state="draft")
    await programme.add_session(event, form("a"), by=SYSTEM)
    assert await released(event) == {}
    await services.publish_event("fair", by=SYSTEM)
    assert list(await released(event)) == ["a"]
    await services.close_event("fair", by=SYSTEM)
    await programme.add_session(event, form("b"), by=SYSTEM)
    await services.publish_event("fair", by=SYSTEM)
    assert list(await released(event)) == ["a"], "opening registration again releases nothing"


async def test_versions_say_what_each_did_and_never_change(db: None) -> None:
    event = await fair()
    await programme.update_session("fair", "a", form("a", title_en="Renamed"), by=SYSTEM)
    await programme.release("fair", by=SYSTEM, confirmed=moving.CONFIRMED)
    [latest, *_] = await planning.releases_page(event, 10, 0)
    assert (latest.number, latest.changes, latest.told) == (4, 1, 0)
    [change] = await planning.changes_of(latest.id)
    assert change.before is not None
    assert change.after is not None
    assert "Forum a" in change.before
    assert "Renamed" in change.after
    assert (change.kind, change.people) == ("changed", 2)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await database.execute("UPDATE release_change SET people = 0")


async def test_draft_is_undone(db: None) -> None:
    event = await fair()
    changed = form("a", title_en="Renamed")
    await programme.update_session("fair", "a", changed, by=SYSTEM)
    await programme.restore_session("fair", "a", by=SYSTEM)
    assert await planning.drafts_of(event) == []
    await programme.update_session("fair", "a", changed, by=SYSTEM)
    await programme.update_session("fair", "a", form("a"), by=SYSTEM)
    assert await planning.drafts_of(event) == [], "typed back by hand is undone as well"
    await programme.add_session(event, form("d"), by=SYSTEM)
    with pytest.raises(Conflict):
        await programme.restore_session("fair", "d", by=SYSTEM)
    assert await programme.withdraw_session("fair", "d", "", by=SYSTEM)
    with pytest.raises(Invalid):
        await programme.withdraw_session("fair", "a", " ", by=SYSTEM)
    assert not await programme.withdraw_session("fair", "a", "No room", by=SYSTEM)
    await programme.add_session(event, form("e"), by=SYSTEM)
    assert await programme.restore_all("fair", by=SYSTEM) == 2
    assert await planning.drafts_of(event) == []


async def test_code_of_a_released_session_stays(db: None) -> None:
    event = await fair()
    with pytest.raises(Invalid) as refused:
        await programme.update_session("fair", "a", form("z"), by=SYSTEM)
    assert list(refused.value.fields) == ["code"]
    await programme.add_session(event, form("d"), by=SYSTEM)
    await programme.update_session("fair", "d", form("e"), by=SYSTEM)
    assert [plan.code for plan in await planning.drafts_of(event)] == ["e"]
    await programme.withdraw_session("fair", "c", "No room", by=SYSTEM)
    await programme.release("fair", by=SYSTEM, confirmed=moving.CONFIRMED)
    with pytest.raises(Conflict):
        await programme.add_session(event, form("c"), by=SYSTEM)


async def test_speakers_are_released_in_their_order(db: None) -> None:
    event = await fair()
    for code, zh, en in (("wang", "王莉", "Wang Li"), ("li", "李明", "")):
        await people.add_speaker("fair", SpeakerForm(code=code, name_zh=zh, name_en=en, bio_en="Chemist"), by=SYSTEM)
    await programme.update_session("fair", "a", form("a", speakers="李明 (host)\nwang li"), by=SYSTEM)
    with pytest.raises(Conflict):
        await people.remove_speaker("fair", "li", by=SYSTEM)
    await programme.release("fair", by=SYSTEM, confirmed=moving.CONFIRMED)
    number = (await released(event))["a"][0]
    found = (await planning.appearances_of(event))[number]
    assert [(one.code, one.role) for one in found] == [("li", "host"), ("wang", "speaker")]
    [item] = [item for item in await planning.draft(event) if item.plan.code == "a"]
    assert (item.plan.speakers, item.change) == ("li (host)\nwang", None)
    await programme.update_session("fair", "a", form("a"), by=SYSTEM)
    await programme.release("fair", by=SYSTEM, confirmed=moving.CONFIRMED)
    await people.remove_speaker("fair", "li", by=SYSTEM)
    assert [one.code for one in await planning.speakers_of(event)] == ["wang"]


async def test_after_the_event_nobody_is_told_and_sign_ups_are_history(db: None, dsn: str) -> None:
    event = await fair()
    await programme.withdraw_session("fair", "a", "It never took place", by=SYSTEM)
    await database.execute("UPDATE event SET ends_at = now() - interval '1 day', starts_at = now() - interval '2 days'")
    assert (await releasing.prepare(await queries.event_by_id(event))).told == 0
    await programme.release("fair", by=SYSTEM, confirmed=moving.CONFIRMED)
    await jobs.drain(dsn)
    assert await mailed("session_cancelled") == []
    assert await database.fetchval("SELECT count(*) FROM registration_session") == 4
