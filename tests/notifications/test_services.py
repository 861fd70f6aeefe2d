from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from typing import Any

import pytest

from fairs.core import db as database
from fairs.core import i18n
from fairs.core.errors import NotFound
from fairs.core.services import SETTINGS
from fairs.notifications import retrying, services
from fairs.notifications.services import Attachment
from fairs.notifications.services import Message as Mail
from fairs.settings import Settings
from tests.conftest import free_port
from tests.mails import MailKeeper

LINK = {"name": "Zoë", "link": "http://fairs.test/x", "minutes": 30}


def mail(**given: Any) -> Mail:
    values: dict[str, Any] = {"kind": "sign_in_link", "lang": "en", "to_email": "zoe@example.org", "variables": LINK}
    return Mail(**{**values, **given})


async def queue(**given: Any) -> int:
    """A mail to an address that is proved."""
    await database.execute(
        "INSERT INTO account (email, name, lang, timezone, active, created_at, email_confirmed_at)"
        " VALUES (lower($1), '', 'en', 'UTC', true, now(), now()) ON CONFLICT DO NOTHING",
        mail(**given).to_email,
    )
    made = await services.queue_mail(mail(**given))
    assert made is not None
    return made


async def deliver(mail_id: int) -> tuple[str, int]:
    await services.deliver({"mail": mail_id})
    row = await database.fetchrow("SELECT state, attempts FROM outgoing_mail WHERE id = $1", mail_id)
    assert row is not None
    return row["state"], row["attempts"]


def parsed(received: Message) -> EmailMessage:
    found = message_from_bytes(received.as_bytes(), policy=default)
    assert isinstance(found, EmailMessage)
    return found


async def waiting() -> int:
    return int(await database.fetchval("SELECT count(*) FROM pgqueuer WHERE entrypoint = $1", services.DELIVER))


async def test_mail_without_a_server_is_kept(db: None) -> None:
    assert await deliver(await queue()) == ("kept", 0)


async def test_mail_arrives_with_text_html_invitation_and_files(db: None, mail_server: MailKeeper) -> None:
    ics = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:\xe5\xa4\xa7\xe4\xbc\x9a\r\nEND:VCALENDAR\r\n"
    files = (
        Attachment("fair.ics", "text/calendar; method=REQUEST; charset=utf-8", ics),
        Attachment("证件.pdf", "application/pdf", b"%PDF-1"),
    )
    made = await queue(to_name="佐伊", lang="zh", attachments=files)
    assert await deliver(made) == ("sent", 1)
    [received] = mail_server.received
    found = parsed(received)
    assert (found["Subject"], found["To"], found["Content-Language"]) == (
        "登录链接",
        "佐伊 <zoe@example.org>",
        "zh-Hans",
    )
    kinds = [part.get_content_type() for part in found.walk()]
    assert kinds == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "text/calendar",
        "application/pdf",
    ]
    parts = list(found.walk())
    assert [part.get_param("method") for part in parts[4:6]] == ["REQUEST", "REQUEST"]
    assert parts[4].get_content().replace("\r\n", "\n") == ics.decode().replace("\r\n", "\n")
    assert [part.get_filename() for part in parts[5:]] == ["fair.ics", "证件.pdf"]
    assert "Zoë" in parts[2].get_content()
    assert {part["Content-Transfer-Encoding"] for part in parts[2:]} == {"base64"}


@pytest.mark.parametrize(
    "text", ["X\r\nBcc: evil@example.org", "X\nBcc: evil@example.org", "X\u2028\x00\x85Bcc: evil@example.org"]
)
async def test_names_and_subjects_cannot_add_headers(db: None, mail_server: MailKeeper, text: str) -> None:
    made = await queue(to_name=text)
    await database.execute("UPDATE outgoing_mail SET subject = $2 WHERE id = $1", made, text.replace("\0", ""))
    assert await deliver(made) == ("sent", 1)
    found = parsed(mail_server.received[0])
    assert found["Bcc"] is None
    assert [str(address) for address in found["To"].addresses[0].addr_spec.split()] == ["zoe@example.org"]
    assert found["Subject"] == " ".join(text.replace("\0", "").replace("\x85", " ").split())


async def test_delivering_twice_sends_once(db: None, mail_server: MailKeeper) -> None:
    made = await queue()
    await deliver(made)
    assert await deliver(made) == ("sent", 1)
    assert len(mail_server.received) == 1


