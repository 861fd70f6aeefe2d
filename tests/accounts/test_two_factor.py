"""Signing in with a second factor: set-up, codes, recovery, half-open sign-ins, switching off."""

import re
from datetime import timedelta

import httpx
import pyotp
import pytest

from fairs.accounts import passwords, proof, second
from fairs.accounts.actor import Actor
from fairs.accounts.controllers import HALF_COOKIE
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.accounts.queries import actor_by_session
from fairs.core import clock, sealing
from fairs.core import db as database
from fairs.core.errors import Invalid, NotFound, TooMany
from tests import mails
from tests.cast import PASSWORD, errors_in, make_actor, post, session_of, sign_in, sign_out


async def protected(actor: Actor) -> tuple[pyotp.TOTP, list[str]]:
    """Switch the second step on; the app and the recovery codes."""
    assert actor.account_id is not None
    await second.begin(by=actor)
    row = await second.state(actor.account_id)
    assert row is not None
    app = pyotp.TOTP(second.secret_of(row))
    kept = await second.turn_on(shown(app, -1), by=actor)
    return app, kept


def shown(app: pyotp.TOTP, steps: int = 0) -> str:
    """What the app shows now, or some steps from now."""
    return app.at(clock.now() + timedelta(seconds=second.STEP * steps))


async def with_password(actor: Actor) -> None:
    hashed = await passwords.hash_password(PASSWORD)
    await database.execute("UPDATE account SET password_hash = $2 WHERE id = $1", actor.account_id, hashed)


async def first_step(client: httpx.AsyncClient, actor: Actor, **more: str) -> httpx.Response:
    sign_out(client)
    return await post(client, "/login", {"email": actor.email, "password": PASSWORD, **more})


