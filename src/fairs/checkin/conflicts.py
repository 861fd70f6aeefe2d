"""The ledger of conflicts: read with filters, decided, a decision undone. Scans stay as they are; decisions are rows of their own."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fairs.accounts.actor import Actor
from fairs.audit.services import record
from fairs.checkin import policy
from fairs.checkin.rows import ConflictDecisionRow, ConflictGate, ConflictRow
from fairs.core import clock, db
from fairs.core.errors import Conflict, Invalid, NotFound
from fairs.core.forms import Field, Form
from fairs.core.i18n import N_
from fairs.core.rows import Select, execute, fetch_as, fetch_one_as, fetch_value
from fairs.registrations import finding

OPEN, SETTLED = "open", "settled"
STATES = (OPEN, SETTLED)
PART = 500  # rows of an export read at once
DECIDED = N_("Somebody else has decided about this conflict since you opened the page. Nothing was overwritten.")
_COLUMNS = """
s.id, s.scanned_at, s.received_at, s.first_scanned_at, s.outcome, s.reason, g.code AS gate, g.name_zh, g.name_en,
    t.name AS device, first.name AS first_device, r.id AS registration, coalesce(r.number, '') AS number,
    coalesce(r.name_passport, '') AS name_passport, coalesce(r.name_native, '') AS name_native,
    coalesce(d.number, 0) AS decisions, nullif(d.verdict, 'reopened') AS verdict, coalesce(d.note, '') AS note,
    a.name AS decided_by, d.at AS decided_at
