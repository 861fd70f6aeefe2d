"""Registrations 报名. One live registration per person and event (partial unique index in the migrations)."""

from enum import StrEnum
from typing import Any

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    LazyTableReference,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event, Session
from fairs.files.tables import StoredFile
from fairs.organisations.tables import Organisation
from fairs.talents.tables import Talent


class RegistrationState(StrEnum):
    """`pending` is under review and keeps its place; `offered` has a place until a deadline; `waitlisted` waits for one.

    Ended: `withdrawn` by the person, `cancelled` by somebody else or by the clock, `rejected` by the staff, never confirmed.
    Who may do which step: `registrations.moderation`.
    """

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    OFFERED = "offered"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


class Category(StrEnum):
    """Categories of which the code knows what they mean; all there are is the catalogue `registration_categories`.

    `candidate`: what a form begins with. `employer`: comes for the employer of the account, and counts for it in reports.
    """

    CANDIDATE = "candidate"
    EMPLOYER = "employer"


class Registration(Table, tablename="registration", db=DB):
    """A person's entry to an event. `queue` orders the waiting list; `number` is the public number.

    `registrant` is the account that registered itself, `entered_by` the one that registered somebody else. Without an address
    (`email` empty) nothing is mailed. `badge_name` is printed instead of the names. `days` attended; empty: all. `phone` is sealed;
    `search_key` contains marks of its endings. `to_review`: an answer waits for the staff. `sequence` is the calendar entry's: it rises with every update.
    `companion_of`: whom the person accompanies, as `relation`; both end together.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, unique=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.restrict, index=True)
    talent = ForeignKey(Talent, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    organisation = ForeignKey(Organisation, null=True, default=None, on_delete=OnDelete.set_null)
    registrant = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    entered_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    category = Varchar(length=12)
    state = Varchar(length=12, index=True)
    queue = Integer(null=True, default=None)
    email = Varchar(length=254)
    name_passport = Varchar(length=120)
    name_native = Varchar(length=120, default="")
    nationality = Varchar(length=2, default="")
    organisation_name = Varchar(length=200, default="")
    phone = Text(default="")
    badge_name = Varchar(length=120, default="")
    days = Array(base_column=Date(), default=list)
    lang = Varchar(length=2, default="en")
    search_key = Text(default="")
    companion_of: ForeignKey[Any] = ForeignKey(
        LazyTableReference("Registration", app_name="fairs"),
        null=True,
        default=None,
        on_delete=OnDelete.cascade,
        index=True,
    )
    relation = Varchar(length=40, default="")
    sequence = Integer(default=0)
    to_review = Boolean(default=False)
    demo = Boolean(default=False)
    created_at = Timestamptz(default=TimestamptzNow())
    confirmed_at = Timestamptz(null=True, default=None)
    cancelled_at = Timestamptz(null=True, default=None)
    cancelled_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)
    cancelled_from = Varchar(length=12, default="")
    cancel_reason = Varchar(length=200, default="")
    updated_at = Timestamptz(default=TimestamptzNow(), index=True)

    ck_registration_state = one_of("state", RegistrationState)
    ck_registration_email_lower = Check("email = lower(email)")
    ck_registration_queue = Check(f"(state = '{RegistrationState.WAITLISTED}') = (queue IS NOT NULL)")


class RegistrationKey(Table, tablename="registration_key", db=DB):
    """Search keys of a person: a trigger derives them from the registration's `search_key` and number.

    `key` is letters and digits in code point order, to be read by prefix. `part`: 0 begins a name, 1 is within one,
    2 is of something else. `shared`: how many of its first letters begin an earlier key of the person, by part and key.
    `starts`, `longer`: how the keys of the person begin, as `search_keys.starts_of`. Index in the migration: all of them.
    """

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade, index=True)
    event = BigInt()
    part = SmallInt()
    key = Text()
    shared = SmallInt(default=0)
    starts = BigInt(default=-1)
    longer = BigInt(default=-1)


class RegistrationSession(Table, tablename="registration_session", db=DB):
    """A session that the person signed up to."""

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.cascade, index=True)

    uq_registration_session = Unique([registration, session])


class AskedForm(Table, tablename="registration_form", db=DB):
    """What is asked of people in a category of an event; without a category: of everybody who has no form of their own.

    `draft`: `asking.content.Content`, changed freely. The version with the highest number is asked while the form is `in_use`.
    Answers can be changed until `answers_until`; None: until the event begins.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    category = Varchar(length=12, default="")
    draft = JSONB(default="{}")
    in_use = Boolean(default=False)
    answers_until = Timestamptz(null=True, default=None)
    updated_at = Timestamptz(default=TimestamptzNow())

    uq_registration_form = Unique([event, category])


