"""Where no mail leaves, an administrator passes the link on that confirms an address; the audit log names who saw it."""

import httpx

from fairs.accounts import services
from fairs.accounts.proof import request_proof
from fairs.core import db as database
from fairs.core import jobs
from tests.cast import make_actor, post, sign_in, sign_out
from tests.pages import main_of


async def _kept_link(dsn: str) -> int:
    """The number of the kept mail that confirms the address of a candidate who has just signed up."""
    await services.create_account(email="maria@example.org", name="Maria", lang="en", password="a long enough one")
    async with database.DB.transaction():
        await request_proof("maria@example.org", "en")
    await jobs.drain(dsn)
    number = await database.fetchval("SELECT id FROM outgoing_mail WHERE kind = 'confirm_address' AND state = 'kept'")
    assert isinstance(number, int)
    return number


async def test_administrator_passes_the_link_on_and_the_log_says_so(client: httpx.AsyncClient, dsn: str) -> None:
    number = await _kept_link(dsn)
    await sign_in(client, await make_actor("admin"))
    assert f"/organise/outbox/{number}/link" in (await client.get(f"/organise/outbox/{number}")).text
    shown = await post(client, f"/organise/outbox/{number}/link")
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "private, no-store"
    link = main_of(shown.text).split("/login/link/")[1].split("/")[0]
    assert await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'mail.link'") == 1
    assert link not in str(await database.fetch("SELECT * FROM audit_entry"))
    sign_out(client)
    await post(client, f"/login/link/{link}/confirm")
    assert await database.fetchval("SELECT email_confirmed_at IS NOT NULL FROM account WHERE email LIKE 'maria@%'")


async def test_organiser_does_not_see_the_link(client: httpx.AsyncClient, dsn: str) -> None:
    number = await _kept_link(dsn)
    await sign_in(client, await make_actor("organiser"))
    assert f"{number}/link" not in (await client.get(f"/organise/outbox/{number}")).text
    assert (await post(client, f"/organise/outbox/{number}/link")).status_code in (403, 404)
    assert await database.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'mail.link'") == 0


async def test_other_links_are_not_handed_out(client: httpx.AsyncClient, dsn: str) -> None:
    number = await _kept_link(dsn)
    await database.execute("UPDATE outgoing_mail SET kind = 'reset_password' WHERE id = $1", number)
    await sign_in(client, await make_actor("admin"))
    assert f"/organise/outbox/{number}/link" not in (await client.get(f"/organise/outbox/{number}")).text
    assert (await post(client, f"/organise/outbox/{number}/link")).status_code == 409
