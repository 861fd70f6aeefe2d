"""Mail that came back: reports from the mailbox and from other systems, and the list of addresses without mailings."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import httpx
import pytest

from fairs.core import db as database
from fairs.core.services import SETTINGS
from fairs.notifications import bounces, headers, mailbox, queries
from fairs.settings import Settings
from tests.cast import errors_in, make_actor, post, sign_in
from tests.fair import bearer
from tests.mails import MailKeeper
from tests.notifications.test_services import deliver, queue

DSN = """From: MAILER-DAEMON@mx.example.org
Subject: Undelivered
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
MIME-Version: 1.0

--b
Content-Type: text/plain

Sorry.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 no such person

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: x

--b--
"""


def dsn(message_id: str, address: str = "zoe@example.org", action: str = "failed", status: str = "5.1.1") -> bytes:
    return DSN.format(message_id=message_id, address=address, action=action, status=status).encode()


@pytest.fixture
async def sent(db: None, mail_server: MailKeeper) -> tuple[int, str]:
    """A mail that left, and its identifier."""
    made = await queue()
    assert await deliver(made) == ("sent", 1)
    return made, headers.message_id(await queries.mail_by_id(made), SETTINGS().mail_from)


async def state(mail: int) -> str:
    return str(await database.fetchval("SELECT state FROM outgoing_mail WHERE id = $1", mail))


async def listed() -> list[tuple[str, str]]:
    rows = await database.fetch("SELECT address, kind FROM mail_suppression ORDER BY id")
    return [(row["address"], row["kind"]) for row in rows]


async def taken(content: bytes) -> list[bool]:
    return [await bounces.take(report) for report in bounces.read_report(content)]


async def test_report_marks_the_mail_and_its_address_once(sent: tuple[int, str]) -> None:
    mail, message_id = sent
    assert await taken(dsn(message_id)) == [True]
    assert await taken(dsn(message_id)) == [True]
    assert await state(mail) == "bounced"
    assert await listed() == [("zoe@example.org", "bounced")]
    assert "550 no such person" in await database.fetchval("SELECT last_error FROM outgoing_mail")


@pytest.mark.parametrize(("action", "status"), [("delayed", "4.4.1"), ("failed", "4.2.2")])
async def test_what_may_pass_marks_nothing(sent: tuple[int, str], action: str, status: str) -> None:
    assert await taken(dsn(sent[1], action=action, status=status)) == [True]
    assert (await state(sent[0]), await listed()) == ("sent", [])


async def test_forged_reports_are_not_believed(sent: tuple[int, str]) -> None:
    mail, message_id = sent
    other = message_id.replace(f"<{mail}.", f"<{mail + 1}.")
    late = message_id.replace(".2", ".1", 1)
    for forged in (dsn(other), dsn(late), dsn(""), dsn("<x@y>"), dsn(message_id, "victim@example.org")):
        assert await taken(forged) == [False]
    assert (await state(mail), await listed()) == ("sent", [])


def test_other_mail_and_rubbish_are_no_reports() -> None:
    hello = EmailMessage()
    hello["Subject"] = "Re: your mail"
    hello.set_content("Thank you")
    for content in (
        bytes(hello),
        b"",
        b"\xff\x00",
        b"Content-Type: multipart/report; boundary=b\n\n--b",
        dsn("x")[:300],
    ):
        assert bounces.read_report(content) == []


async def test_complaint_is_a_reason_of_its_own(sent: tuple[int, str]) -> None:
    content = (
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\n\n--b\nContent-Type:'
        " message/feedback-report\n\nFeedback-Type: abuse\n\n--b\nContent-Type: message/rfc822\n\n"
        f"Message-ID: {sent[1]}\n\nhello\n--b--\n"
    )
    assert await taken(content.encode()) == [True]
    assert (await state(sent[0]), await listed()) == ("sent", [("zoe@example.org", "complaint")])


class Box:
    """A mailbox that speaks as much IMAP as is asked of it."""

    def __init__(self, contents: list[bytes]) -> None:
        self.contents, self.seen = contents, set[int]()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, _, rest = line.decode().strip().partition(" ")
            told = rest.upper()
            if told.startswith("CAPABILITY"):
                writer.write(b"* CAPABILITY IMAP4rev1\r\n")
            elif told.startswith("SELECT"):
                writer.write(b"* 1 EXISTS\r\n")
            elif told.startswith("UID SEARCH"):
                found = " ".join(str(n) for n in range(1, len(self.contents) + 1) if n not in self.seen)
                writer.write(f"* SEARCH {found}\r\n".encode())
            elif told.startswith("UID FETCH"):
                number = int(rest.split()[2])
                content = self.contents[number - 1]
                writer.write(
                    f"* {number} FETCH (UID {number} BODY[]<0> {{{len(content)}}}\r\n".encode() + content + b")\r\n"
                )
            elif told.startswith("UID STORE"):
                self.seen |= {int(n) for n in rest.split()[2].split(",")}
            elif told.startswith("LOGIN") and "secret" not in rest:
                writer.write(f"{tag} NO wrong\r\n".encode())
                continue
            elif told.startswith("LOGOUT"):
                writer.write(b"* BYE\r\n")
            writer.write(f"{tag} OK done\r\n".encode())
            await writer.drain()
        writer.close()


@pytest.fixture
async def box(sent: tuple[int, str]) -> AsyncIterator[tuple[Box, int]]:
    made = Box([dsn(sent[1]).replace(b"\n", b"\r\n"), dsn("<nobody@x>").replace(b"\n", b"\r\n")])
    server = await asyncio.start_server(made.talk, "127.0.0.1", 0)
    yield made, server.sockets[0].getsockname()[1]
    server.close()


async def test_mailbox_is_read_and_reports_are_marked(
    box: tuple[Box, int], sent: tuple[int, str], test_settings: Settings
) -> None:
    made, port = box
    assert await mailbox.read_mailbox() == 0  # none is set
    SETTINGS.set(replace(test_settings, bounces_url=f"imap://fairs:secret@127.0.0.1:{port}"))
    assert await mailbox.read_mailbox() == 1
    assert (await state(sent[0]), made.seen) == ("bounced", {1, 2})
    assert await mailbox.read_mailbox() == 0
    SETTINGS.set(replace(test_settings, bounces_url=f"imap://fairs:wrong@127.0.0.1:{port}"))
    with pytest.raises(Exception, match="wrong"):
        await mailbox.read_mailbox()


async def test_delivery_service_reports_by_a_call(client: httpx.AsyncClient, sent: tuple[int, str]) -> None:
    organiser = await make_actor("organiser")
    call, head = "/api/v1/mail-reports", await bearer(organiser)
    event = {"message_id": sent[1], "address": "ZOE@example.org", "text": "550 gone"}
    answer = await client.post(call, json={"events": [event, {"message_id": "<no@such>"}]}, headers=head)
    assert (answer.status_code, answer.json()) == (200, {"taken": 1})
    assert (await client.post(call, json={"events": [event]}, headers=head)).json() == {"taken": 1}
    assert await listed() == [("zoe@example.org", "bounced")]
    refused: list[dict[str, Any]] = [
        {},
        {"events": []},
        {"events": [1]},
        {"events": [{}]},
        {"events": [event | {"permanent": "no"}]},
        {"events": [event | {"kind": "x"}]},
        {"events": [event] * 501},
        {"events": [event | {"text": 5}]},
    ]
    for wrong in refused:
        assert (await client.post(call, json=wrong, headers=head)).status_code == 422
    assert (await client.post(call, json={"events": [event]})).status_code == 401
    bureau = await make_actor("bureau", email="b@example.org", unit_id=1)
    assert (await client.post(call, json={"events": [event]}, headers=await bearer(bureau))).status_code == 403


async def test_list_is_entered_searched_and_left_with_a_reason(client: httpx.AsyncClient) -> None:
    await sign_in(client, await make_actor("organiser"), proved=True)
    here = "/organise/suppressed"
    assert (await post(client, here, {"address": "Some@Example.org", "note": "asked by phone"})).status_code == 303
    again = await post(client, here, {"address": "some@example.org", "note": "again"})
    assert (again.status_code, errors_in(again.text)) == (422, ["This address is in the list already."])
    assert (await post(client, here, {"address": "nothing", "note": "x"})).status_code == 422
    assert "asked by phone" in (await client.get(f"{here}?q=PHONE&kind=by_hand")).text
    assert "No address matches" in (await client.get(f"{here}?q=other")).text
    assert "some@example.org" in (await client.get("/organise/suppressed.csv")).text
    entry = await database.fetchval("SELECT id FROM mail_suppression")
    assert (await post(client, f"{here}/{entry}/remove", {"reason": ""})).status_code == 422
    assert (await post(client, f"{here}/{entry}/remove", {"reason": "the mailbox works again"})).status_code == 303
    assert await listed() == []
    logged = await database.fetch(
        "SELECT after::text FROM audit_entry WHERE action LIKE 'mail_suppression%' ORDER BY id"
    )
    assert ["reason" in row["after"] for row in logged] == [False, True]
    assert "example.org" not in str(logged)
    await database.execute("INSERT INTO mail_suppression (address, kind) VALUES ('left@example.org', 'newsletter')")
    left = await database.fetchval("SELECT id FROM mail_suppression")
    assert (await post(client, f"{here}/{left}/remove", {"reason": "we want to"})).status_code == 409
    assert (await client.get(f"{here}/{2**70}")).status_code == 404