async def test_set_up_by_the_pages(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    elsewhere = await session_of(alice)
    await sign_in(client, alice, proved=True)
    assert "Two-factor authentication" in (await client.get("/account")).text
    assert (await post(client, "/account/two-factor/begin")).headers["location"].endswith("/account/two-factor")
    page = (await client.get("/account/two-factor")).text
    secret = "".join(re.findall(r'secret__text">([A-Z2-7 ]+)<', page)[0].split())
    assert "<svg" in page
    stored = await database.fetchval("SELECT secret FROM two_factor")
    assert stored.startswith("sealed:")
    assert secret not in stored
    answer = await post(client, "/account/two-factor/on", {"code": "000000"})
    assert (answer.status_code, errors_in(answer.text)) == (422, [str(second.WRONG)])
    assert not await second.is_on(alice.account_id or 0)
    answer = await post(client, "/account/two-factor/on", {"code": shown(pyotp.TOTP(secret))})
    kept = re.findall(r"<li><code>([a-z2-9-]+)</code>", answer.text)
    assert (answer.status_code, len(kept), len(set(kept))) == (200, 10, 10)
    assert await actor_by_session(elsewhere) is None
    page = (await client.get("/account/two-factor")).text
    assert "10 recovery codes are left." in page
    assert secret[:4] not in page
    assert kept[0] not in page
    acts = await database.fetch("SELECT action FROM audit_entry WHERE action LIKE 'two_factor.%'")
    assert [row["action"] for row in acts] == ["two_factor.on"]


async def test_password_alone_opens_no_session(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    await with_password(alice)
    app, _ = await protected(alice)
    answer = await first_step(client, alice, next="/account")
    assert answer.headers["location"].endswith("/login/second")
    assert SESSION_COOKIE not in client.cookies
    assert (await client.get("/account")).headers["location"].startswith("/login?")
    client.cookies.set(SESSION_COOKIE, client.cookies[HALF_COOKIE], domain="fairs.test")
    assert (await client.get("/account")).headers["location"].startswith("/login?"), "the half is not a session"
    sign_out(client)
    answer = await post(client, "/login/second", {"code": "123"})
    assert answer.status_code == 422
    answer = await post(client, "/login/second", {"code": f" {shown(app)[:3]} {shown(app)[3:]} "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert (await client.get("/account")).status_code == 200
    assert await database.fetchval("SELECT count(*) FROM half_sign_in") == 0


async def test_mailed_link_asks_for_the_code_too(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    app, _ = await protected(alice)
    await post(client, "/login/link", {"email": alice.email})
    token = (await mails.text_of(alice.email)).split("/login/link/")[1].split()[0]
    answer = await post(client, f"/login/link/{token}")
    assert answer.headers["location"].endswith("/login/second")
    assert SESSION_COOKIE not in client.cookies
    assert (await post(client, "/login/second", {"code": shown(app)})).status_code == 303
    by_link = await database.fetchval("SELECT by_link FROM sign_in_session WHERE account = $1", alice.account_id)
    assert by_link is True


async def test_code_works_once_and_one_step_off(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = clock.now()
    monkeypatch.setattr(clock, "now", lambda: moment)
    alice = await make_actor("organiser")
    account = alice.account_id or 0
    app, _ = await protected(alice)
    with pytest.raises(Invalid):
        await second.require_code(account, shown(app, -1))  # used to switch it on
    for wrong in (shown(app, -2), shown(app, 2)):
        with pytest.raises(Invalid):
            await second.require_code(account, wrong)
    await second.require_code(account, shown(app, 1))
    for used in (shown(app, 1), shown(app)):
        with pytest.raises(Invalid):
            await second.require_code(account, used)
    moment += timedelta(seconds=60)
    await second.require_code(account, shown(app))


async def test_recovery_code_works_once(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    await with_password(alice)
    _, kept = await protected(alice)
    await first_step(client, alice)
    assert (await post(client, "/login/second", {"code": kept[0].upper().replace("-", " ")})).status_code == 303
    assert await second.codes_left(alice.account_id or 0) == 9
    await first_step(client, alice)
    assert (await post(client, "/login/second", {"code": kept[0]})).status_code == 422
    fresh = await second.renew_codes(by=alice)
    assert (await post(client, "/login/second", {"code": kept[1]})).status_code == 422
    assert (await post(client, "/login/second", {"code": fresh[1]})).status_code == 303


async def test_half_sign_in_ends(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await make_actor("organiser")
    await with_password(alice)
    app, _ = await protected(alice)
    await first_step(client, alice)
    for _ in range(second.HALF_TRIES - 1):
        assert (await post(client, "/login/second", {"code": "111111"})).status_code == 422
    answer = await post(client, "/login/second", {"code": "111111"})
    assert answer.headers["location"].endswith("/login")
    with pytest.raises(NotFound):
        await second.finish(client.cookies.get(HALF_COOKIE) or "none", shown(app))
    token = await second.half(alice.account_id or 0, "", by_link=False)
    later = clock.now() + second.HALF_LIFE + timedelta(seconds=1)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        with pytest.raises(NotFound):
            await second.finish(token, shown(app))
    assert await second.half_of(token)
    await proof.end_credentials(alice.account_id or 0, alice.email)
    assert not await second.half_of(token), "suspended, or a new password: begun sign-ins end too"


async def test_guessing_codes_has_an_end(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await make_actor("organiser")
    app, _ = await protected(alice)
    start, refused = clock.now(), 0
    for quarter in range(20):
        now = start + timedelta(minutes=16 * quarter)
        monkeypatch.setattr(clock, "now", lambda now=now: now)
        for _ in range(9):
            try:
                await second.require_code(alice.account_id or 0, "abc")
            except Invalid:
                continue
            except TooMany:
                refused += 1
    assert refused == 20 * 9 - 100
    with pytest.raises(TooMany):
        await second.require_code(alice.account_id or 0, shown(app))


async def test_switching_off_always_asks(client: httpx.AsyncClient) -> None:
    alice = await make_actor("organiser")
    app, _ = await protected(alice)
    await sign_in(client, alice, proved=True)
    answer = await post(client, "/account/two-factor/off")
    assert answer.status_code == 422
    assert "Confirm that it is you" in answer.text
    assert await second.is_on(alice.account_id or 0)
    assert (await post(client, "/account/two-factor/off", {"confirm_code": "000000"})).status_code == 422
    assert (await post(client, "/account/two-factor/off", {"confirm_code": shown(app)})).status_code == 303
    assert not await second.is_on(alice.account_id or 0)
    assert await second.codes_left(alice.account_id or 0) == 0


async def test_first_proof_of_an_address_removes_a_strangers_app(db: None) -> None:
    squatted = await make_actor("candidate", proved=False)
    await protected(squatted)
    await proof.prove(squatted.account_id or 0)
    assert not await second.is_on(squatted.account_id or 0)


async def test_secret_is_sealed_anew_with_a_new_key(db: None) -> None:
    alice = await make_actor("organiser")
    app, _ = await protected(alice)
    plain = second.secret_of(await second.state(alice.account_id or 0))  # type: ignore[arg-type]  # just switched on
    await database.execute("UPDATE two_factor SET secret = $1", plain)
    assert (await sealing.seal_plain()).sealed >= 1
    assert (await database.fetchval("SELECT secret FROM two_factor")).startswith("sealed:")
    await second.require_code(alice.account_id or 0, shown(app))
