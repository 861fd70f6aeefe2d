"""Both locks install with old and new pip, also when the index has newer releases, and they lack nothing.

The packages are stand-ins with the metadata of the real ones (index.py): 880 MB would say no more about the resolver.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.install.index import Index, needs, pins

ROOT = Path(__file__).parents[2]
LOCKS = {"requirements.txt": ROOT / "requirements.txt", "tests/requirements.txt": ROOT / "tests" / "requirements.txt"}
AGES = ("oldest", "newest")
MACHINES = [
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "aarch64"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
]
MENDED = 24  # pip that no longer looks: what Python 3.13 brings
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, dict[str, Path]]:
    """The index, and the locks that fit it."""
    made = Index(tmp_path_factory.mktemp("index"))
    return made, {name: made.lock(path) for name, path in LOCKS.items()}


def variable(name: str) -> list[str]:
    """What a variable of the Makefile says."""
    found = re.search(rf"^{name} := (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert found, name
    return found.group(1).split()


def pip(age: str, python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One of the two that `make` keeps beside the environment, run for another environment, without any configuration."""
    kept = Path(sys.prefix) / f"pip-{age}"
    assert (kept / "pip").is_dir(), f"{kept} is missing: run `make check` once, which installs it"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON", "UV_"))}
    more = {"PYTHONPATH": str(kept), "PIP_CONFIG_FILE": os.devnull, "PIP_NO_COMPILE": "1", "PIP_NO_CACHE_DIR": "1"}
    return subprocess.run(
        [str(python), "-m", "pip", "--disable-pip-version-check", *arguments],
        env=clean | more, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The interpreter of an empty environment, in a folder with a space in its name."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "an environment")], check=True)
    return tmp_path / "an environment" / "bin" / "python"


@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize("lock", LOCKS)
def test_lock_installs_as_make_does_beside_newer_releases(
    index: tuple[Index, dict[str, Path]], python: Path, lock: str, age: str
) -> None:
    made, locks = index
    done = pip(age, python, *variable("LOCKED"), "--index-url", made.url, "-r", str(locks[lock]))
    assert done.returncode == 0, done.stderr
    checked = pip(age, python, "check")
    assert (checked.returncode, checked.stdout) == (0, "No broken requirements found.\n")
    listed = pip(age, python, "list", "--format=freeze").stdout.split()
    here = [pin for pin in pins(LOCKS[lock]) if not pin.marker or Marker(pin.marker).evaluate()]
    assert {line for line in listed if not line.startswith("pip==")} >= {f"{pin.name}=={pin.version}" for pin in here}


def test_old_pip_looks_outside_the_lock_unless_told_not_to(index: tuple[Index, dict[str, Path]], python: Path) -> None:
    """Why LOCKED says --no-deps; without this the test above would prove nothing."""
    made, locks = index
    wrong = [word for word in variable("LOCKED") if word != "--no-deps"]
    done = pip("oldest", python, *wrong, "--index-url", made.url, "-r", str(locks["requirements.txt"]))
    version = pip("oldest", python, "--version").stdout.split()[1]
    looks = int(version.split(".")[0]) < MENDED
    assert (done.returncode != 0, "pydantic[email]==2.* --hash" in done.stderr) == (looks, looks), version


@pytest.mark.parametrize("python_version", PYTHONS)
@pytest.mark.parametrize("lock", LOCKS)
def test_lock_is_complete_on_every_python_and_machine(lock: str, python_version: str) -> None:
    """What each locked package asks for, its extras included, is in the lock, in a version that it takes."""
    missing = []
    for machine in MACHINES:
        here = {**machine, "python_version": python_version, "python_full_version": f"{python_version}.0"}
        here |= {"implementation_name": "cpython", "platform_python_implementation": "CPython", "extra": ""}
        held = {
            pin.name: pin.version for pin in pins(LOCKS[lock]) if not pin.marker or Marker(pin.marker).evaluate(here)
        }
        missing += [(machine["platform_machine"], *lack) for lack in _lacks(held, here)]
    assert missing == []


def _lacks(held: dict[str, str], here: dict[str, str]) -> list[tuple[str, str]]:
    """Packages with a requirement that is not met; extras are followed wherever somebody asks for them."""
    lacking, done = [], set()
    waiting = [("fairs", ""), *((name, "") for name in held)]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in done:
            continue
        done.add((name, extra))
        for requirement in map(Requirement, (value for key, value in needs(name) if key == "Requires-Dist")):
            if requirement.marker and not requirement.marker.evaluate({**here, "extra": extra}):
                continue
            wanted = canonicalize_name(requirement.name)
            if wanted not in held or not requirement.specifier.contains(held[wanted], prereleases=True):
                lacking.append((name, str(requirement)))
            waiting += [(wanted, more) for more in ("", *requirement.extras)]
    return lacking


def test_locks_say_no_address_and_agree() -> None:
    runtime, tests = (pins(LOCKS[name]) for name in LOCKS)
    assert set(runtime) <= set(tests)
    assert [name for name, path in LOCKS.items() if "://" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("place", ["Makefile", "Dockerfile", "docs/operations.md"])
def test_every_place_that_installs_takes_the_lock_as_it_is_and_checks(place: str) -> None:
    text = (ROOT / place).read_text(encoding="utf-8").replace("$(LOCKED)", " ".join(variable("LOCKED")))
    commands = [line for line in text.splitlines() if re.search(r"install\b.* -r \S*requirements\.txt", line)]
    assert commands
    assert [line for line in commands if "--no-deps" not in line or "--require-hashes" not in line] == []
    after = text[text.index(commands[-1]) :]
    assert re.search(r"pip check", after), "pip check does not follow"
