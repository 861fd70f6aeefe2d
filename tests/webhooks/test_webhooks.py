"""Webhooks from the act to the other system, and their pages."""

import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from fairs import settings
from fairs.accounts.actor import Actor
from fairs.core import db as database
from fairs.core import jobs
from fairs.core.services import SETTINGS
from fairs.listings import services as listings
from fairs.registrations import services as registrations
from fairs.webhooks import queries, rules, services
from fairs.webhooks.publishing import collect_scans
from fairs.webhooks.tables import Topic
from tests import factories
from tests.cast import errors_in, make_actor, post, sign_in
from tests.checkin.hall import open_hall, scan, send
from tests.small_fair import _person
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
async def receiver(db: None, test_settings: settings.Settings) -> AsyncIterator[Receiver]:
    SETTINGS.set(replace(test_settings, webhooks_loopback=True))
    async with receiving() as made:
        yield made


@pytest.fixture
async def organiser(db: None) -> Actor:
    return await make_actor("organiser", email="org@example.org")


async def _hook(receiver: Receiver, by: Actor, *topics: Topic, event: int | None = None) -> tuple[int, str]:
    return await services.make_webhook("Ministry", receiver.url, topics or tuple(Topic), by=by, event_id=event)


async def _state(webhook: int) -> list[tuple[str, int, int | None]]:
    rows = await database.fetch(
        "SELECT state, attempts, status FROM webhook_delivery WHERE webhook = $1 ORDER BY id", webhook
    )
    return [tuple(row) for row in rows]


async def test_registration_is_told_signed_and_without_the_person(
    receiver: Receiver, organiser: Actor, dsn: str
) -> None:
    event = await factories.event(slug="fair", capacity=1)
    webhook, secret = await _hook(receiver, organiser)
    first = await registrations.register(event, _person("anna@example.org"), by=organiser)
    second = await registrations.register(event, _person("berta@example.org"), by=organiser)
    await registrations.cancel(first.id, by=organiser, reason="ill")
    await jobs.drain(dsn)
    told = sorted(receiver.bodies, key=lambda body: body["id"])
    assert [(body["topic"], [item["registration"] for item in body["items"]]) for body in told] == [
        ("registration.made", [first.id]),
        ("registration.made", [second.id]),
        ("registration.cancelled", [first.id]),
        ("registration.promoted", [second.id]),
    ]
    assert {body["event"]["slug"] for body in told} == {"fair"}
    for headers, body in receiver.requests:
        moment, _, mac = headers["x-fairs-signature"].removeprefix("t=").partition(",v1=")
        expected = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(mac, expected)
        assert b"anna" not in body.lower()
        assert b"example.org" not in body
    assert {state for state, _, _ in await _state(webhook)} == {"sent"}


async def test_act_that_fails_tells_nothing(receiver: Receiver, organiser: Actor) -> None:
    listing = await factories.listing(await factories.organisation(), await factories.event())
    await _hook(receiver, organiser)

    async def closed_in_vain() -> None:
        async with database.DB.transaction():
            await listings.close_listing(listing, by=organiser)
            assert await database.fetchval("SELECT count(*) FROM webhook_delivery") == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await closed_in_vain()
    assert await database.fetchval("SELECT count(*) FROM webhook_delivery") == 0


async def test_only_what_was_chosen_is_told(receiver: Receiver, organiser: Actor) -> None:
    event, other = await factories.event(slug="fair"), await factories.event(slug="other")
    organisation = await factories.organisation()
    await _hook(receiver, organiser, Topic.LISTING_CLOSED, event=event)
    for place in (event, other):
        await listings.close_listing(await factories.listing(organisation, place), by=organiser)
    await registrations.register(event, _person("anna@example.org"), by=organiser)
    rows = await database.fetch("SELECT topic, (body #>> '{event,slug}') AS slug FROM webhook_delivery")
    assert [tuple(row) for row in rows] == [("listing.closed", "fair")]


async def test_scans_are_told_in_batches_and_none_twice(
    client: httpx.AsyncClient, receiver: Receiver, organiser: Actor
) -> None:
    hall = await open_hall(slug="fair")
    await send(client, hall.token, scan(await hall.badge()))  # before the webhook: not told
    await _hook(receiver, organiser, Topic.CHECK_IN)
    badges = [await hall.badge() for _ in range(3)]
    await send(client, hall.token, *(scan(badge) for badge in badges))
    assert await database.fetchval("SELECT count(*) FROM webhook_delivery") == 0  # nothing on the path of a scan
    await collect_scans({"turn": 0})
    await collect_scans({"turn": 1})
    rows = await database.fetch("SELECT body->'items' AS items FROM webhook_delivery")
    assert len(rows) == 1
    items: list[dict[str, Any]] = json.loads(rows[0]["items"])
    assert [item["outcome"] for item in items] == ["admitted"] * 3
    assert set(items[0]) == {"id", "gate", "registration", "direction", "outcome", "reason", "scanned_at"}
    await send(client, hall.token, scan(await hall.badge()))
    await collect_scans({"turn": 0})
    assert await database.fetchval("SELECT count(*) FROM webhook_delivery") == 2


