"""One charset in a header; the same Message-ID for every try of a mail; mail that waits; mail sent again in bulk."""

import re
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr
from typing import Any

import httpx
import pytest

from fairs.core import db as database
from fairs.core.errors import Conflict
from fairs.core.services import SETTINGS
from fairs.notifications import calendars, letters, retrying, services
from fairs.notifications.rows import MailRow
from fairs.notifications.tables import MailState
from tests.cast import make_actor, post, sign_in
from tests.mails import MailKeeper
from tests.notifications.test_services import deliver, queue, waiting

NAMES = [
    "Maria Fernández Gómez",
    'O\'Brien, "Zoë" 王小明',
    "Trần Thị Phương Thảo of the Institute for Advanced Materials and Batteries 先进材料与电池研究院",
    "محمد عبد الله",
    "Plain Name",
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("subject", [*NAMES, "Meeting with 中原理工学院 at the fair – " * 9])
def test_header_has_one_charset_and_reads_as_it_was_written(name: str, subject: str) -> None:
    mail = MailRow(
        id=7,
        kind="sign_in_link",
        lang="en",
        to_email="maria@example.org",
        to_name=name,
        account_id=None,
        subject=subject,
        body_text="x",
        body_html="<p>x</p>",
        sealed="",
        state=MailState.SENDING,
        attempts=1,
        last_error="",
        dedupe_key=None,
        created_at=datetime(2018, 10, 1),
        sent_at=None,
        unsubscribe="",
    )
    sent = letters.build(mail, [], "fairs@example.org").as_bytes()
    head = sent.split(b"\r\n\r\n")[0].decode("ascii")
    assert {charset.lower() for charset in re.findall(r"=\?([A-Za-z0-9-]+)\?[BbQq]\?", head)} <= {"utf-8"}
    assert all(len(line) <= 78 for line in head.split("\r\n"))
    found = message_from_bytes(sent, policy=default)
    assert found["Subject"] == letters.plain_header(subject)
    raw, address = parseaddr(message_from_bytes(sent)["To"].replace("\r\n", ""))
    assert (str(make_header(decode_header(raw))), address) == (name, "maria@example.org")
    assert str(found["From"]).startswith("Fairs 招才引智 <")


async def test_second_try_has_the_same_message_id_and_another_mail_another(db: None, mail_server: MailKeeper) -> None:
    first, second = await queue(), await queue()
    await deliver(first)
    await database.execute("UPDATE outgoing_mail SET state = 'sending' WHERE id = $1", first)  # it was not noted
    await deliver(first)
    await deliver(second)
    ids = [message["Message-ID"] for message in mail_server.received]
    assert ids[0] == ids[1] != ids[2]


def test_mail_is_tried_for_a_day() -> None:
    waits = [retrying.wait_after(attempts) for attempts in range(1, retrying.MAX_ATTEMPTS)]
    hours = sum(wait.total_seconds() for wait in waits) / 3600
    assert 24 <= hours <= 27
    assert waits == sorted(waits)


async def test_worker_without_a_server_leaves_what_waits(db: None, mail_server: MailKeeper, test_settings: Any) -> None:
    made = await queue()
    SETTINGS.set(test_settings)
    before = await waiting()
    assert await deliver(made) == ("queued", 0)
    assert await waiting() == before + 1  # somebody looks again later
    with pytest.raises(Conflict):
        await services.retry_mail(made)


async def test_failed_mails_are_sent_again_by_kind_or_all(client: httpx.AsyncClient, mail_server: MailKeeper) -> None:
    made = [await queue() for _ in range(4)]
    await database.execute("UPDATE outgoing_mail SET state = 'failed', attempts = 9")
    await database.execute("UPDATE outgoing_mail SET kind = 'signing_code' WHERE id = $1", made[0])
    await database.execute("UPDATE outgoing_mail SET state = 'sent' WHERE id = $1", made[3])
    await sign_in(client, await make_actor("organiser"))
    page = (await client.get("/organise/outbox?state=failed")).text
    assert "All of them: 3" in page
    assert "Sign-in link: 2" in page
    before = await waiting()
    answer = await post(client, "/organise/outbox/retry", {"state": "failed", "kind": "signing_code"})
    assert answer.status_code == 303
    rows = await database.fetch("SELECT state, attempts FROM outgoing_mail ORDER BY id")
    assert [row["state"] for row in rows] == ["queued", "failed", "failed", "sent"]
    assert rows[0]["attempts"] == 0
    await post(client, "/organise/outbox/retry", {"state": "failed"})
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail WHERE state = 'queued'") == 3
    assert await waiting() == before + 3
    assert (await post(client, "/organise/outbox/retry", {"state": "sent"})).status_code == 409


@pytest.mark.parametrize("stored", [None, ""])
async def test_identifiers_outlive_a_changed_address(db: None, test_settings: Any, stored: str | None) -> None:

    if stored is not None:  # entries of an earlier version were named after the address
        await database.execute("INSERT INTO installation (id, calendar_domain) VALUES (1, $1)", stored)
    first = await calendars.uid("meeting", 17)
    assert ("fairs.test" in first) is (stored is not None)
    SETTINGS.set(replace(test_settings, base_url="https://another.example.org"))
    calendars._domain.set(None)  # another process
    assert await calendars.uid("meeting", 17) == first
