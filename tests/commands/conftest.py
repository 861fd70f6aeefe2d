"""Data folders for commands: below a folder that PostgreSQL's user can pass through, also when root runs the tests."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairs.core.embedded import EmbeddedPostgres
from tests.commands.running import Server, fairs, serving

collect_ignore = [] if shutil.which("pgbouncer") else ["test_pooler.py"]
ADMIN, PASSWORD = "admin@example.org", "a long enough password"


@pytest.fixture(scope="session")
def shelf() -> Iterator[Path]:
    """Where this run's data folders lie."""
    folder = Path(tempfile.mkdtemp(prefix="fairs-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template(shelf: Path) -> Path:
    """A migrated installation with an administrator, not running."""
    folder = shelf / "template"
    arguments = ("--email", ADMIN, "--name", "Ada", "--password", PASSWORD)
    done = fairs("create-admin", "--data", folder, *arguments)
    assert (done.status, done.out) == (0, f"administrator {ADMIN} created\n")
    return folder


@pytest.fixture
def empty(shelf: Path) -> Path:
    """A folder that does not exist yet."""
    folder = Path(tempfile.mkdtemp(dir=shelf))
    folder.chmod(0o711)
    return folder / "data"


@pytest.fixture
def server(empty: Path) -> Iterator[EmbeddedPostgres]:
    """A server of its own, for those who are to use it as an outside one."""
    with EmbeddedPostgres(empty.with_name("server"), durable=False) as started:
        yield started


@pytest.fixture
def data(template: Path, shelf: Path) -> Path:
    """A copy of the installation, for one test."""
    return copy_of(template, shelf)


def copy_of(template: Path, shelf: Path) -> Path:
    """The same installation in a new folder."""
    target = Path(tempfile.mkdtemp(dir=shelf))
    target.rmdir()
    subprocess.run(["cp", "-a", template, target], check=True)
    return target


@pytest.fixture(scope="session")
def running(template: Path, shelf: Path) -> Iterator[Server]:
    """A server that tests share: they may read, write and fail to stop it."""
    with serving(copy_of(template, shelf)) as server:
        yield server
