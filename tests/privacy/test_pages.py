"""Pages of one's own data: what is held, the export, the consents, deletion with its receipt, and the public page."""

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from fairs.accounts.actor import Actor
from fairs.accounts.passwords import hash_password
from fairs.accounts.queries import actor_by_id
from fairs.accounts.services import create_account
from fairs.core import clock, db, jobs
from fairs.core.services import SETTINGS
from fairs.settings import Settings
from tests import factories
from tests.cast import PASSWORD, make_actor, post, sign_in, sign_out
from tests.fair import profile_of
from tests.privacy.person import EMAIL, NAME, NATIVE, everything

pytestmark = pytest.mark.usefixtures("db")


async def with_password(actor: Actor) -> None:
    await db.execute(
        "UPDATE account SET password_hash = $2 WHERE id = $1", actor.account_id, await hash_password(PASSWORD)
    )


async def test_page_and_export_have_everything_and_only_the_person_gets_it(
    client: httpx.AsyncClient, tmp_path: Path, dsn: str
) -> None:
    who = await everything(tmp_path)
    await sign_in(client, who.actor)
    page = (await client.get("/account/data")).text
    for shown in (NAME, NATIVE, EMAIL, who.scene.employer.name, who.signed, "Booths that hold your data"):
        assert shown in page
    answer = await post(client, "/account/data/export")
    assert answer.status_code == 303
    assert (
        "is being put together already"
        in (await client.get((await post(client, "/account/data/export")).headers["location"])).text
    )
    await jobs.drain(dsn)
    page = (await client.get("/account/data")).text
    link = re.findall(r'href="(/files/[^"]+)"', page)[0]
    packed = zipfile.ZipFile(io.BytesIO((await client.get(link)).content))
    data = json.loads(packed.read("data.json"))["kinds"]
    assert data["registrations"]["entries"][0]["phone"].startswith("+49 30")
    assert {entry["number"] for entry in data["agreements"]["entries"]} == {who.signed, who.unsigned}
    assert data["agreements"]["entries"][0]["signatures"]
    assert [entry["viewer"] for entry in data["looks"]["entries"]] == [who.scene.employer.name]
    assert data["visits"]["entries"][0]["note"].startswith("Call ")
    assert any(name.startswith("files/") and name.endswith(".jpg") for name in packed.namelist())
    await sign_in(client, who.scene.other_talent)
    assert (await client.get(link)).status_code == 404
    assert NAME not in (await client.get("/account/data")).text
    await sign_in(client, who.actor)
    clock.start_from("2100-01-01T00:00Z")
    await db.execute("UPDATE sign_in_session SET expires_at = '2101-01-01'")
    assert (await client.get(link)).status_code == 404, "the link has expired"


async def test_exports_are_limited_a_day(client: httpx.AsyncClient) -> None:
    alice = await make_actor()
    await sign_in(client, alice)
    for _ in range(5):
        assert "flash" in str((await post(client, "/account/data/export")).headers)
        await db.execute("UPDATE data_export SET state = 'done'")
    await post(client, "/account/data/export")
    assert await db.fetchval("SELECT count(*) FROM data_export") == 5


async def test_deletion_asks_for_the_password_says_what_stays_and_leaves_a_receipt(
    client: httpx.AsyncClient, tmp_path: Path, dsn: str
) -> None:
    who = await everything(tmp_path)
    await with_password(who.actor)
    await sign_in(client, who.actor)
    page = (await client.get("/account/delete")).text
    assert f"Agreement {who.signed} until" in page
    assert "Signed agreements and funding files: 10 years" in page
    assert (await post(client, "/account/delete", {"present_password": "wrong password"})).status_code == 422
    done = await post(client, "/account/delete", {"present_password": PASSWORD})
    receipt = done.headers["location"]
    assert re.fullmatch(r"/privacy/receipts/F-[2-9A-Z]{16}", receipt)
    assert (await client.get("/account/data")).status_code in (302, 303)
    sign_out(client)
    assert "The deletion is under way" in (await client.get(receipt)).text
    await jobs.drain(dsn)
    page = (await client.get(receipt)).text
    assert "Everything is deleted." in page
    assert who.signed in page
    assert NAME not in page
    assert EMAIL not in page
    assert (await client.get("/privacy/receipts/F-UNKNOWN")).status_code == 404


