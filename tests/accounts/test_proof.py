"""Proof of an address: nothing but a fixed text before it, nothing that others set after it."""

from dataclasses import replace

import httpx
import pytest

from fairs.accounts import accepting, changes, claims, credentials, invitations, links, proof, queries, services
from fairs.accounts.actor import SYSTEM, Actor, Grant
from fairs.accounts.attempts import Caller
from fairs.accounts.forms import AddressForm, JoinForm, SignUpForm
from fairs.accounts.invitations import Offer
from fairs.accounts.tables import LinkKind
from fairs.badges.queries import badge_for
from fairs.core import db as database
from fairs.core.errors import Conflict, NotFound
from fairs.core.roles import Role
from fairs.core.rows import fetch_as
from fairs.notifications import held, masking
from fairs.notifications import services as mail
from fairs.notifications.rows import MAIL_COLUMNS, MailRow
from fairs.registrations import services as registrations
from fairs.registrations.forms import RegistrationForm
from fairs.talents import services as talents
from fairs.talents.forms import ProfileForm
from tests import factories, mails
from tests.cast import PASSWORD, make_actor, post, sign_in, sign_out
from tests.mails import MailKeeper

OWNER = "owner@example.org"
BAIT = "Dear friend call five five five"


async def squat(email: str = OWNER) -> tuple[Actor, str]:
    """Somebody signs up with an address that is not theirs; (account, cookie of the squatter's browser)."""
    account_id = await services.sign_up(
        SignUpForm(name=BAIT, email=email, password=PASSWORD), caller=Caller("10.0.0.1")
    )
    cookie = await services.open_session(account_id, ip="10.0.0.1", user_agent="squatter")
    actor = await queries.actor_by_session(cookie)
    assert actor is not None
    return actor, cookie


def person(email: str = OWNER, name: str = BAIT) -> RegistrationForm:
    return RegistrationForm(email=email, name_passport=name)


async def link_in(kind: str, email: str = OWNER) -> str:
    """The token of the last mail of a kind."""
    text = await mails.text_of(email, kind=kind)
    return str(text.split("/login/link/")[1].split()[0].split("/")[0])


async def states(email: str = OWNER) -> dict[str, str]:
    rows = await database.fetch("SELECT kind, state FROM outgoing_mail WHERE to_email = $1 ORDER BY id", email)
    return {row["kind"]: row["state"] for row in rows}


async def come_in(way: str) -> int:
    """The owner comes by a mailed link, in a browser that nobody has signed in."""
    if way == "confirmation":
        return await claims.confirm(await link_in("confirm_address"))
    if way == "sign-in link":
        await services.request_link(OWNER, caller=Caller("10.9.9.9"))
        return await services.use_link(await link_in("sign_in_link"))
    await services.request_link(OWNER, caller=Caller("10.9.9.9"), kind=LinkKind.RESET)
    return await credentials.reset_password(await link_in("reset_password"), "a sentence of the owner")


@pytest.mark.parametrize("way", ["confirmation", "sign-in link", "reset"])
async def test_owner_who_comes_by_a_mailed_link_ends_everything_set_before(db: None, way: str) -> None:
    squatter, cookie = await squat()
    second = await services.open_session(squatter.account_id or 0, ip="10.0.0.2", user_agent="another")
    token = await services.issue_token("api", "mine", by=squatter, account_id=squatter.account_id)
    event = await factories.event()
    device = await services.issue_token("device", "d", by=squatter, account_id=squatter.account_id, event_id=event)
    pending = await links.new_link(LinkKind.ADDRESS, account_id=squatter.account_id, email="mallory@example.org")
    assert await come_in(way) == squatter.account_id
    for old in (cookie, second):
        assert await queries.actor_by_session(old) is None
    assert await queries.actor_by_token(token) is None
    assert await queries.device_by_token(device) is None
    with pytest.raises(NotFound):
        await links.read(LinkKind.ADDRESS, pending)
    stored = await database.fetchval("SELECT password_hash FROM account WHERE email = $1", OWNER)
    if way == "reset":
        assert stored is not None  # the owner's
    else:
        assert stored is None


