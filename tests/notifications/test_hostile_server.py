"""Mail servers as they should not be: none of them loses a mail, and what was not taken is tried again."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from fairs.core import db as database
from fairs.core.services import SETTINGS
from fairs.notifications import services, smtp
from fairs.settings import Settings
from tests.notifications.test_services import deliver, queue

Script = dict[str, str]  # command → answer; `drop` ends the conversation, `hang` says nothing more
GOOD: Script = {
    "": "220 ready",
    "EHLO": "250 here",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go",
    ".": "250 taken",
    "QUIT": "221 bye",
}


class Server:
    """Answers by a script, and counts the mails that it took."""

    def __init__(self) -> None:
        self.script: Script = dict(GOOD)
        self.taken, self.port = 0, 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if await self._say(writer, ""):
                while line := await reader.readline():
                    command = line.decode().split()[0].upper() if line.strip() else ""
                    if command == "DATA" and self.script["DATA"].startswith("354"):
                        await self._say(writer, command)
                        await reader.readuntil(b"\r\n.\r\n")
                        self.taken += self.script["."].startswith("250") or self.script["."] == "drop after"
                        command = "."
                    if not await self._say(writer, command):
                        break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _say(self, writer: asyncio.StreamWriter, command: str) -> bool:
        answer = self.script.get(command, "500 unknown")
        if answer.startswith("drop"):
            return False
        if answer != "hang":
            writer.write(f"{answer}\r\n".encode())
            await writer.drain()
        return True


@pytest.fixture
async def hostile(db: None, test_settings: Settings) -> AsyncIterator[Server]:
    made = Server()
    listening = await asyncio.start_server(made.talk, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    SETTINGS.set(replace(test_settings, smtp_url=f"smtp://127.0.0.1:{made.port}"))
    yield made
    listening.close()


TEMPORARY: list[Script] = [
    {"": "421 too busy"},
    {"EHLO": "421 closing"},
    {"MAIL": "451 local error"},
    {"RCPT": "450 4.2.0 greylisted, come again"},
    {"RCPT": "452 too many recipients"},
    {"DATA": "451 not now"},
    {".": "452 disk full"},
    {"": "drop"},
    {"EHLO": "drop"},
    {"MAIL": "drop"},
    {"RCPT": "drop"},
    {"DATA": "drop"},
    {".": "drop"},
]
FINAL: list[Script] = [
    {"MAIL": "550 sender refused"},
    {"RCPT": "550 5.1.1 no such person"},
    {"RCPT": "553 not here"},
    {"DATA": "554 no valid recipients"},
    {".": "554 looks like spam"},
]


def _name(script: Script) -> str:
    return " ".join(f"{command or 'greeting'} {answer}" for command, answer in script.items())


@pytest.mark.parametrize("script", TEMPORARY, ids=_name)
async def test_what_may_pass_is_tried_again_and_then_arrives(hostile: Server, script: Script) -> None:
    hostile.script |= script
    made = await queue()
    assert await deliver(made) == ("retry", 1)
    assert await database.fetchval("SELECT last_error <> '' FROM outgoing_mail")
    hostile.script = dict(GOOD)
    assert await deliver(made) == ("sent", 2)
    assert hostile.taken == 1


@pytest.mark.parametrize("script", FINAL, ids=_name)
async def test_final_refusal_is_shown_and_not_tried_again(hostile: Server, script: Script) -> None:
    hostile.script |= script
    made = await queue()
    assert await deliver(made) == ("failed", 1)
    assert await deliver(made) == ("failed", 1)
    assert hostile.taken == 0


@pytest.mark.parametrize("command", ["", "EHLO", "MAIL", "RCPT", "DATA", "."])
async def test_server_that_hangs_is_left(hostile: Server, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "PATIENCE", 0.2)
    hostile.script[command] = "hang"
    assert await deliver(await queue()) == ("retry", 1)


async def test_answer_lost_after_the_mail_was_taken_makes_one_duplicate_with_the_same_identifier(
    hostile: Server,
) -> None:
    hostile.script["."] = "drop after"
    made = await queue()
    assert await deliver(made) == ("retry", 1)
    hostile.script = dict(GOOD)
    assert await deliver(made) == ("sent", 2)
    assert hostile.taken == 2


async def test_certificate_that_nobody_signed_is_refused(db: None, test_settings: Settings, tmp_path: Path) -> None:
    taken: list[str] = []

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append("spoke")
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*_certificate(tmp_path))
    listening = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    port = listening.sockets[0].getsockname()[1]
    SETTINGS.set(replace(test_settings, smtp_url=f"smtps://127.0.0.1:{port}"))
    assert await deliver(await queue()) == ("retry", 1)
    assert "CERTIFICATE_VERIFY_FAILED" in await database.fetchval("SELECT last_error FROM outgoing_mail")
    listening.close()


def _certificate(folder: Path) -> tuple[str, str]:
    """A certificate that this machine signed for itself."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1)).sign(
        key, hashes.SHA256()
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(private)
    return str(folder / "cert.pem"), str(folder / "key.pem")


async def test_one_of_two_mails_refused_does_not_stop_the_other(hostile: Server) -> None:
    first, second = await queue(), await queue(to_email="other@example.org")
    hostile.script["RCPT"] = "550 no such person"
    assert await deliver(first) == ("failed", 1)
    hostile.script = dict(GOOD)
    assert await deliver(second) == ("sent", 1)


async def test_server_down_for_a_night_loses_nothing(hostile: Server) -> None:
    hostile.script[""] = "421 down"
    made = await queue()
    for attempt in range(1, 13):  # the pauses grow to an hour: half a day
        assert await deliver(made) == ("retry", attempt)
    hostile.script = dict(GOOD)
    assert await deliver(made) == ("sent", 13)
    assert hostile.taken == 1
    assert services.sends()
