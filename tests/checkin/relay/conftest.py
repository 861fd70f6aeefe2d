from collections.abc import AsyncIterator

import pytest

from fairs.core.embedded import EmbeddedPostgres
from tests.checkin.relay.place import Laptop, laptop
from tests.e2e.serving import live_server

__all__ = ["live_server", "own_laptop"]


@pytest.fixture(scope="session")
async def own_laptop(
    live_server: str, server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Laptop]:
    async with laptop(live_server, server, tmp_path_factory.mktemp("relay")) as made:
        yield made
