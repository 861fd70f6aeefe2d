"""The event tree, sessions, rooms and gates."""

from enum import StrEnum
from typing import Any

from piccolo.columns import Array, BigSerial, Boolean, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.units.tables import Unit


class EventState(StrEnum):
    """The life of an event. It runs while it is published or closed to registration; after winding up only what was agreed
    goes on. `rules.STEPS` has the steps, `rules.ALLOWS` what each state allows."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    FOLLOW_UP = "follow_up"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


class EventKind(StrEnum):
    """What an event is; the words are in the catalogue `event_kinds`. The start page shows a conference before others."""

    CONFERENCE = "conference"
    SESSION = "session"
    TOUR = "tour"
    NEGOTIATION = "negotiation"
    EXHIBITION = "exhibition"
    OUTREACH = "outreach"
    DELEGATION = "delegation"


class GateKind(StrEnum):
    """What a gate guards. An entry is where people come in: an event that is published has one."""

    ENTRY = "entry"
    ZONE = "zone"
    SESSION = "session"
    BOOTH = "booth"
    TABLE = "table"
    SIGNING = "signing"


class Release(StrEnum):
    """How far a bureau's event is with the province; empty for events of the province itself."""

    DRAWN_UP = "drawn_up"
    ASKED = "asked"
    RETURNED = "returned"
    RELEASED = "released"


class GateRule(StrEnum):
    """How often a gate admits one person: once on each day of the event, once in all, or as often as they come."""

    DAY = "day"
    ONCE = "once"
    MANY = "many"


class GateWays(StrEnum):
    """Which directions a gate scans: coming in and going out, or coming in only."""

    BOTH = "both"
    IN = "in"


class Event(Table, tablename="event", db=DB):
    """An edition or a part of one. `capacity` counts live registrations; None is unlimited.

    `template`: the edition that this draft was copied from.
    """

    id = BigSerial(primary_key=True)
    slug = Varchar(length=60, unique=True)
    kind = Varchar(length=16)
    state = Varchar(length=12, default=EventState.DRAFT.value, index=True)
    parent: ForeignKey[Any] = ForeignKey(
        LazyTableReference("Event", app_name="fairs"), null=True, on_delete=OnDelete.restrict
    )
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    title_zh = Varchar(length=200)
    title_en = Varchar(length=200)
    summary_zh = Text(default="")
    summary_en = Text(default="")
    place_zh = Varchar(length=200, default="")
    place_en = Varchar(length=200, default="")
    timezone = Varchar(length=64, default="Asia/Shanghai")
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    capacity = Integer(null=True, default=None)
    cancel_reason = Text(default="")
    contact_name = Varchar(length=120, default="")
    contact_phone = Varchar(length=40, default="")
    contact_email = Varchar(length=254, default="")
    template: ForeignKey[Any] = ForeignKey(
        LazyTableReference("Event", app_name="fairs"), null=True, default=None, on_delete=OnDelete.set_null
    )
    release = Varchar(length=10, default="")
    release_note = Text(default="")
    demo = Boolean(default=False)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow(), index=True)

    ck_event_kind = one_of("kind", EventKind)
    ck_event_release = one_of("release", ("", *Release))
    ck_event_state = one_of("state", EventState)
    ck_event_span = Check("ends_at > starts_at")
    ck_event_capacity = Check("capacity IS NULL OR capacity >= 0")


class Room(Table, tablename="room", db=DB):
    """A place inside an event."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    code = Varchar(length=40)
    name_zh = Varchar(length=120)
    name_en = Varchar(length=120)
    capacity = Integer(null=True, default=None)

    uq_room_event_code = Unique([event, code])


class Session(Table, tablename="event_session", db=DB):
    """A session of the programme 议程. Sign-up can change until `changes_until`; None: until the session starts.

    `kind` is a key of the catalogue `session_kinds`.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.restrict)
    room = ForeignKey(Room, null=True, default=None, on_delete=OnDelete.set_null)
    code = Varchar(length=40)
    kind = Varchar(length=20)
    title_zh = Varchar(length=200)
    title_en = Varchar(length=200)
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    capacity = Integer(null=True, default=None)
    sign_up = Boolean(default=False)
    changes_until = Timestamptz(null=True, default=None)

    uq_event_session_code = Unique([event, code])
    ck_event_session_span = Check("ends_at > starts_at")


class Gate(Table, tablename="gate", db=DB):
    """核验点: defines what a scan means. `categories` empty: all. `capacity`: people inside at once; None: the seats of its
    session or room. From `inactive_since` on it is switched off."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    session = ForeignKey(Session, null=True, default=None, on_delete=OnDelete.cascade)
    room = ForeignKey(Room, null=True, default=None, on_delete=OnDelete.set_null)
    code = Varchar(length=40)
    kind = Varchar(length=12)
    name_zh = Varchar(length=120)
    name_en = Varchar(length=120)
    opens_at = Timestamptz(null=True, default=None)
    closes_at = Timestamptz(null=True, default=None)
    categories = Array(base_column=Varchar(length=30), default=list)
    capacity = Integer(null=True, default=None)
    rule = Varchar(length=8, default=GateRule.DAY.value)
    ways = Varchar(length=8, default=GateWays.BOTH.value)
    inactive_since = Timestamptz(null=True, default=None)

    uq_gate_event_code = Unique([event, code])
    ck_gate_kind = one_of("kind", GateKind)
    ck_gate_rule = one_of("rule", GateRule)
    ck_gate_ways = one_of("ways", GateWays)
    ck_gate_capacity = Check("capacity IS NULL OR capacity >= 0")
