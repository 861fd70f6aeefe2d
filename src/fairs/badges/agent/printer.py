"""A printer that speaks IPP, or a queue of CUPS: print a page, follow it, stop it, find it again by its name."""

import itertools
import re
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore

from fairs.badges.agent import encoding as ipp

PRINT_JOB, CANCEL_JOB, GET_JOB, GET_JOBS, GET_PRINTER = 0x02, 0x08, 0x09, 0x0A, 0x0B
BUSY = frozenset({0x0505, 0x0506, 0x0507, 0x0509})  # temporary error, not accepting jobs, busy, too many jobs
NOT_FOUND, NOT_SUPPORTED = 0x0406, 0x040B
CANCELLED, ABORTED, COMPLETED = 7, 8, 9  # states of a job
STOPPED = 5  # state of a printer
PORT = 631
SECONDS = 15.0
PDF = "application/pdf"
WARNINGS = ("-report", "-warning")  # the printer goes on
QUIET = frozenset({"none", "job-printing", "job-incoming", "processing-to-stop-point", "job-completed-successfully"})


class Unreachable(Exception):
    """Nothing was sent: no connection could be made."""


class Unclear(Exception):
    """The connection was lost after something was sent."""


class Refused(Exception):
    """The printer said no. `later`: it may say yes in a while."""

    def __init__(self, status: int) -> None:
        super().__init__(f"ipp-status-{status:04x}")
        self.status = status
        self.later = status in BUSY
        self.gone = status == NOT_FOUND


