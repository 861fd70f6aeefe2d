"""Tables of places: pools, offers to the waiting list, invitation codes."""

from enum import StrEnum

from piccolo.columns import Array, BigSerial, Boolean, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event, Session
from fairs.registrations.tables import Registration


class PlacePool(Table, tablename="place_pool", db=DB):
    """名额池: places shared by the people of some categories and of some sessions of an event.

    `waits`: who comes when all are taken goes to the waiting list; without it nobody else can register in this way.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    name_zh = Varchar(length=80)
    name_en = Varchar(length=80)
    capacity = Integer()
    categories = Array(base_column=Varchar(length=12), default=list)
    waits = Boolean(default=True)
    updated_at = Timestamptz(default=TimestamptzNow())

    ck_place_pool_capacity = Check("capacity >= 0")


class PlacePoolSession(Table, tablename="place_pool_session", db=DB):
    """A session whose people count in a pool."""

    id = BigSerial(primary_key=True)
    pool = ForeignKey(PlacePool, null=False, on_delete=OnDelete.cascade)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.cascade, index=True)

    uq_place_pool_session = Unique([pool, session])


class OfferState(StrEnum):
    """What became of an offer. `withdrawn`: the registration was ended by somebody else."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class PlaceOffer(Table, tablename="place_offer", db=DB):
    """A place kept for somebody of the waiting list until a deadline. `made_by` None: by the order of the list.

    At most one of a registration is open: unique index in the migration.
    """

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade, index=True)
    state = Varchar(length=10, default=OfferState.OPEN.value)
    made_at = Timestamptz(default=TimestamptzNow())
    until = Timestamptz()
    made_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    ended_at = Timestamptz(null=True, default=None)

    ck_place_offer_state = one_of("state", OfferState)
    ck_place_offer_ended = Check(f"(state = '{OfferState.OPEN}') = (ended_at IS NULL)")


class AccessCode(Table, tablename="access_code", db=DB):
    """邀请码: opens a `category` that is closed to the public, or places of a `pool`; `reserves`: it keeps its places for who uses it.

    `mark` is what of the code counts when it is typed. `email`: only this address may use it. `passed_on`: the places that it
    kept went to others after it expired.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    name = Varchar(length=80)
    code = Varchar(length=40)
    mark = Varchar(length=40)
    pool = ForeignKey(PlacePool, null=True, default=None, on_delete=OnDelete.no_action, index=True)
    category = Varchar(length=12, default="")
    reserves = Boolean(default=False)
    uses = Integer(default=1)
    email = Varchar(length=254, default="")
    expires_at = Timestamptz(null=True, default=None)
    passed_on = Boolean(default=False)
    revoked_at = Timestamptz(null=True, default=None)
    made_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    made_at = Timestamptz(default=TimestamptzNow())

    uq_access_code = Unique([event, mark])
    ck_access_code_uses = Check("uses >= 1")


class AccessCodeUse(Table, tablename="access_code_use", db=DB):
    """Who registered with a code. `took`: with a place that the code kept, which is then used for good."""

    id = BigSerial(primary_key=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade, unique=True)
    code = ForeignKey(AccessCode, null=False, on_delete=OnDelete.cascade, index=True)
    took = Boolean(default=False)
