"""Uploaded files. Their content lies in the object store under `key`; a slice that uses a file has a column that refers to it."""

from enum import StrEnum

from piccolo.columns import UUID, BigInt, Bytea, ForeignKey, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB


class Purpose(StrEnum):
    """What a file is for: it decides which kinds and sizes are taken, and who may read it."""

    LICENCE = "licence"
    PHOTO = "photo"
    EVIDENCE = "evidence"
    SPEAKER = "speaker"
    LOGO = "logo"
    ANSWER = "answer"
    PORTRAIT = "portrait"  # a photo in an answer
    POSTER = "poster"
    EXHIBIT = "exhibit"
    SERVICE = "service"
    RECEIPT = "receipt"
    BADGES = "badges"  # made here, never uploaded
    EXPORT = "export"  # made here too


class FileState(StrEnum):
    """`held`: uploaded, its form is not sent yet. `kept`: something refers to it."""

    HELD = "held"
    KEPT = "kept"


class StoredFile(Table, tablename="file", db=DB):
    """A checked file. `name` is the one that people gave it and never a path; `sha256` is of the stored content."""

    id = UUID(primary_key=True)
    purpose = Varchar(length=12)
    state = Varchar(length=8, default=FileState.HELD.value)
    name = Varchar(length=200)
    type = Varchar(length=100)
    size = BigInt()
    sha256 = Bytea()
    key = Varchar(length=60, unique=True)
    uploaded_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    at = Timestamptz(default=TimestamptzNow(), index=True)

    ck_file_purpose = one_of("purpose", Purpose)
    ck_file_state = one_of("state", FileState)
    ck_file_size = Check("size > 0")
