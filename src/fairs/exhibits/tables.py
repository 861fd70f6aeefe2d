"""Exhibits of an event: works, patents, products and companies; the plan of booths; what visitors say."""

from enum import StrEnum

from piccolo.columns import JSONB, Array, BigSerial, Boolean, ForeignKey, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event, Gate
from fairs.files.tables import StoredFile
from fairs.organisations.tables import Organisation
from fairs.talents.tables import Talent
from fairs.units.tables import Unit


class ExhibitKind(StrEnum):
    """What is shown."""

    WORK = "work"
    PATENT = "patent"
    PRODUCT = "product"
    COMPANY = "company"


class Stage(StrEnum):
    """How far it is."""

    IDEA = "idea"
    LAB = "lab"
    PROTOTYPE = "prototype"
    PILOT = "pilot"
    MARKET = "market"


class Looked(StrEnum):
    """What the exhibitor looks for."""

    INVESTMENT = "investment"
    PARTNER = "partner"
    SITE = "site"


class ExhibitState(StrEnum):
    """`submitted`: who runs the event decides; `returned`: sent back with a reason. `rules.STEPS` has the steps."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    RELEASED = "released"


class Asked(StrEnum):
    """What somebody wants of an exhibitor."""

    INTEREST = "interest"
    INVESTMENT = "investment"
    PARTNER = "partner"
    SITE = "site"
    TALK = "talk"


class Exhibition(Table, tablename="exhibition", db=DB):
    """An event that takes exhibits, until `closes_at` (None: until it ends). `plan`: the cells of the hall, row by row."""

    event = ForeignKey(Event, null=False, primary_key=True, on_delete=OnDelete.cascade)
    closes_at = Timestamptz(null=True, default=None)
    call_zh = Text(default="")
    call_en = Text(default="")
    plan = JSONB(default="[]")
    updated_at = Timestamptz(default=TimestamptzNow())


class Exhibit(Table, tablename="exhibit", db=DB):
    """What is shown by one of three: a person, an employer, or the bureau of a unit."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    talent = ForeignKey(Talent, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    organisation = ForeignKey(Organisation, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    bureau = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=10)
    state = Varchar(length=10, default=ExhibitState.DRAFT.value)
    title_zh = Varchar(length=200, default="")
    title_en = Varchar(length=200, default="")
    text_zh = Text(default="")
    text_en = Text(default="")
    stage = Varchar(length=10, default="")
    looks_for = Array(base_column=Varchar(length=12), default=list)
    discipline = Varchar(length=10, default="")
    poster = ForeignKey(StoredFile, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    search_key = Text(default="")
    reason = Varchar(length=500, default="")
    submitted_at = Timestamptz(null=True, default=None)
    decided_at = Timestamptz(null=True, default=None)
    decided_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())

    ck_exhibit_kind = one_of("kind", ExhibitKind)
    ck_exhibit_state = one_of("state", ExhibitState)
    ck_exhibit_stage = one_of("stage", ("", *Stage))
    ck_exhibit_owner = Check("num_nonnulls(talent, organisation, bureau) = 1")
    ck_exhibit_title = Check("title_zh <> '' OR title_en <> ''")
    ck_exhibit_reason = Check("(state = 'returned') = (reason <> '')")


class ExhibitPicture(Table, tablename="exhibit_picture", db=DB):
    """A picture of an exhibit, in the order in which they were sent."""

    id = BigSerial(primary_key=True)
    exhibit = ForeignKey(Exhibit, null=False, on_delete=OnDelete.cascade, index=True)
    picture = ForeignKey(StoredFile, null=False, on_delete=OnDelete.restrict, unique=True)


class ExhibitScore(Table, tablename="exhibit_score", db=DB):
    """What one member of the jury gives an exhibit."""

    id = BigSerial(primary_key=True)
    exhibit = ForeignKey(Exhibit, null=False, on_delete=OnDelete.cascade)
    juror = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    points = SmallInt()
    note = Varchar(length=500, default="")
    at = Timestamptz(default=TimestamptzNow())

    uq_exhibit_score = Unique([exhibit, juror])
    ck_exhibit_score_points = Check("points BETWEEN 0 AND 100")


class ExhibitBooth(Table, tablename="exhibit_booth", db=DB):
    """A booth of the plan. Its gate, if it has one, counts who comes."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    code = Varchar(length=8)
    place_row = SmallInt()
    place_column = SmallInt()
    gate = ForeignKey(Gate, null=True, default=None, on_delete=OnDelete.set_null, unique=True)

    uq_exhibit_booth_code = Unique([event, code])


class ExhibitStand(Table, tablename="exhibit_stand", db=DB):
    """An exhibit at a booth for a time: the scans of that time are its visits.

    At most one without an end for a booth and for an exhibit (uq_exhibit_stand_booth, uq_exhibit_stand_exhibit).
    """

    id = BigSerial(primary_key=True)
    booth = ForeignKey(ExhibitBooth, null=False, on_delete=OnDelete.cascade, index=True)
    exhibit = ForeignKey(Exhibit, null=False, on_delete=OnDelete.cascade, index=True)
    since = Timestamptz(default=TimestamptzNow())
    until = Timestamptz(null=True, default=None)


class ExhibitRequest(Table, tablename="exhibit_request", db=DB):
    """What somebody wants of an exhibitor. `contact`: the exhibitor sees the e-mail address."""

    id = BigSerial(primary_key=True)
    exhibit = ForeignKey(Exhibit, null=False, on_delete=OnDelete.cascade)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    asks = Varchar(length=12)
    message = Varchar(length=1000, default="")
    contact = Boolean(default=False)
    at = Timestamptz(default=TimestamptzNow())
    done_at = Timestamptz(null=True, default=None)

    uq_exhibit_request = Unique([exhibit, account])
    ck_exhibit_request_asks = one_of("asks", Asked)