async def test_same_browser_keeps_its_session_and_password_and_others_end(db: None) -> None:
    person_, cookie = await squat()
    other = await services.open_session(person_.account_id or 0, ip="", user_agent="another")
    await claims.confirm(await link_in("confirm_address"), session_id=person_.session_id)
    here = await queries.actor_by_session(cookie)
    assert here is not None
    assert (here.proved, here.reviews) == (True, False)
    assert await queries.actor_by_session(other) is None
    assert await queries.has_password(person_.account_id or 0)


async def test_session_of_another_account_is_not_the_same_browser(db: None) -> None:
    """A browser signed in as somebody else proves nothing about who set the password."""
    squatter, cookie = await squat()
    stranger, _ = await squat("stranger@example.org")
    await claims.confirm(await link_in("confirm_address"), session_id=stranger.session_id)
    assert await queries.actor_by_session(cookie) is None
    assert not await queries.has_password(squatter.account_id or 0)


async def test_later_links_end_nothing(db: None) -> None:
    alice, cookie = await squat()
    await claims.confirm(await link_in("confirm_address"), session_id=alice.session_id)
    await services.request_link(OWNER, caller=Caller())
    await services.use_link(await link_in("sign_in_link"))
    assert await queries.actor_by_session(cookie) is not None
    assert await queries.has_password(alice.account_id or 0)


async def test_nothing_typed_and_no_file_reaches_an_unproved_address(db: None, mail_server: MailKeeper) -> None:
    """Sign-up, registration by oneself and by an organiser, an invitation, a sign-in link: fixed texts only."""
    squatter, _ = await squat()
    event = await factories.event(title_en="Fair")
    await registrations.register(event, person(), by=squatter)
    organiser = await make_actor("organiser", email="org@example.org")
    await registrations.register(event, person("guest@example.org"), by=organiser)
    await services.request_link(OWNER, caller=Caller())
    await services.request_link(OWNER, caller=Caller(), kind=LinkKind.RESET)
    firm = await factories.organisation(name_zh=BAIT, name_en=BAIT)
    inviter = await make_actor("employer", email="boss@example.org", name=BAIT, organisation_id=firm)
    await invitations.invite(Offer("guest@example.org", Grant(Role.EMPLOYER, organisation_id=firm)), by=inviter)
    rows = await database.fetch("SELECT * FROM outgoing_mail WHERE state <> 'held' AND to_email <> 'org@example.org'")
    assert {row["kind"] for row in rows} == {
        "confirm_address",
        "sign_in_link",
        "reset_password",
        "invitation",
    }
    for row in rows:
        for part in ("to_name", "subject", "body_text", "body_html"):
            assert BAIT not in row[part], (row["kind"], part)
        assert await database.fetchval("SELECT count(*) FROM mail_attachment WHERE mail = $1", row["id"]) == 0
    held = await database.fetch("SELECT id FROM outgoing_mail WHERE state = 'held'")
    assert held
    for row in held:  # neither a job nor a hand sends it
        await mail.deliver({"mail": row["id"]})
        with pytest.raises(NotFound):
            await mail.retry_mail(row["id"])
    assert len(mail_server.received) == 0
    waiting = await database.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", mail.DELIVER)
    assert waiting == len(rows)


async def test_code_that_its_receiver_asked_for_is_not_held_and_says_nothing_typed(db: None) -> None:
    await squat()
    variables = {"number": "A-1", "code": "123456", "minutes": 10, "name": BAIT}
    await mail.queue_mail(
        mail.Message(
            kind="signing_code", lang="en", to_email=OWNER, to_name=BAIT, variables=variables, secrets=("123456",)
        )
    )
    assert (await states())["signing_code"] == "kept"
    assert "123456" in await mails.text_of(OWNER)
    stored = await database.fetchval("SELECT body_text FROM outgoing_mail WHERE kind = 'signing_code'")
    assert ("123456" in stored, BAIT in stored) == (False, False)


