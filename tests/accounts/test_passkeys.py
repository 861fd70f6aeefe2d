"""Passkeys: added, shown as second step, to confirm and alone, removed; and everything that a stranger may send instead."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.accounts import passkeys, proof, relying_party, second
from fairs.accounts.actor import Actor
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.accounts.queries import actor_by_session
from fairs.core import clock
from fairs.core import db as database
from fairs.core.services import SETTINGS
from fairs.settings import Settings
from tests import mails
from tests.accounts.authenticator import PRESENT, Authenticator
from tests.accounts.test_second_demands import demand
from tests.accounts.test_two_factor import first_step, protected, with_password
from tests.cast import make_actor, post, session_of, sign_in, sign_out

ADD, OPTIONS = "/account/passkeys", "/account/passkeys/options"


@pytest.fixture(autouse=True)
def _secure(db: None, client: httpx.AsyncClient, test_settings: Settings) -> None:
    SETTINGS.set(replace(test_settings, base_url="https://fairs.test"))


async def asked(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await post(client, path, headers={"accept": "application/json"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def added(client: httpx.AsyncClient, actor: Actor, key: Authenticator | None = None) -> Authenticator:
    """A passkey of this account, added by the pages; the client is signed in."""
    await sign_in(client, actor, proved=True)
    key = key or Authenticator()
    answer = await post(client, ADD, {"name": "Laptop", "passkey": key.make(await asked(client, OPTIONS))})
    assert answer.status_code in (200, 303), answer.text
    return key


async def test_add_and_sign_in_after_the_password(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    await with_password(alice)
    elsewhere = await session_of(alice)
    await sign_in(client, alice, proved=True)
    assert (await post(client, "/account/passkeys/begin")).headers["location"].endswith("/account/passkeys/new")
    assert "Make the passkey" in (await client.get("/account/passkeys/new")).text
    options, key = await asked(client, OPTIONS), Authenticator()
    answer = await post(client, ADD, {"name": "Laptop", "passkey": key.make(options)})
    assert answer.text.count("<li><code>") == second.CODES, "the first factor makes the recovery codes"
    assert await actor_by_session(elsewhere) is None
    assert "passkey was added" in await mails.text_of(alice.email)
    page = (await client.get("/account/two-factor")).text
    assert "Laptop" in page
    assert "10 recovery codes are left." in page
    assert (await first_step(client, alice, next="/account")).headers["location"].endswith("/login/second")
    assert "Use a passkey" in (await client.get("/login/second")).text
    options = await asked(client, "/login/second/passkey")
    key.count = 1
    answer = await post(client, "/login/second", {"code": "", "passkey": key.show(options)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert SESSION_COOKIE in client.cookies
    row = await database.fetchrow("SELECT sign_count, last_used_at, transports FROM passkey")
    assert row is not None
    assert (row["sign_count"], row["last_used_at"] is not None, row["transports"]) == (1, True, ["usb"])


async def test_recovery_code_replaces_it(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    await with_password(alice)
    await added(client, alice)
    codes = await second.renew_codes(by=alice)
    await first_step(client, alice)
    assert (await post(client, "/login/second", {"code": codes[0]})).status_code == 303


async def test_alone_it_signs_in_its_verified_holder(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    key = await added(client, alice)
    sign_out(client)
    assert "Sign in with a passkey" in (await client.get("/login")).text
    options = await asked(client, "/login/passkey/options")
    assert (options["userVerification"], options["allowCredentials"]) == ("required", [])
    key.flags = PRESENT
    answer = await post(client, "/login/passkey", {"passkey": key.show(options)})
    assert answer.headers["location"] == "/login", "a touch alone is not enough"
    assert SESSION_COOKIE not in client.cookies
    key = await added(client, alice)
    sign_out(client)
    shown = key.show(await asked(client, "/login/passkey/options"))
    answer = await post(client, "/login/passkey", {"passkey": shown, "next": "/account"})
    assert answer.headers["location"] == "/account"
    sign_out(client)
    assert (await post(client, "/login/passkey", {"passkey": shown})).headers["location"] == "/login", "played twice"
    await database.execute("UPDATE account SET active = false")
    shown = key.show(await asked(client, "/login/passkey/options"))
    assert (await post(client, "/login/passkey", {"passkey": shown})).headers["location"] == "/login"
    assert SESSION_COOKIE not in client.cookies


async def test_it_confirms_a_dangerous_act(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    key = await added(client, alice)
    await sign_in(client, alice)
    answer = await post(client, "/account/two-factor/codes")
    assert answer.status_code == 422
    assert 'data-passkey-options="/account/presence/passkey"' in answer.text
    options = await asked(client, "/account/presence/passkey")
    await sign_in(client, alice)
    shown = key.show(options)
    assert (await post(client, "/account/two-factor/codes", {"confirm_passkey": shown})).status_code == 422, (
        "of another session"
    )
    shown = key.show(await asked(client, "/account/presence/passkey"))
    answer = await post(client, "/account/two-factor/codes", {"confirm_passkey": shown})
    assert (answer.status_code, answer.text.count("<li><code>")) == (200, 10)


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://fairs.example"},
        {"origin": "http://fairs.test"},
        {"rp_id": "example"},
        {"cross_origin": True},
        {"handle": "AAAA"},
        {"flags": 0},
    ],
)
async def test_second_step_refuses(client: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    alice = await make_actor("organiser")
    await with_password(alice)
    key = await added(client, alice)
    await first_step(client, alice)
    options = await asked(client, "/login/second/passkey")
    answer = await post(client, "/login/second", {"passkey": replace(key, **wrong).show(options)})
    assert (answer.status_code, SESSION_COOKIE in client.cookies) == (422, False)
    assert "was not accepted" in answer.text
    answer = await post(client, "/login/second", {"passkey": key.show(options)})
    assert answer.status_code == 422, "what was asked for is used up"
    answer = await post(client, "/login/second", {"passkey": key.show(await asked(client, "/login/second/passkey"))})
    assert answer.status_code == 303


async def test_challenges_of_others_of_other_acts_and_of_yesterday(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await make_actor("organiser"), await make_actor("organiser", email="bob@example.org", name="Bob")
    for actor in (alice, bob):
        await with_password(actor)
    key, other = await added(client, alice), await added(client, bob)
    await first_step(client, bob)
    of_bob = await asked(client, "/login/second/passkey")
    await first_step(client, alice)
    alone = await asked(client, "/login/passkey/options")
    invented = {"challenge": "A" * 43}
    for wrong in (key.show(of_bob), key.show(alone), key.show(invented)):
        assert (await post(client, "/login/second", {"passkey": wrong})).status_code == 422
    await first_step(client, alice)
    theirs = other.show(await asked(client, "/login/second/passkey"))
    assert (await post(client, "/login/second", {"passkey": theirs})).status_code == 422, "another account's passkey"
    options = await asked(client, "/login/second/passkey")
    later = clock.now() + passkeys.LIFE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (await post(client, "/login/second", {"passkey": key.show(options)})).status_code == 422
    assert SESSION_COOKIE not in client.cookies


async def test_counter_that_goes_back_stops_it(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    await with_password(alice)
    key = await added(client, alice, Authenticator(count=7))
    forged = Authenticator(count=3, credential=key.credential, handle=key.handle)
    await first_step(client, alice)
    shown = forged.show(await asked(client, "/login/second/passkey"))
    assert (await post(client, "/login/second", {"passkey": shown})).status_code == 422
    assert await database.fetchval("SELECT stopped_at FROM passkey") is None, "only a signed counter says anything"
    shown = key.show(await asked(client, "/login/second/passkey"))
    answer = await post(client, "/login/second", {"passkey": shown})
    assert "counts backwards" in answer.text
    assert await database.fetchval("SELECT stopped_at FROM passkey") is not None
    assert await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'passkey.stop'") == 1
    key.count = 99
    shown = key.show(await asked(client, "/login/second/passkey"))
    assert (await post(client, "/login/second", {"passkey": shown})).status_code == 422, "stays stopped"
    assert await second.is_on(alice.account_id or 0), "the password alone opens nothing"
    assert "Stopped" in (await _account_page(client, alice))


async def _account_page(client: httpx.AsyncClient, actor: Actor) -> str:
    await sign_in(client, actor, proved=True)
    return (await client.get("/account/two-factor")).text


def _nested(depth: int) -> bytes:
    return b"\x81" * depth + b"\x00"


async def test_hostile_answers_are_refused(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    key = await added(client, alice)
    new = Authenticator()
    for attestation in (
        b"\xff",
        b"\xa1",
        _nested(50_000)[:20_000],
        b"\x5b" + b"\xff" * 8,
        b"\xa3" + bytes(40),
        b"\xf7",
    ):
        made = new.make(await asked(client, OPTIONS), attestation=attestation)
        answer = await post(client, ADD, {"name": "x", "passkey": made})
        assert answer.status_code == 422, attestation[:9]
    for attestation in (b"\xbf", bytes.fromhex("a363666d74646e6f6e656761747453746d74a06861757468446174614101")):
        made = new.make(await asked(client, OPTIONS), attestation=attestation)
        assert (await post(client, ADD, {"name": "x", "passkey": made})).status_code == 422
    good = json.loads(key.show(await asked(client, "/account/presence/passkey")))
    texts: list[str] = ["", "{", "[]", "null", "1", '"a"', "{}", json.dumps({**good, "rawId": 7}), "[" * 30_000]
    for name in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        bad: list[object] = ["", "€", 5, None, [], "AA", "A" * 60_000]
        for value in bad:
            texts.append(json.dumps({**good, "response": {**good["response"], name: value}}))
    texts.append(json.dumps({**good, "id": "other"}))
    await sign_in(client, alice)
    for text in texts:
        answer = await post(client, "/login/passkey", {"passkey": text})
        assert answer.status_code == 303
        answer = await post(client, "/account/two-factor/codes", {"confirm_passkey": text})
        assert answer.status_code in (422, 429), text[:200]
        await database.execute("DELETE FROM rate_limit")
    taken = Authenticator(credential=key.credential)
    bob = await make_actor("organiser", email="bob@example.org", name="Bob")
    await sign_in(client, bob, proved=True)
    answer = await post(client, ADD, {"name": "x", "passkey": taken.make(await asked(client, OPTIONS))})
    assert answer.status_code == 422
    assert "already in use" in answer.text
    assert not await second.is_on(bob.account_id or 0)


async def test_remove_asks_and_leaves_nobody_obliged_without(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    await with_password(alice)
    key = await added(client, alice)
    number = await database.fetchval("SELECT id FROM passkey")
    path = f"/account/passkeys/{number}/remove"
    assert (await post(client, path)).status_code == 422, "asked afresh"

    async def confirmed(by: Authenticator) -> dict[str, str]:
        by.count += 1
        return {"confirm_passkey": by.show(await asked(client, "/account/presence/passkey"))}

    await demand(0)
    answer = await post(client, path, await confirmed(key))
    assert answer.status_code == 303
    assert await database.fetchval("SELECT count(*) FROM passkey") == 1
    assert "your last one" in (await client.get("/account/two-factor")).text
    another = Authenticator()
    made = another.make(await asked(client, OPTIONS))
    answer = await post(client, ADD, {"name": "Key", "passkey": made})
    assert answer.status_code == 303, "recovery codes stay as they are"
    await post(client, path, await confirmed(key))
    assert [row["name"] for row in await database.fetch("SELECT name FROM passkey")] == ["Key"]
    bob = await make_actor("organiser", email="bob@example.org", name="Bob")
    await protected(bob)
    await sign_in(client, bob, proved=True)
    left = await database.fetchval("SELECT id FROM passkey")
    await with_password(bob)
    answer = await post(client, f"/account/passkeys/{left}/remove", {"confirm_password": "correct horse battery"})
    assert answer.status_code == 404, "of another account"
    await demand(9)
    await sign_in(client, alice, proved=True)
    await post(client, f"/account/passkeys/{left}/remove", await confirmed(another))
    assert not await second.is_on(alice.account_id or 0)
    assert await second.codes_left(alice.account_id or 0) == 0


async def test_counts_for_the_demand_the_list_and_a_reset(client: httpx.AsyncClient) -> None:
    admin = await make_actor("admin", email="root@example.org", name="Root")
    alice = await make_actor("organiser", name="Safe One")
    await added(client, alice)
    await demand(0)
    assert (await client.get("/organise/people")).status_code == 200
    await sign_in(client, admin, proved=True)
    assert "Safe One" in (await client.get("/organise/people?second=on")).text.split('id="rows"')[1]
    answer = await post(client, f"/people/{alice.account_id}/two-factor/reset", {"reason": "key lost, by telephone"})
    assert answer.status_code == 303
    assert not await second.is_on(alice.account_id or 0)
    assert await database.fetchval("SELECT count(*) FROM passkey") == 0


async def test_app_beside_it_and_back(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    await added(client, alice)
    _, codes = await protected(alice)
    assert codes == []
    await second.turn_off(by=alice)
    assert await second.is_on(alice.account_id or 0)
    assert await second.codes_left(alice.account_id or 0) == second.CODES


async def test_owner_renames_a_passkey_and_nobody_else(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    await added(client, alice)
    number = await database.fetchval("SELECT id FROM passkey")
    path = f"/account/passkeys/{number}/name"
    assert path in (await client.get("/account/two-factor")).text
    answer = await post(client, path, {"name": "x" * 81})
    assert (answer.status_code, "x" * 81 in answer.text) == (422, True)
    assert (await post(client, path, {"name": "Old laptop"})).status_code == 303
    assert "Old laptop" in (await client.get("/account/two-factor")).text
    assert 'value="Old laptop"' in (await client.get(path)).text
    [entry] = await database.fetch("SELECT after FROM audit_entry WHERE action = 'passkey.rename'")
    assert json.loads(entry["after"]) == {"passkey": "Old laptop"}
    await sign_in(client, await make_actor("candidate", email="mallory@example.org"))
    assert (await client.get(path)).status_code == 404
    assert (await post(client, path, {"name": "Mine"})).status_code == 404
    assert await database.fetchval("SELECT name FROM passkey") == "Old laptop"


async def test_first_proof_of_an_address_removes_a_strangers_passkey(client: httpx.AsyncClient) -> None:
    squatted = await make_actor("candidate", proved=False)
    await added(client, squatted)
    await proof.prove(squatted.account_id or 0)
    assert await database.fetchval("SELECT count(*) FROM passkey") == 0


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://Fairs.example.org/", ("fairs.example.org", "https://fairs.example.org")),
        ("https://fairs.example.org:8443", ("fairs.example.org", "https://fairs.example.org:8443")),
        ("https://人才.example", ("xn--gmq009b.example", "https://xn--gmq009b.example")),
        ("http://localhost:8000", ("localhost", "http://localhost:8000")),
        ("http://fairs.example.org", None),
        ("https://10.1.2.3", None),
        ("https://[::1]:8000", None),
        ("http://127.0.0.1:8000", None),
    ],
)
def test_site(test_settings: Settings, address: str, expected: tuple[str, str] | None) -> None:
    SETTINGS.set(replace(test_settings, base_url=address))
    found = relying_party.site()
    assert (found and (found.rp_id, found.origin)) == expected


async def test_address_without_https_offers_the_app_and_says_why(
    client: httpx.AsyncClient, test_settings: Settings
) -> None:
    alice = await make_actor("organiser")
    await added(client, alice)
    SETTINGS.set(replace(test_settings, base_url="http://10.0.0.7"))
    page = (await client.get("/account/two-factor")).text
    assert "http://10.0.0.7" in page
    assert "/account/passkeys/begin" not in page
    assert "Works only at fairs.test" in page
    sign_out(client)
    assert "Sign in with a passkey" not in (await client.get("/login")).text
    await sign_in(client, alice, proved=True)
    answer = await post(client, OPTIONS, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (409, "passkeys_unusable")
