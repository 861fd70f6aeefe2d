"""Tables of groups: who registered whom, and each table of people that was given in."""

from enum import StrEnum

from piccolo.columns import JSONB, UUID, BigSerial, Boolean, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from fairs.accounts.tables import Account
from fairs.core.checks import one_of
from fairs.core.db import DB
from fairs.events.tables import Event
from fairs.organisations.tables import Organisation
from fairs.registrations.tables import Registration
from fairs.units.tables import Unit


class RegistrationGroup(Table, tablename="registration_group", db=DB):
    """People whom one registered together: for an `organisation`, for a `unit`, or for the organiser.

    `contact_email`: whose account sees the group and cancels its people, once the address is proved.
    """

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, null=False, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=120)
    organisation = ForeignKey(Organisation, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    unit = ForeignKey(Unit, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    contact_email = Varchar(length=254, default="", index=True)
    made_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    made_at = Timestamptz(default=TimestamptzNow())

    ck_registration_group_email = Check("contact_email = lower(contact_email)")


class RegistrationGroupMember(Table, tablename="registration_group_member", db=DB):
    """A registration that was made with a group. `to_tell`: the usual mail follows."""

    id = BigSerial(primary_key=True)
    of_group = ForeignKey(RegistrationGroup, null=False, on_delete=OnDelete.cascade, index=True)
    registration = ForeignKey(Registration, null=False, on_delete=OnDelete.cascade, unique=True)
    to_tell = Boolean(default=False)


class RunState(StrEnum):
    """Whether rows of a table still wait."""

    RUNNING = "running"
    DONE = "done"


class RegistrationGroupRun(Table, tablename="registration_group_run", db=DB):
    """A table that was given in for a group. `key`: of the page that sent it, which may do so twice.

    `rows`: sealed JSON of what is still to do, empty at the end; `done` of `total` rows are through; `problems`: JSON of
    (row, column, sentence) for those that were refused.
    """

    id = BigSerial(primary_key=True)
    of_group = ForeignKey(RegistrationGroup, null=False, on_delete=OnDelete.cascade, index=True)
    key = UUID()
    state = Varchar(length=8, default=RunState.RUNNING.value)
    rows = Text(default="")
    total = Integer()
    done = Integer(default=0)
    added = Integer(default=0)
    changed = Integer(default=0)
    problems = JSONB(default="[]")
    told = Boolean(default=True)
    lang = Varchar(length=2, default="en")
    asked_by = ForeignKey(Account, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    asked_at = Timestamptz(default=TimestamptzNow())
    ended_at = Timestamptz(null=True, default=None)

    uq_registration_group_run = Unique([key])
    ck_registration_group_run_state = one_of("state", RunState)
