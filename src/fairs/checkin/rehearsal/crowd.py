"""Who comes when: arrivals from the sign-ups, and what the staff at a lane have to do for each. Pure; the same seed, the same crowd."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What somebody at the gate needs."""

    PLAIN = "plain"  # a badge that is scanned
    LOOKUP = "lookup"  # no badge at hand: found by name
    TROUBLE = "trouble"  # refused, sent to the desk
    WALK_IN = "walk_in"  # not registered: goes to the desk


class Assumptions(msgspec.Struct, frozen=True):
    """What people and staff do, in seconds and shares; the organiser changes them. Shares are of the people who come.

    The seconds are working values until an event has measured its own; docs/checkin.md says where they come from.
    """

    scan_seconds: float = 3.5
    lookup_share: float = 0.03
    lookup_seconds: float = 25.0
    trouble_share: float = 0.01
    trouble_seconds: float = 90.0
    walk_in_share: float = 0.02
    walk_in_seconds: float = 60.0
    print_seconds: float = 12.0
    earliest_minutes: float = 60.0
    likeliest_minutes: float = 20.0
    latest_minutes: float = 10.0
    longest_wait_minutes: float = 5.0


@dataclass(frozen=True)
class Guest:
    """A confirmed registration: the text of its badge, its category, and when the first thing begins that it comes for."""

    code: str
    category: str
    begins: datetime


@dataclass(frozen=True)
class Arrival:
    """Somebody who comes: `code` is empty for a walk-in."""

    at: datetime
    kind: Kind
    code: str = ""
    category: str = ""


def arrivals(guests: Sequence[Guest], given: Assumptions, *, people: int, seed: int = 0) -> list[Arrival]:
    """So many people in order of arrival: the guests, repeated or thinned out evenly, and walk-ins among them.

    Each comes before or shortly after what begins, by a triangle between `earliest_minutes` and `latest_minutes`.
    """
    chance = random.Random(seed)
    found = []
    for number in range(people if guests else 0):
        guest = guests[number * len(guests) // people if people < len(guests) else number % len(guests)]
        early = chance.triangular(-given.latest_minutes, given.earliest_minutes, given.likeliest_minutes)
        kind = _kind(chance, given)
        at = guest.begins - timedelta(minutes=early)
        found.append(Arrival(at, kind) if kind == Kind.WALK_IN else Arrival(at, kind, guest.code, guest.category))
    return sorted(found, key=lambda one: one.at)


def _kind(chance: random.Random, given: Assumptions) -> Kind:
    drawn = chance.random()
    for kind, share in (
        (Kind.WALK_IN, given.walk_in_share),
        (Kind.TROUBLE, given.trouble_share),
        (Kind.LOOKUP, given.lookup_share),
    ):
        if drawn < share:
            return kind
        drawn -= share
    return Kind.PLAIN


def handling(kind: Kind, given: Assumptions, chance: random.Random) -> float:
    """Seconds that somebody occupies a lane, before the server's own answer; people differ, the mean is the assumption."""
    mean = given.lookup_seconds if kind == Kind.LOOKUP else given.scan_seconds
    return mean * chance.triangular(0.5, 1.5, 1.0)
