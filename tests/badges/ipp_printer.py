"""A small printer that speaks IPP on a socket, with the faults of real ones; it keeps what was printed."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fairs.badges.agent import encoding as ipp

PRINT_JOB, CANCEL_JOB, GET_JOB, GET_JOBS, GET_PRINTER = 0x02, 0x08, 0x09, 0x0A, 0x0B
PROCESSING, STOPPED, CANCELLED, ABORTED, COMPLETED = 5, 6, 7, 8, 9


@dataclass
class Printed:
    """A document that arrived."""

    name: str
    document: bytes
    asked: dict[str, list[object]]
    state: int


@dataclass
class SmallPrinter:
    """`reason`: what it lacks; `new`: the state of arriving jobs; `refuse`: a status for each print; `lose`: cut the line after a print
    was taken, or (`drop`) before."""

    reason: str = "none"
    new: int = COMPLETED
    refuse: int = 0
    lose: bool = False
    drop: bool = False
    formats: list[str] = field(default_factory=lambda: ["application/pdf"])
    jobs: list[Printed] = field(default_factory=list)
    address: str = ""

    def answer(self, content: bytes) -> bytes | None:
        """The answer to a request; None cuts the line."""
        asked = ipp.answer(content)
        operation, about = asked.status, asked.of(ipp.OPERATION)[0]
        if operation == PRINT_JOB:
            return self._print(content, about, asked)
        if operation == GET_PRINTER:
            state = {
                "printer-state": (ipp.ENUM, 3),
                "printer-state-reasons": (ipp.KEYWORD, [self.reason]),
                "document-format-supported": (ipp.MIME, self.formats),
            }
            return _told(0, [(ipp.PRINTER, state)])
        if operation == GET_JOBS:
            done = about["which-jobs"] == ["completed"]
            found = [at for at, job in enumerate(self.jobs) if (job.state >= CANCELLED) == done]
            return _told(0, [(ipp.JOB, self._job(at)) for at in found])
        number = int(str(about["job-id"][0])) - 1
        if number >= len(self.jobs):
            return _told(0x0406, [])
        if operation == CANCEL_JOB:
            self.jobs[number].state = CANCELLED
        return _told(0, [(ipp.JOB, self._job(number))])

    def _print(self, content: bytes, about: dict[str, list[object]], asked: ipp.Answer) -> bytes | None:
        if self.drop:
            return None
        if self.refuse == 0x040B and not asked.of(ipp.JOB):
            self.refuse = 0
        if self.refuse:
            return _told(self.refuse, [])
        document = content[content.index(b"%PDF") :]
        self.jobs.append(Printed(str(about["job-name"][0]), document, (asked.of(ipp.JOB) or [{}])[0], self.new))
        return None if self.lose else _told(0, [(ipp.JOB, self._job(len(self.jobs) - 1))])

    def _job(self, at: int) -> dict[str, Any]:
        job = self.jobs[at]
        return {
            "job-id": (ipp.INTEGER, at + 1),
            "job-name": (ipp.NAME, job.name),
            "job-state": (ipp.ENUM, job.state),
            "job-state-reasons": (ipp.KEYWORD, ["job-printing"]),
            "job-printer-state-reasons": (ipp.KEYWORD, [self.reason]),
        }

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(re.findall(rb"(?i)content-length: (\d+)", head)[0])
            answered = self.answer(await reader.readexactly(length))
            if answered is not None:
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/ipp\r\nconnection: close\r\n"
                    + f"content-length: {len(answered)}\r\n\r\n".encode()
                    + answered
                )
                await writer.drain()
        finally:
            writer.close()


def _told(status: int, groups: list[tuple[int, Any]]) -> bytes:
    head = {"attributes-charset": (ipp.CHARSET, "utf-8"), "attributes-natural-language": (ipp.LANGUAGE, "en")}
    return ipp.request(status, 1, [(ipp.OPERATION, head), *groups])


@asynccontextmanager
async def small_printer(port: int = 0) -> AsyncIterator[SmallPrinter]:
    """A printer that is on while the block lasts."""
    printer = SmallPrinter()
    server = await asyncio.start_server(printer.serve, "127.0.0.1", port)
    printer.address = f"ipp://127.0.0.1:{server.sockets[0].getsockname()[1]}/ipp/print"
    try:
        yield printer
    finally:
        server.close()
        await server.wait_closed()