"""
_LAST = (
    "LEFT JOIN LATERAL (SELECT * FROM conflict_decision x WHERE x.scan = s.id ORDER BY x.number DESC LIMIT 1) d ON true"
)
_SOURCE = f"""
scan s JOIN gate g ON g.id = s.gate LEFT JOIN registration r ON r.id = s.registration
LEFT JOIN access_token t ON t.id = s.device_id {_LAST} LEFT JOIN account a ON a.id = d.account
LEFT JOIN LATERAL (
    SELECT y.name FROM scan p JOIN access_token y ON y.id = p.device_id
    WHERE p.registration = s.registration AND p.scanned_at = s.first_scanned_at AND p.outcome = 'admitted'
        AND p.direction = 'in' ORDER BY p.id LIMIT 1
) first ON true
"""  # noqa: S608 - constants of this file
_IS_OPEN = "coalesce(d.verdict, 'reopened') = 'reopened'"
_ORDER = "s.received_at DESC, s.id DESC"


def _verdicts() -> Any:
    return policy.verdicts()


class DecisionForm(Form):
    """What a supervisor finds about a conflict."""

    verdict: Annotated[str, Field(N_("What happened"), widget="select", choices=_verdicts)]
    note: Annotated[
        str,
        Field(
            N_("Note"),
            widget="textarea",
            max_length=500,
            help=N_("What you have seen or asked. It stays in the record."),
        ),
    ] = ""

    def check(self) -> dict[str, object]:
        needs = self.verdict == policy.OTHER and not self.note.strip()
        return {"note": N_("Say what happened")} if needs else {}


def ledger(event_id: int, query: dict[str, str]) -> Select:
    """The conflicts of an event that match `state`, `gate` and `q`."""
    select = Select(_COLUMNS, _SOURCE).where("g.event = :event AND s.conflict", event=event_id)
    if query.get("state"):
        select.where(_IS_OPEN if query["state"] == OPEN else f"NOT {_IS_OPEN}")
    if query.get("gate"):
        select.where("g.code = :gate", gate=query["gate"])
    if query.get("q"):
        if not finding.keys_of(query["q"]):
            return select.where("false")
        arguments: dict[str, Any] = {"events": [event_id]}
        matches = finding.Matches(query["q"], arguments, ":events::bigint[]").sql()
        found = f"s.registration IN (SELECT m.registration FROM ({matches}) m)"  # noqa: S608 - names of ours and of arguments
        select.where(found, **arguments)
    return select


async def page_of(select: Select, size: int, offset: int) -> list[ConflictRow]:
    """Conflicts, the last one that arrived first."""
    return await select.rows(ConflictRow, order=_ORDER, size=size, offset=offset)


async def all_of(select: Select) -> AsyncIterator[list[ConflictRow]]:
    """All conflicts of a list, in parts."""
    offset = 0
    while rows := await page_of(select, PART, offset):
        yield rows
        offset += PART


async def gates_in_conflict(event_id: int) -> list[ConflictGate]:
    """Gates at which conflicts happened, for the filter."""
    return await fetch_as(
        ConflictGate,
        "SELECT g.code, g.name_zh, g.name_en FROM gate g WHERE g.event = :event"
        " AND EXISTS (SELECT 1 FROM scan s WHERE s.gate = g.id AND s.conflict) ORDER BY g.code",
        event=event_id,
    )


async def open_conflicts(event_id: int) -> int:
    """Number of conflicts of an event that nobody has decided about."""
    return await fetch_value(
        int,
        f"SELECT count(*) FROM gate g JOIN scan s ON s.gate = g.id {_LAST} WHERE g.event = :event AND s.conflict AND {_IS_OPEN}",  # noqa: S608 - constants of this file
        event=event_id,
    )


async def conflict_of(event_id: int, scan_id: int) -> ConflictRow:
    """One conflict of an event. Raises NotFound."""
    row = await fetch_one_as(
        ConflictRow,
        f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE s.id = :scan AND s.conflict AND g.event = :event",  # noqa: S608 - constants of this file
        scan=scan_id,
        event=event_id,
    )
    if row is None:
        raise NotFound
    return row


async def decisions_of(scan_id: int) -> list[ConflictDecisionRow]:
    """What was decided about a conflict, the first decision first."""
    return await fetch_as(
        ConflictDecisionRow,
        "SELECT d.number, d.verdict, d.note, a.name AS account, d.at FROM conflict_decision d"
        " LEFT JOIN account a ON a.id = d.account WHERE d.scan = :scan ORDER BY d.number",
        scan=scan_id,
    )


async def decide(row: ConflictRow, form: DecisionForm, *, seen: int, by: Actor) -> None:
    """Settle an open conflict. Raises Conflict when it was decided about since `seen`."""
    if row.verdict is not None or row.decisions != seen:
        raise Conflict(DECIDED, code="decided")
    await _add(row, form.verdict, form.note.strip(), by=by)


async def reopen(row: ConflictRow, reason: str, *, seen: int, by: Actor) -> None:
    """Undo a decision: the conflict is open again, the decision stays in its history. Raises Conflict, Invalid."""
    if row.verdict is None or row.decisions != seen:
        raise Conflict(DECIDED, code="decided")
    if len(reason.strip()) < 2:
        raise Invalid(fields={"reason": [N_("Enter the reason in a few words")]})
    await _add(row, policy.REOPENED, reason.strip(), by=by)


async def _add(row: ConflictRow, verdict: str, note: str, *, by: Actor) -> None:
    """Append a decision: its number is taken once, so of two decisions at the same time one is refused."""
    async with db.transaction_or_join():
        with db.constraint_errors({"uq_conflict_decision": Conflict(DECIDED, code="decided")}):
            await execute(
                "INSERT INTO conflict_decision (scan, number, verdict, note, account, at, scanned_at)"
                " VALUES (:scan, :number, :verdict, :note, :account, :at, :scanned_at)",
                scan=row.id,
                number=row.decisions + 1,
                verdict=verdict,
                note=note,
                account=by.account_id,
                at=clock.now(),
                scanned_at=row.scanned_at,
            )
        before, after = {"verdict": row.verdict or ""}, {"verdict": verdict, "note": note, "number": row.number}
        await record("conflict.decide", "scan", row.id, by=by, before=before, after=after)