async def test_stored_mails_show_no_token_of_any_link(db: None) -> None:
    account, _ = await squat()
    await services.request_link(OWNER, caller=Caller())
    await services.request_link(OWNER, caller=Caller(), kind=LinkKind.RESET)
    by = replace(account, session_id=(await session_by_link(account)))
    await changes.request_address(AddressForm(email="new@example.org"), by=by)
    rows = await fetch_as(MailRow, f"SELECT {MAIL_COLUMNS} FROM outgoing_mail ORDER BY id")
    assert [row.kind for row in rows] == ["confirm_address", "sign_in_link", "reset_password", "change_address"]
    for row in rows:
        token = masking.opened(row).text.split("/login/link/")[1].split()[0].split("/")[0]
        assert len(token) > 20
        assert token not in row.subject + row.body_text + row.body_html, row.kind


async def session_by_link(account: Actor) -> int:
    cookie = await services.open_session(account.account_id or 0, ip="", user_agent="", by_link=True)
    found = await queries.actor_by_session(cookie)
    assert found is not None
    return found.session_id or 0


async def test_one_reminder_a_day_however_much_waits(db: None) -> None:
    for _ in range(3):
        await registrations.register(await factories.event(), person(), by=SYSTEM)
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'confirm_address'") == 1
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE state = 'held'") == 3


async def test_guest_who_was_written_in_claims_the_badge_by_the_link(db: None) -> None:
    made = await registrations.register(await factories.event(), person(name="Zoë Guest"), by=SYSTEM)
    token = await link_in("confirm_address")
    actor = await queries.actor_by_id(await claims.confirm(token))
    assert actor is not None
    assert (actor.name, actor.roles, actor.proved, actor.reviews) == (
        "Zoë Guest",
        frozenset({"candidate"}),
        True,
        False,
    )
    assert (await states())["registration_confirmed"] == "kept"
    assert (await badge_for(actor, made.number))[1] is not None
    with pytest.raises(NotFound):
        await claims.confirm(token)


async def test_badge_is_not_shown_before_the_proof(db: None) -> None:
    squatter, _ = await squat()
    made = await registrations.register(await factories.event(), person(), by=squatter)
    assert (await badge_for(squatter, made.number))[1] is None
    await claims.confirm(await link_in("confirm_address"), session_id=squatter.session_id)
    proved = await queries.actor_by_id(squatter.account_id or 0)
    assert proved is not None
    assert (await badge_for(proved, made.number))[1] is not None
    assert (await states())["registration_confirmed"] == "kept"


async def _filled_by_a_stranger() -> tuple[Actor, str, str]:
    """(the owner after the proof, number that the stranger registered, number that an organiser registered)."""
    squatter, _ = await squat()
    await talents.save_profile(ProfileForm(name_passport=BAIT, headline=BAIT), by=squatter)
    theirs = await registrations.register(await factories.event(), person(), by=squatter)
    ours = await registrations.register(await factories.event(), person(name="The Owner"), by=SYSTEM)
    firm = await factories.organisation(state="pending")
    await services.grant(squatter.account_id or 0, Grant(Role.EMPLOYER, organisation_id=firm), by=SYSTEM)
    await claims.confirm(await link_in("confirm_address"))
    owner = await queries.actor_by_id(squatter.account_id or 0)
    assert owner is not None
    assert owner.reviews
    assert len(await proof.entered(owner)) == 3
    assert (await states())["registration_confirmed"] == "held"
    assert (await badge_for(owner, theirs.number))[1] is None
    return owner, theirs.number, ours.number


