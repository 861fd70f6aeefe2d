"""Balance: how even exposure becomes on a crowded set that nobody measured by hand, and what the stage costs as it grows.

python -m benchmarks.balance
"""

import resource
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fairs.matching.engine import scoring
from fairs.matching.exposure import exposure
from fairs.matching.settings import DEFAULT
from fairs.matching.text import encoder
from fairs.matching.text.encoder import Floats

# isort: split
import numpy as np  # only now: fairs.matching asks for one BLAS thread
from numpy.typing import NDArray

_SEED = 11
_FIELDS, _WIDTH, _BLOCK = 100, 64, 128
_SIZES = ((1_000, 3_000), (10_000, 30_000))
Rows = Iterator[tuple[range, Floats]]


def gini_at_ten(run: Mapping[str, Sequence[str]], ids: Iterable[str]) -> float:
    """Of how often each of `ids` is among the first ten of a run."""
    seen = dict.fromkeys(ids, 0)
    for ranked in run.values():
        for one in ranked[:10]:
            seen[one] += 1
    return exposure.gini(np.array(list(seen.values())))


def crowded(queries: int, targets: int) -> Rows:
    """Signals of a made-up fair, in blocks: a hundred fields, some crowded, and a few targets near to everything."""
    drawn = np.random.default_rng(_SEED)
    centres = drawn.normal(size=(_FIELDS, _WIDTH))
    share = drawn.dirichlet(np.ones(_FIELDS))

    def side(count: int) -> Floats:
        rows = drawn.normal(size=(count, _WIDTH)) + 0.9 * centres[drawn.choice(_FIELDS, count, p=share)]
        return encoder.unit(rows.astype(np.float32))

    asking, offered = side(queries), side(targets)
    liked = np.float32(0.05) * drawn.normal(size=targets).astype(np.float32)
    for first in range(0, queries, _BLOCK):
        block = asking[first : first + _BLOCK]
        yield range(first, first + len(block)), np.float32(1.2) * (block @ offered.T) + liked


def _seen(edges: exposure.Edges, prices: exposure.Numbers) -> NDArray[np.int64]:
    """How often each target is among the first ten."""
    ids = [f"{i:06}" for i in range(edges.shape[1])]
    standing = exposure.ExposurePrices.of(ids, dict(zip(ids, prices.tolist(), strict=True)))
    counts = np.zeros(edges.shape[1], dtype=np.int64)
    for query in range(edges.shape[0]):
        own = edges.of(query)
        at = edges.targets[own]
        turns = exposure.turns_of(str(query), standing.marks[at])
        row = exposure.Row(edges.scores[own], edges.worths[own], standing.ranks[at], turns)
        counts[at[exposure.arrange(row, prices[at], 10)]] += 1
    return counts


def measure(queries: int, targets: int) -> dict[str, float]:
    """Gini before and after, and the processor time of each part; making the signals is not counted."""
    lists, shortlists = exposure.Shortlists((queries, targets)), 0.0
    for numbers, rows in crowded(queries, targets):
        begin = time.process_time()
        lists.add(numbers, rows)
        shortlists += time.process_time() - begin
    begin = time.process_time()
    edges = lists.edges(lambda scores: scoring.text_worth(scores, DEFAULT))
    prices = exposure.prices(edges)
    priced = time.process_time() - begin
    name = f"balance_{queries}x{targets}"
    plain, even = _seen(edges, np.zeros(targets)), _seen(edges, prices)
    return {
        f"{name}_gini_before": round(exposure.gini(plain), 3),
        f"{name}_gini_after": round(exposure.gini(even), 3),
        f"{name}_most_shown_before": int(plain.max()),
        f"{name}_most_shown_after": int(even.max()),
        f"{name}_shortlists_s": round(shortlists, 2),
        f"{name}_shortlists_ns_a_pair": round(1e9 * shortlists / queries / targets, 1),
        f"{name}_prices_s": round(priced, 2),
        f"{name}_prices_us_a_record": round(1e6 * priced / (queries + targets), 1),
        f"{name}_process_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def run() -> dict[str, float]:
    """All sizes, the smaller first, so that the memory of each is its own."""
    return {name: value for size in _SIZES for name, value in measure(*size).items()}


if __name__ == "__main__":
    for figure, value in run().items():
        print(f"{figure:48} {value}")
