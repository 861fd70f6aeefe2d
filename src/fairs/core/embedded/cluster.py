"""A cluster on disk: made once and completely, and cleared of files that a killed server left."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from fairs.core.embedded.account import Account
from fairs.core.embedded.binaries import Installation
from fairs.core.embedded.error import EmbeddedError
from fairs.core.embedded.folders import CLUSTER, SOCKET_NAME, sync_folder
from fairs.core.embedded.locks import FileLock, Patience, open_private
from fairs.core.embedded.probe import read_pid_file
from fairs.core.embedded.process import server_processes, signal_all, spawn, spawn_kept

LOG_LIMIT = 10_000_000
"""Bytes after which the server's log starts anew at the next start; the previous one is kept."""
LEFTOVER_PATIENCE = 600.0
ORPHAN_SECONDS = 60.0
"""A server whose application died is shutting down; after this many seconds it gets a faster shutdown signal."""
STRAY_SECONDS = 3.0
"""The same for sessions whose server was killed; they end by themselves unless they are computing."""


@dataclass(frozen=True)
class Cluster:
    home: Path
    account: Account
    installation: Installation

    @property
    def path(self) -> Path:
        return self.home / CLUSTER

    @property
    def exists(self) -> bool:
        return (self.path / "PG_VERSION").exists()

    def initialise(self, lock: FileLock, *, durable: bool) -> None:
        """Made under another name and renamed, so that a folder with this name is always a complete cluster."""
        if self.path.exists() and any(self.path.iterdir()):
            raise EmbeddedError(f"The folder {self.path} holds files but no database. Move it away.")
        aside = self.home / f"{CLUSTER}.init"
        try:
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(mode=0o700)
            self.account.own(aside)
            self._run_initdb(aside, lock, durable=durable)
            aside.rename(self.path)
            sync_folder(self.home)
        except OSError as error:
            raise EmbeddedError(f"Cannot make the database in {self.path}: {error.strerror or error}.") from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _run_initdb(self, aside: Path, lock: FileLock, *, durable: bool) -> None:
        locale = ["--locale=C.UTF-8"]
        if self.installation.major >= 17:
            locale.append("--locale-provider=builtin")
        command = [str(self.installation.bin / "initdb"), "-D", str(aside), "-U", "postgres", "-A", "trust"]
        command += ["-E", "UTF8", *locale, *([] if durable else ["--no-sync"])]
        output = self.home / f"{CLUSTER}.init.log"
        log = open_private(output, os.O_WRONLY | os.O_TRUNC)
        try:
            child = spawn(command, self.account, log=log, keep_open=lock.descriptor)
            status = child.wait()
        finally:
            os.close(log)
        text = output.read_text(encoding="utf-8", errors="replace")
        output.unlink()
        if status != 0:
            raise EmbeddedError(explain_failure(f"PostgreSQL could not make a database in {self.path}", text))

    def launch(
        self, owner: FileLock, lock: FileLock, users: FileLock, socket_dir: Path, *, durable: bool
    ) -> subprocess.Popen[bytes]:
        """Start the server, which takes over `lock` and holds it until its last process has ended.

        Returns the keeper process, which takes over `owner`. Both end when no process holds `users`.
        """
        self.wait_for_leftovers(lock)
        try:
            self._remove_stale_files(socket_dir)
            log = self._open_log()
            try:
                return spawn_kept(
                    [str(self.installation.bin / "postgres"), *self._arguments(socket_dir, durable)],
                    self.account,
                    log=log,
                    owner=owner,
                    server=lock,
                    users=users,
                    socket_dir=socket_dir,
                )
            finally:
                os.close(log)
        finally:
            lock.close()

    def _arguments(self, socket_dir: Path, durable: bool) -> list[str]:
        quoted = str(socket_dir).replace('"', '""')
        settings = {
            "unix_socket_directories": f'"{quoted}"',
            "unix_socket_permissions": "0700",
            "listen_addresses": "",
            "port": "5432",
            "max_connections": "100",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
        }
        if not durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments = ["-D", str(self.path)]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        return arguments

    def wait_for_leftovers(self, lock: FileLock) -> None:
        """Take the server lock. A server whose application was killed holds it until it has shut down."""
        patience = Patience(LEFTOVER_PATIENCE)
        hurried = False
        while not lock.try_acquire():
            orphan = read_pid_file(self.path)
            pids = list(server_processes(self.path)) if self.exists and patience.waited > STRAY_SECONDS else []
            alive = orphan is not None and orphan.pid in pids
            if pids and patience.waited > (ORPHAN_SECONDS if alive else STRAY_SECONDS):
                signal_all(pids, signal.SIGKILL if hurried and not alive else signal.SIGQUIT)
                hurried = True
            if not patience.rest(lambda: "waiting for the previous database server to stop"):
                raise EmbeddedError(f"A previous database server in {self.path} does not stop (processes {pids}).")

    def _remove_stale_files(self, socket_dir: Path) -> None:
        """We hold the server lock, so no server of ours is running: a process id in a leftover file belongs to another process.

        PostgreSQL itself would refuse to start, because process ids repeat, above all in containers.
        """
        marks = [self.path / "postmaster.pid", socket_dir / f"{SOCKET_NAME}.lock", socket_dir / SOCKET_NAME]
        left = [mark for mark in marks if os.path.lexists(mark)]
        if left and (pids := list(server_processes(self.path))):
            raise EmbeddedError(
                f"Process {pids[0]} is a PostgreSQL server in {self.path} that was started by hand. Stop it."
            )
        for mark in left:
            mark.unlink()

    @property
    def log_file(self) -> Path:
        return self.home / f"{CLUSTER}.log"

    def _open_log(self) -> int:
        if self.log_file.exists() and self.log_file.stat().st_size > LOG_LIMIT:
            self.log_file.replace(self.log_file.with_suffix(".log.1"))
        return open_private(self.log_file, os.O_WRONLY | os.O_APPEND)

    def last_words(self) -> str:
        """The end of the server's log."""
        try:
            with self.log_file.open("rb") as stream:
                stream.seek(max(0, self.log_file.stat().st_size - 4000))
                return stream.read().decode("utf-8", errors="replace")
        except OSError:
            return ""


def explain_failure(what: str, output: str) -> str:
    """One sentence for a person, followed by the program's own last lines."""
    lines = [line for line in output.splitlines() if line.strip()]
    reason = "."
    if "No space left on device" in output:
        reason = ": the disk is full. Free some space (a new database needs about 100 MB) and start again."
    elif "Permission denied" in output:
        reason = ": it was not permitted to read or write a file. Check who owns the data folder."
    elif "invalid locale" in output:
        reason = ": this system has no locale C.UTF-8."
    tail = "".join(f"\n  {line}" for line in lines[-6:])
    return f"{what}{reason}{tail}"
