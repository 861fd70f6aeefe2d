"""Read the printers of an event and the badges that were sent to them."""

from fairs.badges.printers.rows import Job, OwnJob, Printer
from fairs.core.rows import fetch_as, fetch_one_as

SILENCE = 15  # seconds after which an agent counts as gone
LATEST = 12  # jobs on the desk's page
_PRINTER = (
    "SELECT p.id, p.event, p.name, p.token, p.version, p.address, p.reason, p.seen_at, p.created_at,"
    " p.ended_at IS NOT NULL OR t.revoked_at IS NOT NULL AS ended,"
    " p.seen_at IS NULL OR p.seen_at < now() - make_interval(secs => :silence) AS silent,"
    " (SELECT count(*) FROM print_job j WHERE j.printer = p.id AND j.state IN ('waiting', 'printing')) AS waiting"
    " FROM desk_printer p JOIN access_token t ON t.id = p.token"
)
_JOB = (
    "SELECT j.id, r.number, coalesce(nullif(r.badge_name, ''), nullif(r.name_native, ''), r.name_passport) AS name,"
    " j.printer, p.name AS printer_name, j.state, j.reason, j.asked_at, j.ended_at, a.name AS asked_name FROM print_job j"
    " JOIN desk_printer p ON p.id = j.printer JOIN badge b ON b.id = j.badge JOIN registration r ON r.id = b.registration"
    " LEFT JOIN account a ON a.id = j.asked_by"
)


async def printers_of(event_id: int, *, ended: bool = False) -> list[Printer]:
    """The printers of an event by name; `ended`: those that were switched off too, last."""
    rows = await fetch_as(
        Printer,
        f"{_PRINTER} WHERE p.event = :event ORDER BY p.ended_at IS NOT NULL, lower(p.name), p.id LIMIT 200",
        event=event_id,
        silence=SILENCE,
    )
    return [row for row in rows if ended or not row.ended]


async def printer_of(event_id: int, printer_id: int) -> Printer | None:
    """A printer of an event that may be used."""
    row = await fetch_one_as(
        Printer,
        f"{_PRINTER} WHERE p.event = :event AND p.id = :id",
        event=event_id,
        id=min(printer_id, 2**62),
        silence=SILENCE,
    )
    return None if row is None or row.ended else row


async def jobs_of_person(registration_id: int) -> list[Job]:
    """The jobs of a person's badges, the latest first; one is enough for the desk, older ones are in the log."""
    return await fetch_as(Job, f"{_JOB} WHERE b.registration = :id ORDER BY j.id DESC LIMIT 3", id=registration_id)


async def jobs_of_printer(printer_id: int) -> list[Job]:
    """The jobs of a printer, those under way first, then the latest."""
    return await fetch_as(
        Job,
        f"{_JOB} WHERE j.printer = :id ORDER BY j.state NOT IN ('waiting', 'printing'), j.id DESC LIMIT :latest",
        id=printer_id,
        latest=LATEST,
    )


async def own_job(printer_id: int, job_id: int, *, lock: bool = False) -> OwnJob | None:
    """A job of a printer for its agent."""
    sql = "SELECT id, badge, state, agent, reason, asked_by FROM print_job WHERE printer = :printer AND id = :id"
    locked = " FOR UPDATE" if lock else ""
    return await fetch_one_as(OwnJob, sql + locked, printer=printer_id, id=min(job_id, 2**62))
