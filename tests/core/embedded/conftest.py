"""Folders for embedded servers: below one that the server's user can pass through."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairs.core.embedded import EmbeddedPostgres


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the server's user can pass through; pytest's own are closed to everyone but root."""
    folder = Path(tempfile.mkdtemp(prefix="fairs-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def data(place: Path) -> Path:
    """An empty machine: the folder does not exist yet."""
    return place / "data"


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="fairs-test-"))
    folder.chmod(0o711)
    with EmbeddedPostgres(folder / "data", durable=False):
        pass
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def made(place: Path, template: Path) -> Path:
    """A data folder whose database was made earlier."""
    subprocess.run(["cp", "-a", template, place / "made"], check=True)
    return place / "made"
