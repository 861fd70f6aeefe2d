"""The agent's work: one badge after the other, from the server to the printer, each at most once.

Before a badge is sent, the journal says so; after a crash the journal, the printer's own list and the server's mark decide together.
Where none of them can tell, the print fails as `perhaps-printed`: a person looks and presses again.
"""

import asyncio
import random
from collections.abc import Callable

from fairs.badges.agent.journal import Entry, Journal
from fairs.badges.agent.printer import Printer, Refused, Unclear, Unreachable
from fairs.badges.agent.server import Away, Job, Server
from fairs.badges.states import PrintState

PERHAPS, OFFLINE = "perhaps-printed", "printer-unreachable"
FIRST, MOST = 1.0, 20.0  # seconds between tries
LOOK = 1.0  # seconds between two looks at a job
BEAT = 5.0  # seconds between two reports of a print that goes on
Say = Callable[[str], None]


class Agent:
    """One printer's agent. `pause` sleeps; tests give another one."""

    def __init__(
        self,
        server: Server,
        printer: Printer,
        journal: Journal,
        *,
        prefix: str,
        say: Say,
        pause: Callable[[float], object] = asyncio.sleep,
    ) -> None:
        self.server, self.printer, self.journal = server, printer, journal
        self.prefix, self.say, self._pause = prefix, say, pause

    def name(self, job: int) -> str:
        """A print's name at the printer: no person's."""
        return f"{self.prefix}-{job}"

    async def pause(self, seconds: float) -> None:
        """Wait."""
        waited = self._pause(seconds)
        if asyncio.iscoroutine(waited):
            await waited

    async def run(self) -> None:
        """Until it is stopped, or the server denies the token (raises Denied) or another agent prints (raises Taken)."""
        tries = 0
        while True:
            try:
                wait = await self.turn()
                tries = 0
            except Away as away:
                tries += 1
                wait = backed_off(tries)
                self.say(f"the server is away ({away}); next try in {wait:.0f} s")
            await self.pause(wait)

    async def turn(self) -> float:
        """Ask once and print what there is; returns the seconds until the next time."""
        reason = await self.reason()
        job, again = await self.server.next(reason)
        if job is None:
            return again
        await self.settle(job) if job.begun else await self.send(job)
        return 0.0

    async def reason(self) -> str:
        """What the printer lacks."""
        try:
            return await self.printer.state()
        except (Unreachable, Unclear):
            return OFFLINE
        except Refused as refused:
            return str(refused)

    async def settle(self, job: Job) -> None:
        """A job that was given out before: by this agent or by one before it."""
        known = self.journal.get(job.id)
        if known is not None and known.state:
            await self.end(job, PrintState(known.state), known.reason)
        elif known is not None and known.number:
            await self.follow(job, known.number)
        elif known is None and job.agent == self.journal.agent:
            await self.send(job)  # the journal says that nothing was done with it
        else:
            await self.look_for(job)

    async def look_for(self, job: Job) -> None:
        """Perhaps it was sent: the printer may know it by its name."""
        tries = 0
        while True:
            try:
                number = await self.printer.find(self.name(job.id))
                break
            except (Unreachable, Unclear):
                tries += 1
                if await self.told(job, OFFLINE):
                    return
                await self.pause(backed_off(tries))
            except Refused:
                number = None
                break
        if number is None:
            await self.end(job, PrintState.FAILED, PERHAPS)
        else:
            self.journal.put(job.id, Entry(number))
            await self.follow(job, number)

    async def send(self, job: Job) -> None:
        """Print a badge that was never sent, and try again while the printer cannot take it."""
        document = await self.server.document(job.id)
        tries = 0
        while True:
            self.journal.put(job.id, Entry())
            try:
                number = await self.printer.print(self.name(job.id), job.page, document)
            except Unclear:
                await self.look_for(job)
                return
            except Unreachable:
                reason = OFFLINE
            except Refused as refused:
                if not refused.later:
                    await self.end(job, PrintState.FAILED, str(refused))
                    return
                reason = str(refused)
            else:
                self.journal.put(job.id, Entry(number))
                self.say(f"badge {job.id} is at the printer as its job {number}")
                await self.follow(job, number)
                return
            self.journal.drop(job.id)  # nothing was sent
            tries += 1
            if await self.told(job, reason):
                return
            await self.pause(backed_off(tries))

    async def follow(self, job: Job, number: int) -> None:
        """Until the badge has come out or the printer gives it up; the desk is told why it waits."""
        said, since = None, 0.0
        while True:
            try:
                now = await self.printer.follow(number)
            except (Unreachable, Unclear):
                reason = OFFLINE
            except Refused as refused:
                await self.end(job, PrintState.FAILED, PERHAPS if refused.gone else str(refused))
                return
            else:
                if now.ended:
                    await self.end(job, PrintState.PRINTED if now.printed else PrintState.FAILED, now.reason)
                    return
                reason = now.reason
            if reason != said or since >= BEAT:
                if await self.told(job, reason):
                    await self.stop(number)
                    return
                said, since = reason, 0.0
            await self.pause(LOOK)
            since += LOOK

    async def stop(self, number: int) -> None:
        """The desk has given it up."""
        try:
            await self.printer.cancel(number)
        except (Unreachable, Unclear):
            self.say(f"the printer did not hear that its job {number} is given up")

    async def told(self, job: Job, reason: str) -> bool:
        """Report that it goes on; True when the desk has given it up. A server that is away does not stop the printer."""
        try:
            state = await self.server.report(job.id, PrintState.PRINTING, reason)
        except Away:
            return False
        if state == PrintState.PRINTING:
            return False
        self.say(f"badge {job.id}: {state}")
        self.journal.drop(job.id)
        return True

    async def end(self, job: Job, state: PrintState, reason: str) -> None:
        """Report how it ended; noted first, so that a server that is away hears it later."""
        self.journal.put(job.id, Entry(state=state, reason=reason))
        self.say(f"badge {job.id}: {state}{f' ({reason})' if reason else ''}")
        await self.server.report(job.id, state, reason)
        self.journal.drop(job.id)


def backed_off(tries: int) -> float:
    """Seconds until the next try: longer each time, never two agents in step."""
    longest: float = min(MOST, FIRST * 2.0 ** min(tries - 1, 8))
    return longest * random.uniform(0.7, 1.0)
