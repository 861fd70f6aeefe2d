"""Assigns common tables beforehand: which employer may use one in which slot. No database access.

The solver knows only tables of one employer. So each employer without a table of its own gets a share of the common
ones: in proportion to how many meetings it wants, at most one per slot, no slot beyond its tables. What is left after
that goes to employers with a free slot, so that people's own hours restrict them less.
"""

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush


def share(
    seats: Sequence[int], wanted: Mapping[int, int], open_in: Mapping[int, Sequence[int]]
) -> dict[int, tuple[int, ...]]:
    """employer → the slots in which a common table is reserved for it, in order.

    `seats`: free common tables by slot; `wanted`: meetings by employer; `open_in`: slots in which the employer could sit.
    The same result for the same input, in any input order.
    """
    left = list(seats)
    quotas = _quotas(sum(left), wanted, open_in)
    shares: dict[int, set[int]] = {}
    for employer in sorted(quotas, key=lambda one: (-quotas[one], one)):
        roomy = sorted((slot for slot in open_in[employer] if left[slot] > 0), key=lambda slot: (-left[slot], slot))
        shares[employer] = set(roomy[: quotas[employer]])
        for slot in shares[employer]:
            left[slot] -= 1
    _give_the_rest(left, wanted, open_in, shares)
    return {employer: tuple(sorted(slots)) for employer, slots in shares.items()}


def _quotas(total: int, wanted: Mapping[int, int], open_in: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """How many slots each gets: one at a time to the employer with the fewest for what it wants (the divisor method)."""
    quotas = dict.fromkeys(wanted, 0)
    waiting = [(-float(wanted[one]), one) for one in wanted if min(wanted[one], len(open_in[one])) > 0]
    heapify(waiting)
    while waiting and total > 0:
        _, one = heappop(waiting)
        quotas[one] += 1
        total -= 1
        if quotas[one] < min(wanted[one], len(open_in[one])):
            heappush(waiting, (-wanted[one] / (quotas[one] + 1), one))
    return quotas


def _give_the_rest(
    left: list[int], wanted: Mapping[int, int], open_in: Mapping[int, Sequence[int]], given: dict[int, set[int]]
) -> None:
    openings: dict[int, list[int]] = {}
    for employer, slots in open_in.items():
        for slot in slots:
            openings.setdefault(slot, []).append(employer)
    for slot in sorted(openings):
        free = [one for one in openings[slot] if slot not in given[one] and wanted[one] > 0]
        for employer in sorted(free, key=lambda one: (len(given[one]) / wanted[one], one))[: max(0, left[slot])]:
            given[employer].add(slot)
