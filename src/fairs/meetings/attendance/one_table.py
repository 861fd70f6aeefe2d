"""One table of the hall: the gate that stands there, and how its meeting is going now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.core import clock, db
from fairs.core.errors import Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute
from fairs.core.wishes import Side
from fairs.meetings.attendance import queries, services
from fairs.meetings.attendance.rows import Attended, GateOfTable, Waits
from fairs.meetings.tables import MeetingState


@dataclass(frozen=True)
class TableNow:
    """The meetings of a table today: those of now, those to come, those that were."""

    number: int
    now: list[Attended]
    next: list[Attended]
    before: list[Attended]
    waits: Waits

    def until(self, row: Attended) -> datetime | None:
        """Until when the side that is there waits for the other one; None when nobody is there alone."""
        came = row.talent_at or row.employer_at
        if row.state != MeetingState.SCHEDULED or came is None or (row.talent_at and row.employer_at):
            return None
        return max(came, row.starts_at) + timedelta(minutes=self.waits.wait_minutes)

    @staticmethod
    def missing(row: Attended) -> Side | None:
        """Who is not there while the other one is."""
        if bool(row.talent_at) == bool(row.employer_at):
            return None
        return Side.EMPLOYER if row.talent_at else Side.TALENT


async def now_at(event_id: int, zone: str, number: int) -> TableNow:
    """What the scans say of a table, as of now. Raises NotFound for a table that the hall does not have."""
    if number not in {table.number for table in await queries.tables_of(event_id)}:
        raise NotFound
    await services.bring_up(event_id)
    now = clock.now()
    morning = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = await queries.day_of_table(event_id, number, morning, morning + timedelta(days=1))
    waits = await queries.waits_of(event_id)
    soon = now + timedelta(minutes=waits.before_minutes)
    return TableNow(
        number,
        [row for row in rows if row.ends_at > now and row.starts_at <= soon],
        [row for row in rows if row.starts_at > soon],
        [row for row in rows if row.ends_at <= now],
        waits,
    )


async def gate_at(event_id: int, code: str) -> GateOfTable | None:
    """A gate of kind table by its code, with its table."""
    return next((gate for gate in await queries.table_gates(event_id) if gate.code == code), None)


async def assign(event_id: int, gate_id: int, number: int | None, *, by: Actor) -> None:
    """Say at which table a gate stands; None: its scans count for all. Meetings that nobody has decided follow. Raises NotFound and Invalid."""
    async with db.transaction_or_join():
        gates = {gate.id: gate for gate in await queries.table_gates(event_id)}
        if gate_id not in gates:
            raise NotFound
        before = gates[gate_id].number
        if before == number:
            return
        tables = {table.number: table.id for table in await queries.tables_of(event_id)}
        if number is None:
            await execute("DELETE FROM table_gate WHERE gate = :gate", gate=gate_id)
        elif number not in tables:
            raise Invalid(fields={"number": [N_("Choose one from the list")]})
        else:
            await execute(
                "INSERT INTO table_gate (gate, hall_table) VALUES (:gate, :table)"
                " ON CONFLICT (gate) DO UPDATE SET hall_table = excluded.hall_table",
                gate=gate_id,
                table=tables[number],
            )
        await record("gate.table", "gate", gate_id, by=by, before={"table": before}, after={"table": number})
    await services.bring_up(event_id)
