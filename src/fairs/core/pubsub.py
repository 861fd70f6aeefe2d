"""Publish and subscribe: one LISTEN connection per process, ids in the notification.

A service calls `publish(topic, data)` inside its transaction; on commit PostgreSQL delivers it to every process.
"""

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable
from typing import Any

import asyncpg
import structlog

from fairs.core import db
from fairs.core.services import Service
from fairs.core.steady import CONNECT_SECONDS, Pauses

CHANNEL = "fairs"
KEEP_ALIVE = 20.0  # seconds; shorter than the idle timeouts of common proxies
PROBE, PROBE_TIMEOUT = 20.0, 10.0  # seconds between two checks of the connection, and for the answer
log = structlog.get_logger("pubsub")


async def publish(topic: str, data: dict[str, Any] | None = None) -> None:
    """Notify every subscriber of `topic` when the open transaction commits. Ids and counts only: 8,000 bytes at most."""
    await db.notify(CHANNEL, json.dumps({"topic": topic, "data": data or {}}))


class Hub:
    """Passes the notifications of one connection to this application's subscribers."""

    def __init__(self) -> None:
        self.listening = False
        self._queues: dict[str, set[asyncio.Queue[dict[str, Any]]]] = defaultdict(set)
        self._callbacks: dict[str, list[Callable[[dict[str, Any]], None]]] = defaultdict(list)

    def on(self, topic: str, callback: Callable[[dict[str, Any]], None]) -> None:
        """Call a function of this application for each message of a topic."""
        if callback not in self._callbacks[topic]:
            self._callbacks[topic].append(callback)

    async def listen(self, dsn: str) -> None:
        """Keep one listening connection open until cancelled; subscribers are notified to reload after a gap."""
        pauses = Pauses()
        while True:
            try:
                await self._listen_once(dsn)
            except Exception as error:
                log.warning("listener_lost", error=repr(error))
            else:
                log.warning("listener_lost")
            if self.listening:
                pauses = Pauses()
            self.listening = False
            await pauses.wait()

    async def _listen_once(self, dsn: str) -> None:
        """Runs until the connection is closed or gives no answer for PROBE_TIMEOUT."""
        connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
        try:
            closed = asyncio.Event()
            connection.add_termination_listener(lambda _: closed.set())
            await connection.add_listener(CHANNEL, self._receive)
            self.listening = True
            self._broadcast_all({"reload": True})
            while not closed.is_set():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(PROBE):
                        await closed.wait()
                if not closed.is_set():
                    await connection.execute("SELECT 1", timeout=PROBE_TIMEOUT)
        finally:
            connection.terminate()

    def _receive(self, connection: Any, pid: int, channel: str, payload: Any) -> None:
        message = json.loads(payload)
        for callback in self._callbacks.get(message["topic"], []):
            callback(message["data"])
        for queue in self._queues.get(message["topic"], set()):
            if not queue.full():
                queue.put_nowait(message["data"])

    def _broadcast_all(self, data: dict[str, Any]) -> None:
        for queues in self._queues.values():
            for queue in queues:
                if not queue.full():
                    queue.put_nowait(data)

    async def subscribe(self, topic: str) -> AsyncGenerator[dict[str, Any] | None, None]:
        """Messages of a topic; None when none arrived for KEEP_ALIVE seconds."""
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(maxsize=100)
        self._queues[topic].add(queue)
        try:
            while True:
                try:
                    async with asyncio.timeout(KEEP_ALIVE):
                        message = await queue.get()
                except TimeoutError:
                    yield None
                else:
                    yield message
        finally:
            self._queues[topic].discard(queue)


HUB = Service(Hub)
