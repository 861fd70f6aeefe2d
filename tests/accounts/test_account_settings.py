"""What a person changes about the account, by the pages."""

from typing import Any

import httpx
import pytest

from fairs.accounts import known_browsers, passwords, queries, services
from fairs.accounts.actor import Actor
from fairs.accounts.attempts import Caller
from fairs.accounts.forms import SignInForm
from fairs.accounts.middleware import SESSION_COOKIE
from fairs.accounts.tables import LinkKind
from fairs.core import clock
from fairs.core import db as database
from fairs.core.errors import Invalid
from fairs.registrations import services as registrations
from fairs.registrations.forms import RegistrationForm
from fairs.talents import services as talents
from fairs.talents.forms import ProfileForm
from tests import factories, mails
from tests.cast import PASSWORD, errors_in, make_actor, post, sign_in

NEW = "another sentence of mine"


async def with_password(email: str = "alice@example.org", role: str = "candidate", **given: Any) -> Actor:
    actor = await make_actor(role, email=email, **given)
    hashed = await passwords.hash_password(PASSWORD)
    await database.execute("UPDATE account SET password_hash = $2 WHERE id = $1", actor.account_id, hashed)
    return actor


async def enter(client: httpx.AsyncClient, actor: Actor, *, by_link: bool = False) -> str:
    """Sign the client in; its cookie."""
    cookie = await services.open_session(actor.account_id or 0, ip="10.0.0.1", user_agent="test", by_link=by_link)
    client.cookies.set(SESSION_COOKIE, cookie, domain="fairs.test")
    client.cookies.delete("csrftoken")  # the form token belongs to the session
    return cookie


async def token_to(email: str) -> str:
    text = await mails.text_of(email)
    return str(text.split("/login/link/")[1].split()[0].split("/")[0])


async def test_name_and_language_are_changed(client: httpx.AsyncClient) -> None:
    alice = await make_actor("candidate")
    await sign_in(client, alice)
    answer = await post(client, "/account/name", {"name": "Alice at evil.example"})
    assert answer.status_code == 422
    assert errors_in(answer.text) == ["A name cannot contain a web or e-mail address. Leave a space after a full stop."]
    assert 'value="Alice at evil.example"' in answer.text
    assert (await post(client, "/account/name", {"name": "Alice Fernandez"})).status_code == 303
    answer = await post(client, "/account/language", {"lang": "zh", "timezone": "Europe/Madrid"})
    assert answer.headers["location"] == "/account?lang=zh"
    assert "我的账号" in (await client.get("/account?lang=zh")).text
    row = await database.fetchrow("SELECT name, lang, timezone FROM account WHERE id = $1", alice.account_id)
    assert row is not None
    assert tuple(row) == ("Alice Fernandez", "zh", "Europe/Madrid")
    for wrong in ({"lang": "fr", "timezone": "Europe/Madrid"}, {"lang": "en", "timezone": "Nowhere/At All"}):
        assert (await post(client, "/account/language", wrong)).status_code == 422


async def test_password_is_changed_with_the_present_one_and_ends_other_sessions(client: httpx.AsyncClient) -> None:
    alice = await with_password()
    elsewhere = await services.open_session(alice.account_id or 0, ip="", user_agent="")
    here = await enter(client, alice)
    for given, message in (
        ({"password": NEW}, "Type your current password"),
        ({"password": NEW, "present_password": "wrong wrong wrong"}, "This is not your current password."),
        ({"password": "1234567890", "present_password": PASSWORD}, "row of keys"),
        ({"password": "Alice Wanderer", "present_password": PASSWORD}, "your name or address"),
        ({"password": "alice@example.org", "present_password": PASSWORD}, "your name or address"),
    ):
        answer = await post(client, "/account/password", given)
        assert (answer.status_code, message in answer.text) == (422, True), given
    assert await queries.actor_by_session(elsewhere) is not None
    assert (await post(client, "/account/password", {"password": NEW, "present_password": PASSWORD})).status_code == 303
    account = await queries.account_by_email(alice.email)
    assert known_browsers.recognised(client.cookies[known_browsers.COOKIE], account), "known by the new password"
    assert await queries.actor_by_session(elsewhere) is None
    assert await queries.actor_by_session(here) is not None
    assert await services.sign_in(SignInForm(email=alice.email, password=NEW), caller=Caller()) == alice.account_id
    with pytest.raises(Invalid):
        await services.sign_in(SignInForm(email=alice.email, password=PASSWORD), caller=Caller())


