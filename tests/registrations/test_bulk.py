"""Bulk actions registrations: counted first, done row by row, refused with a reason, taken back, resumed."""

import asyncio
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import SYSTEM, Actor
from fairs.core.db import execute, fetch, fetchval, transaction_or_join
from fairs.core.errors import Conflict, NotFound
from fairs.registrations import deciding, services
from fairs.registrations.tables import BulkKind
from fairs.registrations.working import bulk, tagging
from fairs.registrations.working.columns import offer
from fairs.registrations.working.queries import Selection
from fairs.registrations.working.wanted import Wanted
from tests import factories
from tests.cast import make_actor, post, sign_in
from tests.fair import person

LIST = "/organise/editions/fair/registrations"


async def _crowd(people: int, **event: Any) -> tuple[int, list[int]]:
    """An event with so many people; its id, and theirs."""
    made = await factories.event(slug="fair", **event)
    return made, [(await services.register(made, person(n), by=SYSTEM)).id for n in range(people)]


async def _draft(event: int, kind: BulkKind, people: list[int] | None, by: Actor) -> int:
    picked = None if people is None else tuple(people)
    return await bulk.draft("fair", kind, Selection(event, Wanted(), picked), await offer(event), by=by)


async def _outcomes(act: int) -> list[tuple[str, str]]:
    rows = await fetch("SELECT outcome, why FROM registration_bulk_row WHERE bulk = $1 ORDER BY registration", act)
    return [(row["outcome"], row["why"]) for row in rows]


async def _states(people: list[int]) -> list[str]:
    rows = await fetch("SELECT state FROM registration WHERE id = ANY($1) ORDER BY id", people)
    return [row["state"] for row in rows]


async def test_exactly_the_free_places_are_given_in_the_order_of_the_waiting_list(db: None) -> None:
    event, people = await _crowd(5, capacity=1)
    organiser = await make_actor("organiser")
    await services.cancel(people[4], by=SYSTEM, reason="gone")
    await execute("UPDATE event SET capacity = 3 WHERE id = $1", event)
    act = await _draft(event, BulkKind.CONFIRM, [*people, 10**9], organiser)
    await bulk.begin("fair", act, by=organiser)
    assert await _states(people) == ["confirmed", "confirmed", "confirmed", "waitlisted", "cancelled"]
    outcomes = await _outcomes(act)
    assert [outcome for outcome, _ in outcomes] == ["same", "done", "done", "refused", "refused"]
    assert outcomes[3][1] == "No place is left at this event"
    assert await fetchval("SELECT count(*) FROM badge WHERE registration = ANY($1) AND revoked_at IS NULL", people) == 3
    assert await fetchval(
        "SELECT count(*) FROM outgoing_mail WHERE to_email = 'p1@example.org' AND kind <> 'registration_waitlisted'"
    )
    told = await fetchval("SELECT after::text FROM audit_entry WHERE action = 'registration_bulk.done'")
    assert '"done": 2' in told.replace('":', '": ').replace('":  ', '": ')
    with pytest.raises(Conflict):
        await bulk.begin("fair", act, by=organiser)
    with pytest.raises(Conflict):
        await bulk.undo("fair", act, reason="a mistake", by=organiser)


async def test_many_are_cancelled_without_letting_them_in_first_and_taken_back(db: None) -> None:
    event, people = await _crowd(4, capacity=2)
    organiser = await make_actor("organiser")
    act = await _draft(event, BulkKind.CANCEL, None, organiser)
    await bulk.begin("fair", act, reason="The hall burnt down", by=organiser)
    assert await _states(people) == ["cancelled"] * 4
    assert not await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'registration.promote'")
    assert await fetchval("SELECT count(*) FROM outgoing_mail WHERE body_text LIKE '%The hall burnt down%'") == 4
    back = await bulk.undo("fair", act, reason="It did not", by=organiser)
    assert await _states(people) == ["confirmed", "confirmed", "waitlisted", "waitlisted"]
    assert {outcome for outcome, _ in await _outcomes(back)} == {"done"}
    with pytest.raises(Conflict):
        await bulk.undo("fair", act, reason="again", by=organiser)


async def test_undo_of_a_cancellation_refuses_whose_place_is_taken(db: None) -> None:
    event, people = await _crowd(3, capacity=2)
    organiser = await make_actor("organiser")
    act = await _draft(event, BulkKind.CANCEL, people[:2], organiser)
    await bulk.begin("fair", act, reason="no answer", by=organiser)
    assert await _states(people) == ["cancelled", "cancelled", "confirmed"]
    back = await bulk.undo("fair", act, reason="a mistake", by=organiser)
    assert sorted(outcome for outcome, _ in await _outcomes(back)) == ["done", "refused"]
    assert await fetchval("SELECT count(*) FROM registration WHERE state = 'confirmed'") == 2


