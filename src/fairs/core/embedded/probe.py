"""The part of PostgreSQL's protocol needed to check that a server answers, without a driver or a client program."""

import os
import socket
import struct
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from fairs.core.embedded.folders import SOCKET_NAME

PROTOCOL_3 = 196608
TIMEOUT = 5.0
"""Seconds for one answer; CREATE DATABASE gets more."""


class State(Enum):
    READY = "ready"
    MISSING_DATABASE = "missing database"
    DOWN = "down"


@dataclass(frozen=True)
class PidFile:
    """What a server writes about itself into postmaster.pid."""

    pid: int
    socket_dir: Path
    ready: bool


def read_pid_file(cluster: Path) -> PidFile | None:
    """None when the file is missing or still being written."""
    try:
        lines = os.fsdecode((cluster / "postmaster.pid").read_bytes()).split("\n")
        return PidFile(int(lines[0]), Path(lines[4]), lines[7].strip() == "ready")
    except (OSError, ValueError, IndexError):
        return None


def probe(socket_dir: Path, database: str) -> State:
    """Open a session on `database` and close it again."""
    try:
        with _connect(socket_dir, database, TIMEOUT):
            return State.READY
    except _RefusedError as refusal:
        if refusal.code == "53300":  # too many connections: the server is alive
            return State.READY
        return State.MISSING_DATABASE if refusal.code == "3D000" else State.DOWN
    except OSError:
        return State.DOWN


def run_statement(socket_dir: Path, database: str, statement: str, seconds: float = 300) -> None:
    """Run one statement that returns nothing. OSError when the connection closes or the server refuses it."""
    with _connect(socket_dir, database, seconds) as connection:
        body = statement.encode() + b"\0"
        connection.sendall(b"Q" + struct.pack("!I", len(body) + 4) + body)
        _read_until_ready(connection)


class _RefusedError(OSError):
    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def _connect(socket_dir: Path, database: str, seconds: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.connect(str(socket_dir / SOCKET_NAME))
        fields = f"user\0postgres\0database\0{database}\0application_name\0fairs-start\0\0".encode()
        connection.sendall(struct.pack("!II", len(fields) + 8, PROTOCOL_3) + fields)
        _read_until_ready(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _read_until_ready(connection: socket.socket) -> None:
    while True:
        kind, length = struct.unpack("!cI", _read(connection, 5))
        body = _read(connection, length - 4)
        if kind == b"Z":
            return
        if kind == b"E":
            fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
            raise _RefusedError(fields.get(b"C", ""), fields.get(b"M", ""))


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = connection.recv(size - len(data))
        if not part:
            raise ConnectionResetError("the server closed the connection")
        data += part
    return data