class Refusing:
    """Answers every recipient with one reply."""

    def __init__(self, reply: str) -> None:
        self.reply = reply

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        return self.reply


@pytest.fixture
def refusing(request: pytest.FixtureRequest, test_settings: Settings) -> Iterator[None]:
    from aiosmtpd.controller import Controller

    port = free_port()
    controller = Controller(Refusing(request.param), hostname="127.0.0.1", port=port)
    controller.start()
    SETTINGS.set(replace(test_settings, smtp_url=f"smtp://127.0.0.1:{port}"))
    yield
    controller.stop()


@pytest.mark.parametrize("refusing", ["450 try later"], indirect=True)
async def test_passing_refusal_is_tried_again_later_and_not_for_ever(db: None, refusing: None) -> None:
    made = await queue()
    assert await deliver(made) == ("retry", 1)
    assert await waiting() == 2
    later = await database.fetchval("SELECT max(execute_after) - now() > interval '60 seconds' FROM pgqueuer")
    assert later
    for attempt in range(2, retrying.MAX_ATTEMPTS):
        assert await deliver(made) == ("retry", attempt)
    assert await deliver(made) == ("failed", retrying.MAX_ATTEMPTS)
    assert "450" in await database.fetchval("SELECT last_error FROM outgoing_mail")


@pytest.mark.parametrize("refusing", ["550 no such person"], indirect=True)
async def test_final_refusal_fails_and_can_be_retried_by_hand(db: None, refusing: None) -> None:
    made = await queue()
    assert await deliver(made) == ("failed", 1)
    assert "no such person" in await database.fetchval("SELECT last_error FROM outgoing_mail")
    await services.retry_mail(made)
    row = await database.fetchrow("SELECT state, attempts, last_error FROM outgoing_mail")
    assert row is not None
    assert tuple(row) == ("queued", 0, "")
    with pytest.raises(NotFound):
        await services.retry_mail(made)


async def test_server_that_is_down_is_tried_again(db: None, test_settings: Settings) -> None:
    SETTINGS.set(replace(test_settings, smtp_url="smtp://127.0.0.1:1"))
    assert await deliver(await queue()) == ("retry", 1)


@pytest.mark.parametrize("address", ["no address", "a@b\r\nBcc: c@d", "<>"])
async def test_address_that_is_none_fails_at_once(db: None, mail_server: MailKeeper, address: str) -> None:
    assert await deliver(await queue(to_email=address)) == ("failed", 1)
    assert mail_server.received == []


async def test_attachment_is_made_when_needed_once(db: None, mail_server: MailKeeper) -> None:
    made: list[str] = []

    @services.generator("test.file")
    async def make(argument: str) -> bytes:
        made.append(argument)
        return f"content of {argument}".encode()

    services.install_generators([make])
    mail_id = await queue(
        attachments=(Attachment("a.txt", "text/plain; charset=utf-8", generator="test.file", argument="7"),)
    )
    assert made == []
    assert await deliver(mail_id) == ("sent", 1)
    [item] = await services.attachments_of(mail_id)
    assert (item.content, made) == (b"content of 7", ["7"])
    assert [part.get_filename() for part in parsed(mail_server.received[0]).iter_attachments()] == ["a.txt"]


async def test_attachment_that_cannot_be_made_fails_the_mail(db: None, mail_server: MailKeeper) -> None:
    @services.generator("test.gone")
    async def gone(argument: str) -> bytes:
        raise NotFound

    services.install_generators([gone])
    made = await queue(attachments=(Attachment("a.pdf", "application/pdf", generator="test.gone"),))
    assert await deliver(made) == ("failed", 1)


async def test_dedupe_key_queues_once(db: None) -> None:
    assert await services.queue_mail(mail(dedupe_key="k")) is not None
    assert await services.queue_mail(mail(dedupe_key="k")) is None
    assert await database.fetchval("SELECT count(*) FROM outgoing_mail") == 1


async def test_mail_is_undone_with_its_transaction(db: None) -> None:
    async def fails_later() -> None:
        async with database.DB.transaction():
            await queue()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails_later()
    assert (await database.fetchval("SELECT count(*) FROM outgoing_mail"), await waiting()) == (0, 0)


async def test_mail_is_written_in_the_language_of_its_reader(db: None) -> None:
    i18n.set_lang("en")
    made = await queue(lang="zh")
    assert await database.fetchval("SELECT subject FROM outgoing_mail WHERE id = $1", made) == "登录链接"
    assert i18n.current_lang() == "en"
