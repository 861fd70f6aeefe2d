import httpx

from fairs.core import db as database
from fairs.notifications.services import Attachment
from tests.cast import make_actor, post, sign_in
from tests.mails import MailKeeper
from tests.notifications.test_services import deliver, queue


async def test_outbox_is_for_organisers(client: httpx.AsyncClient) -> None:
    made = await queue()
    await sign_in(client, await make_actor("candidate"))
    for path in ("", f"/{made}", f"/{made}/html", f"/{made}/files/1"):
        assert (await client.get(f"/organise/outbox{path}")).status_code == 403
    assert (await post(client, f"/organise/outbox/{made}/retry")).status_code == 403


async def test_outbox_is_searched_and_filtered(client: httpx.AsyncClient) -> None:
    await deliver(await queue(to_email="first@example.org", to_name="Émile"))
    second = await queue(to_email="second@example.org", lang="zh")
    await database.execute("UPDATE outgoing_mail SET state = 'failed' WHERE id = $1", second)
    await sign_in(client, await make_actor("organiser"))
    for query, shown, hidden in (
        ("q=FIRST", "first@", "second@"),
        ("q=登录", "second@", "first@"),
        ("state=kept", "first@", "second@"),
        ("q=%25", "No mail matches", "first@"),
        ("kind=nothing", "No mail matches", "first@"),
        ("q=%00&page=999999999", "No mail", "nobody@"),
    ):
        page = await client.get(f"/organise/outbox?{query}")
        assert page.status_code == 200
        assert shown in page.text, query
        assert hidden not in page.text, query


async def test_mail_shows_head_text_and_files_and_runs_nothing(client: httpx.AsyncClient) -> None:
    evil = Attachment("<b>.html", "text/html", b"<script>alert(1)</script>")
    made = await queue(to_name="<script>", attachments=(evil,))
    await sign_in(client, await make_actor("organiser"))
    page = (await client.get(f"/organise/outbox/{made}")).text
    for shown in (
        "Your sign-in link",
        "&lt;script&gt;",
        "zoe@example.org",
        "fairs@localhost.localdomain",
        "&lt;b&gt;.html",
    ):
        assert shown in page
    html = await client.get(f"/organise/outbox/{made}/html")
    policy = html.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "sandbox" in policy
    file_id = await database.fetchval("SELECT id FROM mail_attachment")
    download = await client.get(f"/organise/outbox/{made}/files/{file_id}")
    assert download.headers["content-disposition"] == 'attachment; filename="-b-.html"'
    assert download.content == b"<script>alert(1)</script>"
    for path in (
        "999999",
        "999999/html",
        f"{made}/files/999999",
        f"{made + 1}/files/{file_id}",
        f"{2**70}",
        f"{2**70}/html",
    ):
        assert (await client.get(f"/organise/outbox/{path}")).status_code == 404


async def test_kept_mail_is_sent_again_by_hand(client: httpx.AsyncClient, mail_server: MailKeeper) -> None:
    made = await queue()
    await database.execute("UPDATE outgoing_mail SET state = 'kept'")
    await sign_in(client, await make_actor("organiser"))
    answer = await post(client, f"/organise/outbox/{made}/retry")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/organise/outbox/{made}")
    assert await database.fetchval("SELECT state FROM outgoing_mail") == "queued"
    assert (await post(client, f"/organise/outbox/{made}/retry")).status_code == 404
    assert (await post(client, f"/organise/outbox/{2**70}/retry")).status_code == 404
