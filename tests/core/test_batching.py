import asyncio
from collections.abc import Sequence

import pytest

from fairs.core import batching


async def test_what_arrives_while_a_batch_is_written_makes_the_next(db: None) -> None:
    batches: list[list[int]] = []
    gate = asyncio.Event()

    async def double(key: int, items: Sequence[int]) -> list[int]:
        batches.append(list(items))
        await gate.wait()
        return [2 * item for item in items]

    first = asyncio.create_task(batching.enqueue(1, [0], double, batch=4))
    while not batches:
        await asyncio.sleep(0)
    others = [asyncio.create_task(batching.enqueue(1, [number], double, batch=4)) for number in range(1, 7)]
    await asyncio.sleep(0)
    gate.set()
    assert await first == [0]
    assert await asyncio.gather(*others) == [[2 * number] for number in range(1, 7)]
    assert batches == [[0], [1, 2, 3, 4], [5, 6]]


async def test_lanes_are_apart_by_work_and_key(db: None) -> None:
    asked: list[tuple[str, int]] = []

    async def one(key: int, items: Sequence[int]) -> list[int]:
        asked.append(("one", key))
        return list(items)

    async def other(key: int, items: Sequence[int]) -> list[int]:
        asked.append(("other", key))
        return list(items)

    await asyncio.gather(batching.enqueue(1, [1], one), batching.enqueue(2, [1], one), batching.enqueue(1, [1], other))
    assert sorted(asked) == [("one", 1), ("one", 2), ("other", 1)]


async def test_a_failure_is_told_to_all_and_the_lane_goes_on(db: None) -> None:
    async def fail_on_one(key: int, items: Sequence[int]) -> list[int]:
        if 1 in items:
            raise OSError("gone")
        return list(items)

    answers = await asyncio.gather(*(batching.enqueue(7, [n], fail_on_one) for n in (0, 1, 2)), return_exceptions=True)
    assert all(isinstance(answer, OSError) for answer in answers)
    assert await batching.enqueue(7, [3], fail_on_one) == [3]
    cancelled = asyncio.create_task(batching.enqueue(7, [4], fail_on_one))
    await asyncio.sleep(0)
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    assert await batching.enqueue(7, [5], fail_on_one) == [5]


class Marked(batching.Early[int]):
    """Says when it begins."""

    def __init__(self, items: Sequence[int], told: list[str]) -> None:
        super().__init__(items)
        self.told = told

    def begin(self, key: int) -> None:
        self.told.append(f"begin {key}: {list(self)}")


async def test_a_large_call_begins_while_the_batch_before_is_written_and_stays_alone(db: None) -> None:
    told: list[str] = []
    gate = asyncio.Event()

    async def write(key: int, items: Sequence[int]) -> list[int]:
        told.append(f"write {list(items)}")
        await gate.wait()
        return list(items)

    calls = [asyncio.create_task(batching.enqueue(3, Marked([1, 2], told), write, batch=9))]
    while not told:
        await asyncio.sleep(0)
    assert told == ["write [1, 2]"], "nothing is before the first"
    calls += [
        asyncio.create_task(batching.enqueue(3, items, write, batch=9)) for items in (Marked([3], told), [4], [5])
    ]
    calls.append(asyncio.create_task(batching.enqueue(3, Marked([6], told), write, batch=9)))
    while len(told) < 2:
        await asyncio.sleep(0)
    gate.set()
    assert await asyncio.gather(*calls) == [[1, 2], [3], [4], [5], [6]]
    assert told == ["write [1, 2]", "begin 3: [3]", "write [3]", "begin 3: [6]", "write [4, 5]", "write [6]"]
