"""One-time links and codes stay out of everything that is stored in the open."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairs.core import clock
from fairs.core import db as database
from fairs.core.errors import Conflict
from fairs.notifications import masking, queries, services
from fairs.notifications.services import Attachment
from tests.cast import make_actor, sign_in
from tests.mails import MailKeeper
from tests.notifications.test_services import deliver, mail, parsed, queue

TOKEN = "dZ3kq0yB-Vx_8sT7mQe1nW5uJ2rL4cA6pYfHgKiOjDs"
BASE = "http://fairs.test"


def variables(link: str) -> dict[str, Any]:
    return {"name": "Zoë", "link": link, "minutes": 30}


async def stored() -> str:
    rows = await database.fetch("SELECT m::text AS m FROM outgoing_mail m")
    files = await database.fetch("SELECT coalesce(convert_from(content, 'UTF8'), '') AS m FROM mail_attachment")
    jobs = await database.fetch("SELECT coalesce(convert_from(payload, 'UTF8'), '') AS m FROM pgqueuer")
    return "\n".join(row["m"] for row in (*rows, *files, *jobs))


@pytest.mark.parametrize(
    "link",
    [
        f"{BASE}/login/link/{TOKEN}",
        f"{BASE}/password/{TOKEN}?lang=zh",
        f"{BASE}/confirm?token={TOKEN}&next=/me",
        f"{BASE}/invitation/WzEsICJhQGV4YW1wbGUub3JnIiwgMTc5NTc3NDQwMF0.qk3p8Zr1XvB2nM4tY6uHdQ",
    ],
)
async def test_link_leaves_with_the_mail_and_is_stored_nowhere(db: None, mail_server: MailKeeper, link: str) -> None:
    """Also where nobody named the token: a long random part of a link of ours is one."""
    secret = link.replace(BASE, "").replace("?", "/").replace("=", "/").replace("&", "/").split("/")
    token = max(secret, key=len)
    made = await queue(variables=variables(link))
    assert token not in await stored()
    assert await deliver(made) == ("sent", 1)
    assert token not in await stored()
    received = parsed(mail_server.received[0])
    for kind in ("plain", "html"):
        body = received.get_body((kind,))
        assert body is not None
        assert token in body.get_content()


async def test_named_code_is_masked_in_subject_texts_and_files(db: None, mail_server: MailKeeper) -> None:
    files = (
        Attachment("a.txt", "text/plain", b"nothing"),
        Attachment("b.txt", "text/plain; charset=utf-8", "您的代码 481516".encode()),
    )
    made = await queue(variables=variables("481516"), secrets=("481516",), attachments=files)
    assert "481516" not in await stored()
    assert await deliver(made) == ("sent", 1)
    received = parsed(mail_server.received[0])
    assert [part.get_content().strip() for part in received.iter_attachments()] == ["nothing", "您的代码 481516"]
    text = received.get_body(("plain",))
    assert text is not None
    assert "481516" in text.get_content()


async def test_many_at_once_are_masked_too(db: None) -> None:
    links = [f"{BASE}/login/link/{number}{TOKEN}" for number in range(3)]
    made = await services.queue_mails([mail(variables=variables(link)) for link in links])
    assert TOKEN not in await stored()
    for link, mail_id in zip(links, made, strict=True):
        assert link in masking.opened(await queries.mail_by_id(mail_id)).text


@pytest.mark.parametrize(
    "link", [f"{BASE}/agreements/YX-2018-0001", f"{BASE}/verify/{'ab' * 32}", f"https://elsewhere.example/{TOKEN}"]
)
async def test_ordinary_links_stay_readable(db: None, link: str) -> None:
    await queue(variables=variables(link))
    assert link in await stored()


async def test_spent_link_is_dropped_and_the_mail_not_sent_again(
    client: httpx.AsyncClient, mail_server: MailKeeper
) -> None:
    made = await queue(variables=variables(f"{BASE}/login/link/{TOKEN}"))
    await database.execute("UPDATE outgoing_mail SET state = 'kept'")
    await services.retry_mail(made)  # while the link is there
    await database.execute("UPDATE outgoing_mail SET state = 'kept'")
    assert await masking.drop_spent(clock.now() + timedelta(days=13)) == 0
    assert await masking.drop_spent(clock.now() + timedelta(days=15)) == 1
    with pytest.raises(Conflict):
        await services.retry_mail(made)
    await sign_in(client, await make_actor("organiser"))
    page = await client.get(f"/organise/outbox/{made}")
    assert "One-time links and codes are masked here" in page.text
    assert "Send again" not in page.text


async def test_sent_link_is_dropped_after_three_days(db: None, mail_server: MailKeeper) -> None:
    made = await queue(variables=variables(f"{BASE}/login/link/{TOKEN}"))
    await deliver(made)
    assert await masking.drop_spent(clock.now() + timedelta(days=2)) == 0
    assert await masking.drop_spent(clock.now() + timedelta(days=4)) == 1
    assert await database.fetchval("SELECT sealed FROM outgoing_mail") == ""


async def test_mails_of_an_earlier_version_are_masked_at_the_start(db: None, mail_server: MailKeeper) -> None:
    link = f"{BASE}/login/link/{TOKEN}"
    for state in ("sent", "retry"):
        made = await queue(variables=variables(link), to_email=f"{state}@example.org")
        text = f"Open {link} now"
        await database.execute(
            "UPDATE outgoing_mail SET body_text = $2, body_html = $2, sealed = '', state = $3 WHERE id = $1",
            made,
            text,
            state,
        )
    assert TOKEN in await stored()
    assert await masking.mask_earlier_mails() == 2
    assert await masking.mask_earlier_mails() == 0
    assert TOKEN not in await stored()
    assert await database.fetchval("SELECT sealed FROM outgoing_mail WHERE state = 'sent'") == ""
    assert await deliver(made) == ("sent", 1)
    body = parsed(mail_server.received[0]).get_body(("plain",))
    assert body is not None
    assert link in body.get_content()
