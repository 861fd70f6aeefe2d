"""Asks ClamAV's daemon about a file: its command INSTREAM, over TCP or a Unix socket (`FAIRS_CLAMD_URL`)."""

import asyncio
import struct
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from fairs.core.errors import DomainError
from fairs.core.i18n import N_

PORT = 3310
PIECE = 1 << 16
SECONDS = 60.0


class NotChecked(DomainError):
    """The virus scanner is configured and does not answer: nothing is taken meanwhile."""

    status = 503
    code = "not_checked"


def mistake(url: str) -> str | None:
    """What is wrong with FAIRS_CLAMD_URL."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme == "tcp" and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        sound = None
    if sound or (url.startswith("unix:///") and len(url) > 8):
        return None
    return f"must look like tcp://host:{PORT} or unix:///run/clamav/clamd.ctl"


async def _connect(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return await asyncio.open_unix_connection(unquote(parts.path))
    return await asyncio.open_connection(parts.hostname, parts.port or PORT)


async def ping(url: str) -> None:
    """Raises OSError or TimeoutError when the daemon does not answer."""
    async with asyncio.timeout(10):
        reader, writer = await _connect(url)
        try:
            writer.write(b"zPING\0")
            answer = await reader.readuntil(b"\0")
        except asyncio.IncompleteReadError as error:
            raise OSError("it closed the connection") from error
        finally:
            writer.close()
    if answer != b"PONG\0":
        raise OSError(f"it answers {answer[:40]!r}")


async def finds(url: str, path: Path) -> str:
    """The name of what the scanner finds in the file; an empty text when it finds nothing. Raises NotChecked."""
    try:
        async with asyncio.timeout(SECONDS):
            reader, writer = await _connect(url)
            try:
                with path.open("rb") as stream:
                    await _send(writer, stream)
                answer = (await reader.readuntil(b"\0")).rstrip(b"\0").decode("utf-8", "replace")
            finally:
                writer.close()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise NotChecked(N_("Files cannot be checked for viruses at the moment. Please try again later.")) from error
    if answer.endswith(" FOUND"):
        return answer.removeprefix("stream: ").removesuffix(" FOUND")
    if answer.endswith(": OK"):
        return ""
    raise NotChecked(N_("The virus scanner could not check this file: %(answer)s", answer=answer[:100]))


async def _send(writer: asyncio.StreamWriter, stream: IO[bytes]) -> None:
    writer.write(b"zINSTREAM\0")
    while piece := stream.read(PIECE):
        writer.write(struct.pack("!L", len(piece)) + piece)
        await writer.drain()
    writer.write(struct.pack("!L", 0))
    await writer.drain()