@dataclass(frozen=True, slots=True)
class Page:
    """The size in millimetres, and whether it has two sides."""

    width: float
    height: float
    two_sided: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands: under way, `printed`, or ended otherwise; `reason`: a keyword of the printer, empty for none."""

    ended: bool
    printed: bool
    reason: str


class Printer:
    """One printer by its address, `ipp://host[:port]/path` or `ipps://…`."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("ipp", "ipps") or not parts.hostname:
            raise ValueError("an address of a printer begins with ipp:// or ipps://")
        self.address = address
        scheme = "https" if parts.scheme == "ipps" else "http"
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self._url = f"{scheme}://{host}:{parts.port or PORT}{parts.path or '/ipp/print'}"
        self._number = itertools.count(1)

    async def state(self) -> str:
        """What the printer lacks, as a keyword; empty when it is ready. Raises Unreachable, Unclear, Refused."""
        wanted = ["printer-state", "printer-state-reasons", "document-format-supported", "printer-is-accepting-jobs"]
        found = await self._ask(GET_PRINTER, {"requested-attributes": (ipp.KEYWORD, wanted)})
        told = (found.of(ipp.PRINTER) or [{}])[0]
        formats = told.get("document-format-supported", [])
        if formats and PDF not in formats:
            return "no-pdf"
        if told.get("printer-is-accepting-jobs") == [False]:
            return "not-accepting-jobs"
        reason = _reason(told.get("printer-state-reasons", []))
        return reason or ("stopped" if told.get("printer-state") == [STOPPED] else "")

    async def print(self, name: str, page: Page, document: bytes) -> int:
        """Send a document; returns the printer's number of the job. Raises Unreachable, Unclear, Refused."""
        size = {
            "x-dimension": (ipp.INTEGER, round(page.width * 100)),
            "y-dimension": (ipp.INTEGER, round(page.height * 100)),
        }
        edges = {f"media-{edge}-margin": (ipp.INTEGER, 0) for edge in ("top", "bottom", "left", "right")}
        job: dict[str, ipp.Tagged] = {
            "media-col": (ipp.COLLECTION, {"media-size": (ipp.COLLECTION, dict(size)), **edges}),
            "sides": (ipp.KEYWORD, "two-sided-long-edge" if page.two_sided else "one-sided"),
            "print-scaling": (ipp.KEYWORD, "none"),
        }
        said: dict[str, ipp.Tagged] = {"job-name": (ipp.NAME, name), "ipp-attribute-fidelity": (ipp.BOOLEAN, False)}
        said["document-format"] = (ipp.MIME, PDF)
        try:
            found = await self._ask(PRINT_JOB, said, job, document)
        except Refused as refused:
            if refused.status != NOT_SUPPORTED:
                raise
            found = await self._ask(
                PRINT_JOB, said, {}, document
            )  # of another size: it prints on the paper that it has
        return _number(found)

    async def follow(self, number: int) -> Standing:
        """How a job stands. Raises Unreachable, Unclear, Refused (`gone`: the printer has forgotten it)."""
        wanted = ["job-id", "job-state", "job-state-reasons", "job-printer-state-reasons"]
        about: dict[str, ipp.Tagged] = {"job-id": (ipp.INTEGER, number), "requested-attributes": (ipp.KEYWORD, wanted)}
        told = ((await self._ask(GET_JOB, about)).of(ipp.JOB) or [{}])[0]
        state = (told.get("job-state") or [0])[0]
        reason = _reason(told.get("job-state-reasons", [])) or _reason(told.get("job-printer-state-reasons", []))
        if state in (CANCELLED, ABORTED):
            return Standing(
                True, False, reason or ("job-canceled-at-device" if state == CANCELLED else "aborted-by-system")
            )
        return Standing(state == COMPLETED, state == COMPLETED, "" if state == COMPLETED else reason)

    async def find(self, name: str) -> int | None:
        """The printer's number of the job with this name, under way or ended; None when it knows none."""
        for which in ("not-completed", "completed"):
            about: dict[str, ipp.Tagged] = {
                "which-jobs": (ipp.KEYWORD, which),
                "limit": (ipp.INTEGER, 200),
                "requested-attributes": (ipp.KEYWORD, ["job-id", "job-name"]),
            }
            for told in (await self._ask(GET_JOBS, about)).of(ipp.JOB):
                if told.get("job-name") == [name] and told.get("job-id"):
                    return int(str(told["job-id"][0]))
        return None

    async def cancel(self, number: int) -> None:
        """Stop a job; one that has ended stays as it is."""
        try:
            await self._ask(CANCEL_JOB, {"job-id": (ipp.INTEGER, number)})
        except Refused:
            return

    async def _ask(
        self,
        operation: int,
        about: dict[str, ipp.Tagged],
        job: dict[str, ipp.Tagged] | None = None,
        document: bytes = b"",
    ) -> ipp.Answer:
        head: dict[str, ipp.Tagged] = {
            "attributes-charset": (ipp.CHARSET, "utf-8"),
            "attributes-natural-language": (ipp.LANGUAGE, "en"),
            "printer-uri": (ipp.URI, self.address),
        }
        if "job-id" in about:
            head["job-id"] = about.pop("job-id")
        groups = [(ipp.OPERATION, {**head, "requesting-user-name": (ipp.NAME, "fairs"), **about})]
        groups += [(ipp.JOB, job)] if job else []
        found = await self._post(ipp.request(operation, next(self._number), groups) + document)
        if found.status >= 0x0100:
            raise Refused(found.status)
        return found

    async def _post(self, content: bytes) -> ipp.Answer:
        headers: dict[bytes | str, bytes | str] = {"content-type": "application/ipp", "accept": "application/ipp"}
        timeout = {"connect": SECONDS, "read": SECONDS, "write": SECONDS, "pool": SECONDS}
        try:
            async with httpcore.AsyncConnectionPool(ssl_context=_lenient(), max_connections=1) as pool:
                answered = await pool.request(
                    "POST", self._url, headers=headers, content=content, extensions={"timeout": timeout}
                )
        except (httpcore.ConnectError, httpcore.ConnectTimeout, OSError) as failed:
            raise Unreachable(str(failed)) from failed
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as failed:
            raise Unclear(str(failed)) from failed
        if answered.status != 200:
            raise Unreachable(f"HTTP {answered.status}")
        try:
            return ipp.answer(answered.content)
        except ipp.Malformed as wrong:
            raise Unclear(str(wrong)) from wrong


def _lenient() -> ssl.SSLContext:
    """Printers sign their own certificates; what is sent to them lies in their tray a second later."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _number(found: ipp.Answer) -> int:
    told = (found.of(ipp.JOB) or [{}])[0].get("job-id") or []
    if not told:
        raise Unclear("the printer gave the job no number")
    return int(str(told[0]))


def _reason(told: list[object]) -> str:
    """The first reason that keeps a printer from going on, without its ending for the severity."""
    for one in told:
        if isinstance(one, str) and one not in QUIET and not one.endswith(WARNINGS):
            return re.sub(r"-error$", "", one)[:200]
    return ""
