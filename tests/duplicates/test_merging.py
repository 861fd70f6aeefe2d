"""Two records become one in one transaction, and are as before when that is undone."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fairs.accounts.actor import Actor
from fairs.accounts.queries import actor_by_id
from fairs.core import clock, db, jobs
from fairs.core.errors import Conflict, DomainError, NotFound
from fairs.duplicates import queries, services, undoing
from fairs.duplicates.retention import RULES
from fairs.privacy import forgetting, held
from fairs.privacy.tables import AskedFor
from fairs.registrations import services as registrations
from tests import factories
from tests.cast import make_actor
from tests.duplicates.pairing import choice, merged, pair_of
from tests.fair import Candidate, candidate, person
from tests.privacy import dump
from tests.privacy.person import EMAIL, WORDS, everything

pytestmark = pytest.mark.usefixtures("db")
OTHERS = {
    "audit_entry", "outgoing_mail", "mail_attachment", "pgqueuer", "pgqueuer_log", "person_merge", "duplicate_pair",
    "text_vector", "sign_in_session", "pgqueuer_statistics",
}  # fmt: skip
"""Tables that say what happened, or are computed anew."""
RISING = ("sequence", "updated_at")


async def organiser() -> Actor:
    return await make_actor("organiser", email="boss@example.org")


async def everything_stored() -> dict[str, list[dict[str, Any]]]:
    """table → its rows, without what rises with every change."""
    tables = await db.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    found = {}
    for table in {row["name"] for row in tables} - OTHERS:
        lines = [json.loads(row["line"]) for row in await db.fetch(f"SELECT to_jsonb(t)::text AS line FROM {table} t")]
        found[table] = sorted(({k: v for k, v in line.items() if k not in RISING} for line in lines), key=str)
    return found


async def register(who: Candidate, event: int, **given: Any) -> int:
    form = person(email=who.actor.email, name_passport="Maria Fernandez", **given)
    return (await registrations.register(event, form, by=who.actor)).id


async def test_all_of_a_person_is_moved_and_put_back_exactly(tmp_path: Path, dsn: str) -> None:
    boss = await organiser()
    who = await everything(tmp_path)
    gone = who.scene.talent_id
    kept = await candidate("zq@example.net", "Z. Quist", phone="")
    mine = await register(kept, who.scene.event)
    await jobs.drain(dsn)
    before = await everything_stored()
    badge = await db.fetchval("SELECT id FROM badge WHERE registration = $1 AND revoked_at IS NULL", who.registration)

    merge = await merged(kept.talent, gone, by=boss, stays={who.scene.event: mine})

    assert await db.fetchval("SELECT count(*) FROM talent WHERE id = $1", gone) == 0
    for table in ("meeting", "agreement", "preference", "registration"):
        assert await db.fetchval(f"SELECT count(*) FROM {table} WHERE talent = $1", kept.talent) > 0, table
    for column in ("scan", "admission", "lead", "registration_answers", "registration_note", "registration_tag"):
        assert await db.fetchval(f"SELECT count(*) FROM {column} WHERE registration = $1", mine) == 1, column
    for table, column in (("consent", "account"), ("contact_look", "account"), ("agreement_signature", "account")):
        assert await db.fetchval(f"SELECT count(*) FROM {table} WHERE {column} = $1", kept.actor.account_id) > 0, table
        assert await db.fetchval(f"SELECT count(*) FROM {table} WHERE {column} = $1", who.actor.account_id) == 0, table
    assert await db.fetchval("SELECT state FROM registration WHERE id = $1", who.registration) == "cancelled"
    assert await db.fetchval("SELECT revoked_at IS NOT NULL FROM badge WHERE id = $1", badge)
    assert await db.fetchval("SELECT active FROM account WHERE id = $1", who.actor.account_id) is False
    assert await db.fetchval("SELECT action FROM audit_entry ORDER BY id DESC LIMIT 1") == "person.merge"
    assert await actor_by_id(kept.actor.account_id or 0)
    row = await queries.merge_by_id(merge)
    assert row.photo is not None or await db.fetchval("SELECT photo FROM talent WHERE id = $1", kept.talent)

    await undoing.undo(merge, by=boss)
    await jobs.drain(dsn)
    after = await everything_stored()
    assert after.keys() == before.keys()
    for table in before:
        assert after[table] == before[table], table
    assert (
        await db.fetchval("SELECT action FROM audit_entry WHERE action LIKE 'person.%' ORDER BY id DESC LIMIT 1")
        == "person.unmerge"
    )
    assert await db.fetchval("SELECT sequence FROM registration WHERE id = $1", who.registration) == 2
    with pytest.raises(Conflict, match="already"):
        await undoing.undo(merge, by=boss)


async def test_the_merged_person_is_forgotten_as_a_whole(tmp_path: Path, dsn: str) -> None:
    """Also under the address and the account of the record that went."""
    boss = await organiser()
    who = await everything(tmp_path)
    kept = await candidate("somebody.else@example.net", "Somebody Else")
    await merged(kept.talent, who.scene.talent_id, by=boss)
    await jobs.drain(dsn)
    subject = await held.person_of(kept.actor)
    assert EMAIL in subject.emails
    number = await forgetting.begin(subject, AskedFor.PAGE)
    for _ in range(2):
        await forgetting.carry_out(await forgetting.id_of(number))
        await jobs.drain(dsn)
    left = await dump.mentions(*WORDS, "somebody.else")
    assert set(left) <= {"agreement_revision", "agreement_signature"}, left


async def test_the_registration_that_stays_is_chosen_and_the_others_badge_stops(dsn: str) -> None:
    boss, event = await organiser(), await factories.event()
    one, other = await candidate("a@example.org"), await candidate("b@example.org")
    first, second = await register(one, event), await register(other, event)
    await merged(one.talent, other.talent, by=boss, stays={event: second})
    states = {
        row["id"]: row["state"] for row in await db.fetch("SELECT id, state FROM registration WHERE event = $1", event)
    }
    assert states == {first: "cancelled", second: "confirmed"}
    live = await db.fetch("SELECT registration FROM badge WHERE revoked_at IS NULL")
    assert [row["registration"] for row in live] == [second]
    assert await db.fetchval("SELECT talent FROM registration WHERE id = $1", second) == one.talent
    told = await db.fetchval("SELECT body_text FROM outgoing_mail WHERE kind = 'registration_cancelled'")
    assert "registered twice" in told


async def test_two_registrations_without_a_profile() -> None:
    boss, event = await organiser(), await factories.event()
    first = (await registrations.register(event, person(1), by=boss)).id
    second = (await registrations.register(event, person(2), by=boss)).id
    merge = await merged(-first, -second, by=boss, stays={event: first})
    assert await db.fetchval("SELECT state FROM registration WHERE id = $1", second) == "cancelled"
    await undoing.undo(merge, by=boss)
    assert await db.fetchval("SELECT state FROM registration WHERE id = $1", second) == "confirmed"


async def test_a_registration_goes_to_the_profile_whatever_was_chosen() -> None:
    boss, event = await organiser(), await factories.event()
    profile = await candidate("a@example.org")
    entered = (await registrations.register(event, person(3), by=boss)).id
    pair = await pair_of(profile.talent, -entered)
    await services.merge(pair, await choice(pair, -entered), by=boss)
    assert await db.fetchval("SELECT talent FROM registration WHERE id = $1", entered) == profile.talent
    assert await db.fetchval("SELECT state FROM registration WHERE id = $1", entered) == "confirmed"


async def test_each_field_comes_from_the_chosen_record() -> None:
    boss = await organiser()
    one = await candidate("a@example.org", institution="ETH", grad_year=2010, headline="Cells")
    other = await candidate("b@example.org", institution="MIT", grad_year=2011, headline="", visibility="private")
    await merged(one.talent, other.talent, by=boss, picked={"institution": other.talent, "headline": 999_999})
    row = await db.fetchrow("SELECT * FROM talent WHERE id = $1", one.talent)
    assert row is not None
    assert (row["institution"], row["grad_year"], row["headline"]) == ("MIT", 2010, "Cells")
    assert row["email"] == "a@example.org"
    assert row["visibility"] == "private", "nobody is shown to more than both records allowed"
    assert "mit" in row["search_key"]


async def test_nobody_gets_anothers_data_by_an_address_that_is_not_proved() -> None:
    boss = await organiser()
    victim = await candidate("victim@example.org")
    thief = await make_actor("candidate", email="thief@example.org", proved=False)
    stolen = await factories.talent(account=thief.account_id, email=thief.email)
    with pytest.raises(Conflict, match="never been proved"):
        await merged(stolen, victim.talent, by=boss)
    unopened = await factories.talent()
    with pytest.raises(Conflict, match="never been proved"):
        await merged(unopened, stolen, by=boss)
    await merged(victim.talent, stolen, by=boss)


async def test_an_account_with_a_role_never_goes() -> None:
    boss = await organiser()
    worker = await make_actor("staff", email="worker@example.org", event_id=await factories.event())
    own = await factories.talent(account=worker.account_id, email=worker.email)
    other = await candidate("b@example.org")
    with pytest.raises(Conflict, match="has a role"):
        await merged(other.talent, own, by=boss)
    await merged(own, other.talent, by=boss)


async def test_meetings_at_one_time_are_called_off_first() -> None:
    boss, event = await organiser(), await factories.event()
    place = await factories.organisation()
    one, other = await candidate("a@example.org"), await candidate("b@example.org")
    for who in (one, other):
        listing = await factories.listing(place, event)
        await factories.meeting(event, listing, place, who.talent, state="scheduled", outcome="")
    with pytest.raises(Conflict, match="at the same time"):
        await merged(one.talent, other.talent, by=boss)
    assert await db.fetchval("SELECT count(*) FROM talent WHERE id = $1", other.talent) == 1, "nothing is half done"


async def test_what_was_changed_meanwhile_is_looked_at_again() -> None:
    boss = await organiser()
    one, other = await candidate("a@example.org"), await candidate("b@example.org")
    pair = await pair_of(one.talent, other.talent)
    sent = await choice(pair, one.talent)
    await db.execute("UPDATE talent SET headline = 'Changed' WHERE id = $1", other.talent)
    with pytest.raises(Conflict, match="changed meanwhile"):
        await services.merge(pair, sent, by=boss)


async def test_the_same_pair_at_once_is_merged_once() -> None:
    boss = await organiser()
    one, other = await candidate("a@example.org"), await candidate("b@example.org")
    pair = await pair_of(one.talent, other.talent)
    sent = await choice(pair, one.talent)
    tries = await asyncio.gather(*(services.merge(pair, sent, by=boss) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, int) for one in tries) == 1
    assert all(isinstance(one, int | DomainError) for one in tries), tries


async def test_undo_needs_the_place_that_was_given_away(dsn: str) -> None:
    boss, event = await organiser(), await factories.event(capacity=2)
    one, other, third = [await candidate(f"{name}@example.org") for name in "abc"]
    first, _, waiting = [await register(who, event) for who in (one, other, third)]
    merge = await merged(one.talent, other.talent, by=boss, stays={event: first})
    assert await db.fetchval("SELECT state FROM registration WHERE id = $1", waiting) == "confirmed"
    with pytest.raises(Conflict, match="place was given"):
        await undoing.undo(merge, by=boss)
    assert await db.fetchval("SELECT count(*) FROM registration WHERE state = 'confirmed'") == 2


async def test_undo_is_refused_when_later_work_would_be_lost() -> None:
    boss = await organiser()
    one, other, third = [await candidate(f"{name}@example.org", institution=name) for name in "abc"]
    merge = await merged(one.talent, other.talent, by=boss, picked={"institution": other.talent})
    second = await merged(one.talent, third.talent, by=boss)
    with pytest.raises(Conflict, match="merged again"):
        await undoing.undo(merge, by=boss)
    await undoing.undo(second, by=boss)
    await db.execute("UPDATE talent SET institution = 'ETH' WHERE id = $1", one.talent)
    with pytest.raises(Conflict, match=r"talent\.institution"):
        await undoing.undo(merge, by=boss)
    assert await db.fetchval("SELECT count(*) FROM talent") == 2


async def test_after_the_period_nothing_is_kept_and_nothing_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    boss = await organiser()
    one, other = await candidate("a@example.org"), await candidate("b@example.org")
    merge = await merged(one.talent, other.talent, by=boss)
    (rule,) = RULES
    assert await rule.count(clock.now()) == 0
    await db.execute("UPDATE person_merge SET undo_until = $1", clock.now() - timedelta(seconds=1))
    with pytest.raises(Conflict, match="14 days"):
        await undoing.undo(merge, by=boss)
    assert await rule.count(clock.now()) == 1
    assert await rule.apply(clock.now()) == 1
    assert await db.fetchval("SELECT images FROM person_merge") == ""


async def test_told_apart_stays_so_and_can_be_asked_again() -> None:
    boss = await organiser()
    one, other = await candidate("a@example.org"), await candidate("b@example.org")
    pair = await pair_of(one.talent, other.talent)
    await services.tell_apart(pair, by=boss)
    await services.tell_apart(pair, by=boss)
    assert await pair_of(one.talent, other.talent) == pair
    assert await queries.open_pairs() == 0
    await services.ask_again(pair, by=boss)
    assert await queries.open_pairs() == 1
    with pytest.raises(NotFound):
        await services.tell_apart(2**62, by=boss)