async def test_tags_and_categories_are_put_on_and_taken_back(db: None) -> None:
    event, people = await _crowd(3)
    organiser = await make_actor("organiser")
    await tagging.add(people[0], "VIP", by=organiser)
    act = await _draft(event, BulkKind.TAG, people, organiser)
    await bulk.begin("fair", act, argument=" VIP ", by=organiser)
    assert [outcome for outcome, _ in await _outcomes(act)] == ["same", "done", "done"]
    await bulk.undo("fair", act, reason="too many", by=organiser)
    assert await fetchval("SELECT array_agg(registration) FROM registration_tag") == [people[0]]
    await execute("UPDATE registration SET category = 'expert' WHERE id = $1", people[0])
    act = await _draft(event, BulkKind.CATEGORY, people, organiser)
    await bulk.begin("fair", act, argument="expert", by=organiser)
    await deciding.move(people[2], "media", by=organiser)
    back = await bulk.undo("fair", act, reason="a mistake", by=organiser)
    rows = await fetch("SELECT category FROM registration ORDER BY id")
    assert [row["category"] for row in rows] == ["expert", "candidate", "media"]
    assert sorted(await _outcomes(back)) == [("done", ""), ("refused", "It has been changed meanwhile")]
    act = await _draft(event, BulkKind.CATEGORY, people, organiser)
    await bulk.begin("fair", act, argument="employer", by=organiser)
    assert {outcome for outcome, _ in await _outcomes(act)} == {"refused"}


