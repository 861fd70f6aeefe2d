"""The event tree, sessions, rooms and gates."""

from enum import StrEnum
from typing import Any

from piccolo.columns import (
    JSONB,
    Array,
    BigSerial,
    Boolean,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.reference import LazyTableReference
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.files.tables import StoredFile
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
    PICKUP = "pickup"


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


class SpeakerRole(StrEnum):
    """What somebody does in a session."""

    SPEAKER = "speaker"
    HOST = "host"


class ChangeKind(StrEnum):
    """What a release does with a session. Moved: another hour or room; changed: anything else."""

    NEW = "new"
    MOVED = "moved"
    CANCELLED = "cancelled"
    CHANGED = "changed"


class Event(Table, tablename="event", db=DB):
    """An edition or a part of one. `capacity` counts live registrations; None is unlimited.

    `family`: of a part, a key of the catalogue `event_families`; empty: none. `template`: the edition that this draft was copied from. `ended_at`: wound up, archived or cancelled; gates admit no later scan.
    `registration_opens_at` and `registration_closes_at`: people register themselves between them; None: no limit. `sessions_until`:
    the last change of sessions. `offer_hours`: how long a free place is kept for the next in line; None: it is given at once. `own_categories`: as what people register themselves; empty: as the event above, else the catalogue.
    `groups_from`: the roles that may register groups besides those who run the event. `companions`: how many somebody may bring;
    `companion_categories`: who may; empty: everybody. `forms_above`: who has no form here is asked those of the event above.
    """

    id = BigSerial(primary_key=True)
    slug = Varchar(length=60, unique=True)
    kind = Varchar(length=16)
    state = Varchar(length=12, default=EventState.DRAFT.value, index=True)
    parent: ForeignKey[Any] = ForeignKey(
        LazyTableReference("Event", app_name="fairs"), null=True, on_delete=OnDelete.restrict
    )
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict)
    family = Varchar(length=20, default="")
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
    registration_opens_at = Timestamptz(null=True, default=None)
    registration_closes_at = Timestamptz(null=True, default=None)
    sessions_until = Timestamptz(null=True, default=None)
    waiting_list = Boolean(default=True)
    offer_hours = Integer(null=True, default=None)
    own_categories = Array(base_column=Varchar(length=12), default=list)
    groups_from = Array(base_column=Varchar(length=12), default=list)
    companions = Integer(default=0)
    companion_categories = Array(base_column=Varchar(length=12), default=list)
    forms_above = Boolean(default=False)
    cancel_reason = Text(default="")
    ended_at = Timestamptz(null=True, default=None)
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
    ck_event_offer_hours = Check("offer_hours BETWEEN 1 AND 720")
    ck_event_registration = Check("registration_closes_at > registration_opens_at")


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
    """A released session of the programme 议程. Sign-up can change until `changes_until`; None: until it starts.

    `kind` is a key of the catalogue `session_kinds`. A session that was released is cancelled, never deleted.
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
    cancelled_at = Timestamptz(null=True, default=None)
    cancel_reason = Varchar(length=300, default="")

    uq_event_session_code = Unique([event, code])
    ck_event_session_span = Check("ends_at > starts_at")


class Gate(Table, tablename="gate", db=DB):
    """核验点: defines what a scan means. `categories` empty: all. `capacity`: people inside at once; None: the seats of its
    session or room. `may_force`: its staff may let in whom it refuses. `offline_names`:
    its scanners hold a sealed index of names. From `inactive_since` on it is switched off."""

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
    may_force = Boolean(default=False)
    offline_names = Boolean(default=False)
    show_photo = Boolean(default=True)
    inactive_since = Timestamptz(null=True, default=None)

    uq_gate_event_code = Unique([event, code])
    ck_gate_kind = one_of("kind", GateKind)
    ck_gate_rule = one_of("rule", GateRule)
    ck_gate_ways = one_of("ways", GateWays)
    ck_gate_capacity = Check("capacity IS NULL OR capacity >= 0")


class Speaker(Table, tablename="speaker", db=DB):
    """Somebody who speaks or hosts at an event. The code never changes: drafts and spreadsheets name people by it."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    code = Varchar(length=40)
    name_zh = Varchar(length=120, default="")
    name_en = Varchar(length=120, default="")
    affiliation_zh = Varchar(length=200, default="")
    affiliation_en = Varchar(length=200, default="")
    bio_zh = Text(default="")
    bio_en = Text(default="")
    picture = ForeignKey(StoredFile, null=True, default=None, on_delete=OnDelete.restrict, index=True)

    uq_speaker_event_code = Unique([event, code])


class SessionSpeaker(Table, tablename="session_speaker", db=DB):
    """Somebody of a released session, in the order of the programme."""

    id = BigSerial(primary_key=True)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.cascade)
    speaker = ForeignKey(Speaker, null=False, on_delete=OnDelete.restrict, index=True)
    position = SmallInt()
    role = Varchar(length=12)

    uq_session_speaker = Unique([session, speaker])
    ck_session_speaker_role = one_of("role", SpeakerRole)


class SessionDraft(Table, tablename="session_draft", db=DB):
    """What the next release makes of a session: only sessions that differ from the last release have a row.

    `session` is None until the session is released. `removed`: the release cancels it, for `reason`. `speakers` as of
    `planning.speaking`.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    session = ForeignKey(Session, null=True, default=None, on_delete=OnDelete.cascade, unique=True)
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
    speakers = Text(default="")
    removed = Boolean(default=False)
    reason = Varchar(length=300, default="")

    uq_session_draft_code = Unique([event, code])
    ck_session_draft_span = Check("ends_at > starts_at")
    ck_session_draft_removed = Check("(NOT removed) OR (session IS NOT NULL)")


class ProgrammeRelease(Table, tablename="programme_release", db=DB):
    """A released version of an event's programme. `told`: the people who got a mail about it."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade)
    number = Integer()
    released_at = Timestamptz()
    released_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.restrict)
    told = Integer(default=0)

    uq_programme_release_number = Unique([event, number])


class ReleaseChange(Table, tablename="release_change", db=DB):
    """What a release did with one session; a trigger refuses every later change of the row.

    `before` and `after` are the session's values; `people` are signed up to it.
    """

    id = BigSerial(primary_key=True)
    release = ForeignKey(ProgrammeRelease, null=False, on_delete=OnDelete.cascade, index=True)
    session = ForeignKey(Session, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=12)
    before = JSONB(null=True, default=None)
    after = JSONB(null=True, default=None)
    people = Integer(default=0)

    ck_release_change_kind = one_of("kind", ChangeKind)
