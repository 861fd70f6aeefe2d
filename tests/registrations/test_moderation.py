"""Who may move a registration where: the whole table, and every path that moves one against it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts.actor import SYSTEM, Actor
from fairs.core import clock
from fairs.core.db import execute, fetch, fetchrow, fetchval
from fairs.core.errors import Conflict, Forbidden, NotFound
from fairs.registrations import deciding, moderation, services
from fairs.registrations.moderation import By
from fairs.registrations.offering import services as offering
from fairs.registrations.rules import ENDED, STATES
from fairs.registrations.waiting import reviews
from tests import factories, fair
from tests.cast import make_actor, post, sign_in
from tests.registrations.asking import published, send

LETTERS = dict(zip("CKBOT", (By.CANDIDATE, By.KEEPER, By.BUREAU, By.ORGANISER, By.CLOCK), strict=True))
TABLE = """
            pending confirmed waitlisted offered cancelled withdrawn rejected
draft       C       CKBOT     CKBOT      -       -         -         -
pending     -       BO        -          -       KBOT      C         BO
confirmed   CK      -         -          -       KBOT      C         -
waitlisted  T       BOT       -          BOT     KBOT      C         BO
offered     CK      CKBO      -          -       KBOT      C         BO
cancelled   KBOT    KBOT      KBOT       KBOT    -         -         -
withdrawn   CO      CO        CO         CO      -         -         -
rejected    BO      -         BO         BO      -         -         -
"""
LIVE = tuple(state for state in STATES if state not in ENDED)


def test_the_table_says_for_every_pair_who_may() -> None:
    head, *rows = TABLE.strip("\n").splitlines()
    targets = head.split()
    assert sorted(targets) == sorted(STATES)
    for row in rows:
        state, *cells = row.split()
        for target, letters in zip(targets, cells, strict=True):
            allowed = {LETTERS[letter] for letter in letters.replace("-", "")}
            found = {by for by in By if moderation.may(state, target, by)}
            assert found == allowed, (state, target)
    assert {state for state, _ in moderation.STEPS} <= {moderation.NEW, *STATES}


class Cast:
    """An event of a bureau, with everybody who may move a registration of it."""

    def __init__(self, event: int, actors: dict[By, Actor], organisation: int) -> None:
        self.event, self.actors, self.organisation = event, actors, organisation

    async def registration(self, state: str) -> int:
        """A representative that registered itself, in a state."""
        number = await fetchval("SELECT count(*) FROM registration")
        made = await factories.registration(
            self.event,
            state=state,
            queue=number + 1 if state == "waitlisted" else None,
            category="employer",
            organisation=self.organisation,
            registrant=self.actors[By.CANDIDATE].account_id,
            email=f"m{number}@example.org",
        )
        if state == "offered":
            await execute(
                "INSERT INTO place_offer (registration, until) VALUES ($1, $2)", made, clock.now() + timedelta(hours=1)
            )
        return made


@pytest.fixture
async def cast(db: None) -> Cast:
    city = await factories.unit_id("410300")
    event = await factories.event(slug="fair", unit=city, release="released")
    employer = await fair.employer()
    actors = {
        By.CANDIDATE: await make_actor("candidate", email="own@example.org"),
        By.KEEPER: employer.actor,
        By.BUREAU: await make_actor("bureau", email="bureau@example.org", unit_id=city),
        By.ORGANISER: await make_actor("organiser", email="org@example.org"),
        By.CLOCK: SYSTEM,
    }
    return Cast(event, actors, employer.organisation)


async def _cancel(number: int, by: Actor) -> Any:
    return await services.cancel(number, by=by, reason="no longer needed")


async def _reject(number: int, by: Actor) -> Any:
    return await services.cancel(number, by=by, reason="not of the field", rejects=True)


async def _confirm(number: int, by: Actor) -> Any:
    return await deciding.confirm(number, by=by)


async def _accept(number: int, by: Actor) -> Any:
    return await offering.accept(number, by=by)


async def _offer(number: int, by: Actor) -> Any:
    return await offering.offer(number, None, by=by)


PATHS: dict[str, tuple[Callable[[int, Actor], Awaitable[Any]], Callable[[str, By], str]]] = {
    "cancel": (_cancel, lambda state, by: moderation.end_of(state, by, rejects=False)),
    "reject": (_reject, lambda state, by: moderation.end_of(state, by, rejects=True)),
    "confirm": (_confirm, lambda state, by: "confirmed"),
    "accept": (_accept, lambda state, by: "confirmed"),
    "offer": (_offer, lambda state, by: "offered"),
}
ONLY: dict[str, Callable[[str, By], bool]] = {  # what a path is for, besides the table: who finds it, from which state
    "confirm": lambda state, by: by in (By.BUREAU, By.ORGANISER, By.CLOCK) and (state, by) != ("pending", By.CLOCK),
    "accept": lambda state, by: state == "offered",
    "offer": lambda state, by: by in (By.BUREAU, By.ORGANISER, By.CLOCK),
}


@pytest.mark.parametrize("path", PATHS)
async def test_every_path_moves_what_the_table_allows_and_nothing_else(cast: Cast, path: str) -> None:
    act, target_of = PATHS[path]
    for state in STATES:
        for by, actor in cast.actors.items():
            number = await cast.registration(state)
            target = target_of(state, by)
            allowed = moderation.may(state, target, by) and state not in ENDED
            allowed = allowed and (path not in ONLY or ONLY[path](state, by))
            try:
                moved = await act(number, actor)
            except (Conflict, NotFound):
                moved = None
            after = await fetchval("SELECT state FROM registration WHERE id = $1", number)
            assert after == (target if allowed else state), (path, state, by, moved)
            if state in ("waitlisted", "offered"):
                await execute("DELETE FROM registration WHERE id = $1", number)  # nobody stands before the next


@pytest.mark.parametrize("state", ["confirmed", "waitlisted", "pending"])
async def test_who_ended_it_is_told_apart_and_may_undo_it(cast: Cast, state: str) -> None:
    own, organiser = cast.actors[By.CANDIDATE], cast.actors[By.ORGANISER]
    number = await cast.registration(state)
    await services.cancel(number, by=own)
    assert await fetchval("SELECT state FROM registration WHERE id = $1", number) == "withdrawn"
    with pytest.raises(Forbidden):
        await services.restore(number, reason="after all", by=cast.actors[By.BUREAU])
    assert await services.restore(number, reason="after all", by=own) == state
    await services.cancel(number, by=organiser, reason="no room", rejects=state != "confirmed")
    ended = "cancelled" if state == "confirmed" else "rejected"
    row = await fetchrow("SELECT state, cancel_reason FROM registration WHERE id = $1", number)
    assert row is not None
    assert tuple(row) == (ended, "no room")
    kind = await fetchval("SELECT kind FROM outgoing_mail ORDER BY id DESC LIMIT 1")
    assert kind == ("registration_cancelled" if state == "confirmed" else "registration_rejected")
    assert await services.restore(number, reason="after all", by=organiser) == state


async def test_a_reviewed_answer_puts_people_under_review_and_again_when_it_changes(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair", capacity=1)
    await published({"key": "title", "reviewed": True}, {"key": "diet"})
    alice, organiser = await make_actor("candidate"), await make_actor("organiser", email="org@example.org")
    await sign_in(client, alice, proved=True)
    assert (await send(client, q_title="Professor", q_diet="all")).status_code == 303
    row = await fetchrow("SELECT id, number, state, confirmed_at FROM registration")
    assert row is not None
    assert (row["state"], row["confirmed_at"]) == ("pending", None)
    assert "The staff looks at your registration" in (await client.get("/me/fairs")).text
    assert await fetchval("SELECT count(*) FROM badge") == 0
    [waits] = await reviews(organiser)
    assert (waits.number, waits.path) == (1, "/organise/editions/fair/registrations?state=pending")
    sheet = f"/organise/editions/fair/registrations/{row['number']}"
    assert (await post(client, f"{sheet}/confirm", {})).status_code == 403  # nobody reviews the own registration
    await sign_in(client, organiser)
    assert (await post(client, f"{sheet}/confirm", {})).status_code == 303
    assert "The registration is confirmed." in (await client.get(sheet)).text
    await sign_in(client, alice, proved=True)
    assert await fetchval("SELECT count(*) FROM badge WHERE revoked_at IS NULL") == 1
    answers = f"/me/fairs/{row['number']}/answers"
    await send(client, answers, q_title="Professor", q_diet="none")
    assert await fetchval("SELECT state FROM registration") == "confirmed"
    await send(client, answers, q_title="Minister", q_diet="none")
    assert await fetchval("SELECT state FROM registration") == "pending"
    assert await deciding.confirm(row["id"], by=organiser)
    kinds = [mail["kind"] for mail in await fetch("SELECT kind FROM outgoing_mail ORDER BY id")]
    assert kinds[-2:] == ["registration_pending", "registration_reviewed"]
    assert await fetchval("SELECT count(*) FROM badge") == 1  # the badge is valid again


async def test_without_such_an_answer_nobody_is_reviewed_and_who_waits_is_later(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair", capacity=1)
    await published({"key": "title", "reviewed": True})
    first = await services.register(event, fair.person(1), by=SYSTEM)
    assert first.state == "confirmed"
    await sign_in(client, await make_actor("candidate"), proved=True)
    await send(client, q_title="Professor")
    await services.cancel(first.id, by=SYSTEM, reason="x")
    assert await fetchval("SELECT state FROM registration WHERE id <> $1", first.id) == "pending"
    assert await fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'registration_pending'") == 1


async def test_staff_rejects_on_the_page_and_the_person_reads_why(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair", capacity=0)
    alice = await make_actor("candidate", lang="zh")
    made = await services.register(event, fair.person(1, lang="zh"), by=alice)
    await sign_in(client, await make_actor("organiser", email="org@example.org"))
    page = f"/me/fairs/{made.number}/cancel"
    assert 'name="reject"' in (await client.get(page)).text
    assert (await post(client, page, {"reject": "true", "reason": ""})).status_code == 422
    assert (await post(client, page, {"reject": "true", "reason": "专业不符"})).status_code == 303
    assert "This registration was not accepted" in (await client.get(page)).text
    mail = await fetchrow("SELECT subject, body_text FROM outgoing_mail WHERE kind = 'registration_rejected'")
    assert mail is not None
    assert "报名未通过" in mail["subject"]
    assert "专业不符" in mail["body_text"]
    await sign_in(client, alice, proved=True)
    assert "专业不符" in (await client.get("/me/fairs")).text


async def test_the_api_rejects_too(client: httpx.AsyncClient) -> None:
    event = await factories.event(slug="fair", capacity=1)
    people = [await services.register(event, fair.person(n), by=SYSTEM) for n in range(2)]
    headers = await fair.bearer(await make_actor("organiser"))
    path = "/api/v1/registrations/{}/cancel"
    body = {"reject": True, "reason": "no seat"}
    confirmed = await client.post(path.format(people[0].id), json=body, headers=headers)
    assert (confirmed.status_code, confirmed.json()["code"]) == (409, "step")
    waiting = await client.post(path.format(people[1].id), json=body, headers=headers)
    assert (waiting.status_code, waiting.json()["state"]) == (200, "rejected")
    again = await services.register(event, fair.person(1), by=SYSTEM)
    assert again.state == "waitlisted"