class AskedVersion(Table, tablename="registration_form_version", db=DB):
    """What was asked at a time: a trigger refuses every change of it. `number` counts from 1 in each form."""

    id = BigSerial(primary_key=True)
    form = ForeignKey(AskedForm, null=False, on_delete=OnDelete.cascade)
    number = Integer()
    content = JSONB(default="{}")
    published_at = Timestamptz(default=TimestamptzNow())
    published_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)

    uq_registration_form_version = Unique([form, number])


class RegistrationAnswers(Table, tablename="registration_answers", db=DB):
    """What a registration answered to a version: `given` and `brief` are JSON by the question's key.

    `brief` and `sealed` go thirty days after the fair; `sealed` is JSON of the numbers of documents, encrypted.
    """

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade, unique=True)
    version = ForeignKey(AskedVersion, null=False, on_delete=OnDelete.restrict, index=True)
    given = JSONB(default="{}")
    brief = JSONB(default="{}")
    sealed = Text(default="")
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())


class RegistrationFile(Table, tablename="registration_file", db=DB):
    """A file that answers a question; `brief`: it goes thirty days after the fair. `on_badge`: a photo, the one of the badge."""

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade)
    question = Varchar(length=40)
    brief = Boolean(default=False)
    on_badge = Boolean(default=False)
    file = ForeignKey(StoredFile, null=False, on_delete=OnDelete.restrict, index=True)

    uq_registration_file = Unique([registration, question])


class RegistrationOption(Table, tablename="registration_option", db=DB):
    """An option that a registration chose: counted under the lock of the event where it is limited."""

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade)
    form = ForeignKey(AskedForm, null=False, on_delete=OnDelete.cascade, index=True)
    question = Varchar(length=40)
    option = Varchar(length=40)

    uq_registration_option = Unique([registration, form, question, option])


class RegistrationDraft(Table, tablename="registration_draft", db=DB):
    """What somebody typed and has not sent: sealed JSON of field → texts."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    typed = Text(default="")
    updated_at = Timestamptz(default=TimestamptzNow())

    uq_registration_draft = Unique([event, account])


class RegistrationTag(Table, tablename="registration_tag", db=DB):
    """A word that the staff put on a registration."""

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade)
    tag = Varchar(length=40)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    at = Timestamptz(default=TimestamptzNow())

    uq_registration_tag = Unique([registration, tag])


class RegistrationNote(Table, tablename="registration_note", db=DB):
    """What the staff noted about a registration; its person does not see it."""

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade, index=True)
    account = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    text = Text()
    at = Timestamptz(default=TimestamptzNow())


class Rhythm(StrEnum):
    """How often a view is sent."""

    DAILY = "daily"
    WEEKLY = "weekly"


class MailFormat(StrEnum):
    """As what the link of such a mail is downloaded."""

    XLSX = "xlsx"
    CSV = "csv"


class RegistrationView(Table, tablename="registration_view", db=DB):
    """A saved view of the working list: `query` is the part of the address behind the question mark.

    `mailed`: how often its owner gets a link to it by mail, at `mail_hour`; weekly on `mail_day`, 0 is Monday. `mailed_at`: up to when
    that is done.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    name = Varchar(length=60)
    shared = Boolean(default=False)
    query = Text()
    mailed = Varchar(length=8, default="")
    mail_hour = SmallInt(default=8)
    mail_day = SmallInt(default=0)
    mail_format = Varchar(length=4, default=MailFormat.XLSX.value)
    mailed_at = Timestamptz(null=True, default=None)
    updated_at = Timestamptz(default=TimestamptzNow())

    ck_registration_view_mailed = Check(f"mailed IN ('', '{Rhythm.DAILY}', '{Rhythm.WEEKLY}')")
    ck_registration_view_format = one_of("mail_format", MailFormat)
    uq_registration_view = Unique([event, account, name])