async def test_owner_discards_what_a_stranger_entered(db: None) -> None:
    owner, theirs, ours = await _filled_by_a_stranger()
    await proof.discard(by=owner)
    found = {row["number"]: row["state"] for row in await database.fetch("SELECT number, state FROM registration")}
    assert found == {theirs: "withdrawn", ours: "confirmed"}
    row = await database.fetchrow("SELECT name_passport, headline, visibility FROM talent")
    assert row is not None
    assert tuple(row) == ("owner", "", "private")
    assert await database.fetchval("SELECT state FROM organisation") == "rejected"
    after = await queries.actor_by_id(owner.account_id or 0)
    assert after is not None
    assert (after.name, after.reviews, after.organisation_ids) == ("owner", False, [])
    going = await database.fetch(
        "SELECT kind, body_text FROM outgoing_mail WHERE state = 'kept' AND kind <> 'confirm_address'"
    )
    assert [row["kind"] for row in going] == ["registration_confirmed"]
    assert ours in going[0]["body_text"]
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE state = 'held'") == 0
    with pytest.raises(Conflict):
        await proof.keep(by=owner)


async def test_mail_that_was_judged_before_the_proof_goes_a_moment_later(db: None) -> None:
    """Written in a transaction that ended after the proof had let the held mail go."""
    await squat()
    await registrations.register(await factories.event(), person(), by=SYSTEM)
    await claims.confirm(await link_in("confirm_address"))
    later = await database.fetchval(
        "SELECT execute_after - created > interval '50 s' FROM pgqueuer WHERE entrypoint = $1", held.LOOK_AGAIN
    )
    assert later
    await database.execute("UPDATE outgoing_mail SET state = 'held' WHERE kind = 'registration_confirmed'")
    await held.release_proved({})
    assert (await states())["registration_confirmed"] == "kept"


async def test_owner_keeps_what_was_entered_on_another_device(db: None) -> None:
    owner, theirs, _ = await _filled_by_a_stranger()
    await proof.keep(by=owner)
    after = await queries.actor_by_id(owner.account_id or 0)
    assert after is not None
    assert (await badge_for(after, theirs))[1] is not None
    assert "held" not in (await states()).values()
    with pytest.raises(Conflict):
        await proof.discard(by=owner)


async def test_invitation_link_proves_the_address(db: None) -> None:
    firm = await factories.organisation()
    boss = await make_actor("employer", email="boss@example.org", organisation_id=firm)
    shown = await invitations.invite(Offer(OWNER, Grant(Role.EMPLOYER, organisation_id=firm)), by=boss)
    text = await mails.text_of(kind="invitation")
    token = text.split("/invitation/")[1].split()[0]
    assert (await accepting.opened(token)).proves
    assert not (await accepting.opened(shown.link.rpartition("/")[2])).proves  # the boss has it too
    account_id = await accepting.join(token, JoinForm(name="Zhao Min", password=PASSWORD), caller=Caller())
    actor = await queries.actor_by_id(account_id)
    assert actor is not None
    assert actor.proved


async def test_pages_say_that_the_address_waits_and_offer_the_link_again(client: httpx.AsyncClient) -> None:
    squatter, _ = await squat()
    await sign_in(client, squatter)
    page = await client.get("/account")
    assert "The link that confirms owner@example.org is kept on the server, which sends no mail" in page.text
    answer = await post(client, "/account/confirm")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE kind = 'confirm_address'") == 2
    for _ in range(4):
        await post(client, "/account/confirm")
    assert (await post(client, "/account/confirm")).status_code == 429


async def test_confirmation_page_changes_nothing_until_its_button(client: httpx.AsyncClient) -> None:
    squatter, cookie = await squat()
    await registrations.register(await factories.event(), person(), by=squatter)
    path = f"/login/link/{await link_in('confirm_address')}/confirm"
    page = await client.get(path)
    assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
    assert "the password set there becomes invalid" in page.text
    assert await queries.actor_by_session(cookie) is not None
    answer = await post(client, path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/home")
    assert (await client.get("/home")).headers["location"] == "/account/review"
    page = await client.get("/account/review")
    assert "in the name of " + BAIT in page.text
    answer = await post(client, "/account/review/discard")
    assert answer.status_code == 303
    assert await database.fetchval("SELECT state FROM registration") == "withdrawn"
    sign_out(client)
    gone = await client.get(path)
    assert (gone.status_code, gone.headers["location"]) == (303, "/login")
