"""What the gates tell about a registration on its page in the working list."""

from datetime import datetime

from fairs.accounts.actor import Actor
from fairs.checkin.labels import OUTCOMES, reason_word
from fairs.checkin.tables import Outcome
from fairs.core.i18n import N_, pick
from fairs.core.rows import Row, fetch_as
from fairs.registrations.rows import RegistrationRow
from fairs.registrations.working.person import Line, Section

LATEST = 50
_KINDS = {Outcome.ADMITTED: "success", Outcome.ALREADY: "neutral", Outcome.REFUSED: "danger"}


class TracedScan(Row, frozen=True):
    """A scan of a badge of the registration; `undone`: it counts for nothing."""

    scanned_at: datetime
    outcome: Outcome
    reason: str | None
    name_zh: str
    name_en: str
    undone: bool


async def scans_of(row: RegistrationRow, actor: Actor) -> Section:
    """The scans of a registration, the latest first."""
    found = await fetch_as(
        TracedScan,
        "SELECT s.scanned_at, s.outcome, s.reason, coalesce(g.name_zh, '') AS name_zh, coalesce(g.name_en, '') AS name_en,"
        " EXISTS (SELECT 1 FROM scan_correction c WHERE c.scan = s.id AND c.kind = 'undone') AS undone FROM scan s"
        " LEFT JOIN gate g ON g.id = s.gate WHERE s.registration = :id ORDER BY s.scanned_at DESC, s.id DESC LIMIT :latest",
        id=row.id,
        latest=LATEST,
    )
    lines = [
        Line(
            pick(scan.name_zh, scan.name_en),
            scan.scanned_at,
            str(N_("undone")) if scan.undone else reason_word(scan.reason) if scan.reason else "",
            "neutral" if scan.undone else _KINDS[scan.outcome],
            str(OUTCOMES[scan.outcome]),
        )
        for scan in found
    ]
    return Section(N_("Scans"), lines, N_("Never scanned"))
