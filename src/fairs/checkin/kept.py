"""Where persons come from: the tables of the server, or the sealed records that a venue relay keeps in their place."""

from collections.abc import Sequence
from typing import Protocol

from fairs.checkin.rules import Result, Scan
from fairs.core.services import Service


class Copy(Protocol):
    """What a relay answers from its copy."""

    async def with_persons(self, scans: Sequence[Scan], results: list[Result]) -> list[Result]:
        """The answers with the persons whose badges were shown."""

    async def records(self, badges: Sequence[int]) -> list[str] | None:
        """The sealed records of badges, in their order; None: they are made from the tables."""


class OwnTables:
    """The server itself: the answers have their persons already."""

    async def with_persons(self, scans: Sequence[Scan], results: list[Result]) -> list[Result]:
        """As they are."""
        return results

    async def records(self, badges: Sequence[int]) -> list[str] | None:
        """None are kept."""
        return None


COPY: Service[Copy] = Service(OwnTables)
