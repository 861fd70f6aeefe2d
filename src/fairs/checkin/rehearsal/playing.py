"""Plays the scans of a crowd on the real server: each is read, decided and stored as any other, then taken back."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import msgspec

from fairs.checkin import services
from fairs.checkin.forms import read_scans
from fairs.checkin.rehearsal.queues import quantile
from fairs.checkin.rehearsal.simulation import Server
from fairs.checkin.tables import Direction
from fairs.core.rows import execute

MOST_SCANS = 20_000
MOST_AT_ONCE = 64
BEAT = 1.0  # seconds between two notes of how many scans are played
LATEST = datetime.max.replace(tzinfo=UTC)
NOBODY = 0  # given a scanner that passes with the scan


@dataclass(frozen=True)
class Shown:
    """A badge in front of a gate at a moment of the day that is rehearsed."""

    at: datetime
    gate: str
    code: str


@dataclass(frozen=True)
class Played:
    """What the server did; `answers`: seconds of each scan, in the order of the crowd."""

    server: Server
    answers: list[float]


def thinned(shown: Sequence[Shown]) -> Sequence[Shown]:
    """At most MOST_SCANS of them, evenly."""
    step = -(-len(shown) // MOST_SCANS)
    return shown[::step] if step > 1 else shown


async def play(
    event_id: int, shown: Sequence[Shown], *, seconds: float, lanes: int, note: Callable[[int], Awaitable[None]]
) -> Played:
    """Play the scans within so many seconds, in the crowd's own rhythm, from as many devices as there are lanes."""
    shown = thinned(shown)
    if not shown:
        return Played(Server(0, 0.0, 0.0, 0.0, {}), [])
    first = shown[0].at
    pace = seconds / max(1.0, (shown[-1].at - first).total_seconds())
    waiting = iter(enumerate(shown))
    answers, refused, done = [0.0] * len(shown), Counter[str](), 0
    begun = noted = time.monotonic()

    async def device() -> None:
        nonlocal done, noted
        for number, one in waiting:
            due = begun + (one.at - first).total_seconds() * pace
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            sent = time.perf_counter()
            (result,) = await services.rehearse_scans(event_id, read_scans(_body(one), device_id=NOBODY, now=LATEST))
            answers[number] = time.perf_counter() - sent
            if result.reason:
                refused[result.reason] += 1
            done += 1
            if time.monotonic() - noted >= BEAT:
                noted = time.monotonic()
                await note(done)

    await asyncio.gather(*(device() for _ in range(min(lanes, MOST_AT_ONCE))))
    spent = time.monotonic() - begun
    milliseconds = [1000 * answer for answer in answers]
    server = Server(
        len(shown),
        round(spent, 1),
        round(quantile(milliseconds, 0.5), 2),
        round(quantile(milliseconds, 0.99), 2),
        dict(refused.most_common()),
    )
    return Played(server, answers)


def _body(one: Shown) -> bytes:
    scan = {
        "id": str(uuid4()),
        "gate": one.gate,
        "code": one.code,
        "scanned_at": one.at,
        "direction": Direction.IN.value,
        "offline": False,
    }
    return msgspec.json.encode({"scans": [scan]})


async def commit_seconds(rehearsal_id: int, times: int = 20) -> float:
    """The median of a durable commit of the rehearsal's own row, which a scan that is taken back does not pay."""
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        await execute("UPDATE rehearsal SET played = played WHERE id = :id", id=rehearsal_id)
        spent.append(time.perf_counter() - begun)
    return quantile(spent, 0.5)
