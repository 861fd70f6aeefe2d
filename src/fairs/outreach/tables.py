"""Requests of counties for experts, the experts of a request, their days there, and what came of it."""

from enum import StrEnum

from piccolo.columns import BigSerial, Date, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event
from fairs.files.tables import StoredFile
from fairs.talents.tables import Talent
from fairs.units.tables import Unit


class ServiceState(StrEnum):
    """`asked`: who runs the event decides. `accepted`: experts are asked and days planned. `closed`: the visit is over."""

    ASKED = "asked"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ExpertState(StrEnum):
    """What an expert said. `withdrawn`: the expert goes no longer."""

    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Came(StrEnum):
    """What has come of a visit, as the county sees it."""

    SOLVED = "solved"
    GOES_ON = "goes_on"
    NOTHING = "nothing"


class ServiceRequest(Table, tablename="service_request", db=DB):
    """What a county asks for. `people`: how many it should help; `experts`: how many are to come."""

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.cascade, index=True)
    unit = ForeignKey(Unit, null=False, on_delete=OnDelete.restrict, index=True)
    state = Varchar(length=10, default=ServiceState.ASKED.value)
    place_zh = Varchar(length=120, default="")
    place_en = Varchar(length=120, default="")
    topic_zh = Varchar(length=200, default="")
    topic_en = Varchar(length=200, default="")
    problem_zh = Text(default="")
    problem_en = Text(default="")
    discipline = Varchar(length=10, default="")
    people = Integer(default=0)
    experts = Integer(default=1)
    from_day = Date()
    to_day = Date()
    receiver = Varchar(length=120, default="")
    reason = Varchar(length=500, default="")
    asked_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    decided_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    asked_at = Timestamptz(default=TimestamptzNow())
    decided_at = Timestamptz(null=True, default=None)
    updated_at = Timestamptz(default=TimestamptzNow())

    ck_service_request_state = one_of("state", ServiceState)
    ck_service_request_days = Check("to_day >= from_day")
    ck_service_request_numbers = Check("people >= 0 AND experts BETWEEN 1 AND 50")
    ck_service_request_topic = Check("topic_zh <> '' OR topic_en <> ''")


class ServiceExpert(Table, tablename="service_expert", db=DB):
    """Somebody who was asked to go to a county; `why_…`: the reason that was told."""

    id = BigSerial(primary_key=True)
    request = ForeignKey(ServiceRequest, null=False, on_delete=OnDelete.cascade)
    talent = ForeignKey(Talent, null=False, on_delete=OnDelete.cascade, index=True)
    state = Varchar(length=10, default=ExpertState.ASKED.value)
    why = Varchar(length=500, default="")
    asked_at = Timestamptz(default=TimestamptzNow())
    answered_at = Timestamptz(null=True, default=None)

    uq_service_expert = Unique([request, talent])
    ck_service_expert_state = one_of("state", ExpertState)


class ServiceDay(Table, tablename="service_day", db=DB):
    """A day of one expert at a county: planned with its task, then reported with the people whom it helped."""

    id = BigSerial(primary_key=True)
    expert = ForeignKey(ServiceExpert, null=False, on_delete=OnDelete.cascade)
    day = Date()
    place = Varchar(length=120, default="")
    task = Varchar(length=500, default="")
    people = Integer(default=0)
    note = Varchar(length=1000, default="")
    evidence = ForeignKey(StoredFile, null=True, default=None, on_delete=OnDelete.restrict, index=True)
    done_at = Timestamptz(null=True, default=None)
    done_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)

    uq_service_day = Unique([expert, day])
    ck_service_day_people = Check("people >= 0")


class ServiceFollowUp(Table, tablename="service_follow_up", db=DB):
    """What the county says later about what came of a visit."""

    id = BigSerial(primary_key=True)
    request = ForeignKey(ServiceRequest, null=False, on_delete=OnDelete.cascade, index=True)
    came = Varchar(length=10)
    text = Varchar(length=1000, default="")
    by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    at = Timestamptz(default=TimestamptzNow())

    ck_service_follow_up_came = one_of("came", Came)