async def test_guessing_the_present_password_is_limited(client: httpx.AsyncClient) -> None:
    await enter(client, await with_password())
    wrong = {"password": NEW, "present_password": "wrong wrong wrong"}
    answers = [(await post(client, "/account/password", wrong)).status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


async def test_sign_in_by_link_stands_for_the_password_for_a_while(client: httpx.AsyncClient) -> None:
    alice = await with_password()
    await enter(client, alice, by_link=True)
    assert 'name="present_password"' not in (await client.get("/account/password")).text
    await database.execute("UPDATE sign_in_session SET created_at = now() - interval '16 minutes'")
    assert 'name="present_password"' in (await client.get("/account/password")).text
    assert (await post(client, "/account/password", {"password": NEW})).status_code == 422
    await database.execute("UPDATE sign_in_session SET created_at = $1", clock.now())
    assert (await post(client, "/account/password", {"password": NEW})).status_code == 303


async def test_forgotten_password_is_chosen_anew_once(client: httpx.AsyncClient) -> None:
    alice = await with_password()
    elsewhere = await services.open_session(alice.account_id or 0, ip="", user_agent="")
    known = await post(client, "/login/reset", {"email": "Alice@example.org"})
    unknown = await post(client, "/login/reset", {"email": "nobody@example.org"})
    assert (known.status_code, known.headers["location"]) == (unknown.status_code, unknown.headers["location"])
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail") == 1
    path = f"/login/link/{await token_to(alice.email)}/reset"
    assert (await client.get(path)).headers["referrer-policy"] == "no-referrer"
    assert (await post(client, path, {"password": "password123"})).status_code == 422
    assert await queries.actor_by_session(elsewhere) is not None
    answer = await post(client, path, {"password": NEW})
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert await queries.actor_by_session(elsewhere) is None
    assert (await client.get("/account")).status_code == 200
    assert await services.sign_in(SignInForm(email=alice.email, password=NEW), caller=Caller()) == alice.account_id
    assert (await post(client, path, {"password": "yet another sentence"})).headers["location"] == "/login"


async def test_asking_for_a_new_password_too_often_costs_work_and_spares_the_mailbox(client: httpx.AsyncClient) -> None:
    alice = await with_password()
    for _ in range(5):
        assert (await post(client, "/login/reset", {"email": alice.email})).status_code == 303
    await database.execute("UPDATE rate_limit SET hits = 60 WHERE key LIKE 'link-network:%'")
    answer = await post(client, "/login/reset", {"email": alice.email})
    assert (answer.status_code, "data-proof=" in answer.text) == (429, True)
    assert f'value="{alice.email}"' in answer.text
    for number in range(20):
        await services.request_link(alice.email, caller=Caller(f"10.{number}.0.1"), kind=LinkKind.RESET)
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail") == 5
    await services.request_link(alice.email, caller=Caller("10.77.0.1"))
    last = "SELECT kind FROM outgoing_mail ORDER BY id DESC LIMIT 1"
    assert await database.fetchval(last) == "sign_in_link", "those have a count of their own"


async def test_reset_link_lives_30_minutes_and_opens_nothing_else(client: httpx.AsyncClient) -> None:
    alice = await with_password()
    await post(client, "/login/reset", {"email": alice.email})
    token = await token_to(alice.email)
    for path in (f"/login/link/{token}", f"/login/link/{token}/confirm"):
        assert (await post(client, path)).headers["location"] == "/login"
    await database.execute("UPDATE sign_in_link SET expires_at = created_at + interval '30 minutes'")
    assert (await client.get(f"/login/link/{token}/reset")).status_code == 200
    await database.execute("UPDATE sign_in_link SET expires_at = now()")
    assert (await client.get(f"/login/link/{token}/reset")).headers["location"] == "/login"
    assert (await post(client, f"/login/link/{token}/reset", {"password": NEW})).headers["location"] == "/login"


async def test_other_browsers_are_signed_out_one_by_one(client: httpx.AsyncClient) -> None:
    alice, bob = await make_actor("candidate"), await make_actor("candidate", email="bob@example.org")
    cookies = [await services.open_session(alice.account_id or 0, ip="", user_agent=name) for name in ("Phone", "Desk")]
    theirs = await services.open_session(bob.account_id or 0, ip="", user_agent="Bob")
    await sign_in(client, alice)
    page = (await client.get("/account")).text
    assert ("Phone" in page, "Desk" in page) == (True, True)
    ids = {row["user_agent"]: row["id"] for row in await database.fetch("SELECT id, user_agent FROM sign_in_session")}
    assert (await post(client, f"/account/sessions/{ids['Phone']}/end")).status_code == 303
    assert await queries.actor_by_session(cookies[0]) is None
    assert await queries.actor_by_session(cookies[1]) is not None
    assert (await post(client, f"/account/sessions/{ids['Bob']}/end")).status_code == 404
    assert await queries.actor_by_session(theirs) is not None
    assert (await post(client, f"/account/sessions/{ids['Phone']}/end")).status_code == 404


async def test_address_changes_by_a_link_to_the_new_one_and_the_old_one_is_told(client: httpx.AsyncClient) -> None:
    alice = await with_password()
    made = await registrations.register(
        await factories.event(), RegistrationForm(email=alice.email, name_passport="Alice"), by=alice
    )
    elsewhere = await services.open_session(alice.account_id or 0, ip="", user_agent="")
    await enter(client, alice)
    new = "alice@new.example.org"
    assert (await post(client, "/account/address", {"email": new})).status_code == 422
    answer = await post(client, "/account/address", {"email": new.upper(), "present_password": PASSWORD})
    assert answer.status_code == 303
    assert await database.fetchval("SELECT email FROM account") == alice.email
    row = await database.fetchrow("SELECT * FROM outgoing_mail WHERE to_email = $1", new)
    assert row is not None
    assert (row["kind"], alice.name in row["body_text"]) == ("change_address", False)
    path = f"/login/link/{await token_to(new)}/address"
    assert new in (await client.get(path)).text
    assert (await post(client, path)).headers["location"] == "/account"
    assert await database.fetchval("SELECT email FROM account") == new
    assert await queries.actor_by_session(elsewhere) is None
    told = await database.fetchrow("SELECT to_email, state FROM outgoing_mail WHERE kind = 'address_changed'")
    assert told is not None
    assert tuple(told) == (alice.email, "kept")
    assert await database.fetchval("SELECT email FROM registration WHERE number = $1", made.number) == new
    assert made.number in (await client.get("/me/fairs")).text
    assert (await client.get(f"/me/fairs/{made.number}/badge.png")).status_code == 200
    assert (await client.get(path)).status_code == 404


async def test_link_to_a_new_address_does_nothing_in_another_account(client: httpx.AsyncClient) -> None:
    """Somebody enters a stranger's address as the new one: the stranger's click joins nothing to anything."""
    mallory = await with_password("mallory@example.org")
    await enter(client, mallory)
    await post(client, "/account/address", {"email": "victim@example.org", "present_password": PASSWORD})
    path = f"/login/link/{await token_to('victim@example.org')}/address"
    client.cookies.delete(SESSION_COOKIE)
    assert (await client.get(path)).headers["location"].startswith("/login")
    victim = await make_actor("candidate", email="other@example.org")
    await sign_in(client, victim)
    assert "Sign in to the account that requested" in (await client.get(path)).text
    await post(client, path)
    assert sorted(row["email"] for row in await database.fetch("SELECT email FROM account")) == [
        "mallory@example.org",
        "other@example.org",
    ]


async def test_address_of_somebody_else_is_not_told_and_not_taken(client: httpx.AsyncClient) -> None:
    await make_actor("candidate", email="taken@example.org")
    alice = await with_password()
    await enter(client, alice)
    free = await post(client, "/account/address", {"email": "free@example.org", "present_password": PASSWORD})
    taken = await post(client, "/account/address", {"email": "taken@example.org", "present_password": PASSWORD})
    assert (free.status_code, free.headers["location"]) == (taken.status_code, taken.headers["location"])
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE to_email = 'taken@example.org'") == 0


async def test_moving_an_unproved_account_leaves_what_waits_for_the_owner(client: httpx.AsyncClient) -> None:
    """A squatter moves on to an address of his own: the badge that an organiser made for the owner stays the owner's."""
    squatter = await with_password("owner@example.org", proved=False)
    organiser = await make_actor("organiser", email="org@example.org")
    guest = RegistrationForm(email="owner@example.org", name_passport="The Owner")
    ours = await registrations.register(await factories.event(), guest, by=organiser)
    own = RegistrationForm(email="owner@example.org", name_passport="Mallory")
    theirs = await registrations.register(await factories.event(), own, by=squatter)
    await enter(client, squatter)
    await post(client, "/account/address", {"email": "mallory@example.org", "present_password": PASSWORD})
    assert (await post(client, f"/login/link/{await token_to('mallory@example.org')}/address")).status_code == 303
    rows = await database.fetch(
        "SELECT to_email, state, body_text FROM outgoing_mail WHERE kind = 'registration_confirmed' ORDER BY to_email"
    )
    assert [(row["to_email"], row["state"]) for row in rows] == [
        ("mallory@example.org", "kept"),
        ("owner@example.org", "held"),
    ]
    assert theirs.number in rows[0]["body_text"]
    assert ours.number in rows[1]["body_text"]
    assert (await client.get(f"/me/fairs/{ours.number}/badge")).status_code == 404


async def test_closed_account_is_gone_and_its_address_is_free(client: httpx.AsyncClient) -> None:
    alice = await with_password()
    await talents.save_profile(ProfileForm(name_passport="Alice Wanderer", headline="Wheat"), by=alice)
    made = await registrations.register(
        await factories.event(
            starts_at=clock.now(), ends_at=clock.now() + (clock.now() - clock.now().replace(year=2020))
        ),
        RegistrationForm(email=alice.email, name_passport="Alice"),
        by=alice,
    )
    token = await services.issue_token("api", "mine", by=alice, account_id=alice.account_id)
    cookie = await enter(client, alice)
    assert "stay in the records" in (await client.get("/account/close")).text
    assert (await post(client, "/account/close")).status_code == 422
    assert (await post(client, "/account/close", {"present_password": "wrong wrong"})).status_code == 422
    answer = await post(client, "/account/close", {"present_password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert await queries.actor_by_session(cookie) is None
    assert await queries.actor_by_token(token) is None
    row = await database.fetchrow("SELECT * FROM account WHERE id = $1", alice.account_id)
    assert row is not None
    assert (row["active"], row["password_hash"], row["name"]) == (False, None, "Closed account")
    assert row["email"] == f"closed-{alice.account_id}@invalid"
    assert await database.fetchval("SELECT count(*) FROM membership") == 0
    assert await database.fetchval("SELECT state FROM registration WHERE number = $1", made.number) == "withdrawn"
    assert await database.fetchval("SELECT visibility FROM talent") == "private"
    assert await database.fetchval("SELECT email = 'closed-' || id || '@invalid' FROM talent")
    told = await database.fetchval("SELECT state FROM outgoing_mail WHERE kind = 'account_closed'")
    assert told == "kept"
    again = await make_actor("candidate")
    assert again.account_id != alice.account_id
    await sign_in(client, again)
    assert (await client.get("/me/profile")).status_code == 200


async def test_last_administrator_cannot_close(client: httpx.AsyncClient) -> None:
    first = await with_password(role="admin")
    await enter(client, first)
    answer = await post(client, "/account/close", {"present_password": PASSWORD})
    assert (answer.status_code, "last administrator" in answer.text) == (422, True)
    await make_actor("admin", email="second@example.org")
    assert (await post(client, "/account/close", {"present_password": PASSWORD})).status_code == 303


@pytest.mark.parametrize(
    ("path", "data", "field"),
    [
        ("/signup", {"email": "a@example.org", "password": PASSWORD}, "name"),
        ("/employers/join", {"email": "a@example.org", "password": PASSWORD}, "account_name"),
        ("/employers/join", {}, "name_zh"),
        ("/employers/join", {}, "name_en"),
        ("/employers/join", {}, "contact_name"),
    ],
)
async def test_names_with_an_address_are_refused_where_strangers_type_them(
    client: httpx.AsyncClient, path: str, data: dict[str, str], field: str
) -> None:
    answer = await post(client, path, data | {field: "Win at ｅｖｉｌ。ｃｏｍ"})
    assert answer.status_code == 422
    assert "A name cannot contain a web or e-mail address. Leave a space after a full stop." in errors_in(answer.text)
