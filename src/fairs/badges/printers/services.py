"""Badges are sent to a desk's printer, taken by its agent, and end as it reports. What was once given out is never given out anew.

An agent that comes back finds its job again, marked as begun, and settles from its own journal and the printer's whether it was
printed; when nobody can know, the job fails as `perhaps-printed` and the desk looks.
"""

from typing import Any

from fairs.accounts.actor import SYSTEM, Actor, Device
from fairs.accounts.queries import actor_by_id
from fairs.accounts.tables import TokenKind
from fairs.accounts.tokens import issue_token, revoke_token
from fairs.audit.services import record
from fairs.badges import services as badges
from fairs.badges.desk.queries import badge_to_print
from fairs.badges.printers import queries
from fairs.badges.printers.forms import Call, Outcome
from fairs.badges.printers.rows import OwnJob, OwnPrinter
from fairs.badges.states import PrintState
from fairs.badges.tables import PrintWay
from fairs.core import clock, crypto, db
from fairs.core.errors import Conflict, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import execute, fetch_one_as, fetch_value
from fairs.core.scopes import OF_PRINTERS
from fairs.events.queries import event_for
from fairs.registrations.entering.queries import event_to_enter, person_at

TOUCH = 5  # seconds between two notes of an agent's last call
NAMED = N_("A printer of this event has this name already.")
LIVE = N_("This badge is already being printed.")
ENDED = N_("This print has already ended.")
TAKEN = N_("Another agent prints for this printer. Stop it first.")
UNKNOWN = N_("This printer was switched off. Choose another one.")


async def add_printer(slug: str, name: str, *, by: Actor) -> str:
    """A new printer; the token of its agent, returned only once. Raises NotFound, Conflict when the name is taken."""
    event = await event_for(by, slug)
    async with db.transaction_or_join():
        token = await issue_token(TokenKind.DEVICE, name, by=by, event_id=event.id, scopes=OF_PRINTERS)
        with db.constraint_errors({"uq_desk_printer_name": Conflict(NAMED, code="named")}):
            printer = await fetch_value(
                int,
                "INSERT INTO desk_printer (event, name, token, created_at)"
                " SELECT :event, :name, id, :now FROM access_token WHERE token_hash = :hash RETURNING id",
                event=event.id,
                name=name,
                hash=crypto.hash_token(token),
                now=clock.now(),
            )
        await record("printer.add", "desk_printer", printer, by=by, after={"name": name, "event": event.id})
    return token


async def remove_printer(slug: str, printer_id: int, *, by: Actor) -> None:
    """Switch a printer off at once; what waits for it is stopped. Raises NotFound."""
    event = await event_for(by, slug)
    async with db.transaction_or_join():
        printer = await queries.printer_of(event.id, printer_id)
        if printer is None:
            raise NotFound
        now = clock.now()
        await execute("UPDATE desk_printer SET ended_at = :now WHERE id = :id", id=printer.id, now=now)
        await execute(
            "UPDATE print_job SET state = 'cancelled', ended_at = :now WHERE printer = :id AND state IN ('waiting', 'printing')",
            id=printer.id,
            now=now,
        )
        await revoke_token(printer.token, by=by)
        await record("printer.remove", "desk_printer", printer.id, by=by, before={"name": printer.name})


async def send(slug: str, number: str, printer_id: int, *, by: Actor) -> int:
    """Send the person's badge to a printer, and make it where it is missing; returns the job.

    Raises NotFound, Conflict without a place, when the badge is on its way already, or when the printer was switched off.
    """
    event, row = await person_at(by, slug, number)
    async with db.transaction_or_join():
        if await queries.printer_of(event.id, printer_id) is None:
            raise Conflict(UNKNOWN, code="unknown")
        await badges.issue_badge(row.id)
        badge = await badge_to_print(row.id)
        with db.constraint_errors({"uq_print_job_live": Conflict(LIVE, code="live")}):
            job = await fetch_value(
                int,
                "INSERT INTO print_job (printer, badge, asked_by, asked_at) VALUES (:printer, :badge, :by, :now) RETURNING id",
                printer=printer_id,
                badge=badge,
                by=by.account_id,
                now=clock.now(),
            )
        await record("badge.send", "registration", row.id, by=by, after={"printer": printer_id})
    return job


async def give_up(slug: str, number: str, *, by: Actor) -> None:
    """Stop what is under way of a person's badge: the printer is told by its agent. Raises NotFound, Conflict when nothing is."""
    _, row = await person_at(by, slug, number)
    async with db.transaction_or_join():
        stopped = await execute(
            "UPDATE print_job SET state = 'cancelled', ended_at = :now WHERE state IN ('waiting', 'printing')"
            " AND badge IN (SELECT id FROM badge WHERE registration = :id)",
            id=row.id,
            now=clock.now(),
        )
        if not stopped:
            raise Conflict(ENDED, code="ended")
        await record("badge.give_up", "registration", row.id, by=by)


