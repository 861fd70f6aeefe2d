"""The relay's work beside its answers: scans go up in their order, the copy comes down, each as often as the network allows."""

import asyncio
import contextlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import structlog

import fairs
from fairs.checkin.relay import keeping, outgoing
from fairs.checkin.relay.client import Ended, Refused, Server, Unreachable
from fairs.checkin.relay.wire import FORMAT, PATH, Feed, LinkAnswer, LinkCall, RelayedScans, RelayReport
from fairs.core import clock
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.services import Service

LOOK = 1.0  # seconds between two looks for scans to send
PULL = 15.0  # seconds between two looks for changes, and between two reports
SOON = 5.0  # the same while scans go up
LONGEST = 30.0  # seconds: the longest pause after failures
SMALLEST = 25  # scans of a call on a line that breaks
CLOSE = timedelta(seconds=2)  # by which clocks may differ without being corrected
ENDED = "relay.ended"  # file of the folder: why the relay has stopped for good
log = structlog.get_logger("relay")


class Stop(Exception):
    """The relay's work has ended for good; the message says why."""


class Ids(msgspec.Struct):
    """Registrations that the server has."""

    ids: list[int]


class Told(msgspec.Struct):
    """Answers to scans that were sent; what they say is in the server's ledger."""

    results: list[msgspec.Raw]


class Heard(msgspec.Struct):
    """The answer to a report."""

    again_in: int


class Relay:
    """One relay: its server, its folder, and the address where it answers."""

    def __init__(self, url: str, token: str, folder: Path, address: str) -> None:
        self.server = Server(url, token)
        self.folder, self.address = folder, address
        self.part = outgoing.PART
        self.reported = datetime.fromtimestamp(0, UTC)

    async def pull(self, told: Any = None) -> None:
        """Fetch what has changed, page by page, going on where it broke off. Raises Unreachable, Refused, Ended, Stop."""
        while True:
            state = await keeping.state()
            since, after = (state.part_since, state.part_after) if state.part_after else (state.since, 0)
            query = f"?since={since.replace('+', '%2B')}&after={after}"
            page = await self.server.get(f"{PATH}/feed{query}", Feed)
            if page.format != FORMAT:
                raise Stop(f"the server has version {page.version}, this is {fairs.__version__}: install the same one")
            if state.slug is not None and state.event != page.frame.event.id:
                raise Stop(f"this folder is the copy of {state.slug}: choose another one with --data")
            await keeping.take(page, self.server.url)
            if told is not None:
                told(len(page.page.people), page.total)
            if page.next_after is None:
                break
        if await keeping.count() > page.total:
            await keeping.forget_others((await self.server.get(f"{PATH}/people", Ids)).ids)
        await self.follow_clock()

    async def follow_clock(self) -> None:
        """The scanners go by this clock, and the doors open by the server's."""
        ahead = self.server.ahead
        if ahead is not None and abs(ahead - clock.moved()) > CLOSE:
            await keeping.set_clock(ahead if abs(ahead) > CLOSE else timedelta(0))

    async def push(self) -> int:
        """Send all that waits, in parts; what was sent stays sent when the line breaks. Raises Unreachable, Refused, Ended."""
        sent = 0
        while part := await outgoing.next_part(self.part):
            body = RelayedScans([item.sent() for item in part])
            try:
                told = await self.server.post(f"{PATH}/scans", body, Told)
            except Unreachable:
                self.part = max(SMALLEST, len(part) // 2)
                raise
            if len(told.results) != len(part):
                raise Unreachable("the server has answered another number of scans")
            await outgoing.acknowledged(part)
            self.part = min(outgoing.PART, self.part * 2)
            sent += len(part)
        return sent

    async def report(self) -> None:
        """Say how this relay and its scanners stand."""
        queue, state = await outgoing.queue(), await keeping.state()
        devices = await outgoing.reports(self.reported)
        told = RelayReport(
            queued=queue.queued,
            oldest_queued_at=queue.oldest,
            version=fairs.__version__,
            data_at=state.synced_at,
            clock=datetime.now(UTC),
            address=self.address,
            devices=devices,
        )
        now = clock.now()
        await self.server.post(f"{PATH}/status", told, Heard)
        self.reported = now

    async def link(self, code: str, *, use: bool) -> LinkAnswer:
        """Open a scanner's link at the server, for a phone that is here. Raises NotFound, Conflict without a network."""
        try:
            answer = await self.server.post(f"{PATH}/links", LinkCall(code, use), LinkAnswer)
            if use:
                await self.pull()  # the token's hash, before the phone calls with it
        except Ended as error:
            raise NotFound from error
        except Refused as error:
            raise NotFound from error
        except Unreachable as error:
            raise Conflict(NO_NETWORK, code="no_network") from error
        return answer

    async def is_over(self) -> bool:
        """Whether the copy's time is over, also without any contact."""
        until = (await keeping.state()).keep_until
        return until is not None and until < clock.now()

    async def end(self, why: str) -> str:
        """Write what waits into files, delete the copy, leave a note; returns it."""
        slug = (await keeping.state()).slug or ""
        saved = await keeping.wipe(lambda: outgoing.save(self.folder, slug))
        note = f"{why}; the copy is deleted"
        if saved:
            note += "; scans that the server does not have: " + ", ".join(str(path) for path in saved)
        (self.folder / ENDED).write_text(note + "\n", encoding="utf-8")
        log.warning("relay_ended", why=note)
        return note

    async def work(self, stop: asyncio.Event) -> None:
        """Until `stop`, or until the relay has ended for good: then raises Stop."""
        failed, pulled, sent = 0, 0.0, 0
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            pause = LOOK
            try:
                if await self.is_over():
                    raise Stop(await self.end("the event is over, and so is the time of its data"))
                sent += await self.push()
                if loop.time() - pulled >= (SOON if sent else PULL):
                    await self.pull()
                    await self.report()
                    pulled, sent = loop.time(), 0
                failed = 0
            except Ended as error:
                raise Stop(await self.end(f"the server has ended this relay's token ({error.detail})")) from error
            except (Unreachable, Refused) as error:
                failed += 1
                pause = min(LONGEST, LOOK * 2 ** min(failed, 6))
                if failed == 1 or isinstance(error, Refused):
                    log.warning("relay_without_server", why=str(error), waiting=(await outgoing.queue()).queued)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause * random.uniform(0.5, 1.5)):
                    await stop.wait()


NO_NETWORK = N_("The relay does not reach the server now; a scanner's link needs it. Try again with a network.")
RELAY: Service["Relay | None"] = Service(lambda: None)


async def prepare(relay: Relay, told: Any) -> None:
    """Before the first answer: the whole copy must be here once. Later it is brought up while serving. Raises Stop."""
    if await keeping.is_of_others():
        raise Stop("this folder holds an installation, not a relay: choose another one with --data")
    state = await keeping.state()
    clock.move_by(timedelta(milliseconds=state.ahead_ms))
    try:
        if await relay.is_over():
            raise Stop(await relay.end("the event is over, and so is the time of its data"))
        if not state.is_whole:
            await relay.pull(told)
    except Ended as error:
        raise Stop(await relay.end(f"the server refuses this token ({error.detail})")) from error
    except Refused as error:
        raise Stop(f"the server refuses: {error.detail}") from error
    except Unreachable as error:
        raise Stop(f"the server cannot be reached, and nothing is copied yet: {error}") from error
    finally:
        await relay.server.close()
