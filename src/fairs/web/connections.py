"""Idle connections, without a request: only a limited number per network is kept open.

The server closes an unfinished request head after some seconds, but accepts as many as it has files. Here the
process checks its own sockets, from a thread and only while there are many, and closes those over the cap that have
no request in progress. Linux; on other systems there is only the timeout.
"""

import asyncio
import contextlib
import os
import socket
import stat
import sys
from collections import Counter
from collections.abc import Collection

import structlog

from fairs.web.bodies import network_of

LOOK = 1.0  # seconds between two checks
MANY = 1_000  # open files below which no check runs
PER_NETWORK = 1_000
Peer = tuple[str, int]
log = structlog.get_logger("connections")


def _peer(descriptor: int) -> tuple[socket.socket, Peer] | None:
    """A second handle on a connection of this process, and the address of its peer; None for anything else."""
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return None
        copy = os.dup(descriptor)
    except OSError:  # closed meanwhile
        return None
    try:
        handle = socket.socket(fileno=copy)
    except OSError:  # closed and reopened as a file in between
        os.close(copy)
        return None
    with contextlib.suppress(OSError):  # a listening socket has no peer
        if handle.family in (socket.AF_INET, socket.AF_INET6):
            host, port = handle.getpeername()[:2]
            return handle, (host, port)
    handle.close()
    return None


def end_idle(busy: Collection[Peer], port: int, cap: int = PER_NETWORK) -> int:
    """Close connections to our `port` beyond `cap` of a network that are not `busy`; returns how many."""
    found, ended = [], 0
    for name in os.listdir("/proc/self/fd"):
        connection = _peer(int(name))
        if connection is not None:
            found.append(connection)
    try:
        ours = [(handle, peer) for handle, peer in found if handle.getsockname()[1] == port]
        counts = Counter(network_of(host) for _, (host, _) in ours)
        for handle, peer in ours:
            network = network_of(peer[0])
            if counts[network] > cap and peer not in busy:
                counts[network] -= 1
                ended += 1
                with contextlib.suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)  # the server's own handle sees the end and closes
    finally:
        for handle, _ in found:
            handle.close()
    return ended


async def watch(busy: Collection[Peer]) -> None:
    """Check once a second, until cancelled. Only in a process of `fairs serve`, which knows the port."""
    port = int(os.environ.get("FAIRS_PORT", "0"))
    while port and sys.platform == "linux":
        await asyncio.sleep(LOOK)
        if len(os.listdir("/proc/self/fd")) > MANY:
            ended = await asyncio.to_thread(end_idle, frozenset(busy), port)
            if ended:
                log.warning("connections_ended", count=ended)
