"""Lines in front of lanes: first come, first served, several lanes for one line. Pure; times in seconds.

Checked against the formulas of M/M/1, M/M/c (Erlang C) and M/D/1 (Pollaczek and Khinchine) in the tests.
"""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

MOST_LANES = 200


@dataclass(frozen=True)
class Served:
    """The people of one line in order of arrival: when each came, began to be served, and was done."""

    came: list[float]
    began: list[float]
    done: list[float]

    @property
    def waits(self) -> list[float]:
        return [began - came for came, began in zip(self.came, self.began, strict=True)]


def serve(arrivals: Sequence[float], services: Sequence[float], lanes: int) -> Served:
    """Serve people who arrive in this order, each for so many seconds. Raises ValueError without a lane."""
    if lanes < 1:
        raise ValueError("a line needs a lane")
    free = [0.0] * lanes
    began, done = [], []
    for came, seconds in zip(arrivals, services, strict=True):
        start = max(came, free[0])
        heapq.heapreplace(free, start + seconds)
        began.append(start)
        done.append(start + seconds)
    return Served(list(arrivals), began, done)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share does not exceed; 0 of nobody."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)] if ordered else 0.0


def longest_line(served: Served, begin: float, width: float, count: int) -> list[int]:
    """For each of `count` spans of `width` seconds: the most people who wait at one moment of it."""
    changes = sorted([(came, 1) for came in served.came] + [(began, -1) for began in served.began])
    most, waiting, at = [0] * count, 0, 0
    for span in range(count):
        most[span] = waiting
        end = begin + (span + 1) * width
        while at < len(changes) and changes[at][0] < end:
            waiting += changes[at][1]
            if changes[at][0] >= begin + span * width:
                most[span] = max(most[span], waiting)
            at += 1
    return most


def lanes_needed(arrivals: Sequence[float], services: Sequence[float], longest: float, share: float = 0.95) -> int:
    """The fewest lanes with which this share of the people waits no longer than `longest` seconds."""

    def fits(lanes: int) -> bool:
        return quantile(serve(arrivals, services, lanes).waits, share) <= longest

    low, high = 1, 1
    while not fits(high) and high < MOST_LANES:
        low, high = high + 1, min(2 * high, MOST_LANES)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    return high
