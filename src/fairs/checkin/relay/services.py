"""The server's side of a relay: its scans, its reports, the links of scanners that are opened at it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from fairs.accounts import tokens
from fairs.accounts.actor import Device
from fairs.accounts.tables import TokenKind
from fairs.checkin import services, status
from fairs.checkin.forms import MAX_SCANS, WRONG, read_one
from fairs.checkin.relay.wire import LinkAnswer, LinkCall, RelayedScan, RelayedScans, RelayReport
from fairs.checkin.rules import Result, Scan
from fairs.checkin.tables import Reason
from fairs.core import clock
from fairs.core.errors import Invalid, NotFound
from fairs.core.i18n import N_
from fairs.core.rows import Row, execute, fetch_as

LONGEST = 200  # characters of an address
_scans = msgspec.json.Decoder(RelayedScans)
_report = msgspec.json.Decoder(RelayReport)
_link = msgspec.json.Decoder(LinkCall)
_UNREADABLE = N_("The call has not the form of this version: relay and server must be of the same release.")


class _Scanner(Row, frozen=True):
    """A scanner of the event, also one that is switched off: what it scanned before counts."""

    id: int
    name: str


async def _scanners(event_id: int) -> dict[int, str]:
    sql = "SELECT id, name FROM access_token WHERE event_id = :event AND kind = :kind"
    return {row.id: row.name for row in await fetch_as(_Scanner, sql, event=event_id, kind=TokenKind.DEVICE.value)}


def _scan(item: RelayedScan) -> Scan:
    """As the relay answered it. What it could not read is not read here as something else."""
    scan = read_one(item, device_id=item.device, now=clock.now())
    scan.sound = scan.sound and item.reason != Reason.MALFORMED
    return scan


async def take_scans(event_id: int, body: bytes) -> Sequence[Result]:
    """Store scans that a relay has answered, in its order; each once. What contradicts is a conflict. Raises Invalid."""
    try:
        sent = _scans.decode(body).scans
    except WRONG as error:
        raise Invalid(_UNREADABLE) from error
    if len(sent) > MAX_SCANS:
        raise Invalid(N_("At most 1,000 scans in one call."))
    known = await _scanners(event_id)
    if any(item.device not in known for item in sent):
        raise Invalid(N_("A scan is of a scanner that is not of this event."))
    for device in {item.device for item in sent}:
        await tokens.touch(device)
    return await services.record_all(event_id, [_scan(item) for item in sent]) if sent else []


def _address(text: str) -> str:
    """An address that may be shown as a link, else nothing."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    good = parts.scheme in {"http", "https"} and bool(parts.hostname) and text.isascii() and text.isprintable()
    return text if good and len(text) <= LONGEST and not parts.query and not parts.fragment else ""


async def take_report(event_id: int, token_id: int, body: bytes) -> int | None:
    """Note how a relay and its scanners stand; returns the seconds by which its clock is behind. Raises Invalid."""
    try:
        report = _report.decode(body)
    except WRONG as error:
        raise Invalid(_UNREADABLE) from error
    now = clock.now()
    skew = status.skew_of(report, now)
    await execute(
        "INSERT INTO scan_relay (token, event, at, queued, oldest_queued_at, version, data_at, skew_seconds, address)"
        " VALUES (:token, :event, :now, :queued, :oldest, :version, :data, :skew, :address)"
        " ON CONFLICT (token) DO UPDATE SET event = excluded.event, at = excluded.at, queued = excluded.queued,"
        " oldest_queued_at = excluded.oldest_queued_at, version = excluded.version, data_at = excluded.data_at,"
        " skew_seconds = excluded.skew_seconds, address = excluded.address",
        token=token_id,
        event=event_id,
        now=now,
        queued=min(max(report.queued, 0), status.MOST),
        oldest=report.oldest_queued_at,
        version=status.plain(report.version)[:40],
        data=report.data_at,
        skew=skew,
        address=_address(report.address),
    )
    known = await _scanners(event_id)
    for device in report.devices:
        if device.device in known:
            await status.store(device, Device(device.device, known[device.device], event_id))
    return skew


async def take_link(event_id: int, body: bytes) -> LinkAnswer:
    """Whose link was opened at the relay, and its token when it is used there. Raises NotFound, Invalid."""
    try:
        call = _link.decode(body)
    except WRONG as error:
        raise Invalid(_UNREADABLE) from error
    link = await tokens.open_link(call.code)
    if link.event_id != event_id:
        raise NotFound
    return LinkAnswer(link.name, await tokens.use_device_link(call.code) if call.use else "")
