"""Starts the server, or joins the one that runs already."""

import atexit
import os
import sys
from pathlib import Path
from typing import Literal, Self
from urllib.parse import quote

from fairs.core.embedded.account import choose_account
from fairs.core.embedded.binaries import choose_installation, make_reachable
from fairs.core.embedded.cluster import Cluster, explain_failure
from fairs.core.embedded.error import EmbeddedError, say
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
from fairs.core.embedded.process import Keeper

DATABASE = "fairs"
START_PATIENCE = 600.0
"""Seconds. Recovery after a crash reads back everything written since the last checkpoint."""


class EmbeddedPostgres:
    """The PostgreSQL server of one data folder, shared by all processes that use the folder.

    The first process to start it owns it, and the server ends with that process, however it ends. Later ones
    attach; when the owner goes, their connections break, and one of them may `start` again and own the next.

    `durable=False` gives up safety in a power cut for speed, for tests. `binaries` is a `bin` folder to use
    instead of the found one. `system_dir` is where root keeps what the server's user cannot reach.
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
        self.owner = False
        self._durable = durable
        self._binaries = binaries
        self._system_dir = system_dir
        self._owner_lock: FileLock | None = None
        self._keeper: Keeper | None = None
        self._socket_dir: Path | None = None
        self._pid = os.getpid()

    def start(self) -> Literal["initialised", "started", "attached"]:
        """Returns when the server answers and has the database. EmbeddedError leaves nothing running."""
        if sys.platform != "linux":
            raise EmbeddedError("The embedded database needs Linux. Set FAIRS_DATABASE_URL to a PostgreSQL server.")
        if self._runs_here():
            return "started"
        make_data_folder(self.data_dir)
        lock = FileLock(self.data_dir / f"{CLUSTER}.owner.lock")
        patience = Patience(START_PATIENCE)
        while not lock.try_acquire():
            if self._attach():
                return "attached"
            if not patience.rest(lambda: "waiting for the process that is starting the database"):
                raise EmbeddedError(f"Another process holds {self.data_dir} but its database does not answer.")
        try:
            return self._own(lock)
        except BaseException:
            self._close()
            lock.close()
            raise

    @classmethod
    def attach(cls, data_dir: Path) -> Self | None:
        """Join the server that runs in the folder; None when there is none. Starts and makes nothing."""
        embedded = cls(data_dir)
        return embedded if embedded._attach() else None

    def stop(self) -> None:
        """Stop the server if this very process started it; twice is fine."""
        if not self.owner or self._pid != os.getpid():
            return
        self._close()

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

    def _runs_here(self) -> bool:
        if self._pid != os.getpid():  # a child of the owner: what it inherited is not its own
            self.owner = False
            self._keeper = self._owner_lock = None
        return self.owner and self._keeper is not None and self._keeper.alive

    def _attach(self) -> bool:
        try:
            running = read_pid_file(find_home(self.data_dir) / CLUSTER)
        except EmbeddedError:
            return False
        if running is None or not running.ready or probe(running.socket_dir, DATABASE) is not State.READY:
            return False
        self._socket_dir = running.socket_dir
        return True

    def _own(self, lock: FileLock) -> Literal["initialised", "started"]:
        cluster = self._find_cluster()
        server_lock = FileLock(cluster.home / f"{CLUSTER}.server.lock")
        first = not cluster.exists
        if first:
            cluster.wait_for_leftovers(server_lock)
            try:
                cluster.initialise(server_lock, durable=self._durable)
            finally:
                server_lock.close()
        socket_dir = choose_socket_dir(cluster.path, cluster.account)
        self._owner_lock, self._socket_dir, self._pid = lock, socket_dir, os.getpid()
        self._keeper = Keeper(
            lambda: cluster.launch(server_lock, socket_dir, durable=self._durable), give_up=lock.close
        )
        self._keeper.start()
        self._wait_until_ready(cluster, self._keeper)
        self._keeper.serving()
        self.owner = True
        atexit.register(self.stop)
        return "initialised" if first else "started"

    def _find_cluster(self) -> Cluster:
        account = choose_account(find_home(self.data_dir) / CLUSTER)
        home = choose_home(self.data_dir, account, self._system_dir)
        installation = choose_installation(home / CLUSTER, self._binaries)
        return Cluster(home, account, make_reachable(installation, account, self._system_dir))

    def _wait_until_ready(self, cluster: Cluster, keeper: Keeper) -> None:
        patience = Patience(START_PATIENCE)
        while True:
            if keeper.exit_code is not None:
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
                say(f"cannot create the database yet: {error}")
                return False
        return state is State.READY

    def _close(self) -> None:
        if self._keeper is not None:
            self._keeper.stop()
        if self._socket_dir is not None and self._socket_dir.name != CLUSTER:
            _remove_if_empty(self._socket_dir)
        if self._owner_lock is not None:
            self._owner_lock.close()
        self.owner = False
        self._keeper = self._owner_lock = self._socket_dir = None
        atexit.unregister(self.stop)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError:
        return


def _last_line(cluster: Cluster) -> str:
    lines = cluster.last_words().splitlines()
    return f"its log says: {lines[-1]}" if lines else "its log is empty"