async def test_collection_ends_with_the_last_webhook(receiver: Receiver, organiser: Actor) -> None:
    webhook, _ = await _hook(receiver, organiser, Topic.CHECK_IN)
    waiting = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'webhooks.collect_scans' AND status = 'queued'"
    assert await database.fetchval(waiting) == 1
    await collect_scans({"turn": 0})
    assert await database.fetchval(waiting) == 2  # the next turn, beside the one that a worker would have taken
    await database.execute("DELETE FROM pgqueuer")
    await services.end_webhook(webhook, by=organiser)
    await collect_scans({"turn": 0})
    assert await database.fetchval(waiting) == 0


async def test_failed_delivery_is_tried_again_later_and_then_given_up(receiver: Receiver, organiser: Actor) -> None:
    event = await factories.event()
    webhook, _ = await _hook(receiver, organiser, Topic.REGISTRATION_MADE)
    await registrations.register(event, _person("anna@example.org"), by=organiser)
    delivery = await database.fetchval("SELECT id FROM webhook_delivery")
    receiver.answers = [500]
    await services.deliver({"delivery": delivery})
    assert await _state(webhook) == [("retry", 1, 500)]
    left = await database.fetchval("SELECT extract(epoch FROM next_at - now()) FROM webhook_delivery")
    assert 5 < left <= 10
    for _ in rules.PAUSES:
        await services.deliver({"delivery": delivery})
    assert await _state(webhook) == [("failed", 7, 500)]
    await services.deliver({"delivery": delivery})  # once given up, it is not sent again
    assert len(receiver.requests) == 7
    receiver.answers = [200]
    await services.replay(webhook, delivery, by=organiser)
    again = await database.fetchval("SELECT max(id) FROM webhook_delivery")
    await services.deliver({"delivery": again})
    assert receiver.bodies[-1]["replay_of"] == delivery
    assert receiver.bodies[-1]["items"] == receiver.bodies[0]["items"]
    assert await database.fetchval("SELECT failures FROM webhook") == 0


async def test_webhook_that_never_answers_is_paused_and_its_maker_told(receiver: Receiver, organiser: Actor) -> None:
    event = await factories.event()
    webhook, _ = await _hook(receiver, organiser, Topic.REGISTRATION_MADE)
    receiver.answers = [503]
    for number in range(rules.GIVE_UP):
        await registrations.register(event, _person(f"p{number}@example.org"), by=organiser)
        delivery = await database.fetchval("SELECT max(id) FROM webhook_delivery")
        await database.execute("UPDATE webhook_delivery SET attempts = $1 WHERE id = $2", len(rules.PAUSES), delivery)
        await services.deliver({"delivery": delivery})
    assert await database.fetchval("SELECT active FROM webhook") is False
    mail = await database.fetchrow("SELECT to_email, body_text FROM outgoing_mail WHERE kind = 'webhook_paused'")
    assert mail is not None
    assert mail["to_email"] == "org@example.org"
    assert f"/organise/webhooks/{webhook}" in mail["body_text"]
    await registrations.register(event, _person("later@example.org"), by=organiser)
    sent = await database.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'webhooks.deliver'")
    await registrations.register(event, _person("meanwhile@example.org"), by=organiser)
    assert sent == await database.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = 'webhooks.deliver'")
    await services.resume_webhook(webhook, by=organiser, drop=True)
    assert len(await _state(webhook)) == rules.GIVE_UP, "what was missed is dropped"
    await registrations.register(event, _person("after@example.org"), by=organiser)
    assert len(await _state(webhook)) == rules.GIVE_UP + 1


async def test_secret_is_shown_once_and_stored_sealed(
    client: httpx.AsyncClient, receiver: Receiver, organiser: Actor
) -> None:
    await sign_in(client, organiser, proved=True)
    form = {"name": "Ministry", "url": receiver.url, "topics": ["registration.made"]}
    page = await post(client, "/organise/webhooks", form)
    assert (page.status_code, page.headers["cache-control"]) == (201, "no-store")
    (secret,) = set(re.findall(r"whsec_[\w-]+", page.text))
    assert secret not in (await client.get("/organise/webhooks")).text
    assert secret not in str(await database.fetchval("SELECT to_jsonb(w)::text FROM webhook w"))


