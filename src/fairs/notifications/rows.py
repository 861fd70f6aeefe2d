"""What statements about mails return."""

from datetime import datetime

from fairs.core.rows import Row
from fairs.notifications.tables import MailState, Suppressed


class StoredTexts(Row, frozen=True):
    """A mail's stored texts, and the sealed rest: see `masking`."""

    subject: str
    body_text: str
    body_html: str
    sealed: str


class MailRow(StoredTexts, frozen=True):
    """A mail with its texts."""

    id: int
    kind: str
    lang: str
    to_email: str
    to_name: str
    account_id: int | None
    state: MailState
    attempts: int
    last_error: str
    dedupe_key: str | None
    created_at: datetime
    sent_at: datetime | None
    unsubscribe: str


MAIL_COLUMNS = (
    "subject, body_text, body_html, sealed, id, kind, lang, to_email, to_name, account_id, state, attempts, last_error,"
    " dedupe_key, created_at, sent_at, unsubscribe"
)
TEXT_COLUMNS = "subject, body_text, body_html, sealed"


class LockedTexts(StoredTexts, frozen=True):
    """The texts of a mail whose row is locked."""

    id: int
    state: MailState


class ListedMail(Row, frozen=True):
    """A mail in the outbox; `files`: their number."""

    id: int
    kind: str
    lang: str
    to_email: str
    to_name: str
    subject: str
    state: MailState
    attempts: int
    last_error: str
    created_at: datetime
    sent_at: datetime | None
    files: int


class MailFile(Row, frozen=True):
    """A file of a mail in a list; `size` is None until it is generated."""

    id: int
    filename: str
    content_type: str
    size: int | None


class StoredFile(Row, frozen=True):
    """A file of a mail: its content, or the generator's name and argument."""

    filename: str
    content_type: str
    content: bytes | None
    generator: str
    argument: str


class StateCount(Row, frozen=True):
    """Number of mails in a state."""

    state: MailState
    n: int


class KindCount(Row, frozen=True):
    """Number of mails of a kind in a state."""

    state: MailState
    kind: str
    n: int


class Kind(Row, frozen=True):
    """A kind of mail."""

    kind: str


class Id(Row, frozen=True):
    """A mail or a file by its key."""

    id: int


class SuppressedRow(Row, frozen=True):
    """An address that gets no mailings, and why."""

    id: int
    address: str
    kind: Suppressed
    note: str
    mail: int | None
    created_at: datetime


class Address(Row, frozen=True):
    """A mail recipient."""

    to_email: str
