"""Starts the server, or joins the running one."""

import atexit
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

from fairs.core.embedded.account import choose_account
from fairs.core.embedded.binaries import choose_installation, make_reachable
from fairs.core.embedded.cluster import Cluster, explain_failure
from fairs.core.embedded.error import EmbeddedError, report
from fairs.core.embedded.folders import (
    CLUSTER,
    SYSTEM_DIR,
    choose_home,
    choose_socket_dir,
    find_home,
    make_data_folder,
)
from fairs.core.embedded.locks import FileLock, Patience
from fairs.core.embedded.probe import State, probe, read_pid_file, run_statement

DATABASE = "fairs"
START_PATIENCE = 600.0
"""Seconds. Recovery after a crash reads everything written since the last checkpoint."""
STOP_PATIENCE = 110.0
WATCH_SECONDS = 0.2
"""Seconds between checks that the server has a keeper: one system call."""
CALM_SECONDS, LONGEST_PAUSE = 60.0, 15.0
"""A server that ends again within CALM_SECONDS is restarted after growing pauses, up to LONGEST_PAUSE. Seconds."""


class EmbeddedPostgres:
    """The PostgreSQL server of one data folder, shared by all processes that use the folder.

    The first process starts it, and it runs until the last one has ended, in whatever way: a keeper process
    keeps it running. If the server or the keeper dies, one of the users starts the next.

    `durable=False` gives up safety in a power cut for speed, for tests. `binaries` is a `bin` folder to use
    instead of the found one. `system_dir` is where root stores what the server's user cannot reach.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        durable: bool = True,
        binaries: Path | None = None,
        system_dir: Path = SYSTEM_DIR,
    ) -> None:
        self.data_dir = data_dir.resolve()
        self._durable = durable
        self._binaries = binaries
        self._system_dir = system_dir
        self._users = self._lock("users")
        self._owner = self._lock("owner")
        self._keeper: subprocess.Popen[bytes] | None = None
        self._socket_dir: Path | None = None
        self._leaving = threading.Event()
        self._watcher: threading.Thread | None = None
        self._pid = os.getpid()

    def start(self) -> Literal["initialised", "started", "attached"]:
        """Returns when the server answers and has the database. EmbeddedError leaves nothing running."""
        if sys.platform != "linux":
            raise EmbeddedError("The embedded database needs Linux. Set FAIRS_DATABASE_URL to a PostgreSQL server.")
        if self._pid != os.getpid():  # a child process: inherited state is not its own
            self._pid, self._keeper, self._watcher = os.getpid(), None, None
        if self._users.held:
            return "started"
        make_data_folder(self.data_dir)
        try:
            came = self._come()
        except BaseException:
            self._leave()
            raise
        self._leaving = threading.Event()
        self._watcher = threading.Thread(target=self._watch, args=(self._leaving,), name="fairs-postgres", daemon=True)
        self._watcher.start()
        atexit.register(self.stop)
        return came

    def answers(self) -> bool:
        """Whether a server runs in the folder and has the database. Starts and creates nothing."""
        try:
            running = read_pid_file(find_home(self.data_dir) / CLUSTER)
        except EmbeddedError:
            return False
        if running is None or not running.ready or probe(running.socket_dir, DATABASE) is not State.READY:
            return False
        self._socket_dir = running.socket_dir
        return True

    def stop(self) -> None:
        """Leave the server; returns when it has stopped, if no other process uses it. May be called twice."""
        if self._pid == os.getpid() and self._users.held:
            self._leave()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def socket_dir(self) -> Path:
        if self._socket_dir is None:
            raise EmbeddedError("The embedded database has not been started.")
        return self._socket_dir

    def dsn(self, database: str = DATABASE) -> str:
        """For asyncpg and libpq alike."""
        return f"postgresql://postgres@/{quote(database, safe='')}?host={quote(str(self.socket_dir), safe='')}"

    def _lock(self, name: str) -> FileLock:
        return FileLock(self.data_dir / f"{CLUSTER}.{name}.lock")

    def _come(self) -> Literal["initialised", "started", "attached"]:
        """Register as a user first: from then on no process stops the server on purpose."""
        patience = Patience(START_PATIENCE)
        while not self._users.try_acquire(shared=True):
            if not patience.rest(lambda: "waiting for the previous database server to stop"):
                raise EmbeddedError(f"The previous database server of {self.data_dir} does not stop.")
        while not self._owner.try_acquire():
            if self.answers():
                return "attached"
            if not patience.rest(lambda: "waiting for the process that is starting the database"):
                raise EmbeddedError(f"Another process holds {self.data_dir} but its database does not answer.")
        return self._begin()

    def _begin(self) -> Literal["initialised", "started"]:
        """Start the server as the holder of the owner's lock, which is passed to the server's keeper."""
        cluster = self._find_cluster()
        server_lock = FileLock(cluster.home / f"{CLUSTER}.server.lock")
        first = not cluster.exists
        if first:
            cluster.wait_for_leftovers(server_lock)
            try:
                cluster.initialise(server_lock, durable=self._durable)
            finally:
                server_lock.close()
        self._socket_dir = choose_socket_dir(cluster.path, cluster.account, preferred=self._socket_dir)
        self._keeper = self._launch(cluster, server_lock)
        self._wait_until_ready(cluster, self._keeper)
        return "initialised" if first else "started"

    def _launch(self, cluster: Cluster, server_lock: FileLock) -> subprocess.Popen[bytes]:
        users = self._lock("users")
        users.open()
        try:
            return cluster.launch(self._owner, server_lock, users, self.socket_dir, durable=self._durable)
        finally:
            users.close()
            self._owner.close()

    def _find_cluster(self) -> Cluster:
        account = choose_account(find_home(self.data_dir) / CLUSTER)
        home = choose_home(self.data_dir, account, self._system_dir)
        installation = choose_installation(home / CLUSTER, self._binaries)
        return Cluster(home, account, make_reachable(installation, account, self._system_dir))

    def _wait_until_ready(self, cluster: Cluster, keeper: subprocess.Popen[bytes]) -> None:
        patience = Patience(START_PATIENCE)
        while True:
            if keeper.poll() is not None:
                raise EmbeddedError(explain_failure("The database server did not start", cluster.last_words()))
            running = read_pid_file(cluster.path)
            if running is not None and running.ready and self._has_database():
                return
            if not patience.rest(lambda: f"the database is getting ready; {_last_line(cluster)}"):
                raise EmbeddedError(f"The database server did not get ready in {START_PATIENCE:.0f} s.")

    def _has_database(self) -> bool:
        state = probe(self.socket_dir, DATABASE)
        if state is State.MISSING_DATABASE:
            try:
                run_statement(self.socket_dir, "postgres", f"CREATE DATABASE {DATABASE}")
            except OSError as error:
                report(f"cannot create the database yet: {error}")
                return False
        return state is State.READY

    def _watch(self, leaving: threading.Event) -> None:
        """Keeps a server running while this process runs: the first user that finds no keeper starts the server again."""
        starts: list[float] = []
        not_before = 0.0
        while not leaving.wait(WATCH_SECONDS):
            now = time.monotonic()
            if now < not_before:
                continue
            try:
                if self._owner.try_acquire():
                    starts = [*(moment for moment in starts if moment > now - CALM_SECONDS), now]
                    not_before = now + min(0.2 * 2 ** len(starts), LONGEST_PAUSE)
                    report("the database server has gone; starting it again")
                    self._begin()
            except (EmbeddedError, OSError) as error:
                if not leaving.is_set():
                    report(f"the database is not running: {error}")
            finally:
                if self._owner.held:
                    self._owner.close()

    def _leave(self) -> None:
        counted = self._users.held
        self._leaving.set()
        self._users.close()
        if self._watcher is not None:
            self._watcher.join(STOP_PATIENCE)
        self._owner.close()
        if counted:
            self._see_it_stop()
        self._watcher = self._socket_dir = None
        atexit.unregister(self.stop)

    def _see_it_stop(self) -> None:
        """Wait for the server to end, unless another process uses it."""
        keeper, self._keeper = self._keeper, None
        patience = Patience(STOP_PATIENCE)
        owner, users = self._lock("owner"), self._lock("users")
        try:
            while not owner.is_free():
                if users.try_acquire():
                    users.release()  # the keeper gets it next
                elif users.try_acquire(shared=True):
                    return
                if not patience.rest(lambda: "waiting for the database server to stop"):
                    return
            if keeper is not None:
                keeper.wait()
        finally:
            owner.close()
            users.close()


def _last_line(cluster: Cluster) -> str:
    lines = cluster.last_words().splitlines()
    return f"its log says: {lines[-1]}" if lines else "its log is empty"