async def test_pages_test_pause_resume_replay_and_end(
    client: httpx.AsyncClient, receiver: Receiver, organiser: Actor
) -> None:
    webhook, _ = await _hook(receiver, organiser)
    here = f"/organise/webhooks/{webhook}"
    await sign_in(client, organiser, proved=True)
    assert (await post(client, f"{here}/test")).status_code == 303
    delivery = await database.fetchval("SELECT id FROM webhook_delivery")
    receiver.answers = [404]
    await services.deliver({"delivery": delivery})
    page = await client.get(here)
    assert "Given up" in page.text  # a test is tried once
    assert ">404<" in page.text
    assert (await post(client, f"{here}/deliveries/{delivery}/replay")).status_code == 303
    assert (await post(client, f"{here}/deliveries/999999/replay")).status_code == 404
    assert (await post(client, f"{here}/pause")).status_code == 303
    assert (await post(client, f"{here}/pause")).status_code == 409
    assert (await post(client, f"{here}/test")).status_code == 409
    assert "This webhook is paused" in (await client.get(here)).text
    assert (await post(client, f"{here}/resume")).status_code == 303
    assert (await post(client, f"{here}/resume")).status_code == 409
    assert (await post(client, f"{here}/end")).status_code == 303
    assert (await client.get(here)).status_code == 404
    assert await database.fetchval("SELECT secret_sealed FROM webhook") == ""


async def test_form_refuses_inner_addresses_and_keeps_what_was_typed(
    client: httpx.AsyncClient, db: None, organiser: Actor
) -> None:
    await sign_in(client, organiser, proved=True)
    for url in ("http://example.org/", "https://me:pass@example.org/", "http://127.0.0.1/", "nonsense"):
        page = await post(client, "/organise/webhooks", {"name": "M", "url": url, "topics": ["registration.made"]})
        assert page.status_code == 422, url
        assert len(errors_in(page.text)) == 1
        assert f'value="{url}"' in page.text
    assert await database.fetchval("SELECT count(*) FROM webhook") == 0


async def test_what_a_paused_webhook_missed_is_made_up_for(
    client: httpx.AsyncClient, receiver: Receiver, organiser: Actor
) -> None:
    webhook, _ = await _hook(receiver, organiser, Topic.CHECK_IN, Topic.REGISTRATION_MADE)
    await services.pause_webhook(webhook, by=organiser)
    await registrations.register(await factories.event(slug="other"), _person("later@example.org"), by=organiser)
    hall = await open_hall(slug="fair")
    await send(client, hall.token, scan(await hall.badge()))
    await collect_scans({"turn": 0})
    queued = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'webhooks.deliver'"
    assert await database.fetchval(queued) == 0
    await services.resume_webhook(webhook, by=organiser)
    await collect_scans({"turn": 0})
    assert await database.fetchval(queued) == 2
    for row in await database.fetch("SELECT id FROM webhook_delivery ORDER BY id"):
        await services.deliver({"delivery": row["id"]})
    assert sorted(body["topic"] for body in receiver.bodies) == ["check_in.scans", "registration.made"]


async def test_edit_keeps_the_secret_and_notices_another(
    client: httpx.AsyncClient, receiver: Receiver, organiser: Actor
) -> None:
    webhook, _ = await _hook(receiver, organiser, Topic.AGREEMENT)
    await factories.event(slug="fair")
    secret = await database.fetchval("SELECT secret_sealed FROM webhook")
    here = f"/organise/webhooks/{webhook}"
    await sign_in(client, organiser)
    form = {"name": "Ministry 2", "url": receiver.url, "topics": ["check_in.scans", "agreement.step"], "event": "fair"}
    assert (await post(client, f"{here}/edit", form)).status_code == 422, "confirmed first, as making one"
    await sign_in(client, organiser, proved=True)
    page = (await client.get(f"{here}/edit")).text
    seen = page.split('name="_version" value="')[1].split('"')[0]
    assert (await post(client, f"{here}/edit", {**form, "event": "no", "_version": seen})).status_code == 422
    assert (await post(client, f"{here}/edit", {**form, "url": "http://10.0.0.1/"})).status_code == 422
    assert (await post(client, f"{here}/edit", {**form, "_version": seen})).status_code == 303
    row = await queries.webhook_by_id(webhook)
    assert row.stored == form
    assert await database.fetchval("SELECT secret_sealed FROM webhook") == secret
    answer = await post(client, f"{here}/edit", {**form, "name": "Other", "event": "", "_version": seen})
    assert answer.status_code == 409
    assert "Ministry 2" in answer.text
    assert (await queries.webhook_by_id(webhook)).name == "Ministry 2"
    assert (await client.get("/organise/webhooks/99999/edit")).status_code == 404
    acts = await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'webhook.update'")
    assert acts == 1