async def test_two_workers_share_an_act_and_one_goes_on_where_another_died(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    event, people = await _crowd(30)
    organiser = await make_actor("organiser")
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    act = await _draft(event, BulkKind.TAG, None, organiser)
    await bulk.begin("fair", act, argument="Bus", by=organiser)
    assert {outcome for outcome, _ in await _outcomes(act)} == {"waiting"}
    assert await fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'registrations.bulk'") == 1
    real, calls = bulk._tag, 0

    async def dying(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 25:
            raise RuntimeError("killed")
        return await real(*given)

    monkeypatch.setitem(bulk._ACTS, BulkKind.TAG, dying)
    with pytest.raises(RuntimeError):
        await bulk.work({"bulk": act})
    assert await fetchval("SELECT count(*) FROM registration_tag") == bulk.TOGETHER  # whole parts only
    await asyncio.gather(bulk.work({"bulk": act}), bulk.work({"bulk": act}))
    assert await fetchval("SELECT count(*) FROM registration_tag") == 30
    assert await fetchval("SELECT state FROM registration_bulk WHERE id = $1", act) == "done"
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'registration.tag'") == 30
    assert await fetchval("SELECT count(*) FROM audit_entry WHERE action = 'registration_bulk.done'") == 1
    assert people


async def test_who_runs_the_event_no_more_changes_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    event, people = await _crowd(2)
    organiser = await make_actor("organiser")
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    act = await _draft(event, BulkKind.CANCEL, people, organiser)
    await bulk.begin("fair", act, reason="no answer", by=organiser)
    await execute("DELETE FROM membership WHERE account = $1", organiser.account_id)
    await bulk.work({"bulk": act})
    assert await _states(people) == ["confirmed", "confirmed"]
    assert await _outcomes(act) == [("refused", "You do not run this event any more")] * 2
    with pytest.raises(NotFound):
        await bulk.begin("fair", act, by=await make_actor("candidate", email="c@example.org"))


async def test_two_who_confirm_at_once_never_give_a_place_twice(db: None) -> None:
    event, people = await _crowd(6, capacity=1)
    organiser = await make_actor("organiser")
    await execute("UPDATE event SET capacity = 3 WHERE id = $1", event)

    async def confirm(one: int) -> bool:
        try:
            async with transaction_or_join():
                return await deciding.confirm(one, by=organiser)
        except Conflict:
            return False

    given = await asyncio.gather(*(confirm(one) for one in people[1:]))
    assert sum(given) == 2
    assert await fetchval("SELECT count(*) FROM registration WHERE state = 'confirmed'") == 3


async def test_pages_count_ask_do_and_undo(client: httpx.AsyncClient) -> None:
    _, people = await _crowd(3)
    await sign_in(client, await make_actor("organiser"))
    answer = await post(client, f"{LIST}/chosen", {"kind": "tag", "list": "state=confirmed"})
    assert answer.headers["location"] == f"{LIST}?state=confirmed"  # nobody is ticked
    assert (await post(client, f"{LIST}/chosen", {"kind": "king", "all": "1"})).status_code == 303
    ticked = {"ids": [str(people[0]), "x", "-1"], "picked": f"{people[1]},{people[0]},,9999999999", "list": "tag=VIP"}
    place = (await post(client, f"{LIST}/chosen", {"kind": "tag", **ticked})).headers["location"]
    page = (await client.get(place)).text
    assert '<b class="num">2</b> people are chosen' in page
    for wrong, message in (("", "Enter a tag"), ("a,b", "A tag has no comma"), ("x" * 41, "At most 40 characters")):
        answer = await post(client, place, {"tag": wrong})
        assert (answer.status_code, message in answer.text) == (422, True)
    assert (await post(client, place, {"tag": "VIP"})).headers["location"] == place
    page = (await client.get(place)).text
    assert page.count("Done</span>") >= 2
    assert (await post(client, f"{place}/undo", {"reason": ""})).status_code == 422
    undone = (await post(client, f"{place}/undo", {"reason": "a mistake"})).headers["location"]
    assert "a mistake" in (await client.get(undone)).text
    assert "This was taken back." in (await client.get(place)).text
    assert await fetchval("SELECT count(*) FROM registration_tag") == 0
    assert "Tag registrations" in (await client.get(f"{LIST}/acts")).text
    cancel = (await post(client, f"{LIST}/chosen", {"kind": "cancel", "all": "1", "list": ""})).headers["location"]
    assert (await post(client, cancel, {"reason": ""})).status_code == 422
    move = (await post(client, f"{LIST}/chosen", {"kind": "category", "all": "1", "list": ""})).headers["location"]
    assert (await post(client, move, {"category": "king"})).status_code == 422
    await sign_in(client, await make_actor("organiser", email="bob@example.org"))
    assert (await client.get(cancel)).status_code == 404  # a draft is its author's
    assert (await post(client, cancel, {"reason": "because"})).status_code == 404


async def test_chosen_people_are_printed_and_exported_alone(client: httpx.AsyncClient) -> None:
    _, people = await _crowd(3)
    await sign_in(client, await make_actor("organiser"), proved=True)
    chosen = {"ids": [str(people[0]), str(people[2])], "list": ""}
    place = (await post(client, f"{LIST}/chosen", {"kind": "print", **chosen})).headers["location"]
    page = (await client.get(place)).text
    assert '<b class="num">2</b> badges would be printed' in page
    selection = place.partition("selection=")[2]
    batch = {"chosen": "all", "ordered": "number", "selection": selection}
    assert (await post(client, place.partition("?")[0], batch)).status_code == 303
    assert await fetchval("SELECT (selection, total)::text FROM badge_batch") == f"({selection},2)"
    place = (await post(client, f"{LIST}/chosen", {"kind": "export", **chosen})).headers["location"]
    assert '<b class="num">2</b> people who were ticked' in (await client.get(place)).text
    number = place.partition("selection=")[2]
    lines = (await client.get(f"{LIST}.csv?selection={number}&columns=number&sort=number")).text.splitlines()
    numbers = [row["number"] for row in await fetch("SELECT number FROM registration ORDER BY id")]
    assert lines[1:] == [numbers[0], numbers[2]]
    assert (await client.get(f"{LIST}.csv?selection={selection}")).status_code == 404  # kept for printing
    other = await factories.event(slug="other")
    assert other
    assert (await client.get(f"/organise/editions/other/badges/batches?selection={selection}")).status_code == 404
    assert (await client.get(f"/organise/editions/other/registrations.csv?selection={number}")).status_code == 404


async def test_a_mailing_begins_with_the_people_who_were_chosen(client: httpx.AsyncClient, db: None) -> None:
    _, people = await _crowd(3)
    other = await factories.event(slug="other")
    await factories.registration(other)
    await sign_in(client, await make_actor("organiser"))
    sent = {"kind": "mail", "ids": [str(number) for number in people[:2]], "list": ""}
    begun = await post(client, f"{LIST}/chosen", sent)
    assert begun.status_code == 303
    page = await client.get(begun.headers["location"])
    assert "2 people would get it now" in page.text
    act = begun.headers["location"].rsplit("=", 1)[1]
    text = {"subject_en": "Hello", "subject_zh": "你好", "text_en": "Come {name}.", "text_zh": "请来 {name}。"}
    made = await post(
        client, "/organise/editions/fair/mailings/new", {"kind": "service", "per_minute": "60", "chosen": act, **text}
    )
    assert made.status_code == 303, made.text
    assert "2 people get this mail." in (await client.get(made.headers["location"])).text
    elsewhere = await client.get(f"/organise/editions/other/mailings/new?chosen={act}")
    assert "0 people would get it now" in elsewhere.text, "the people of another event"
    for wrong in ("x", "9" * 30, "-1", "%00"):
        assert (await client.get(f"/organise/editions/fair/mailings/new?chosen={wrong}")).status_code == 200
