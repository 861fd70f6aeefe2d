"""The scans of a gate as its organiser reads them, with their corrections."""

from typing import Any

from fairs.checkin.rows import CorrectionRow, GateScan
from fairs.checkin.tables import Outcome
from fairs.core.errors import NotFound
from fairs.core.rows import Select, fetch_as
from fairs.registrations import finding

SHOWN = (*Outcome, "corrected")  # what the list can be limited to
_COLUMNS = """
s.id, s.scanned_at, s.received_at, s.direction, s.outcome, s.reason, s.offline, s.conflict, coalesce(r.number, '') AS number,
    coalesce(r.name_passport, '') AS name_passport, coalesce(r.name_native, '') AS name_native,
    coalesce(nullif(r.organisation_name, ''), o.name_zh, '') AS organisation, t.name AS device,
    ARRAY(SELECT c.kind FROM scan_correction c WHERE c.scan = s.id ORDER BY c.id) AS corrections
"""
_SOURCE = (
    "scan s LEFT JOIN registration r ON r.id = s.registration LEFT JOIN organisation o ON o.id = r.organisation"
    " LEFT JOIN access_token t ON t.id = s.device_id"
)


def scans_of(event_id: int, gate_id: int, query: dict[str, str]) -> Select:
    """The scans of a gate that match `show` and `q`."""
    select = Select(_COLUMNS, _SOURCE).where("s.gate = :gate", gate=gate_id)
    if query.get("show") == "corrected":
        select.where("EXISTS (SELECT 1 FROM scan_correction c WHERE c.scan = s.id)")
    elif query.get("show"):
        select.where("s.outcome = :outcome", outcome=query["show"])
    if query.get("q"):
        if not finding.keys_of(query["q"]):
            return select.where("false")
        arguments: dict[str, Any] = {"events": [event_id]}
        matches = finding.Matches(query["q"], arguments, ":events::bigint[]").sql()
        found = f"s.registration IN (SELECT m.registration FROM ({matches}) m)"  # noqa: S608 - names of ours and of arguments
        select.where(found, **arguments)
    return select


async def page_of(select: Select, size: int, offset: int) -> list[GateScan]:
    """Scans, the last one stored first."""
    return await select.rows(GateScan, order="s.id DESC", size=size, offset=offset)


async def scan_of(gate_id: int, scan_id: int) -> GateScan:
    """One scan of a gate. Raises NotFound."""
    select = Select(_COLUMNS, _SOURCE).where("s.gate = :gate AND s.id = :scan", gate=gate_id, scan=scan_id)
    for row in await select.rows(GateScan, order="s.id"):
        return row
    raise NotFound


async def corrections_of(scan_id: int) -> list[CorrectionRow]:
    """What was corrected about a scan, the first correction first."""
    return await fetch_as(
        CorrectionRow,
        "SELECT c.kind, c.reason, c.note, a.name AS account, t.name AS device, c.at FROM scan_correction c"
        " LEFT JOIN account a ON a.id = c.account LEFT JOIN access_token t ON t.id = c.device_id"
        " WHERE c.scan = :scan ORDER BY c.id",
        scan=scan_id,
    )