async def require_desk(slug: str, printer_id: int, *, by: Actor) -> str:
    """The name of a printer that a desk of this event may choose. Raises NotFound."""
    event = await event_to_enter(by, slug)
    printer = await queries.printer_of(event.id, printer_id)
    if printer is None:
        raise NotFound
    return printer.name


async def _own(device: Device, agent: str = "") -> OwnPrinter:
    """The printer of a token. Raises NotFound."""
    row = await fetch_one_as(
        OwnPrinter,
        "SELECT id, event, agent <> '' AND agent <> :agent AND seen_at > now() - make_interval(secs => :silence) AS taken"
        " FROM desk_printer WHERE token = :token AND ended_at IS NULL",
        token=device.token_id,
        agent=agent,
        silence=queries.SILENCE,
    )
    if row is None:
        raise NotFound
    return row


async def next_job(call: Call, device: Device) -> tuple[OwnJob | None, bool]:
    """(what to print now, whether it was given out before). Raises NotFound, Conflict while another agent prints."""
    async with db.transaction_or_join():
        await execute("SELECT 1 FROM desk_printer WHERE token = :token FOR UPDATE", token=device.token_id)
        printer = await _own(device, call.agent)
        if printer.taken:
            raise Conflict(TAKEN, code="taken")
        await _note(printer.id, call)
        job = await fetch_one_as(
            OwnJob,
            "SELECT id, badge, state, agent, reason, asked_by FROM print_job WHERE printer = :printer"
            " AND state IN ('waiting', 'printing') ORDER BY state = 'waiting', id LIMIT 1 FOR UPDATE",
            printer=printer.id,
        )
        if job is None or job.state == PrintState.PRINTING:
            return job, job is not None
        await execute(
            "UPDATE print_job SET state = 'printing', agent = :agent, taken_at = :now WHERE id = :id",
            id=job.id,
            agent=call.agent,
            now=clock.now(),
        )
    return job, False


async def _note(printer: int, call: Call) -> None:
    """Who prints, when it was last heard of, and how the printer is; written when it changes, else every few seconds."""
    await execute(
        "UPDATE desk_printer SET agent = :agent, version = :version, address = :address, reason = :reason, seen_at = now()"
        " WHERE id = :id AND (seen_at IS NULL OR seen_at < now() - make_interval(secs => :touch)"
        " OR (agent, version, address, reason) IS DISTINCT FROM (:agent, :version, :address, :reason))",
        id=printer,
        touch=TOUCH,
        agent=call.agent,
        version=call.version,
        address=call.address,
        reason=call.reason,
    )


async def report(job_id: int, outcome: Outcome, device: Device) -> PrintState:
    """Note how far a job is, or how it ended; repeated, it changes nothing. Returns its state: cancelled when the desk gave it up.

    Raises NotFound.
    """
    async with db.transaction_or_join():
        printer = await _own(device)
        job = await queries.own_job(printer.id, job_id, lock=True)
        if job is None or job.state == PrintState.WAITING:
            raise NotFound
        await execute("UPDATE desk_printer SET seen_at = now() WHERE id = :id", id=printer.id)
        if job.state != PrintState.PRINTING:
            return job.state
        ended = outcome.state != PrintState.PRINTING
        await execute(
            "UPDATE print_job SET state = :state, reason = :reason, ended_at = :ended WHERE id = :id",
            id=job.id,
            state=outcome.state,
            reason=outcome.reason,
            ended=clock.now() if ended else None,
        )
        if outcome.state == PrintState.PRINTED:
            await _log(job, printer)
    return PrintState(outcome.state)


async def _log(job: OwnJob, printer: OwnPrinter) -> None:
    """The badge has come out: the print log and the audit log say so."""
    await execute(
        "INSERT INTO badge_print (badge, way, printer, printed_by, at) VALUES (:badge, :way, :printer, :by, :now)",
        badge=job.badge,
        way=PrintWay.PRINTER.value,
        printer=printer.id,
        by=job.asked_by,
        now=clock.now(),
    )
    by: Any = (await actor_by_id(job.asked_by) if job.asked_by else None) or SYSTEM
    registration = await fetch_value(int, "SELECT registration FROM badge WHERE id = :id", id=job.badge)
    await record("badge.print", "registration", registration, by=by, after={"printer": printer.id})


async def badge_of(job_id: int, device: Device) -> int:
    """The badge of a job that the agent may print now. Raises NotFound."""
    printer = await _own(device)
    job = await queries.own_job(printer.id, job_id)
    if job is None or job.state != PrintState.PRINTING:
        raise NotFound
    return job.badge
