"""What statements about mailings return."""

from datetime import datetime

import msgspec

from fairs.core.rows import Row
from fairs.mailings.tables import MailingKind, MailingState


class Filters(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom a mailing is for; what is empty does not limit."""

    state: str = ""
    category: str = ""
    session: str = ""
    arrived: str = ""
    country: str = ""
    unit: str = ""
    lang: str = ""
    chosen: str = ""  # people who were picked in the list of registrations: the act that keeps them


class MailingRow(Row, frozen=True):
    """A mailing or a rule, with its event."""

    id: int
    event: int
    slug: str
    kind: MailingKind
    trigger: str
    days: int
    hour: int
    subject_zh: str
    subject_en: str
    text_zh: str
    text_en: str
    filters: str
    per_minute: int
    state: MailingState
    turn: int
    next_at: datetime | None
    made_by: str | None
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    timezone: str
    starts_at: datetime
    ends_at: datetime

    @property
    def wanted(self) -> Filters:
        """The filters, read."""
        return msgspec.json.decode(self.filters, type=Filters)

    @property
    def newsletter(self) -> bool:
        return self.kind is MailingKind.NEWSLETTER


class ListedMailing(Row, frozen=True):
    """A mailing in the list: how many get it, and to how many it went."""

    id: int
    kind: MailingKind
    subject_zh: str
    subject_en: str
    state: MailingState
    made_by: str | None
    created_at: datetime
    people: int
    left: int


class Candidate(Row, frozen=True):
    """Somebody who passes the filters; `reason`: why there is no mail, empty when there is one."""

    registration: int
    address: str
    reason: str


class ListedRecipient(Row, frozen=True):
    """A person of a mailing; `state` is that of the mail once there is one."""

    id: int
    number: str
    name: str
    address: str
    lang: str
    state: str
    reason: str
    mail: int | None
    error: str
    sent_at: datetime | None


class StateCount(Row, frozen=True):
    """How many of a mailing are in a state."""

    state: str
    n: int


class Waiting(Row, frozen=True):
    """Somebody whose mail is to be written."""

    id: int
    registration: int
    address: str
    withdrew: bool
