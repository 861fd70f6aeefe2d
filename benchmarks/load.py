"""The load generator: a process of its own with bare sockets and prepared requests, so that it costs little of what it measures.

python -m benchmarks.load < WORK.json     # {"port", "requests": [base64], "concurrency", "words", "fine"}
"""

import asyncio
import base64
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import uvloop


class Connection(asyncio.Protocol):
    """Sends the next request as soon as the answer to the last one is complete."""

    def __init__(
        self,
        waiting: Iterator[bytes],
        times: list[float],
        words: Counter[str],
        looked_for: Sequence[str],
        statuses: Counter[str],
    ) -> None:
        self.waiting, self.times, self.words, self.looked_for = waiting, times, words, looked_for
        self.statuses = statuses
        self.buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._next()

    def _next(self) -> None:
        following = next(self.waiting, None)
        if following is None:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.started = time.perf_counter()
        self.transport.write(following)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        self.times.append(time.perf_counter() - self.started)
        self.buffer = b""
        self.statuses[head[9:12].decode("ascii")] += 1
        for word in self.looked_for:
            self.words[word] += body.count(word.encode())
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.statuses["cut off"] += 1
            self.done.set_result(None)


async def drive(
    port: int, requests: list[bytes], concurrency: int, looked_for: Sequence[str], fine: Sequence[str]
) -> dict[str, Any]:
    """Send all requests over this many connections; an answer whose status is not `fine` is an error."""
    times: list[float] = []
    words: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    waiting = iter(requests)
    loop = asyncio.get_running_loop()
    started, busy = time.perf_counter(), time.process_time()
    connections = []
    for _ in range(concurrency):
        _, connection = await loop.create_connection(
            lambda: Connection(waiting, times, words, looked_for, statuses), "127.0.0.1", port
        )
        connections.append(connection)
    await asyncio.gather(*(connection.done for connection in connections))
    seconds = time.perf_counter() - started
    times.sort()
    return {
        "concurrency": concurrency,
        "requests": len(times),
        "requests_per_second": round(len(times) / seconds, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 2),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
        "generator_cpu": round((time.process_time() - busy) / seconds, 2),
        "seconds": round(seconds, 2),
        "outcomes": dict(words),
        "statuses": dict(statuses),
        "errors": sum(count for status, count in statuses.items() if status not in fine),
    }


def load(
    port: int,
    requests: Sequence[bytes],
    concurrency: int,
    looked_for: Sequence[str] = (),
    fine: Sequence[str] = ("200",),
) -> dict[str, Any]:
    """Send prepared requests from a process of its own: rate, percentiles in ms, how often each text was answered."""
    work = {
        "port": port,
        "requests": [base64.b64encode(item).decode() for item in requests],
        "concurrency": concurrency,
        "words": list(looked_for),
        "fine": list(fine),
    }
    command = [sys.executable, "-m", "benchmarks.load"]
    done = subprocess.run(command, input=json.dumps(work), capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def main() -> None:
    work = json.load(sys.stdin)
    requests = [base64.b64decode(item) for item in work["requests"]]
    loop = uvloop.new_event_loop()
    found = loop.run_until_complete(drive(work["port"], requests, work["concurrency"], work["words"], work["fine"]))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