async def test_last_administrator_stays(client: httpx.AsyncClient) -> None:
    admin = await make_actor("admin")
    await with_password(admin)
    await sign_in(client, admin)
    refused = await post(client, "/account/delete", {"present_password": PASSWORD})
    assert refused.status_code == 409
    assert "last administrator" in refused.text
    assert await db.fetchval("SELECT count(*) FROM forgetting") == 0
    await make_actor("admin", email="bob@example.org")
    assert (await post(client, "/account/delete", {"present_password": PASSWORD})).status_code == 303


async def test_empty_person_is_forgotten_too(client: httpx.AsyncClient, dsn: str) -> None:
    account = await create_account(email="new@example.org", name="New", lang="zh", proved=False)
    await make_actor(email="alice2@example.org")
    actor = await actor_by_id(account)
    assert actor is not None
    await with_password(actor)
    await sign_in(client, actor)
    done = await post(client, "/account/delete", {"present_password": PASSWORD})
    assert done.status_code == 303
    await jobs.drain(dsn)
    assert await db.fetchval("SELECT count(*) FROM account WHERE email LIKE 'new@%'") == 0
    assert await db.fetchval("SELECT email FROM account WHERE email = 'alice2@example.org'") == "alice2@example.org"


async def test_consents_are_given_and_withdrawn_apart(client: httpx.AsyncClient) -> None:
    alice = await make_actor("candidate")
    talent = await profile_of(alice)
    await sign_in(client, alice)
    assert (await client.get("/account/consents")).text.count("No consent") == 6
    await post(client, "/account/consents/matching", {"given": "no"})
    assert await db.fetchval("SELECT matching FROM talent WHERE id = $1", talent) is False
    await post(client, "/account/consents/matching", {"given": "yes"})
    await post(client, "/account/consents/keep_after", {"given": "no"})
    assert await db.fetchval("SELECT (matching, keep_after)::text FROM talent WHERE id = $1", talent) == "(t,f)"
    given = await post(client, "/account/consents/publication", {"given": "yes"})
    assert given.headers["location"].startswith("/me/profile")
    await post(client, "/account/consents/publication", {"given": "no"})
    assert await db.fetchval("SELECT visibility FROM talent WHERE id = $1", talent) == "private"
    assert (await post(client, "/account/consents/nothing", {"given": "yes"})).status_code == 404
    lines = await db.fetch("SELECT kind, given, place FROM consent ORDER BY id")
    assert [tuple(line) for line in lines] == [
        ("matching", False, "consents"),
        ("matching", True, "consents"),
        ("keep_after", False, "consents"),
        ("publication", False, "consents"),
    ]
    with pytest.raises(Exception, match="append-only"):
        await db.execute("UPDATE consent SET given = true")


async def test_registration_asks_each_consent_and_notes_the_answer(client: httpx.AsyncClient) -> None:
    await factories.event(slug="fair")
    await sign_in(client, await make_actor("candidate"))
    page = (await client.get("/e/fair/register")).text
    assert "By registering you agree" in page
    wrong = await post(client, "/e/fair/register", {"category": "candidate", "consent_keep_after": "yes"})
    assert wrong.status_code == 422
    assert re.search(r'name="consent_keep_after" value="yes" checked', wrong.text), "what was ticked is kept"
    form = {"category": "candidate", "name_passport": "Maria Fernandez", "consent_keep_after": "yes"}
    assert (await post(client, "/e/fair/register", form)).status_code == 303
    lines = await db.fetch("SELECT kind, given, place, version FROM consent ORDER BY id")
    assert [tuple(line) for line in lines] == [
        ("privacy", True, "registration", "2026-11-28"),
        ("keep_after", True, "registration", "2026-11-28"),
    ]


async def test_privacy_page_is_public_and_made_from_settings(
    client: httpx.AsyncClient, test_settings: Settings
) -> None:
    page = (await client.get("/privacy")).text
    assert "Scans: 6 months, then totals only" in page
    assert 'href="/privacy"' in (await client.get("/login")).text
    SETTINGS.set(replace(test_settings, controller_en="Talent Office", controller_contact="privacy@example.org"))
    page = (await client.get("/privacy")).text
    assert "Talent Office" in page
    assert "privacy@example.org" in page
    chinese = (await client.get("/privacy?lang=zh")).text
    assert "核验记录" in chinese
    assert "处理目的" in chinese
