"""Pages of a list."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")
MAX_PAGE_SIZE = 200


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of rows; `number` starts at 1, `total` counts all rows."""

    rows: Sequence[T]
    number: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages

    @property
    def first(self) -> int:
        """Position of the first row shown, from 1; 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.rows)


async def paged(
    window: tuple[int, int, int],
    count: Callable[[], Awaitable[Any]],
    read: Callable[[int, int], Awaitable[Sequence[Any]]],
    shown: Callable[[Any], T] = lambda row: row,
    *,
    strict: bool = False,
) -> Page[T]:
    """One page of a list: `count` rows in all, `read(size, offset)` reads some of them.

    A page past the end returns the last one; with `strict` it is empty, for programs that read until a page is empty.
    """
    number, size, _ = window
    total = int(await count())
    number = number if strict else last_page(number, size, total)
    rows = await read(size, (number - 1) * size) if total else []
    return Page([shown(row) for row in rows], number, size, total)


def last_page(number: int, size: int, total: int) -> int:
    """The requested page, or the last existing one."""
    return min(number, max(1, -(-total // size)))


def window(page: int | None, page_size: int | None, default: int = 50) -> tuple[int, int, int]:
    """(number, size, offset), each limited to its allowed range."""
    size = min(max(page_size or default, 1), MAX_PAGE_SIZE)
    number = min(max(page or 1, 1), 1_000_000)
    return number, size, (number - 1) * size