class RegistrationListSetting(Table, tablename="registration_list_setting", db=DB):
    """How an account looks at the working list of an event. `columns` empty: the standard ones; `view`: shown first."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    columns = Array(base_column=Varchar(length=60), default=list)
    view = ForeignKey(RegistrationView, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    updated_at = Timestamptz(default=TimestamptzNow())

    uq_registration_list_setting = Unique([account, event])


class BulkKind(StrEnum):
    """What is done with many registrations at once."""

    CONFIRM = "confirm"
    CANCEL = "cancel"
    TAG = "tag"
    UNTAG = "untag"
    CATEGORY = "category"
    PRINT = "print"
    EXPORT = "export"
    MAIL = "mail"


class BulkState(StrEnum):
    """`drafted`: the people are chosen and counted, nothing is done yet."""

    DRAFTED = "drafted"
    RUNNING = "running"
    DONE = "done"


class BulkOutcome(StrEnum):
    """What became of one registration. `same`: there was nothing to do."""

    WAITING = "waiting"
    DONE = "done"
    SAME = "same"
    REFUSED = "refused"


class RegistrationBulk(Table, tablename="registration_bulk", db=DB):
    """An act on chosen registrations. `argument`: the tag or the category; `undoes`: the act that it takes back.

    `back`: the list that it was begun from, as in a saved view.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=10)
    state = Varchar(length=10, default=BulkState.DRAFTED.value)
    argument = Varchar(length=40, default="")
    reason = Varchar(length=200, default="")
    lang = Varchar(length=2, default="en")
    undoes: ForeignKey[Any] = ForeignKey(
        LazyTableReference("RegistrationBulk", app_name="fairs"),
        null=True,
        default=None,
        unique=True,
        on_delete=OnDelete.cascade,
    )
    asked_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    asked_at = Timestamptz(default=TimestamptzNow())
    ended_at = Timestamptz(null=True, default=None)
    back = Text(default="")

    ck_registration_bulk_kind = one_of("kind", BulkKind)
    ck_registration_bulk_state = one_of("state", BulkState)


class RegistrationBulkRow(Table, tablename="registration_bulk_row", db=DB):
    """A registration of such an act. `before`: what it was, where that is needed to take it back."""

    id = BigSerial(primary_key=True)
    bulk = ForeignKey(RegistrationBulk, null=False, on_delete=OnDelete.cascade)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade, index=True)
    outcome = Varchar(length=8, default=BulkOutcome.WAITING.value)
    why = Text(default="")
    before = Varchar(length=40, default="")

    uq_registration_bulk_row = Unique([bulk, registration])
    ck_registration_bulk_row_outcome = one_of("outcome", BulkOutcome)


class RegistrationPhoto(Table, tablename="registration_photo", db=DB):
    """A photo that a desk took, for the gates and the badge of one registration."""

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, unique=True, on_delete=OnDelete.cascade)
    photo = ForeignKey(StoredFile, null=False, unique=True, on_delete=OnDelete.restrict)
    taken_at = Timestamptz(default=TimestamptzNow())
    taken_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null)


class DeskEntry(Table, tablename="desk_entry", db=DB):
    """Somebody whom a desk entered without a network. `key`: of the call, which may come twice; `slip`: the code on paper."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    key = UUID()
    slip = Varchar(length=8)
    registration = ForeignKey(Registration, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    entered_at = Timestamptz()
    received_at = Timestamptz(default=TimestamptzNow())

    uq_desk_entry_key = Unique([event, key])
