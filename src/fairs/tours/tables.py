"""A tour 海外英才中原行: its plan, groups, stops, members, what they were told, and the proposals of a route."""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    DoublePrecision,
    ForeignKey,
    Integer,
    Real,
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
from fairs.events.tables import Event, Gate
from fairs.organisations.tables import Organisation
from fairs.registrations.tables import Registration
from fairs.talents.tables import Talent
from fairs.units.tables import Unit


class StopKind(StrEnum):
    """What a stop is. `rules.HOSTED` are those for which somebody must say that the people are expected."""

    VISIT = "visit"
    TALK = "talk"
    BRIEFING = "briefing"
    PARK = "park"
    LAB = "lab"
    MEAL = "meal"
    SIGHT = "sight"
    TRANSFER = "transfer"


class StopState(StrEnum):
    """`planned`: nobody was asked; `asked`: the host has not answered."""

    PLANNED = "planned"
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class MemberState(StrEnum):
    """How far somebody is. `rules.STEPS` has the steps; a substitute waits for somebody to step back."""

    SUBSTITUTE = "substitute"
    INVITED = "invited"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    CONFIRMED = "confirmed"
    TRAVELLING = "travelling"
    CAME = "came"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Origin(StrEnum):
    """How somebody came into the list."""

    REGISTRATION = "registration"
    HAND = "hand"
    TABLE = "table"
    MATCH = "match"


class NewsKind(StrEnum):
    """What members are told. `released`: the itinerary as a whole; `group`: another group."""

    RELEASED = "released"
    NEW = "new"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    GROUP = "group"


class RouteState(StrEnum):
    """A proposal of a route. `accepted`: its stops are in the itinerary."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    ACCEPTED = "accepted"
    FAILED = "failed"
    CANCELLED = "cancelled"


class TourPlan(Table, tablename="tour_plan", db=DB):
    """How a tour is planned. `begins` and `ends`: the hours of a day on the road; `per_day`: the most stops in one.

    From `released_at` on members see the itinerary and are told of changes. `reply_by`: when an invitation must be answered.
    """

    event = ForeignKey(Event, null=False, primary_key=True, on_delete=OnDelete.cascade)
    start = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    finish = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    begins = SmallInt(default=9)
    ends = SmallInt(default=18)
    per_day = SmallInt(default=3)
    seats = Integer(default=45)
    most_groups = SmallInt(default=1)
    reply_by = Date(null=True, default=None)
    released_at = Timestamptz(null=True, default=None)
    released_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    updated_at = Timestamptz(default=TimestamptzNow())

    ck_tour_plan_hours = Check("begins BETWEEN 0 AND 23 AND ends BETWEEN 1 AND 24 AND ends > begins")
    ck_tour_plan_sizes = Check("per_day BETWEEN 1 AND 8 AND seats BETWEEN 1 AND 500 AND most_groups BETWEEN 1 AND 12")


class TourGroup(Table, tablename="tour_group", db=DB):
    """People of a tour who travel together while it is split."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    name = Varchar(length=40)

    uq_tour_group = Unique([event, name])


class TourQuota(Table, tablename="tour_quota", db=DB):
    """How many members a tour should have for a city, or from a field (`discipline`): one of the two."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    discipline = Varchar(length=10, default="")
    places = Integer()

    uq_tour_quota = Unique([event, unit, discipline])
    ck_tour_quota_one = Check("(unit IS NULL) <> (discipline = '')")
    ck_tour_quota_places = Check("places BETWEEN 1 AND 10000")


class TourStop(Table, tablename="tour_stop", db=DB):
    """A stop of a tour. `organisation` is the host; without one the bureau of `unit`. `places`: how many people it takes.

    `gate`: where the people are counted. `pinned`: a proposal of a route leaves it where it is. `revision` rises with every change.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=10)
    state = Varchar(length=10, default=StopState.PLANNED.value)
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    organisation = ForeignKey(Organisation, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    title_zh = Varchar(length=200, default="")
    title_en = Varchar(length=200, default="")
    place_zh = Varchar(length=200, default="")
    place_en = Varchar(length=200, default="")
    host_name = Varchar(length=120, default="")
    host_phone = Varchar(length=40, default="")
    host_email = Varchar(length=254, default="")
    interpreters = Array(base_column=Varchar(length=8), default=list)
    places = Integer(null=True, default=None)
    bring_zh = Varchar(length=300, default="")
    bring_en = Varchar(length=300, default="")
    note_zh = Text(default="")
    note_en = Text(default="")
    pinned = Boolean(default=False)
    gate = ForeignKey(Gate, null=True, default=None, unique=True, on_delete=OnDelete.set_null)
    asked_at = Timestamptz(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    answered_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    reason = Varchar(length=300, default="")
    revision = Integer(default=0)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())

    ck_tour_stop_kind = one_of("kind", StopKind)
    ck_tour_stop_state = one_of("state", StopState)
    ck_tour_stop_span = Check("ends_at > starts_at")
    ck_tour_stop_places = Check("places IS NULL OR places >= 0")


class TourStopGroup(Table, tablename="tour_stop_group", db=DB):
    """A group that comes to a stop. A stop without any is for everybody."""

    id = BigSerial(primary_key=True)
    stop = ForeignKey(TourStop, null=False, on_delete=OnDelete.cascade)
    grp = ForeignKey(TourGroup, null=False, on_delete=OnDelete.cascade, index=True)

    uq_tour_stop_group = Unique([stop, grp])


class TourMember(Table, tablename="tour_member", db=DB):
    """Somebody who is to travel. With a place there is a registration, whose names, address and telephone then count.

    `unit`: the city for which the person comes. `instead_of`: whose place a substitute took. `phone` is sealed.
    `no_letter`: why no letter of invitation is needed, such as a residence permit; empty: nobody has said so.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    registration = ForeignKey(Registration, null=True, default=None, on_delete=OnDelete.cascade, unique=True)
    talent = ForeignKey(Talent, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    grp = ForeignKey(TourGroup, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    state = Varchar(length=12)
    origin = Varchar(length=12)
    email = Varchar(length=254, default="")
    name_passport = Varchar(length=120)
    name_native = Varchar(length=120, default="")
    phone = Text(default="")
    discipline = Varchar(length=10, default="")
    lang = Varchar(length=2, default="en")
    instead_of = BigInt(null=True, default=None)
    reply_by = Date(null=True, default=None)
    why = Varchar(length=300, default="")
    invited_at = Timestamptz(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    thanked_at = Timestamptz(null=True, default=None)
    no_letter = Varchar(length=300, default="")
    state_at = Timestamptz(default=TimestamptzNow())
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())

    ck_tour_member_state = one_of("state", MemberState)
    ck_tour_member_origin = one_of("origin", Origin)
    ck_tour_member_email = Check("email = lower(email)")


class TourNews(Table, tablename="tour_news", db=DB):
    """Something that members are told. `before` and `after`: the changed values of the stop by field."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    stop = ForeignKey(TourStop, null=True, default=None, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=10)
    before = JSONB(default="{}")
    after = JSONB(default="{}")
    at = Timestamptz(default=TimestamptzNow())
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)

    ck_tour_news_kind = one_of("kind", NewsKind)


class TourTold(Table, tablename="tour_told", db=DB):
    """A member who is told of it, once; `read_at`: when the member said so."""

    id = BigSerial(primary_key=True)
    news = ForeignKey(TourNews, null=False, on_delete=OnDelete.cascade)
    member = ForeignKey(TourMember, null=False, on_delete=OnDelete.cascade, index=True)
    read_at = Timestamptz(null=True, default=None)

    uq_tour_told = Unique([news, member])


class TourRoute(Table, tablename="tour_route", db=DB):
    """A proposal of a route: at most one of an event waits or runs (uq_tour_route_live in the migrations).

    `asked`: what was asked for; `plan`: `routes.content.Proposal` once it is done. `error` is a code of `routes.pages`.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    state = Varchar(length=10, default=RouteState.WAITING.value)
    asked = JSONB(default="{}")
    plan = JSONB(default="{}")
    phase = Varchar(length=40, default="")
    share = Real(default=0.0)
    gap = DoublePrecision(null=True, default=None)
    error = Varchar(length=20, default="")
    attempt = Integer(default=0)
    asked_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    asked_at = Timestamptz(default=TimestamptzNow())
    seen_at = Timestamptz(default=TimestamptzNow())
    ended_at = Timestamptz(null=True, default=None)

    ck_tour_route_state = one_of("state", RouteState)
